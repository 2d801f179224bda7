"""The daily rollup as it is kept, and as a plain reading of all sessions gives it."""

from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session

from data import session_logs
from data.daily_progress import DailyProgressRow
from data.session_logs import SessionLogRow


def rollup(session: Session) -> dict[tuple[Any, ...], dict[str, int]]:
    found = {}
    for row in session.execute(select(DailyProgressRow)).scalars():
        values = row.model_dump()
        key = tuple(values.pop(name) for name in ("person_id", "day", "region"))
        values.pop("organization_id")
        found[key] = values
    return found


def recomputed(session: Session) -> dict[tuple[Any, ...], dict[str, int]]:
    """Return the rollup as a plain reading of all sessions gives it; written apart from the code that keeps it."""
    rows = session.execute(select(SessionLogRow).where(SessionLogRow.deleted_at.is_(None))).scalars().all()  # type: ignore[union-attr]
    empty = {
        name: 0
        for name in DailyProgressRow.model_fields
        if name not in {"organization_id", "person_id", "day", "region"}
    }
    found: dict[tuple[Any, ...], Counter[str]] = {}
    for stored in session_logs.shaped(session, rows):
        day = stored.started_at.astimezone(ZoneInfo(stored.timezone)).date().isoformat()
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
    return {key: dict(sums) for key, sums in found.items()}
