"""The room of `/programs`: what a person is to do on which days, and what is due today."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from api import id_pages
from api.dependencies import CallerSnapshot, IfMatch, ProgramReader, ProgramWriter
from api.problems import (
    BODIED,
    KEYED,
    Busy,
    Gone,
    IdConflict,
    InvalidRequest,
    NotFound,
    ResyncRequired,
    StaleVersion,
    VersionRequired,
    declared,
)
from api.program_answers import answer_program
from api.program_checks import check_change, check_new
from api.program_problems import MadeByOrganization, ProgramFull, ProgramOver, TooManyPrograms
from api.replies import entity, named_versions
from api.routing import StrictRoute
from api.rules import program_making, program_today
from api.rules.program_making import AnswerGiven
from api.rules.program_signs import heard_in
from api.rules.program_today import PersonNow
from api.rules.progression import Past
from api.security import Caller
from api.snapshot import Snapshot
from data import program_writes, programs, recommendations
from data.programs import ProgramDay
from data.versions import etag, mismatch
from schemas.access import Scope
from schemas.program_days import ProgramToday, ProgramTodayQuery
from schemas.programs import (
    Program,
    ProgramCreate,
    ProgramMaker,
    ProgramPage,
    ProgramPlan,
    ProgramQuery,
    ProgramUpdate,
    ProgramVersionQuery,
)
from schemas.told import ToldAt

router = APIRouter(tags=["programs"], route_class=StrictRoute)

JUDGED_WITH = frozenset({"phases", "starts_on", "ends_on"})
"""What of a change is judged together with what the program said before."""


@router.post(
    "/programs",
    operation_id="createProgram",
    summary="Make a program for a person, by hand or from a recommendation",
    status_code=201,
    response_model=Program,
    responses=declared(*KEYED, *BODIED, Busy, NotFound, IdConflict, TooManyPrograms, Gone, replay=Program),
)
async def create_program(
    body: ProgramCreate, request: Request, caller: ProgramWriter, snapshot: CallerSnapshot
) -> Response:
    """Store a program once. The same id and content again answers 200 with what is stored, other content 409.

    Each item keeps the dose that it begins with, so that a later release of the catalogue changes nothing of it. What a
    recommendation knows is taken over with `recommendations:read` only.
    """
    now: datetime = request.app.state.clock()
    person_id = _person(body, caller)
    if body.from_recommendation_id is not None:
        caller.require(Scope.RECOMMENDATIONS)
    if (known := await caller.read(program_writes.posted, body, person_id)) is not None:
        return answer_program(known)
    check_new(body, snapshot, now.date())
    plan = await _plan(body, person_id, caller, snapshot, now)
    by = ProgramMaker.ORGANIZATION if caller.person_id is None else ProgramMaker.PERSON
    return answer_program(await caller.write(program_writes.add, body, plan, person_id, by, now))


@router.get(
    "/programs",
    operation_id="listPrograms",
    summary="List programs, of one person or all",
    response_model=ProgramPage,
    responses=declared(*KEYED, ResyncRequired),
)
async def list_programs(query: Annotated[ProgramQuery, Query()], request: Request, caller: ProgramReader) -> Response:
    """Walk the programs in the order of their ids; follow `next` until it is null."""
    after = id_pages.start(ProgramPage, query, request)
    return id_pages.answer(
        ProgramPage, await caller.read(programs.page, query, after, caller.person_id), query, request
    )


@router.get(
    "/programs/{program_id:uuid}",
    operation_id="getProgram",
    summary="Read one program, also in an older version",
    response_model=Program,
    responses=declared(*KEYED, NotFound),
)
async def get_program(
    program_id: UUID, query: Annotated[ProgramVersionQuery, Query()], caller: ProgramReader
) -> Response:
    """Return the program with the ETag of its version. Each change made a version, and all are kept, from 1 on."""
    program = await caller.read(programs.find, program_id, caller.person_id, query.version)
    if program is None:
        raise NotFound("no such program, or no such version of it")
    return entity(program, etag=etag(program.version))


@router.patch(
    "/programs/{program_id:uuid}",
    operation_id="updateProgram",
    summary="Change, pause, resume or end a program by JSON merge patch",
    response_model=Program,
    responses=declared(
        *KEYED, *BODIED, Busy, NotFound, MadeByOrganization, ProgramOver, ProgramFull, StaleVersion, VersionRequired
    ),
)
async def update_program(
    program_id: UUID,
    body: ProgramUpdate,
    request: Request,
    caller: ProgramWriter,
    snapshot: CallerSnapshot,
    if_match: IfMatch = None,
) -> Response:
    """Make a new version with what is named changed; null clears; lists are replaced whole. Needs If-Match.

    Days of a pause do not count toward the weeks of the phases. A change that was made already answers 200 again, and
    so does one that changes nothing: neither makes a version.
    """
    now: datetime = request.app.state.clock()
    versions, whose = named_versions(if_match), caller.person_id
    before = await caller.read(programs.find, program_id, whose) if body.model_fields_set & JUDGED_WITH else None
    fits = before is not None and mismatch(before.version, versions) is None
    check_change(body, before if fits else None, snapshot, now.date())
    if body.phases is not None:
        known = None if before is None else before.age
        age = body.age if "age" in body.model_fields_set else known
        body.phases = program_making.dosed(body.phases, age, snapshot.prepared)
    return answer_program(await caller.write(program_writes.change, program_id, versions, body, now, whose))


@router.delete(
    "/programs/{program_id:uuid}",
    operation_id="deleteProgram",
    summary="Delete a program and all its versions",
    status_code=204,
    response_class=Response,
    responses=declared(*KEYED, Busy, NotFound, MadeByOrganization, StaleVersion, VersionRequired),
)
async def delete_program(
    program_id: UUID, request: Request, caller: ProgramWriter, if_match: IfMatch = None
) -> Response:
    """Delete it for good; to keep what was due, end it instead. Needs If-Match. Deleting again answers 204."""
    now: datetime = request.app.state.clock()
    versions, whose = named_versions(if_match), caller.person_id
    return answer_program(await caller.write(program_writes.remove, program_id, versions, now, whose))


@router.get(
    "/programs/{program_id:uuid}/today",
    operation_id="getProgramToday",
    summary="What is due on the person's local day, dosed and screened, with a timeline",
    response_model=ProgramToday,
    responses=declared(*KEYED, NotFound),
)
async def get_program_today(
    program_id: UUID,
    query: Annotated[ProgramTodayQuery, Query()],
    request: Request,
    caller: ProgramReader,
    snapshot: CallerSnapshot,
) -> Response:
    """Return what is due as the person's sessions and conditions leave it. A sign of danger, or sessions that all went
    badly, stop it: that is an answer, never an error."""
    now: datetime = request.app.state.clock()
    numbers = snapshot.prepared.numbers
    done_since, told_since = (now - timedelta(days=days) for days in (numbers.history_days, numbers.told_days))
    found = await caller.read(programs.day, program_id, caller.person_id, done_since, told_since, now)
    if found is None:
        raise NotFound("no such program")
    person = _now(found, query, now)
    return entity(program_today.today(found.program, person, query, snapshot.prepared, snapshot.release.stamp))


def _person(body: ProgramCreate, caller: Caller) -> UUID:
    person_id = caller.person(body.person_id, "/person_id")
    if person_id is None:
        raise InvalidRequest.at("/person_id", "is required with an organisation's key")
    return person_id


async def _plan(body: ProgramCreate, person_id: UUID, caller: Caller, snapshot: Snapshot, now: datetime) -> ProgramPlan:
    answer = None
    if body.from_recommendation_id is not None:
        kept = await caller.read(recommendations.find, body.from_recommendation_id, person_id)
        if kept is None:
            raise NotFound.at("/from_recommendation_id", "no such recommendation of this person")
        answer = AnswerGiven(kept.answered.content, ToldAt(kept.answered.told, kept.told_at))
    plan = program_making.made(body, answer, snapshot.prepared, now)
    if plan is None:
        raise InvalidRequest.at("/from_recommendation_id", "it offers no exercise that there is")
    return plan


def _now(found: ProgramDay, query: ProgramTodayQuery, now: datetime) -> PersonNow:
    newest = found.logs[0].timezone if found.logs else None
    zone = query.timezone or newest or found.program.timezone or "UTC"
    cleared_at = next((each.at for each in found.told if each.told.cleared), None)
    past, day = Past(found.logs, now, found.allowed, cleared_at), now.astimezone(ZoneInfo(zone)).date()
    answers = [heard_in(*answered) for answered in found.since_open]
    return PersonNow(found.held, past, found.told, day, zone, found.named_at, answers)
