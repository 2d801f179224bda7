"""Sessions and people for the tests of the write side."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from schemas.session_logs import SessionLogCreate

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
STRETCH = "standing-mid-back-reach"


def body(person: UUID, /, **changes: Any) -> dict[str, Any]:
    """Return the JSON of a session as a phone would post it."""
    started_at = changes.pop("started_at", NOW - timedelta(hours=2))
    ended_at = changes.pop("ended_at", started_at + timedelta(minutes=10) if isinstance(started_at, datetime) else None)
    made: dict[str, Any] = {
        "id": str(uuid4()),
        "person_id": str(person),
        "started_at": started_at.isoformat() if isinstance(started_at, datetime) else started_at,
        "ended_at": ended_at.isoformat() if isinstance(ended_at, datetime) else ended_at,
        "timezone": "Europe/Madrid",
        "title": "Evening",
        "pain": [{"region": "mid_back", "side": "left", "before": 5, "during_max": 4, "after": 3}],
        "effort": 3,
        "notes": "felt fine",
        "exercises": [{"exercise_id": STRETCH, "sets": 1, "repetitions": 3, "hold_seconds": 15, "pain_during": 3}],
    }
    return {**made, **changes}


def log(person: UUID, /, **changes: Any) -> Any:
    """Return a session that can be stored."""
    return SessionLogCreate.model_validate(body(person, **changes))
