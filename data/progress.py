"""What is known of a person's progress: the daily rollup read back, never the raw sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from data import audit, person_rows, shared_progress
from data.daily_progress import WHOLE_DAY, DailyProgressRow
from data.session_logs import SessionLogRow
from schemas.audit import AuditAction
from schemas.progress import DaySums, RegionSums


@dataclass(frozen=True, slots=True)
class Latest:
    """When and in which zone the person's newest session started."""

    started_at: datetime
    timezone: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything `/progress` is made from, in the order of the days."""

    days: Sequence[DaySums]
    active_days: Sequence[str]


_FIELDS = tuple(DaySums.model_fields)


def figures(session: Session, person_id: UUID, from_day: str, to_day: str) -> Figures | None:
    """Return the rollup of [from_day, to_day] and all active days; None for an unknown person."""
    if not person_rows.exists(session, person_id):
        return None
    audit.note(session, AuditAction.READ, "progress", [person_id])
    mine = col(DailyProgressRow.person_id) == person_id
    day, region = col(DailyProgressRow.day), col(DailyProgressRow.region)
    rows = session.exec(
        select(DailyProgressRow).where(mine, day >= from_day, day <= to_day).order_by(day, region)
    ).all()
    active = session.exec(
        select(day).where(mine, region == WHOLE_DAY, col(DailyProgressRow.sessions) > 0).order_by(day)
    ).all()
    own = [DaySums.model_construct(**{name: getattr(row, name) for name in _FIELDS}) for row in rows]
    shared = shared_progress.of_person(session, person_id)
    return Figures(
        days=_added_up([*own, *(sums for sums in shared if from_day <= sums.day <= to_day)]),
        active_days=sorted({*active, *(sums.day for sums in shared)}),
    )


def latest(session: Session, person_id: UUID) -> Latest | None:
    """Return the person's newest session's start and zone, or None before the first."""
    row = session.exec(
        select(SessionLogRow.started_at, SessionLogRow.timezone)
        .where(SessionLogRow.person_id == person_id, col(SessionLogRow.deleted_at).is_(None))
        .order_by(col(SessionLogRow.started_at).desc(), col(SessionLogRow.id).desc())
        .limit(1)
    ).first()
    return None if row is None else Latest(started_at=row[0], timezone=row[1])


def _added_up(rows: Sequence[DaySums]) -> list[DaySums]:
    days: dict[tuple[str, str], DaySums] = {}
    for row in rows:
        key = row.day, row.region
        days[key] = row if key not in days else _sum(days[key], row)
    return [days[key] for key in sorted(days)]


def _sum(one: DaySums, other: DaySums) -> DaySums:
    return one.model_copy(update={name: getattr(one, name) + getattr(other, name) for name in RegionSums.model_fields})
