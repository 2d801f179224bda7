"""The exercises that an organisation adds for itself: only its own keys see them, beside the shared ones."""

import re
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from api.dependencies import CallerSnapshot, CatalogWriter, IfMatch
from api.own_checks import check_own
from api.problems import (
    BODIED,
    KEYED,
    Busy,
    CatalogFull,
    Gone,
    IdConflict,
    InvalidRequest,
    NotFound,
    Problem,
    StaleVersion,
    VersionRequired,
    declared,
)
from api.replies import entity
from api.routing import StrictRoute
from api.security import Caller
from data import own_exercises
from data.own_exercises import OwnOutcome, OwnWritten
from data.versions import etag
from schemas.base import Slug
from schemas.exercises import ExerciseDefinition

router = APIRouter(tags=["exercises"], route_class=StrictRoute)

VERSION: Final = re.compile(r'(?:W/)?"?v(\d{1,9})\b')
ExerciseId = Annotated[Slug, Path(description="Such as `own-doorway-hang`.")]


@router.post(
    "/exercises",
    operation_id="createExercise",
    summary="Add an exercise of the organisation's own",
    status_code=201,
    response_model=ExerciseDefinition,
    responses=declared(*KEYED, *BODIED, Busy, IdConflict, CatalogFull, Gone, replay=ExerciseDefinition),
)
async def create_exercise(
    body: ExerciseDefinition, request: Request, caller: CatalogWriter, snapshot: CallerSnapshot
) -> Response:
    """Store an exercise once, under an id that begins with `own-`. The same content again answers 200, other 409."""
    now: datetime = request.app.state.clock()
    written = await caller.write(own_exercises.add, check_own(body, snapshot), now)
    return _answer(written, request, caller)


@router.put(
    "/exercises/{exercise_id}",
    operation_id="replaceExercise",
    summary="Change an exercise of the organisation's own",
    response_model=ExerciseDefinition,
    responses=declared(*KEYED, *BODIED, Busy, NotFound, Gone, StaleVersion, VersionRequired),
)
async def replace_exercise(
    exercise_id: ExerciseId,
    body: ExerciseDefinition,
    request: Request,
    caller: CatalogWriter,
    snapshot: CallerSnapshot,
    if_match: IfMatch = None,
) -> Response:
    """Put the body in the place of what is stored. Needs If-Match with the version you saw."""
    if body.id != exercise_id:
        raise InvalidRequest.at("/id", "must be the id in the address")
    versions = await _versions(exercise_id, if_match, caller)
    now: datetime = request.app.state.clock()
    written = await caller.write(own_exercises.replace, check_own(body, snapshot), versions, now)
    return _answer(written, request, caller)


@router.delete(
    "/exercises/{exercise_id}",
    operation_id="deleteExercise",
    summary="Retire an exercise of the organisation's own",
    status_code=204,
    response_class=Response,
    responses=declared(*KEYED, Busy, NotFound, Gone, StaleVersion, VersionRequired),
)
async def delete_exercise(
    exercise_id: ExerciseId, request: Request, caller: CatalogWriter, if_match: IfMatch = None
) -> Response:
    """Retire it: it is offered no more, old sessions keep its id, and the id is never given to another."""
    versions = await _versions(exercise_id, if_match, caller)
    now: datetime = request.app.state.clock()
    return _answer(await caller.write(own_exercises.retire, exercise_id, versions, now), request, caller)


async def _versions(exercise_id: str, if_match: str | None, caller: Caller) -> frozenset[int]:
    """Return the versions that the header names. Raises VersionRequired without any, NotFound and Gone before that."""
    versions = frozenset(int(number) for number in VERSION.findall(if_match or ""))
    if not versions:
        found = await caller.read(own_exercises.find, exercise_id)
        raise _refusal(found) or VersionRequired.at("If-Match", "send the ETag of the version that you saw")
    return versions


def _answer(written: OwnWritten, request: Request, caller: Caller) -> Response:
    refused = _refusal(written)
    if refused is not None:
        raise refused
    if written.revision.number:
        request.app.state.own_catalogs.written(caller.organization_id, written.revision)
    if written.definition is None:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    created = written.outcome is OwnOutcome.CREATED
    location = f"/exercises/{written.definition.id}" if created else None
    return entity(written.definition, status=201 if created else 200, etag=etag(written.version), location=location)


def _refusal(written: OwnWritten) -> Problem | None:
    match written.outcome:
        case OwnOutcome.NOT_FOUND:
            return NotFound("no such exercise of this organisation")
        case OwnOutcome.GONE:
            return Gone("this exercise was retired")
        case OwnOutcome.CONFLICT:
            return IdConflict.at("/id", "this id was posted with other content")
        case OwnOutcome.FULL:
            return CatalogFull(f"an organisation may have {own_exercises.MOST} exercises of its own")
        case OwnOutcome.STALE:
            headers = {"ETag": etag(written.version)}
            return StaleVersion("somebody changed it meanwhile", headers=headers, current=written.definition)
    return None
