"""The room of `/people`: an organisation's patients or users, by its own ids."""

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import id_pages
from api.cursors import OLDEST_DAYS, decode, encode
from api.dependencies import CallerSnapshot, PeopleReader, PeopleWriter
from api.problems import BODIED, KEYED, Busy, Gone, IdConflict, InvalidRequest, NotFound, ResyncRequired, declared
from api.replies import entity
from api.routing import StrictRoute
from api.rules.concern import concern_of
from api.rules.preparation import Prepared
from api.rules.program_due import by_conditions
from api.security import Caller
from data import attention, attention_list, concerns, people
from data.attention_list import ListPlace, Since
from schemas.access import Scope
from schemas.people import AttentionPage, Person, PersonCreate, PersonPage, PersonQuery

router = APIRouter(tags=["people"], route_class=StrictRoute)

BY_ATTENTION = "attention"
OLDEST_WALK = timedelta(days=OLDEST_DAYS + 1)


@router.post(
    "/people",
    operation_id="createPerson",
    summary="Add a person by the organisation's own id",
    status_code=201,
    response_model=Person,
    responses=declared(*KEYED, *BODIED, Busy, IdConflict, Gone, replay=Person),
)
async def create_person(body: PersonCreate, request: Request, caller: PeopleWriter) -> Response:
    """Store a person once. The same external id again answers 200 with the stored person."""
    now: datetime = request.app.state.clock()
    added = await caller.write(people.add, body, now)
    if added.erased:
        raise Gone("this person was erased")
    if added.person is None:
        pointer = "/id" if body.id is not None else "/external_id"
        raise IdConflict.at(pointer, "this id or external_id belongs to another person")
    status = 201 if added.created else 200
    return entity(added.person, status=status, location=f"/people/{added.person.id}" if added.created else None)


@router.get(
    "/people",
    operation_id="listPeople",
    summary="List people, find one by external id, or see who needs a look first",
    response_model=PersonPage | AttentionPage,
    responses=declared(*KEYED, Busy, ResyncRequired),
)
async def list_people(
    query: Annotated[PersonQuery, Query()], request: Request, caller: PeopleReader, snapshot: CallerSnapshot
) -> Response:
    """Walk the organisation's people in the order of their ids; follow `next` until it is null.

    With `sort=attention` who needs a look comes first, each with the reasons; this needs `progress:read` too.
    """
    if query.sort == BY_ATTENTION:
        return await _by_attention(query, request, caller, snapshot.prepared)
    found = await caller.read(people.page, query, id_pages.start(PersonPage, query, request))
    return id_pages.answer(PersonPage, found, query, request)


@router.get(
    "/people/{person_id:uuid}",
    operation_id="getPerson",
    summary="Read one person",
    response_model=Person,
    responses=declared(*KEYED, NotFound),
)
async def get_person(person_id: UUID, caller: PeopleReader) -> Response:
    """Return a person of this organisation."""
    person = await caller.read(people.find, person_id)
    if person is None:
        raise NotFound("no such person")
    return entity(person)


async def _by_attention(query: PersonQuery, request: Request, caller: Caller, prepared: Prepared) -> Response:
    caller.require(Scope.PROGRESS_READ)
    if query.external_id is not None:
        raise InvalidRequest.at("?external_id", "does not go with sort=attention")
    now: datetime = request.app.state.clock()
    # A walk keeps the instant at which it began: nobody changes places because time passes.
    seen_at, after = (now, None) if query.cursor is None else _behind(query.cursor, now)
    behind, numbers = await caller.read(attention.is_behind), prepared.numbers
    judge, asks = partial(concern_of, numbers=numbers), by_conditions(prepared)
    while behind:
        behind = await caller.write(concerns.catch_up, judge, now, asks)
    red_at, done_at = (seen_at - timedelta(days=days) for days in (numbers.restart_days, numbers.quiet_days))
    since = Since(red_at, done_at, seen_at.date().isoformat())
    found = await caller.read(attention_list.page, query.limit, since, after)
    items, cursor = found[: query.limit], None
    if len(found) > query.limit:
        key = [seen_at.isoformat(), items[-1].weight, str(items[-1].person.id)]
        cursor = encode(BY_ATTENTION, AttentionPage.__name__, key, now)
    body = AttentionPage(items=[each.person for each in items], next=cursor)
    return entity(body, request=request, next_cursor=cursor)


def _behind(cursor: str, now: datetime) -> tuple[datetime, ListPlace]:
    key: list[Any] = decode(cursor, BY_ATTENTION, AttentionPage.__name__, now)
    try:
        seen_at, weight, person_id = key
        place = datetime.fromisoformat(seen_at), ListPlace(int(weight), UUID(person_id))
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise InvalidRequest.at("?cursor", "this is not a cursor of this list") from None
    if place[0].utcoffset() != timedelta(0) or not 0 <= place[1].weight < 2**16 or abs(place[0] - now) > OLDEST_WALK:
        raise InvalidRequest.at("?cursor", "this is not a cursor of this list")
    return place
