"""One example for each operation of the contract, by operation id."""

from typing import Any, Final

from api import access_examples, link_examples, override_examples, program_examples
from api.catalog_examples import EXERCISE
from api.recommendation_example import EXPLAINED, EXPLANATION, RECOMMENDATION, TRIAGE
from schemas.exercises import ExerciseDefinition

SESSION_ID: Final = "0199f3a2-7c1e-7b3a-9d55-2f6a4c8e1b07"
DELETED_ID: Final = "0199f3a2-8d30-7c11-8e02-51c7d0b3aa64"
PERSON_ID: Final = "00000000-0000-7000-8000-000000000001"

SESSION: Final[dict[str, Any]] = {
    "id": SESSION_ID,
    "person_id": PERSON_ID,
    "started_at": "2026-11-22T07:30:00Z",
    "ended_at": "2026-11-22T07:36:00Z",
    "timezone": "Europe/Madrid",
    "title": "Morning stretch",
    "pain": [{"region": "mid_back", "side": "left", "before": 5, "during_max": 4, "after": 3}],
    "spread": "none",
    "effort": 3,
    "exercises": [
        {
            "exercise_id": "standing-mid-back-reach",
            "side": "both",
            "sets": 1,
            "repetitions": 3,
            "hold_seconds": 15,
            "duration_seconds": 60,
            "completion_percent": 100,
            "difficulty": "right",
            "pain_during": 3,
        }
    ],
}
STORED: Final[dict[str, Any]] = {
    **SESSION,
    "new_symptoms": [],
    "recommendation_id": None,
    "program_id": None,
    "notes": None,
    "local_day": "2026-11-22",
    "clock_ahead": False,
    "version": 1,
    "created_at": "2026-11-22T07:36:04Z",
    "updated_at": "2026-11-22T07:36:04Z",
    "triage": None,
    "link_id": None,
}
OWN_EXERCISE: Final[dict[str, Any]] = {
    **{name: value for name, value in EXERCISE.items() if name in ExerciseDefinition.model_fields},
    "id": "own-doorway-hang",
    "name": "Doorway Hang",
    "properties": ["oh", "grip", "sh-load"],
    "easier": [],
    "harder": [],
}
PERSON: Final = {"id": PERSON_ID, "external_id": "patient-17", "created_at": "2026-11-22T07:00:00Z"}
PERSON_TO_SEE: Final[dict[str, Any]] = {
    **PERSON,
    "attention": {
        "reasons": ["pain_rising", "nothing_for_long"],
        "hold": None,
        "red_at": None,
        "hurt_at": None,
        "rise": {"region": "mid_back", "baseline": 3.0, "recent": 5.0},
        "low_adherence_since": None,
        "last_day": "2026-11-06",
    },
}
SCORE: Final[dict[str, Any]] = {
    "id": "0199f3a2-9b02-7d44-a1f0-3e5b8c7d6f21",
    "person_id": PERSON_ID,
    "instrument": "peg",
    "items": [4, 5, 3],
    "answered_at": "2026-11-20T18:00:00Z",
    "timezone": "Europe/Madrid",
}
STORED_SCORE: Final[dict[str, Any]] = {
    **SCORE,
    "activities": None,
    "local_day": "2026-11-20",
    "mean": 4.0,
    "created_at": "2026-11-20T18:00:02Z",
}
QUESTION: Final[dict[str, Any]] = {
    "text": "sore between my shoulder blades after heavy rows",
    "person": {"age": 41},
    "max_minutes": 10,
}

EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "createSession": {"request": SESSION, "response": STORED},
    "createSessions": {
        "request": {"sessions": [SESSION]},
        "response": {"results": [{"index": 0, "id": SESSION_ID, "status": "created", "problem": None, "triage": None}]},
    },
    "listSessions": {"response": {"items": [STORED], "next": None}},
    "listSessionChanges": {
        "query": {"limit": 50},
        "response": {
            "items": [
                {"id": SESSION_ID, "deleted": False, "session": STORED},
                {"id": DELETED_ID, "deleted": True, "session": None},
            ],
            "next": "WzEsImNoYW5nZXMiLCI1YTQ5ZTYxNTBhNzMiLFsiLi4uIiwwLDJdLDczOTk0Ml0",
            "more": False,
        },
    },
    "getSession": {"response": STORED},
    "updateSession": {
        "request": {"pain": [{"region": "mid_back", "side": "left", "before": 5, "after": 3, "next_morning": 2}]},
        "response": {**STORED, "version": 2},
    },
    "deleteSession": {"headers": {"If-Match": '"v1"'}},
    "createExercise": {"request": OWN_EXERCISE, "response": OWN_EXERCISE},
    "replaceExercise": {"request": OWN_EXERCISE, "headers": {"If-Match": '"v1"'}, "response": OWN_EXERCISE},
    "deleteExercise": {"headers": {"If-Match": '"v2"'}},
    "createPerson": {"request": {"external_id": "patient-17"}, "response": PERSON},
    "listPeople": {
        "responses": {
            "id": {"summary": "In the order of their ids", "value": {"items": [PERSON], "next": None}},
            "attention": {"summary": "With sort=attention", "value": {"items": [PERSON_TO_SEE], "next": None}},
        }
    },
    "getPerson": {"response": PERSON},
    "createRecommendation": {"request": QUESTION, "response": RECOMMENDATION},
    "getRecommendation": {"response": {**RECOMMENDATION, "id": "7d3f0f6e-52f4-5b58-9c0e-5f5b3c9f2a11"}},
    "explainRecommendation": {"request": EXPLAINED, "response": EXPLANATION},
    "getRecommendations": {
        "query": {"pain_area": ["mid_back"], "cause": ["rowing"], "max_minutes": 10},
        "response": RECOMMENDATION,
    },
    "getProgress": {
        "response": {
            "person_id": PERSON_ID,
            "from_day": "2026-08-25",
            "to_day": "2026-11-22",
            "sessions": 1,
            "minutes": 6.0,
            "exercises": 1,
            "active_days": 1,
            "current_streak_days": 1,
            "longest_streak_days": 1,
            "last_session_at": "2026-11-22T07:30:00Z",
            "regions": [
                {
                    "region": "mid_back",
                    "sessions": 1,
                    "before": {"mean": 5.0, "sessions": 1, "per_week": None},
                    "after": {"mean": 3.0, "sessions": 1, "per_week": None},
                    "next_morning": {"mean": None, "sessions": 0, "per_week": None},
                    "change": -2.0,
                    "course": {"baseline": None, "recent": None, "change": None, "least": None, "course": "too_few"},
                    "steady": None,
                    "days": [{"day": "2026-11-22", "before": 5.0, "after": 3.0, "next_morning": None}],
                }
            ],
            "days": [{"day": "2026-11-22", "sessions": 1, "minutes": 6.0}],
            "gaps": [],
            "exercises_done": [
                {
                    "exercise_id": "standing-mid-back-reach",
                    "sessions": 1,
                    "known": 1,
                    "change": -2.0,
                    "eased": 1,
                    "worsened": 0,
                    "hurt": 0,
                    "effect": "unclear",
                }
            ],
            "function": [
                {
                    "instrument": "peg",
                    "course": {"baseline": 6.0, "recent": 4.0, "change": -2.0, "least": 1.8, "course": "improved"},
                    "scores": [{"day": "2026-10-20", "mean": 6.0}, {"day": "2026-11-20", "mean": 4.0}],
                }
            ],
            "adherence": {
                "due": 12,
                "done": 9,
                "percent": 75,
                "days_due": 6,
                "weeks": [
                    {"from_day": "2026-11-09", "due": 6, "done": 5},
                    {"from_day": "2026-11-16", "due": 6, "done": 4},
                ],
            },
        }
    },
    "createFunctionScore": {"request": SCORE, "response": STORED_SCORE},
    "listFunctionScores": {"response": {"items": [STORED_SCORE], "next": None}},
    "getFunctionScore": {"response": STORED_SCORE},
    "createTriage": {"request": {"text": QUESTION["text"]}, "response": TRIAGE},
    "getLiveness": {"response": {"status": "ok"}},
    "getReadiness": {
        "response": {
            "status": "ok",
            "database": "sqlite",
            "database_version": "3.51.3",
            "writer_restarts": 0,
            "release": 1,
        }
    },
    "getProblem": {"response": "The key lacks a scope (403)\n"},
    **access_examples.EXAMPLES,
    **link_examples.EXAMPLES,
    **override_examples.EXAMPLES,
    **program_examples.EXAMPLES,
}
