"""What is known of a person's progress, in three statements: who they are with their scores, the daily rollup, and the
newest sessions beside their exercises. What programs asked for takes two more, for those who have one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, exists, union_all
from sqlmodel import Session, col, or_, select

from data import audit, function_scores
from data.daily_progress import WHOLE_DAY, DailyProgressRow
from data.function_scores import FunctionScoreRow
from data.person_rows import PersonRow
from data.programs import ProgramRow
from data.session_entries import SessionExerciseRow, SessionPainRow
from data.session_logs import MOST_OF_LATE, SessionLogRow, newest_first
from data.shared_progress import SharedDayRow
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.function_scores import FunctionScore
from schemas.progress import DaySums, ExercisePain, RegionSums

MOST_SCORES: Final = 500


@dataclass(frozen=True, slots=True)
class Latest:
    """When and in which zone the person's newest session started."""

    started_at: datetime
    timezone: str


@dataclass(frozen=True, slots=True)
class Known:
    """The person's newest session, None before the first, and their newest scores of function, and
    whether there is a program for them."""

    latest: Latest | None
    scores: Sequence[FunctionScore]
    has_program: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that `/progress` counts, in the order of the days."""

    days: Sequence[DaySums]
    active_days: Sequence[str]


_FIELDS = tuple(DaySums.model_fields)


def known(session: Session, person_id: UUID) -> Known | None:
    """Return what figures begin with; None for an unknown person. One statement."""
    newest = newest_first(session, person_id).with_only_columns(col(SessionLogRow.id)).limit(1).scalar_subquery()
    person, log, score = col(PersonRow.id), SessionLogRow, FunctionScoreRow
    theirs = and_(col(ProgramRow.organization_id) == tenant_of(session), col(ProgramRow.person_id) == person_id)
    has_program = exists().where(theirs, col(ProgramRow.deleted_at).is_(None))
    what: list[Any] = [person, log.started_at, log.timezone, score, has_program]
    rows = session.execute(
        select(*what)
        .select_from(PersonRow)
        .outerjoin(log, and_(col(log.organization_id) == tenant_of(session), col(log.id) == newest))
        .outerjoin(score, and_(col(score.organization_id) == tenant_of(session), col(score.person_id) == person))
        .where(person == person_id)
        .order_by(col(score.answered_at).desc())
        .limit(MOST_SCORES)
    ).all()
    if not rows:
        return None
    audit.note(session, AuditAction.READ, "progress", [person_id])
    _, started_at, timezone, _, program = rows[0]
    latest = None if started_at is None else Latest(started_at, timezone)
    return Known(latest, function_scores.shaped([row[3] for row in rows]), program)


def figures(session: Session, person_id: UUID, from_day: str, to_day: str) -> Figures:
    """Return the rollup of [from_day, to_day] and all active days, with what links brought. One statement."""
    found = session.execute(union_all(*(_days(session, row, person_id, from_day, to_day) for row in _ROLLUPS))).all()
    asked = [row for row in found if from_day <= row.day <= to_day]
    return Figures(
        days=_added_up([DaySums.model_construct(**dict(zip(_FIELDS, row, strict=True))) for row in asked]),
        active_days=sorted({row.day for row in found if row.region == WHOLE_DAY and row.sessions}),
    )


def exercise_pain(session: Session, person_id: UUID, since: datetime) -> list[ExercisePain]:
    """Return the exercises of the person's newest sessions since then beside the pain around them. One statement."""
    tenant = tenant_of(session)
    done, pain = SessionExerciseRow, SessionPainRow
    newest = (
        newest_first(session, person_id)
        .with_only_columns(col(SessionLogRow.id))
        .where(col(SessionLogRow.started_at) >= since)
        .limit(MOST_OF_LATE)
    )
    what: list[Any] = [done.session_id, done.exercise_id, done.hurt, pain.position]
    felt: list[Any] = [pain.before, pain.after, pain.next_morning]
    rows = session.execute(
        select(*what, *felt)
        .select_from(done)
        .outerjoin(pain, and_(col(pain.organization_id) == tenant, col(pain.session_id) == col(done.session_id)))
        .where(col(done.organization_id) == tenant, col(done.session_id).in_(newest))
    ).all()
    return [ExercisePain(*row) for row in rows]


_ROLLUPS: Final[tuple[Any, ...]] = (DailyProgressRow, SharedDayRow)


def _days(session: Session, row: Any, person_id: UUID, from_day: str, to_day: str) -> Any:
    """Return the statement for the asked days, and for all whole days: a streak may have begun long ago."""
    asked = or_(row.region == WHOLE_DAY, and_(row.day >= from_day, row.day <= to_day))
    columns = [getattr(row, name) for name in _FIELDS]
    return select(*columns).where(row.organization_id == tenant_of(session), row.person_id == person_id, asked)


def _added_up(rows: Sequence[DaySums]) -> list[DaySums]:
    days: dict[tuple[str, str], DaySums] = {}
    for row in rows:
        key = row.day, row.region
        days[key] = row if key not in days else _sum(days[key], row)
    return [days[key] for key in sorted(days)]


def _sum(one: DaySums, other: DaySums) -> DaySums:
    return one.model_copy(update={name: getattr(one, name) + getattr(other, name) for name in RegionSums.model_fields})
