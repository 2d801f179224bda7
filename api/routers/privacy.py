"""The room of what people may ask for: everything about them, and that it be gone. And the log of who saw it."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import id_pages
from api.dependencies import AccessManager, ArchiveReader, PeopleWriter, PersonCaller
from api.housekeeping import Housekeeping
from api.interop.person_archives import zipped
from api.problems import KEYED, Busy, NotFound, ResyncRequired, declared
from api.replies import PRIVATE, entity
from api.routing import StrictRoute
from api.security import Caller
from data import audit, person_records
from schemas.audit import AuditPage, AuditQuery
from schemas.people import Erasure

router = APIRouter(tags=["privacy"], route_class=StrictRoute)

ZIP = "application/zip"
ARCHIVED: dict[str, Any] = {
    "description": "A zip with manifest.json, and for each kind of record a JSON and a CSV file.",
    "content": {ZIP: {"schema": {"type": "string", "format": "binary"}, "example": "PK..."}},
}


@router.get(
    "/people/{person_id:uuid}/export",
    operation_id="exportPerson",
    summary="Take along everything that is held about a person",
    response_class=Response,
    responses={**declared(*KEYED, Busy, NotFound), 200: ARCHIVED},
)
async def export_person(person_id: UUID, request: Request, caller: ArchiveReader) -> Response:
    """Return all records of the person as they stand at one instant, those in the audit log too, without secrets."""
    return await _archive(caller, person_id, request.app.state.clock())


@router.get(
    "/me/export",
    operation_id="exportMe",
    summary="Take along everything that is held about you",
    response_class=Response,
    responses={**declared(*KEYED, Busy, NotFound), 200: ARCHIVED},
)
async def export_me(request: Request, caller: PersonCaller) -> Response:
    """Return all records of whoever is signed in, as they stand at one instant, without secrets."""
    return await _archive(caller, caller.own_person(), request.app.state.clock())


@router.post(
    "/people/{person_id:uuid}/erasure",
    operation_id="erasePerson",
    summary="Erase a person for good",
    response_model=Erasure,
    responses=declared(*KEYED, Busy, NotFound),
)
async def erase_person(person_id: UUID, request: Request, caller: PeopleWriter) -> Response:
    """Delete every record of the person at once and for good; their id never comes back.

    While `remains_gone_at` is null, bytes of them may remain in free pages of the database's file, and are being swept
    out. Erasing again changes nothing, and tells how far that is.
    """
    return entity(await _erased(caller, person_id, request))


@router.delete(
    "/me",
    operation_id="eraseMe",
    summary="Erase your account and everything about you",
    status_code=204,
    response_class=Response,
    responses=declared(*KEYED, Busy, NotFound),
)
async def erase_me(request: Request, caller: PersonCaller) -> Response:
    """Delete every record of whoever is signed in, at once and for good. Every device is signed out with it."""
    await _erased(caller, caller.own_person(), request)
    return Response(status_code=204, headers=PRIVATE)


@router.get(
    "/audit",
    operation_id="listAuditEvents",
    summary="Who did what with whose data, oldest first",
    response_model=AuditPage,
    responses=declared(*KEYED, ResyncRequired),
)
async def list_audit_events(query: Annotated[AuditQuery, Query()], request: Request, caller: AccessManager) -> Response:
    """Walk the organisation's audit log; follow `next` until it is null. What was read appears within seconds.

    A person stands in it under a pseudonym, to which `person_id` leads until the person is erased.
    """
    found = await caller.read(audit.page, query, id_pages.start(AuditPage, query, request))
    return id_pages.answer(AuditPage, found, query, request)


async def _archive(caller: Caller, person_id: UUID, now: datetime) -> Response:
    held = await caller.read(person_records.archive, person_id, now)
    if held is None:
        raise NotFound("no such person")
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="person-{person_id}.zip"'}
    return Response(await asyncio.to_thread(zipped, held), media_type=ZIP, headers=headers)


async def _erased(caller: Caller, person_id: UUID, request: Request) -> Erasure:
    erasure = await caller.write(person_records.erase, person_id, request.app.state.clock())
    if erasure is None:
        raise NotFound("no such person")
    housekeeping: Housekeeping = request.app.state.housekeeping
    housekeeping.sweep_soon()
    return erasure
