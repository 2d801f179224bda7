"""The room of `/organization`: the caller's own, and the issuers that it trusts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import entrance, id_pages
from api.dependencies import AccessManager, OrganizationCaller
from api.problems import BODIED, KEYED, Busy, IdConflict, NotFound, ResyncRequired, declared
from api.replies import PRIVATE, entity
from api.routing import StrictRoute
from data import issuers
from schemas.access import PERSON_SCOPES
from schemas.base import PageQuery
from schemas.organizations import Organization, TrustedIssuer, TrustedIssuerCreate, TrustedIssuerPage

router = APIRouter(tags=["access"], route_class=StrictRoute)


@router.get(
    "/organization",
    operation_id="getOrganization",
    summary="The caller's organisation",
    response_model=Organization,
    responses=declared(*KEYED),
)
async def get_organization(request: Request, caller: OrganizationCaller) -> Response:
    """Return the organisation that the key or the member belongs to."""
    return entity(await entrance.own_organization(request, caller))


@router.get(
    "/organization/issuers",
    operation_id="listIssuers",
    summary="List the trusted OpenID Connect issuers",
    response_model=TrustedIssuerPage,
    responses=declared(*KEYED, ResyncRequired),
)
async def list_issuers(query: Annotated[PageQuery, Query()], request: Request, caller: AccessManager) -> Response:
    """Walk the issuers in the order of their ids; follow `next` until it is null."""
    found = await caller.read(issuers.page, query, id_pages.start(TrustedIssuerPage, query, request))
    return id_pages.answer(TrustedIssuerPage, found, query, request)


@router.post(
    "/organization/issuers",
    operation_id="createIssuer",
    summary="Trust an OpenID Connect issuer",
    status_code=201,
    response_model=TrustedIssuer,
    responses=declared(*KEYED, *BODIED, Busy, IdConflict),
)
async def create_issuer(body: TrustedIssuerCreate, request: Request, caller: AccessManager) -> Response:
    """Let the issuer's identity tokens for this audience sign people in. Only people, never members.

    Whoever names an issuer could speak for its people, and so must be allowed all that these are.
    """
    caller.require_all(PERSON_SCOPES)
    now: datetime = request.app.state.clock()
    added = await caller.write(issuers.add, body, now)
    if added is None:
        raise IdConflict.at("/issuer", "this issuer and audience are trusted already")
    return entity(added, status=201)


@router.delete(
    "/organization/issuers/{issuer_id:uuid}",
    operation_id="deleteIssuer",
    summary="Trust an issuer no longer",
    status_code=204,
    response_class=Response,
    responses=declared(*KEYED, Busy, NotFound),
)
async def delete_issuer(issuer_id: UUID, caller: AccessManager) -> Response:
    """Refuse its tokens from now on. Its people and whoever is signed in stay."""
    if not await caller.write(issuers.remove, issuer_id):
        raise NotFound("no such issuer")
    return Response(status_code=204, headers=PRIVATE)
