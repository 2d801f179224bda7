"""The catalogue as a whole: which release is served, everything in one answer, and what changed since."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.catalog_changes import UnknownTokenError
from api.catalog_examples import example
from api.catalog_feed import changes
from api.dependencies import CallerSnapshot, PublicCaller
from api.negotiation import next_link
from api.problems import PUBLIC, Problem, ResyncRequired, Unavailable, declared
from api.ready import respond
from api.ready_routing import ReadyRoute
from api.security import Caller
from api.served import edition_for, page
from api.snapshot import SnapshotHolder
from data import own_exercises
from schemas.catalog import CatalogChanges, CatalogExport, CatalogRelease, ChangesQuery, LanguageQuery, LexiconExport

router = APIRouter(route_class=ReadyRoute, tags=["catalogue"])

Language = Annotated[LanguageQuery, Query()]
PROBLEMS = declared(*PUBLIC)


@router.get(
    "/catalog",
    operation_id="getCatalog",
    summary="Describe the catalogue that is served now",
    response_model=CatalogRelease,
    responses={**example("getCatalog"), **PROBLEMS},
)
async def get_catalog(request: Request, query: Language, snapshot: CallerSnapshot) -> Response:
    """The release: its hashes, counts, languages, licence and how much of it a clinician has reviewed."""
    return page("catalog", request, query, snapshot)


@router.get(
    "/catalog/export",
    operation_id="exportCatalog",
    summary="Download the whole catalogue in one answer",
    response_model=CatalogExport,
    responses={**example("exportCatalog"), **PROBLEMS},
)
async def export_catalog(request: Request, query: Language, snapshot: CallerSnapshot) -> Response:
    """Everything that a phone needs without a network: exercises, vocabulary, rules, flags, questions, numbers, texts.

    Ask again with the ETag: 304 means that nothing changed. Go on from `cursor` with `GET /catalog/changes`.
    """
    return page("export", request, query, snapshot)


@router.get(
    "/catalog/lexicon",
    operation_id="exportLexicon",
    summary="Download the words that signs and symptoms are found by",
    response_model=LexiconExport,
    responses={**example("exportLexicon"), **PROBLEMS},
)
async def export_lexicon(request: Request, query: Language, snapshot: CallerSnapshot) -> Response:
    """The lexicon in the phrase notation of the catalogue, for apps that match people's words on the device."""
    return page("lexicon", request, query, snapshot)


@router.get(
    "/catalog/changes",
    operation_id="listCatalogChanges",
    summary="Follow the catalogue: what changed since a cursor",
    response_model=CatalogChanges,
    responses={
        **example("listCatalogChanges"),
        **declared(*PUBLIC, ResyncRequired),
    },
)
async def list_catalog_changes(
    request: Request, query: Annotated[ChangesQuery, Query()], caller: PublicCaller, snapshot: CallerSnapshot
) -> Response:
    """What was added, changed and removed, oldest first. 410 means: start again, from the export or without a cursor.

    Keep the language from call to call, and the key: another language or another key sees other documents.
    """
    edition, served = edition_for(request, query.language, snapshot)
    try:
        found, cursor = changes(query, snapshot, edition, served)
    except UnknownTokenError as error:
        raise await _lost(request, caller, str(error)) from None
    return respond(found, edition.language, next_link(request.scope["path"], request.scope["query_string"], cursor))


async def _lost(request: Request, caller: Caller | None, token: str) -> Problem:
    """Return what an unknown token means: another process was quicker, or it is of another catalogue."""
    holder: SnapshotHolder = request.app.state.snapshots
    if await holder.drew(token) or (caller is not None and await caller.read(own_exercises.drew, token)):
        return Unavailable("this server is about to take up what the cursor knows", headers={"Retry-After": "2"})
    return ResyncRequired("this catalogue is not the one that the cursor followed; start again without one")
