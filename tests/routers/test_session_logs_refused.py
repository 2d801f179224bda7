"""Sessions that are refused: by which field, in which words, and that nothing is stored."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.testclient import TestClient

from data.database import Database
from tests.conftest import Tenant
from tests.data.making import STRETCH
from tests.routers.posting import NOW, YESTERDAY, body, pointers, post, sessions_of, stored

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "unknown exercise": ({"exercises": [{"exercise_id": "standing-mid-back-reech"}]}, "/exercises/0/exercise_id"),
    "unknown region": ({"pain": [{"region": "mid_bakc"}]}, "/pain/0/region"),
    "unknown symptom": ({"new_symptoms": ["no_such_symptom"]}, "/new_symptoms/0"),
    "naive time": ({"started_at": "2026-11-20T10:00:00"}, "/started_at"),
    "time as a number": ({"started_at": 1763632800}, "/started_at"),
    "time as a numeric text": ({"started_at": "1763632800"}, "/started_at"),
    "date alone": ({"started_at": "2026-11-20"}, "/started_at"),
    "year one": ({"started_at": "0001-01-01T00:00:00+14:00"}, "/started_at"),
    "year 9999": ({"ended_at": "9999-12-31T23:59:59-12:00"}, "/ended_at"),
    "end before start": ({"ended_at": (YESTERDAY - timedelta(minutes=1)).isoformat()}, "/ended_at"),
    "longer than a day": ({"ended_at": (YESTERDAY + timedelta(hours=24, seconds=1)).isoformat()}, "/ended_at"),
    "far future": (
        {"started_at": NOW + timedelta(hours=25), "ended_at": NOW + timedelta(hours=26)},
        "/ended_at",
    ),
    "pain 11": ({"pain": [{"region": "mid_back", "after": 11}]}, "/pain/0/after"),
    "pain -1": ({"pain": [{"region": "mid_back", "after": -1}]}, "/pain/0/after"),
    "pain 5.5": ({"pain": [{"region": "mid_back", "after": 5.5}]}, "/pain/0/after"),
    "pain as text": ({"pain": [{"region": "mid_back", "after": "5"}]}, "/pain/0/after"),
    "pain as a truth value": ({"pain": [{"region": "mid_back", "after": True}]}, "/pain/0/after"),
    "one region twice": ({"pain": [{"region": "mid_back"}, {"region": "mid_back"}]}, "/pain"),
    "control characters": ({"notes": "\x00\x01\x02\x1b"}, "/notes"),
    "lone surrogate": ({"title": "\ud800"}, "/title"),
    "long title": ({"title": "x" * 121}, "/title"),
    "unknown field": ({"feeling": "good"}, "/feeling"),
    "unknown nested field": ({"exercises": [{"exercise_id": STRETCH, "reps": 3}]}, "/exercises/0/reps"),
    "unknown zone": ({"timezone": "Europe/Atlantis"}, "/timezone"),
    "zone as a path": ({"timezone": "../../etc/passwd"}, "/timezone"),
    "unknown side": ({"pain": [{"region": "mid_back", "side": "up"}]}, "/pain/0/side"),
    "no exercise": ({"exercises": []}, "/exercises"),
    "too many exercises": ({"exercises": [{"exercise_id": STRETCH}] * 61}, "/exercises"),
    "id that is none": ({"id": "42"}, "/id"),
    "no person": ({"person_id": None}, "/person_id"),
    "huge integer": ({"effort": 10**30}, "/effort"),
    "null list": ({"exercises": None}, "/exercises"),
    "list of nulls": ({"exercises": [None]}, "/exercises/0"),
}  # fmt: skip


def test_bad_input_is_refused_by_its_field_and_nothing_is_stored(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    items = []
    for name, (change, pointer) in BAD.items():
        session = body(tenant.person_id, **change)
        raw = json.dumps(session)
        answer = client.post("/sessions", content=raw, headers={**tenant.headers, "Content-Type": "application/json"})
        assert answer.status_code == 422, name
        assert pointer in pointers(answer), (name, answer.json())
        assert "passwd" not in answer.text
        items.append(session)
    answer = client.post(
        "/sessions/batch",
        content=json.dumps({"sessions": items}),
        headers={**tenant.headers, "Content-Type": "application/json"},
    )
    assert answer.status_code == 200
    for (name, (_, pointer)), result in zip(BAD.items(), answer.json()["results"], strict=True):
        assert result["status"] == "invalid", name
        assert pointer in [error["pointer"] for error in result["problem"]["errors"]], name
    assert stored(database) == 0
    assert sessions_of(client, tenant) == 0


def test_a_misspelt_name_is_answered_with_the_nearest(client: TestClient, tenant: Tenant) -> None:
    answer = post(client, tenant, body(tenant.person_id, exercises=[{"exercise_id": "standing-mid-back-reech"}]))
    assert STRETCH in answer.json()["errors"][0]["detail"]
    answer = post(client, tenant, body(tenant.person_id, efort=3))
    assert answer.json()["errors"] == [{"pointer": "/efort", "detail": "unknown; did you mean effort?"}]
    answer = client.get("/sessions", params={"persn_id": "x"}, headers=tenant.headers)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "?persn_id", "detail": "unknown; did you mean person_id?"}]


def test_a_clock_that_runs_ahead_is_marked(client: TestClient, tenant: Tenant) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=20)
    answer = post(client, tenant, body(tenant.person_id, started_at=ahead))
    assert (answer.status_code, answer.json()["clock_ahead"]) == (201, True)
    assert post(client, tenant, body(tenant.person_id)).json()["clock_ahead"] is False
