"""The room of `/people`: an organisation's patients or users, by its own ids."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import id_pages
from api.dependencies import PeopleReader, PeopleWriter
from api.problems import BODIED, KEYED, Busy, Gone, IdConflict, NotFound, ResyncRequired, declared
from api.replies import entity
from api.routing import StrictRoute
from data import people
from schemas.people import Person, PersonCreate, PersonPage, PersonQuery

router = APIRouter(tags=["people"], route_class=StrictRoute)


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
    summary="List people, or find one by external id",
    response_model=PersonPage,
    responses=declared(*KEYED, ResyncRequired),
)
async def list_people(query: Annotated[PersonQuery, Query()], request: Request, caller: PeopleReader) -> Response:
    """Walk the organisation's people in the order of their ids; follow `next` until it is null."""
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
