"""One example for each operation of programs, by operation id."""

from typing import Any, Final

from api.access_examples import PERSON_ID
from api.recommendation_example import RECOMMENDATION

PROGRAM_ID: Final = "0199f3c4-5e20-7d61-b0c3-9a7e41f2d815"
OFFER: Final = RECOMMENDATION["exercises"][0]
DOSE: Final[dict[str, Any]] = {
    "hold_seconds": [10, 20],
    "repetitions": [3, 5],
    "duration_seconds": None,
    "sets": [1, 1],
    "rest_seconds": 10,
    "times_per_day": [1, 2],
    "per_side": False,
}
ITEM: Final[dict[str, Any]] = {
    "exercise_id": "standing-mid-back-reach",
    "days_of_week": [1, 3, 5, 7],
    "dose": DOSE,
    "note": "After rowing.",
}
PHASES: Final[list[dict[str, Any]]] = [{"name": "Settle", "weeks": 2, "items": [ITEM]}]
POSTED: Final[dict[str, Any]] = {
    "id": PROGRAM_ID,
    "person_id": PERSON_ID,
    "title": "Mid back, first weeks",
    "timezone": "Europe/Madrid",
    "starts_on": "2026-11-22",
    "phases": PHASES,
}
PROGRAM: Final[dict[str, Any]] = {
    **POSTED,
    "ends_on": None,
    "conditions": [],
    "age": None,
    "cleared": False,
    "phases": [{**PHASES[0], "items": [{**ITEM, "sides": []}]}],
    "state": "active",
    "paused_on": None,
    "days_paused": 0,
    "cleared_for": [],
    "cleared_at": None,
    "dosed_on": {"standing-mid-back-reach": "2026-11-22"},
    "made_by": "organization",
    "from_recommendation_id": None,
    "version": 1,
    "created_at": "2026-11-21T16:20:00Z",
    "updated_at": "2026-11-21T16:20:00Z",
    "last_day": "2026-12-05",
}
PAUSED: Final = {**PROGRAM, "state": "paused", "paused_on": "2026-11-25", "version": 2}
TODAY: Final[dict[str, Any]] = {
    "program_id": PROGRAM_ID,
    "version": 1,
    "day": "2026-11-22",
    "timezone": "Europe/Madrid",
    "state": "due",
    "week": 1,
    "phase": 1,
    "phase_name": "Settle",
    "advice": None,
    "flags": [],
    "exercises": [
        {
            "exercise": OFFER["exercise"],
            "dosage": {
                **{name: value for name, value in DOSE.items() if name != "per_side"},
                "days_per_week": [4, 4],
                "per_side": False,
                "sides": ["both"],
                "rule": "program",
                "text": "Hold 10 to 20 seconds, 3 to 5 times, 1 to 2 times a day, 4 days a week.",
            },
            "note": "After rowing.",
            "cautions": [],
            "stop_if": OFFER["stop_if"],
            "progression": None,
            "times_done": 0,
        }
    ],
    "excluded": [],
    "routine": RECOMMENDATION["routine"],
    **{name: RECOMMENDATION[name] for name in ("safety_net", "release", "disclaimer")},
}
EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "createProgram": {"request": POSTED, "response": PROGRAM},
    "listPrograms": {"response": {"items": [PROGRAM], "next": None}},
    "getProgram": {"query": {"version": 1}, "response": PROGRAM},
    "updateProgram": {"request": {"state": "paused"}, "headers": {"If-Match": '"v1"'}, "response": PAUSED},
    "deleteProgram": {"headers": {"If-Match": '"v2"'}},
    "getProgramToday": {"response": TODAY},
}
