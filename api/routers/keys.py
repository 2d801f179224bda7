"""The room of `/organization/keys`: API keys for other servers. Secrets are shown once, when they are made."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import id_pages
from api.dependencies import AccessManager
from api.problems import BODIED, KEYED, Busy, InvalidRequest, NotFound, ResyncRequired, declared
from api.replies import PRIVATE, entity
from api.routing import StrictRoute
from api.security import refuse_lacking
from data import api_keys
from schemas.base import PageQuery
from schemas.organizations import ApiKeyCreate, ApiKeyPage, ApiKeyRotation, ApiKeySecret

router = APIRouter(tags=["access"], route_class=StrictRoute)


@router.get(
    "/organization/keys",
    operation_id="listKeys",
    summary="List the API keys, without their secrets",
    response_model=ApiKeyPage,
    responses=declared(*KEYED, ResyncRequired),
)
async def list_keys(query: Annotated[PageQuery, Query()], request: Request, caller: AccessManager) -> Response:
    """Walk the keys in the order of their ids, those that are over too; follow `next` until it is null."""
    found = await caller.read(api_keys.page, query, id_pages.start(ApiKeyPage, query, request))
    return id_pages.answer(ApiKeyPage, found, query, request)


@router.post(
    "/organization/keys",
    operation_id="createKey",
    summary="Make an API key",
    status_code=201,
    response_model=ApiKeySecret,
    responses=declared(*KEYED, *BODIED, Busy),
)
async def create_key(body: ApiKeyCreate, request: Request, caller: AccessManager) -> Response:
    """Return the key with its secret, shown this once. A key may never do more than its maker."""
    caller.require_all(body.scopes)
    now: datetime = request.app.state.clock()
    if body.expires_at is not None and body.expires_at <= now:
        raise InvalidRequest.at("/expires_at", "lies in the past")
    return entity(await caller.write(api_keys.add, body, now), status=201)


@router.post(
    "/organization/keys/{key_id:uuid}/rotate",
    operation_id="rotateKey",
    summary="Replace an API key's secret, with an overlap",
    status_code=201,
    response_model=ApiKeySecret,
    responses=declared(*KEYED, *BODIED, Busy, NotFound),
)
async def rotate_key(key_id: UUID, body: ApiKeyRotation, request: Request, caller: AccessManager) -> Response:
    """Return a new key with the same name and scopes; the old one ends after the overlap.

    A key that was made for a time gets a successor for as long a time. One that is over cannot be rotated.
    """
    now: datetime = request.app.state.clock()
    rotated = await caller.write(api_keys.rotate, key_id, timedelta(hours=body.overlap_hours), caller.scopes, now)
    refuse_lacking(rotated.lacking)
    if rotated.made is None:
        raise NotFound("no such key, or it is over")
    return entity(rotated.made, status=201)


@router.delete(
    "/organization/keys/{key_id:uuid}",
    operation_id="deleteKey",
    summary="Revoke an API key",
    status_code=204,
    response_class=Response,
    responses=declared(*KEYED, Busy, NotFound),
)
async def delete_key(key_id: UUID, request: Request, caller: AccessManager) -> Response:
    """Refuse the key for good, within a second. It stays in the list."""
    now: datetime = request.app.state.clock()
    if not await caller.write(api_keys.revoke, key_id, now):
        raise NotFound("no such key")
    return Response(status_code=204, headers=PRIVATE)
