"""The daily rollup as it is kept, and as a plain reading of all sessions gives it."""

from collections import Counter
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session

from data import session_logs
from data.daily_progress import DailyProgressRow
from data.session_logs import SessionLogRow
from schemas.progress import RegionSums


def rollup(session: Session) -> dict[tuple[Any, ...], dict[str, Any]]:
    found = {}
    for row in session.execute(select(DailyProgressRow)).scalars():
        values = row.model_dump()
        key = tuple(values.pop(name) for name in ("person_id", "day", "region"))
        values.pop("organization_id")
        found[key] = values
    return found


def recomputed(session: Session) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return the rollup as a plain reading of all sessions gives it; written apart from the code that keeps it."""
    rows = session.execute(select(SessionLogRow).where(SessionLogRow.deleted_at.is_(None))).scalars().all()  # type: ignore[union-attr]
    empty = dict.fromkeys(RegionSums.model_fields, 0)
    found: dict[tuple[Any, ...], Counter[str]] = {}
    starts: dict[tuple[Any, ...], list[datetime]] = {}
    for stored in session_logs.shaped(session, rows):
        start = stored.started_at.astimezone(ZoneInfo(stored.timezone))
        day = start.date().isoformat()
        starts.setdefault((stored.person_id, day, ""), []).append(start)
        whole = found.setdefault((stored.person_id, day, ""), Counter(empty))
        whole["sessions"] += 1
        whole["seconds"] += int((stored.ended_at - stored.started_at).total_seconds())
        whole["exercises"] += len(stored.exercises)
        for region in {entry.region for entry in stored.pain}:
            found.setdefault((stored.person_id, day, region), Counter(empty))["sessions"] += 1
        for entry in stored.pain:
            sums = found[(stored.person_id, day, entry.region)]
            for name in ("before", "after", "next_morning"):
                if (value := getattr(entry, name)) is not None:
                    sums[f"{name}_sum"] += value
                    sums[f"{name}_count"] += 1
            if entry.before is not None and entry.after is not None:
                sums["change_sum"] += entry.after - entry.before
                sums["change_count"] += 1
    return {key: {**sums, **day_start(starts.get(key, []))} for key, sums in found.items()}


def day_start(starts: list[datetime]) -> dict[str, Any]:
    """Return when the first of these began and the least of their offsets in minutes."""
    offsets = [offset.total_seconds() / 60 for start in starts if (offset := start.utcoffset()) is not None]
    return {"first_at": min(starts, default=None), "offset_least": min(offsets, default=None)}
