"""The room of `/people/{person_id}/overrides`: a clinician lets one person do one exercise that a rule forbids."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import id_pages
from api.dependencies import CallerSnapshot, OverrideWriter, PeopleReader
from api.override_answers import answer_override, checked
from api.override_problems import PersonOnHold
from api.problems import BODIED, KEYED, Busy, Gone, IdConflict, NotFound, ResyncRequired, declared
from api.replies import entity
from api.routing import StrictRoute
from data import overrides, people
from schemas.base import PageQuery
from schemas.overrides import Override, OverrideCreate, OverridePage

router = APIRouter(tags=["overrides"], route_class=StrictRoute)


@router.post(
    "/people/{person_id:uuid}/overrides",
    operation_id="createOverride",
    summary="Let a person do one exercise that a condition forbids",
    status_code=201,
    response_model=Override,
    responses=declared(*KEYED, *BODIED, Busy, NotFound, IdConflict, Gone, PersonOnHold, replay=Override),
)
async def create_override(
    person_id: UUID, body: OverrideCreate, request: Request, caller: OverrideWriter, snapshot: CallerSnapshot
) -> Response:
    """Turn what the named conditions forbid of the exercise into cautions for this person, from now on until `until`.

    It never opens what an emergency, a red flag's hold, clearance or the person's own sessions close. Every answer that
    it changes names it. The same id and content again answers 200.
    """
    now: datetime = request.app.state.clock()
    if (known := await caller.read(overrides.posted, person_id, body)) is not None:
        return answer_override(known)
    checked(body, snapshot, now)
    return answer_override(await caller.write(overrides.add, person_id, body, now))


@router.get(
    "/people/{person_id:uuid}/overrides",
    operation_id="listOverrides",
    summary="List the overrides of a person, those that ended too",
    response_model=OverridePage,
    responses=declared(*KEYED, NotFound, ResyncRequired),
)
async def list_overrides(
    person_id: UUID, query: Annotated[PageQuery, Query()], request: Request, caller: PeopleReader
) -> Response:
    """Tell who let the person do what, when, why and until when."""
    after = id_pages.start(OverridePage, query, request)
    if await caller.read(people.find, person_id) is None:
        raise NotFound("no such person")
    return id_pages.answer(OverridePage, await caller.read(overrides.page, person_id, query, after), query, request)


@router.get(
    "/people/{person_id:uuid}/overrides/{override_id:uuid}",
    operation_id="getOverride",
    summary="Read one override",
    response_model=Override,
    responses=declared(*KEYED, NotFound),
)
async def get_override(person_id: UUID, override_id: UUID, caller: PeopleReader) -> Response:
    """Return the override, also when it has ended."""
    found = await caller.read(overrides.find, person_id, override_id)
    if found is None:
        raise NotFound("no such override")
    return entity(found)


@router.delete(
    "/people/{person_id:uuid}/overrides/{override_id:uuid}",
    operation_id="deleteOverride",
    summary="End an override",
    status_code=204,
    response_class=Response,
    responses=declared(*KEYED, Busy, NotFound),
)
async def delete_override(person_id: UUID, override_id: UUID, request: Request, caller: OverrideWriter) -> Response:
    """Let the rule forbid the exercise again, at once. The record stays; ending again answers 204."""
    now: datetime = request.app.state.clock()
    if (await caller.write(overrides.end, person_id, override_id, now)).outcome is overrides.OverrideOutcome.NOT_FOUND:
        raise NotFound("no such override")
    return Response(status_code=204, headers={"Cache-Control": "no-store"})
