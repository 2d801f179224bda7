"""What belongs to a session log: its exercises and its pain, in order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, and_, delete, func, or_
from sqlmodel import Field, Session, col, select

from data.prepared import PreparedStatement
from data.table import TenantTable, choice, one_of
from schemas.session_logs import ExerciseLog, PainLog, SessionLog
from schemas.vocabulary import Difficulty, Side

CHUNK: Final = 500
_LOG = ("organization_id", "session_id")
_LOG_KEY = ("session_log.organization_id", "session_log.id")


class SessionExerciseRow(TenantTable, table=True):
    """One exercise of a session, in the order it was done."""

    __tablename__ = "session_exercise"
    __table_args__ = (
        ForeignKeyConstraint(_LOG, _LOG_KEY, ondelete="CASCADE"),
        one_of("side", Side),
        one_of("difficulty", Difficulty),
        CheckConstraint("sets BETWEEN 0 AND 100", name="sets"),
        CheckConstraint("repetitions BETWEEN 0 AND 1000", name="repetitions"),
        CheckConstraint("hold_seconds BETWEEN 0 AND 3600", name="hold_seconds"),
        CheckConstraint("duration_seconds BETWEEN 0 AND 86400", name="duration_seconds"),
        CheckConstraint("completion_percent BETWEEN 0 AND 100", name="completion_percent"),
        CheckConstraint("pain_during BETWEEN 0 AND 10", name="pain_during"),
    )

    session_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    exercise_id: str
    side: str = choice()
    sets: int | None = None
    repetitions: int | None = None
    hold_seconds: int | None = None
    duration_seconds: int | None = None
    completion_percent: int | None = None
    difficulty: str | None = choice(default=None, nullable=True)
    pain_during: int | None = None
    hurt: bool


class SessionPainRow(TenantTable, table=True):
    """The pain of one region and side around a session, NPRS 0-10."""

    __tablename__ = "session_pain"
    __table_args__ = (
        ForeignKeyConstraint(_LOG, _LOG_KEY, ondelete="CASCADE"),
        one_of("side", Side),
        CheckConstraint("before BETWEEN 0 AND 10", name="before"),
        CheckConstraint("during_max BETWEEN 0 AND 10", name="during_max"),
        CheckConstraint("after BETWEEN 0 AND 10", name="after"),
        CheckConstraint("next_morning BETWEEN 0 AND 10", name="next_morning"),
    )

    session_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    region: str
    side: str = choice()
    before: int | None = None
    during_max: int | None = None
    after: int | None = None
    next_morning: int | None = None


_add_exercises = PreparedStatement(lambda insert: insert(SessionExerciseRow.__table__))  # type: ignore[attr-defined]
_add_pain = PreparedStatement(lambda insert: insert(SessionPainRow.__table__))  # type: ignore[attr-defined]
_EXERCISE_FIELDS = tuple(ExerciseLog.model_fields)
_PAIN_FIELDS = tuple(PainLog.model_fields)


EXERCISE: Final[tuple[Any, ...]] = tuple(getattr(SessionExerciseRow, name) for name in _EXERCISE_FIELDS)
PAIN: Final[tuple[Any, ...]] = tuple(getattr(SessionPainRow, name) for name in _PAIN_FIELDS)


@dataclass(frozen=True, slots=True)
class Entries:
    """The exercises and the pain of one session."""

    exercises: list[ExerciseLog] = field(default_factory=list)
    pain: list[PainLog] = field(default_factory=list)


def add(session: Session, logs: Sequence[SessionLog]) -> None:
    """Store the exercises and the pain of sessions."""
    exercises = [entry for log in logs for entry in log.exercises]
    difficulties = [entry.difficulty for entry in exercises]
    _add_exercises.run(
        session,
        {
            **_columns(exercises, _EXERCISE_FIELDS),
            **_places([(log.id, len(log.exercises)) for log in logs]),
            "side": [str(entry.side) for entry in exercises],
            "difficulty": [None if said is None else str(said) for said in difficulties],
        },
    )
    pain = [entry for log in logs for entry in log.pain]
    sides = [str(entry.side) for entry in pain]
    places = _places([(log.id, len(log.pain)) for log in logs])
    _add_pain.run(session, {**_columns(pain, _PAIN_FIELDS), **places, "side": sides})


def drop(session: Session, session_ids: Sequence[UUID]) -> None:
    """Delete the exercises and the pain of sessions."""
    for start in range(0, len(session_ids), CHUNK):
        some = session_ids[start : start + CHUNK]
        for row in (SessionExerciseRow, SessionPainRow):
            statement = delete(row).where(col(row.session_id).in_(some))
            session.exec(statement.execution_options(synchronize_session=False))


def of(session: Session, session_ids: Sequence[UUID]) -> dict[UUID, Entries]:
    """Return the entries of each session, by its id."""
    found = {session_id: Entries() for session_id in session_ids}
    if not found:
        return found
    for start in range(0, len(session_ids), CHUNK):
        some = session_ids[start : start + CHUNK]
        for exercise in session.exec(_in_order(SessionExerciseRow, some)):
            found[exercise.session_id].exercises.append(_as(ExerciseLog, exercise, _EXERCISE_FIELDS))
        for pain in session.exec(_in_order(SessionPainRow, some)):
            found[pain.session_id].pain.append(_as(PainLog, pain, _PAIN_FIELDS))
    return found


def exercise_of(values: Sequence[Any]) -> ExerciseLog:
    """Return the exercise that the values of the columns `EXERCISE` tell of."""
    told: ExerciseLog = _told(ExerciseLog, dict(zip(_EXERCISE_FIELDS, values, strict=True)))
    return told


def pain_of(values: Sequence[Any]) -> PainLog:
    """Return the pain that the values of the columns `PAIN` tell of."""
    told: PainLog = _told(PainLog, dict(zip(_PAIN_FIELDS, values, strict=True)))
    return told


def was_done() -> Any:
    """Return the condition that any of an exercise was done, as `ExerciseLog.was_done` says it."""
    row = SessionExerciseRow
    percent, amounts = (
        col(row.completion_percent),
        (col(row.repetitions), col(row.hold_seconds), col(row.duration_seconds)),
    )
    none_is_nought = and_(*(func.coalesce(amount, 1) > 0 for amount in (col(row.sets), *amounts)))
    return or_(percent > 0, and_(percent.is_(None), or_(none_is_nought, *(amount > 0 for amount in amounts))))


def _in_order(row: Any, session_ids: Sequence[UUID]) -> Any:
    return select(row).where(row.session_id.in_(session_ids)).order_by(row.session_id, row.position)


def _as(shape: Any, row: Any, fields: tuple[str, ...]) -> Any:
    return _told(shape, {name: getattr(row, name) for name in fields})


def _told(shape: Any, values: dict[str, Any]) -> Any:
    values["side"] = Side(values["side"])
    if values.get("difficulty") is not None:
        values["difficulty"] = Difficulty(values["difficulty"])
    return shape.model_construct(**values)


def _columns(entries: Sequence[Any], fields: tuple[str, ...]) -> dict[str, list[Any]]:
    return {
        name: [value(entry) for entry in entries] for name, value in zip(fields, map(attrgetter, fields), strict=True)
    }


def _places(counts: Sequence[tuple[UUID, int]]) -> dict[str, list[Any]]:
    return {
        "session_id": [session_id for session_id, count in counts for _ in range(count)],
        "position": [position for _, count in counts for position in range(count)],
    }


def plain(value: Any) -> Any:
    """Return the value as a driver takes it."""
    # One driver would store the name of an enum's member, the other its value.
    return str(value) if isinstance(value, StrEnum) else value
