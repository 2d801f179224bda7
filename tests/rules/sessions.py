"""Sessions of one person, for the tests of progression."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from api.rules.dosage import first_dose
from api.rules.dose_standing import DoseStanding, History
from api.rules.progression import Bounds, Dosed, Past, history_of
from api.rules.tuning import Numbers
from schemas.exercises import Dose
from schemas.session_logs import SessionLog
from tests.rules.making import exercise

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
STRETCH = exercise("stretch", dosage={"general": {"hold_seconds": (10, 20), "repetitions": (3, 4)}})
LIFT = exercise("lift", kind="strength", dosage={"general": {"repetitions": (8, 10), "times_per_day": (1, 1)}})
SERVED = frozenset({"mid_back", "back"})
GREEN = {"before": 3, "during_max": 2, "next_morning": 2}
AMBER = {"before": 3, "during_max": 4, "next_morning": 3}
RED = {"before": 3, "during_max": 6, "next_morning": 3}
EASY = {"completion_percent": 100, "difficulty": "right"}


def log(
    number: int, *, day: float, pain: dict[str, Any] | None = None, name: str = "stretch", **fields: Any
) -> SessionLog:
    started = START + timedelta(days=day)
    done = {"exercise_id": name, **EASY, **fields.pop("done", {})}
    entries = [{"region": "mid_back", **(GREEN if pain is None else pain)}] if pain != {} else []
    return SessionLog.model_validate(
        {
            "id": UUID(int=number),
            "person_id": UUID(int=1),
            "started_at": started,
            "ended_at": started + timedelta(minutes=10),
            "timezone": "UTC",
            "local_day": started.date().isoformat(),
            "pain": entries,
            "effort": 4,
            "exercises": [done],
            "clock_ahead": False,
            "version": 1,
            "created_at": started,
            "updated_at": started,
            **fields,
        }
    )


def days(*pains: dict[str, Any] | None, every: float = 2, **fields: Any) -> list[SessionLog]:
    return [log(number, day=number * every, pain=pain, **fields) for number, pain in enumerate(pains)]


def history(
    logs: list[SessionLog],
    numbers: Numbers,
    *,
    after: float = 1,
    cleared: bool = False,
    cleared_at: datetime | None = None,
    **bounds: Any,
) -> History:
    """The history as seen some days after the last session."""
    now = max(each.started_at for each in logs) + timedelta(days=after)
    doses = {each.id: Dosed(each, first_dose(each, None, numbers), SERVED) for each in (STRETCH, LIFT)}
    return history_of(Past(logs, now, cleared_at=cleared_at), doses, Bounds(**bounds), cleared, numbers)


def standing(logs: list[SessionLog], numbers: Numbers, name: str = "stretch", **how: Any) -> DoseStanding:
    return history(logs, numbers, **how).exercises[name]


def most_work(dose: Dose) -> int:
    """The seconds, or the repetitions where nothing is held, of a whole day."""
    each = (dose.hold_seconds or (1, 1))[1] * (dose.repetitions or (1, 1))[1] * (dose.duration_seconds or (1, 1))[1]
    return each * dose.times_per_day[1]
