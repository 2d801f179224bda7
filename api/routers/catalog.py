"""The catalogue as a whole: which release is served, and everything in one answer."""

from fastapi import APIRouter, Depends, Response

from api.catalog_examples import example
from api.dependencies import CurrentSnapshot
from api.problems import InvalidRequest, NotAuthenticated, Unavailable, declared
from api.ready import respond
from api.ready_routing import ReadyRoute
from api.security import public_caller
from schemas.catalog import CatalogExport, CatalogRelease

router = APIRouter(route_class=ReadyRoute, tags=["catalogue"], dependencies=[Depends(public_caller)])

PROBLEMS = declared(InvalidRequest, NotAuthenticated, Unavailable)


@router.get(
    "/catalog",
    operation_id="getCatalog",
    summary="Describe the catalogue that is served now",
    response_model=CatalogRelease,
    responses={**example("getCatalog"), **PROBLEMS},
)
async def get_catalog(snapshot: CurrentSnapshot) -> Response:
    """The release: its hashes, counts, languages, licence and how much of it a clinician has reviewed."""
    return respond(snapshot.page("catalog"), snapshot.languages[0])


@router.get(
    "/catalog/export",
    operation_id="exportCatalog",
    summary="Download the whole catalogue in one answer",
    response_model=CatalogExport,
    responses={**example("exportCatalog"), **PROBLEMS},
)
async def export_catalog(snapshot: CurrentSnapshot) -> Response:
    """Everything that a phone needs without a network: exercises, vocabulary, rules, flags, questions, numbers, texts.

    Ask again with the ETag: 304 means that nothing changed.
    """
    return respond(snapshot.page("export"), snapshot.languages[0])
