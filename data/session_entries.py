"""What belongs to a session log: its exercises and its pain, in order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, delete
from sqlmodel import Field, Session, col, select

from data.prepared import PreparedStatement
from data.table import TenantTable, choice, one_of
from schemas.session_logs import ExerciseLog, PainLog, SessionLog
from schemas.vocabulary import Difficulty, Side

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


@dataclass(frozen=True, slots=True)
class Entries:
    """The exercises and the pain of one session."""

    exercises: list[ExerciseLog] = field(default_factory=list)
    pain: list[PainLog] = field(default_factory=list)


def add(session: Session, logs: Sequence[SessionLog]) -> None:
    """Store the exercises and the pain of sessions."""
    _add_exercises.run(session, [row for log in logs for row in _exercise_rows(log)])
    _add_pain.run(session, [row for log in logs for row in _pain_rows(log)])


def drop(session: Session, session_id: UUID) -> None:
    """Delete the exercises and the pain of a session."""
    for row in (SessionExerciseRow, SessionPainRow):
        statement = delete(row).where(col(row.session_id) == session_id)
        session.exec(statement.execution_options(synchronize_session=False))


def of(session: Session, session_ids: Sequence[UUID]) -> dict[UUID, Entries]:
    """Return the entries of each session, by its id."""
    found = {session_id: Entries() for session_id in session_ids}
    if not found:
        return found
    for exercise in session.exec(_in_order(SessionExerciseRow, session_ids)):
        found[exercise.session_id].exercises.append(_as(ExerciseLog, exercise, _EXERCISE_FIELDS))
    for pain in session.exec(_in_order(SessionPainRow, session_ids)):
        found[pain.session_id].pain.append(_as(PainLog, pain, _PAIN_FIELDS))
    return found


def _in_order(row: Any, session_ids: Sequence[UUID]) -> Any:
    return select(row).where(row.session_id.in_(session_ids)).order_by(row.session_id, row.position)


def _as(shape: Any, row: Any, fields: tuple[str, ...]) -> Any:
    values = {name: getattr(row, name) for name in fields}
    values["side"] = Side(values["side"])
    if values.get("difficulty") is not None:
        values["difficulty"] = Difficulty(values["difficulty"])
    return shape.model_construct(**values)


def _exercise_rows(log: SessionLog) -> list[dict[str, Any]]:
    # The fields are the columns; only the enums differ. Going through them one by one costs four times this.
    return [
        {
            **vars(entry),
            "session_id": log.id,
            "position": position,
            "side": str(entry.side),
            "difficulty": None if entry.difficulty is None else str(entry.difficulty),
        }
        for position, entry in enumerate(log.exercises)
    ]


def _pain_rows(log: SessionLog) -> list[dict[str, Any]]:
    return [
        {**vars(entry), "session_id": log.id, "position": position, "side": str(entry.side)}
        for position, entry in enumerate(log.pain)
    ]


def plain(value: Any) -> Any:
    """Return the value as a driver takes it."""
    # One driver would store the name of an enum's member, the other its value.
    return str(value) if isinstance(value, StrEnum) else value
