"""The daily rollup: one row a person, local day and region, kept in the transaction that stores the session.

The row with an empty region counts the whole day; the others hold the pain of one region.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, delete
from sqlmodel import Field, Session, col

from data.prepared import PreparedStatement
from data.table import TenantTable
from schemas.progress import RegionSums
from schemas.session_logs import SessionLog

WHOLE_DAY = ""
_MEASURES = tuple((measure, f"{measure}_sum", f"{measure}_count") for measure in ("before", "after", "next_morning"))


class DailyProgressRow(RegionSums, TenantTable, table=True):  # type: ignore[misc]
    """The sums of one person, local day and region."""

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


def _add_up(insert: Any) -> Any:
    table = DailyProgressRow.__table__  # type: ignore[attr-defined]
    statement = insert(table)
    raised = {name: table.c[name] + statement.excluded[name] for name in _SUMS}
    return statement.on_conflict_do_update(index_elements=list(_KEY), set_=raised)


_count = PreparedStatement(_add_up)
_COLUMNS = ("person_id", "day", "region", *_SUMS)


def count(session: Session, logs: Iterable[SessionLog]) -> None:
    """Add new sessions to their days."""
    rows = sums(logs)
    _count.run(session, {name: [row[name] for row in rows] for name in _COLUMNS})


def sums(logs: Iterable[SessionLog]) -> list[dict[str, Any]]:
    """Return what the sessions add up to: one row a person, day and region, in that order."""
    days: dict[tuple[UUID, str, str], dict[str, Any]] = {}
    for row in (row for log in logs for row in _contributions(log)):
        summed = days.setdefault((row["person_id"], row["day"], row["region"]), row)
        if summed is not row:
            for name in _SUMS:
                summed[name] += row[name]
    return [days[key] for key in sorted(days)]


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
    regions: dict[str, dict[str, int]] = {}
    for entry in log.pain:
        sums = regions.setdefault(entry.region, dict.fromkeys(_SUMS, 0))
        sums["sessions"] = 1
        for measure, total, count_ in _MEASURES:
            value = getattr(entry, measure)
            if value is not None:
                sums[total] += value
                sums[count_] += 1
        if entry.before is not None and entry.after is not None:
            sums["change_sum"] += entry.after - entry.before
            sums["change_count"] += 1
    whole = {**dict.fromkeys(_SUMS, 0), "sessions": 1, "seconds": seconds, "exercises": len(log.exercises)}
    rows = [(WHOLE_DAY, whole), *sorted(regions.items())]
    return [{"person_id": log.person_id, "day": log.local_day, "region": region, **sums} for region, sums in rows]
