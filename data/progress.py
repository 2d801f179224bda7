"""What is known of a person's progress, in three statements: who they are with their scores and their programs, the
daily rollup, and what they did, with the newest sessions and the plans."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, literal, union_all
from sqlmodel import Session, col, or_, select

from data import audit, function_scores, holds, program_adherence, session_entries
from data.daily_progress import WHOLE_DAY, DailyProgressRow, least
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
from schemas.progress import ActiveDay, DayStart, DaySums, RegionSums
from schemas.session_logs import SessionLog
from schemas.vocabulary import Spread

MOST_SCORES: Final = 500


@dataclass(frozen=True, slots=True)
class Latest:
    """When and in which zone the person's newest session started."""

    started_at: datetime
    timezone: str


@dataclass(frozen=True, slots=True)
class Known:
    """The person's newest session, None before the first, their newest scores of function, and the versions of their
    programs and their holds as rows for `program_adherence`."""

    latest: Latest | None
    scores: Sequence[FunctionScore]
    versions: Sequence[tuple[Any, ...]]
    held: Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that `/progress` counts, in the order of the days; `unseen` when links brought figures of some of them
    without the sessions that they are made from."""

    days: Sequence[DaySums]
    active_days: Sequence[ActiveDay]
    unseen: bool


@dataclass(frozen=True, slots=True)
class Deeds:
    """The newest sessions with their exercises and the pain around them, the newest first, and what was asked for and
    done on each local day as rows for `program_adherence`."""

    sessions: Sequence[SessionLog]
    plans: Sequence[tuple[Any, ...]]
    done: Sequence[tuple[Any, ...]]


_FIELDS = tuple(DaySums.model_fields)
_LATEST: Final[tuple[Any, ...]] = (SessionLogRow.started_at, SessionLogRow.timezone)
_SCORE: Final[tuple[Any, ...]] = tuple(getattr(FunctionScoreRow, name) for name in function_scores.SHOWN)
_ABOUT = (_LATEST, _SCORE, program_adherence.VERSION, *holds.SPANS)
_NAMED: Final = ("id", "person_id", "started_at", "ended_at", "timezone", "local_day", "spread", "effort")
_SESSION: Final[tuple[Any, ...]] = tuple(getattr(SessionLogRow, name) for name in _NAMED)
_DEEDS: Final[tuple[tuple[Any, ...], ...]] = (
    (*_SESSION, *session_entries.EXERCISE),
    (SessionPainRow.session_id, *session_entries.PAIN),
    program_adherence.PLAN,
    program_adherence.DONE,
)


def known(session: Session, person_id: UUID) -> Known | None:
    """Return what figures begin with; None for an unknown person. One statement."""
    statement = union_all(
        _latest(session, person_id),
        _newest_scores(session, person_id),
        program_adherence.versions(session, [person_id], padded(_ABOUT, 2)),
        *(holds.spans(session, [person_id], kind, padded(_ABOUT, 3 + kind)) for kind in range(len(holds.SPANS))),
    )
    latest, scores, versions, *held = taken_apart(_ABOUT, session.execute(statement).all())
    if not latest:
        return None
    audit.note(session, AuditAction.READ, "progress", [person_id])
    if versions:
        program_adherence.note_read(session, person_id)
    if scores:
        function_scores.note_read(session, [person_id] * len(scores))
    ((started_at, timezone),) = latest
    newest = None if started_at is None else Latest(started_at, timezone)
    return Known(newest, function_scores.shaped(scores), versions, [span for kind in held for span in kind])


def figures(session: Session, person_id: UUID, from_day: str, to_day: str) -> Figures:
    """Return the rollup of [from_day, to_day] and all active days, with what links brought. One statement."""
    found = session.execute(union_all(*(_days(session, row, person_id, from_day, to_day) for row in _ROLLUPS))).all()
    asked = [row for row in found if from_day <= row.day <= to_day]
    return Figures(
        days=_added_up([DaySums.model_construct(**dict(zip(_FIELDS, row[1:], strict=False))) for row in asked]),
        active_days=_active([row for row in found if row.region == WHOLE_DAY and row.sessions]),
        unseen=any(row.by_link for row in asked),
    )


def deeds(session: Session, person_id: UUID, since: datetime, days: tuple[date, date], stood: Sequence[Stood]) -> Deeds:
    """Return the person's newest sessions since then; with what these versions of programs say, and what was done from
    the first to the last of `days`, where there are any. One statement."""
    parts = [_exercises(session, person_id, since), _pain(session, person_id, since)]
    if stood:
        parts.append(program_adherence.plans(session, stood, padded(_DEEDS, 2)))
        parts.append(program_adherence.done(session, [person_id], *days, padded(_DEEDS, 3)))
    exercises, pain, plans, done = taken_apart(_DEEDS, session.execute(union_all(*parts)).all())
    return Deeds(_sessions(exercises, pain), plans, done)


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


def _exercises(session: Session, person_id: UUID, since: datetime) -> Any:
    log, done, tenant = SessionLogRow, SessionExerciseRow, tenant_of(session)
    entries = and_(col(done.organization_id) == tenant, col(done.session_id) == col(log.id))
    return (
        select(*padded(_DEEDS, 0))
        .select_from(log)
        .join(done, entries)
        .where(col(log.organization_id) == tenant, col(log.id).in_(_newest(session, person_id, since)))
    )


def _pain(session: Session, person_id: UUID, since: datetime) -> Any:
    pain, newest = SessionPainRow, _newest(session, person_id, since)
    mine = and_(col(pain.organization_id) == tenant_of(session), col(pain.session_id).in_(newest))
    return select(*padded(_DEEDS, 1)).where(mine)


def _newest(session: Session, person_id: UUID, since: datetime) -> Any:
    newest = newest_first(session, person_id).with_only_columns(col(SessionLogRow.id))
    return newest.where(col(SessionLogRow.started_at) >= since).limit(MOST_OF_LATE)


def _sessions(exercises: Sequence[tuple[Any, ...]], pain: Sequence[tuple[Any, ...]]) -> list[SessionLog]:
    found: dict[UUID, SessionLog] = {}
    for row in exercises:
        told = dict(zip(_NAMED, row, strict=False))
        if told["id"] not in found:
            told["spread"] = Spread(told["spread"])
            found[told["id"]] = SessionLog.model_construct(**told, exercises=[], pain=[])
        found[told["id"]].exercises.append(session_entries.exercise_of(row[len(_NAMED) :]))
    for session_id, *values in pain:
        found[session_id].pain.append(session_entries.pain_of(values))
    return sorted(found.values(), key=lambda log: (log.started_at, log.id), reverse=True)


_ROLLUPS: Final[tuple[Any, ...]] = (DailyProgressRow, SharedDayRow)


def _days(session: Session, row: Any, person_id: UUID, from_day: str, to_day: str) -> Any:
    """Return the statement for the asked days, and for all whole days: a streak may have begun long ago."""
    asked = or_(row.region == WHOLE_DAY, and_(row.day >= from_day, row.day <= to_day))
    shown = (getattr(row, name) for name in (*_FIELDS, *DayStart.model_fields))
    columns = [literal(row is SharedDayRow).label("by_link"), *shown]
    return select(*columns).where(row.organization_id == tenant_of(session), row.person_id == person_id, asked)


def _active(rows: Sequence[Any]) -> list[ActiveDay]:
    days: dict[str, ActiveDay] = {}
    for row in rows:
        known = days.get(row.day) or ActiveDay(date.fromisoformat(row.day))
        first_at, offset = least(known.first_at, row.first_at), least(known.offset_least, row.offset_least)
        days[row.day] = ActiveDay(known.day, first_at, offset)
    return [days[day] for day in sorted(days)]


def _added_up(rows: Sequence[DaySums]) -> list[DaySums]:
    days: dict[tuple[str, str], DaySums] = {}
    for row in rows:
        key = row.day, row.region
        days[key] = row if key not in days else _sum(days[key], row)
    return [days[key] for key in sorted(days)]


def _sum(one: DaySums, other: DaySums) -> DaySums:
    return one.model_copy(update={name: getattr(one, name) + getattr(other, name) for name in RegionSums.model_fields})
