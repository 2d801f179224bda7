"""What a session log names must exist: exercises that ever were, regions, symptoms; and its clock must be plausible."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError

from api.nearest import hint
from api.problems import InvalidRequest, Problem
from api.snapshot import Snapshot
from api.validation import field_errors
from schemas.function_scores import FunctionScoreCreate
from schemas.problems import FieldError
from schemas.session_logs import SessionLogCreate, SessionLogUpdate

CLOCK_AHEAD: Final = timedelta(hours=24)
TOO_LATE: Final = "lies more than 24 hours in the future"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a batch: the body that can be stored, or why it cannot."""

    index: int
    id: UUID | None
    body: SessionLogCreate | None = None
    problem: Problem | None = None


def check_references(
    body: SessionLogCreate | SessionLogUpdate, snapshot: Snapshot, now: datetime, own: UUID | None = None
) -> UUID:
    """Return the person of the log. Raises InvalidRequest that names every field which refers to nothing.

    `own` is the person whose token it is, None for an organisation's: a log without a person becomes theirs.
    """
    errors = list(_unknown(body, snapshot))
    if body.ended_at is not None and body.ended_at > now + CLOCK_AHEAD:
        errors.append(FieldError(pointer="/ended_at", detail=TOO_LATE))
    if isinstance(body, SessionLogCreate):
        errors.extend(_whose(body, own))
    if errors:
        raise InvalidRequest("the session names what does not exist", errors=errors)
    return getattr(body, "person_id", None) or UUID(int=0)


def check_answered(body: FunctionScoreCreate, now: datetime) -> None:
    """Raise InvalidRequest for a score that was answered later than any clock may say."""
    if body.answered_at > now + CLOCK_AHEAD:
        raise InvalidRequest.at("/answered_at", TOO_LATE)


def parsed_items(sessions: list[Any], snapshot: Snapshot, now: datetime, own: UUID | None = None) -> list[Item]:
    """Return each item of a batch, parsed and checked by itself; `own` is the person whose token it is."""
    return [_parsed(index, item, snapshot, now, own) for index, item in enumerate(sessions)]


def _whose(body: SessionLogCreate, own: UUID | None) -> Iterator[FieldError]:
    if body.person_id is None:
        body.person_id = own
    if body.person_id is None:
        yield FieldError(pointer="/person_id", detail="is required with an organisation's key")
    elif own is not None and body.person_id != own:
        yield FieldError(pointer="/person_id", detail="must be your own, or be left out")


def _parsed(index: int, item: object, snapshot: Snapshot, now: datetime, own: UUID | None) -> Item:
    try:
        body = item if isinstance(item, SessionLogCreate) else SessionLogCreate.model_validate(item)
    except ValidationError as error:
        problem = InvalidRequest(
            "the session has invalid fields", errors=field_errors(error.errors(), SessionLogCreate)
        )
        return Item(index, _id_of(item), problem=problem)
    try:
        check_references(body, snapshot, now, own)
    except InvalidRequest as problem:
        return Item(index, body.id, problem=problem)
    return Item(index, body.id, body=body)


def _id_of(item: object) -> UUID | None:
    sent = item.get("id") if isinstance(item, dict) else None
    try:
        return UUID(sent) if isinstance(sent, str) else None
    except ValueError:
        return None


def _unknown(body: SessionLogCreate | SessionLogUpdate, snapshot: Snapshot) -> Iterator[FieldError]:
    for index, exercise in enumerate(body.exercises or ()):
        if exercise.exercise_id not in snapshot.known_exercises:
            yield _error(f"/exercises/{index}/exercise_id", "exercise", exercise.exercise_id, snapshot.known_exercises)
    for index, pain in enumerate(body.pain or ()):
        if pain.region not in snapshot.regions:
            yield _error(f"/pain/{index}/region", "region", pain.region, snapshot.regions)
    for index, symptom in enumerate(body.new_symptoms or ()):
        if symptom not in snapshot.symptoms:
            yield _error(f"/new_symptoms/{index}", "symptom", symptom, snapshot.symptoms)


def check_exercise(exercise_id: str | None, snapshot: Snapshot) -> None:
    """Raise InvalidRequest when a filter names an exercise that never was."""
    if exercise_id is not None and exercise_id not in snapshot.known_exercises:
        error = _error("?exercise_id", "exercise", exercise_id, snapshot.known_exercises)
        raise InvalidRequest("the filter names what does not exist", errors=[error])


def _error(pointer: str, noun: str, sent: str, known: Iterable[str]) -> FieldError:
    # A batch can name 30,000 things that do not exist; a slower measure would think about them for a minute.
    return FieldError(pointer=pointer, detail=f"no such {noun}{hint(sent, known)}")
