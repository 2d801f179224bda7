"""The daily rollup: one row a person, local day and region, kept in the transaction that stores the session.

The row with an empty region counts the whole day and tells when it began; the others hold the pain of one region.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, case, delete
from sqlmodel import Field, Session, col

from data import session_logs
from data.prepared import PreparedStatement
from data.table import TenantTable
from schemas.progress import DayStart, RegionSums
from schemas.session_logs import SessionLog

WHOLE_DAY = ""
_MEASURES = tuple((measure, f"{measure}_sum", f"{measure}_count") for measure in ("before", "after", "next_morning"))


class DailyProgressRow(RegionSums, DayStart, TenantTable, table=True):  # type: ignore[misc]
    """The sums of one person, local day and region, and when the day began."""

    __tablename__ = "daily_progress"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        CheckConstraint("sessions >= 0", name="sessions"),
    )

    person_id: UUID = Field(primary_key=True)
    day: str = Field(primary_key=True)
    region: str = Field(primary_key=True)


_KEY = ("organization_id", "person_id", "day", "region")
_SUMS = tuple(RegionSums.model_fields)
_LEAST = tuple(DayStart.model_fields)
_NOTHING: dict[str, Any] = {**dict.fromkeys(_SUMS, 0), **dict.fromkeys(_LEAST)}
COLUMNS = ("day", "region", *_SUMS, *_LEAST)
"""What `sums` gives of each row, beside the person."""


def _add_up(insert: Any) -> Any:
    table = DailyProgressRow.__table__  # type: ignore[attr-defined]
    statement = insert(table)
    new = statement.excluded
    raised = {name: table.c[name] + new[name] for name in _SUMS}
    # Neither database's own function for the lesser of two is known to the other.
    lowered = {name: case((table.c[name] <= new[name], table.c[name]), else_=new[name]) for name in _LEAST}
    return statement.on_conflict_do_update(index_elements=list(_KEY), set_=raised | lowered)


_count = PreparedStatement(_add_up)


def count(session: Session, logs: Iterable[SessionLog]) -> None:
    """Add new sessions to their days."""
    rows = sums(logs)
    _count.run(session, {name: [row[name] for row in rows] for name in ("person_id", *COLUMNS)})


def sums(logs: Iterable[SessionLog]) -> list[dict[str, Any]]:
    """Return what the sessions add up to: one row a person, day and region, in that order."""
    days: dict[tuple[UUID, str, str], dict[str, Any]] = {}
    for row in (row for log in logs for row in _contributions(log)):
        summed = days.setdefault((row["person_id"], row["day"], row["region"]), row)
        if summed is not row:
            for name in _SUMS:
                summed[name] += row[name]
            for name in _LEAST:
                summed[name] = least(summed[name], row[name])
    return [days[key] for key in sorted(days)]


def least(one: Any, other: Any) -> Any:
    """Return the lesser of two values of a day's start; None, which is not known, only when both are."""
    return other if one is None else one if other is None else min(one, other)


def recount(session: Session, person_id: UUID, days: Sequence[str], logs: Iterable[SessionLog]) -> None:
    """Make the rollup of some days anew from all their sessions."""
    session.exec(
        delete(DailyProgressRow)
        .where(col(DailyProgressRow.person_id) == person_id, col(DailyProgressRow.day).in_(days))
        .execution_options(synchronize_session=False)
    )
    count(session, logs)


def _contributions(log: SessionLog) -> list[dict[str, Any]]:
    seconds = int((log.ended_at - log.started_at).total_seconds())
    regions: dict[str, dict[str, Any]] = {}
    for entry in log.pain:
        sums = regions.setdefault(entry.region, {**_NOTHING})
        sums["sessions"] = 1
        for measure, total, count_ in _MEASURES:
            value = getattr(entry, measure)
            if value is not None:
                sums[total] += value
                sums[count_] += 1
        if entry.before is not None and entry.after is not None:
            sums["change_sum"] += entry.after - entry.before
            sums["change_count"] += 1
    whole = {**_NOTHING, "sessions": 1, "seconds": seconds, "exercises": len(log.exercises)}
    whole["first_at"], whole["offset_least"] = log.started_at, session_logs.offset(log.started_at, log.timezone)
    rows = [(WHOLE_DAY, whole), *sorted(regions.items())]
    return [{"person_id": log.person_id, "day": log.local_day, "region": region, **sums} for region, sums in rows]
