"""What is known of a person's progress, in three statements: who they are with their scores and their programs, the
daily rollup, and the exercises they did, those of the newest sessions beside the pain around them, with the plans."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, union_all
from sqlmodel import Session, col, or_, select

from data import audit, function_scores, program_adherence
from data.daily_progress import WHOLE_DAY, DailyProgressRow
from data.function_scores import FunctionScoreRow
from data.person_rows import PersonRow
from data.program_adherence import Stood
from data.session_entries import SessionExerciseRow, SessionPainRow
from data.session_logs import MOST_OF_LATE, SessionLogRow, newest_first
from data.shared_progress import SharedDayRow
from data.tenancy import tenant_of
from data.unions import padded, taken_apart
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
    """The person's newest session, None before the first, their newest scores of function, and the versions of their
    programs as rows for `program_adherence.in_force`."""

    latest: Latest | None
    scores: Sequence[FunctionScore]
    versions: Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that `/progress` counts, in the order of the days."""

    days: Sequence[DaySums]
    active_days: Sequence[str]


@dataclass(frozen=True, slots=True)
class Deeds:
    """The exercises of the newest sessions beside the pain around them, and what was asked for and done on each local
    day as rows for `program_adherence.counted`."""

    exercises: Sequence[ExercisePain]
    plans: Sequence[tuple[Any, ...]]
    done: Sequence[tuple[Any, ...]]


_FIELDS = tuple(DaySums.model_fields)
_LATEST: Final[tuple[Any, ...]] = (SessionLogRow.started_at, SessionLogRow.timezone)
_SCORE: Final[tuple[Any, ...]] = tuple(getattr(FunctionScoreRow, name) for name in function_scores.SHOWN)
_ABOUT = (_LATEST, _SCORE, program_adherence.VERSION)
_BESIDE: Final[tuple[Any, ...]] = (
    SessionExerciseRow.session_id,
    SessionExerciseRow.exercise_id,
    SessionExerciseRow.hurt,
    SessionPainRow.position,
    SessionPainRow.before,
    SessionPainRow.after,
    SessionPainRow.next_morning,
)
_DEEDS = (_BESIDE, program_adherence.PLAN, program_adherence.DONE)


def known(session: Session, person_id: UUID) -> Known | None:
    """Return what figures begin with; None for an unknown person. One statement."""
    statement = union_all(
        _latest(session, person_id),
        _newest_scores(session, person_id),
        program_adherence.versions(session, [person_id], padded(_ABOUT, 2)),
    )
    latest, scores, versions = taken_apart(_ABOUT, session.execute(statement).all())
    if not latest:
        return None
    audit.note(session, AuditAction.READ, "progress", [person_id])
    if versions:
        program_adherence.note_read(session, person_id)
    if scores:
        function_scores.note_read(session, [person_id] * len(scores))
    ((started_at, timezone),) = latest
    return Known(None if started_at is None else Latest(started_at, timezone), function_scores.shaped(scores), versions)


def figures(session: Session, person_id: UUID, from_day: str, to_day: str) -> Figures:
    """Return the rollup of [from_day, to_day] and all active days, with what links brought. One statement."""
    found = session.execute(union_all(*(_days(session, row, person_id, from_day, to_day) for row in _ROLLUPS))).all()
    asked = [row for row in found if from_day <= row.day <= to_day]
    return Figures(
        days=_added_up([DaySums.model_construct(**dict(zip(_FIELDS, row, strict=True))) for row in asked]),
        active_days=sorted({row.day for row in found if row.region == WHOLE_DAY and row.sessions}),
    )


def deeds(session: Session, person_id: UUID, since: datetime, days: tuple[date, date], stood: Sequence[Stood]) -> Deeds:
    """Return the exercises of the person's newest sessions since then; with what these versions of programs say, and
    what was done from the first to the last of `days`, where there are any. One statement."""
    statement = _beside_pain(session, person_id, since)
    if stood:
        plans = program_adherence.plans(session, stood, padded(_DEEDS, 1))
        done = program_adherence.done(session, [person_id], *days, padded(_DEEDS, 2))
        statement = union_all(statement, plans, done)
    exercises, plan_rows, done_rows = taken_apart(_DEEDS, session.execute(statement).all())
    return Deeds([ExercisePain(*row) for row in exercises], plan_rows, done_rows)


def _latest(session: Session, person_id: UUID) -> Any:
    tenant, log = tenant_of(session), SessionLogRow
    newest = newest_first(session, person_id).with_only_columns(col(log.id)).limit(1).scalar_subquery()
    return (
        select(*padded(_ABOUT, 0))
        .select_from(PersonRow)
        .outerjoin(log, and_(col(log.organization_id) == tenant, col(log.id) == newest))
        .where(col(PersonRow.organization_id) == tenant, PersonRow.id == person_id)
    )


def _newest_scores(session: Session, person_id: UUID) -> Any:
    score, tenant = FunctionScoreRow, tenant_of(session)
    theirs = and_(
        col(score.organization_id) == tenant, col(score.person_id) == person_id, col(score.deleted_at).is_(None)
    )
    newest = select(score.id).where(theirs).order_by(col(score.answered_at).desc(), col(score.id)).limit(MOST_SCORES)
    return select(*padded(_ABOUT, 1)).where(theirs, col(score.id).in_(newest))


def _beside_pain(session: Session, person_id: UUID, since: datetime) -> Any:
    tenant = tenant_of(session)
    done, pain = SessionExerciseRow, SessionPainRow
    newest = (
        newest_first(session, person_id)
        .with_only_columns(col(SessionLogRow.id))
        .where(col(SessionLogRow.started_at) >= since)
        .limit(MOST_OF_LATE)
    )
    return (
        select(*padded(_DEEDS, 0))
        .select_from(done)
        .outerjoin(pain, and_(col(pain.organization_id) == tenant, col(pain.session_id) == col(done.session_id)))
        .where(col(done.organization_id) == tenant, col(done.session_id).in_(newest))
    )


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
