"""How much of a program was done: whoever obeys it has missed nothing, and where nobody can tell, nothing is said."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from data.database import Database
from tests.conftest import Tenant
from tests.data.making import STRETCH, body
from tests.linking import Pair, pair
from tests.routers.posting import NOW
from tests.routers.programming import GREEN, RED, TODAY, added, done, item, program, today
from tests.routers.test_attention import attention, reasons

SIGN = "numb between my legs and cannot pee"


def progress(client: TestClient, tenant: Tenant, days: int = 90) -> Any:
    query: dict[str, Any] = {"person_id": str(tenant.person_id), "timezone": "UTC", "days": days}
    answer = client.get("/progress", params=query, headers=tenant.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def counted(client: TestClient, tenant: Tenant, days: int = 90) -> tuple[int, int] | None:
    """Return how much was due and done, None where nothing is said of it."""
    found = progress(client, tenant, days)["adherence"]
    return None if found is None else (found["due"], found["done"])


def begun(client: TestClient, tenant: Tenant, days_ago: int, *items: dict[str, Any], **more: Any) -> Any:
    starts_on = str(TODAY - timedelta(days=days_ago))
    return added(client, tenant, program(tenant, *items, starts_on=starts_on, **more))


def screened(client: TestClient, tenant: Tenant, **asked: Any) -> None:
    asked = {"person_id": str(tenant.person_id), **asked}
    assert client.post("/recommendations", json=asked, headers=tenant.headers).status_code == 200


def test_nothing_is_due_while_a_person_is_on_hold(client: TestClient, tenant: Tenant) -> None:
    begun(client, tenant, 12)
    done(client, tenant, 12)
    assert counted(client, tenant) == (13, 1)
    done(client, tenant, 11, exercises=["bird-dog"], notes=SIGN)
    assert counted(client, tenant) == (1, 1)
    screened(client, tenant, pain_areas=[{"region": "mid_back"}], screening={"cleared": True})
    assert counted(client, tenant) == (1, 1), "what was held is not due later either"


def test_what_is_left_out_for_what_it_did_is_not_due(client: TestClient, tenant: Tenant) -> None:
    made = begun(client, tenant, 20, item(), item("cat-cow"))
    for days_ago in (20, 19):
        done(client, tenant, days_ago, RED)
    assert [each["exercise"]["id"] for each in today(client, tenant, made)["exercises"]] == ["cat-cow"]
    assert counted(client, tenant) == (4 + 19, 2)
    assert counted(client, tenant, days=5) == (5, 0), "by what happened before these days"


def test_nothing_is_due_while_bad_sessions_stop_everything(client: TestClient, tenant: Tenant) -> None:
    made = begun(client, tenant, 20)
    for days_ago in (20, 19, 18):
        done(client, tenant, days_ago, RED, exercises=["cat-cow"])
    done(client, tenant, 1)
    assert today(client, tenant, made)["state"] == "due", "two weeks without a bad one are over"
    assert counted(client, tenant) == (3 + 4, 1)
    done(client, tenant, 13, RED, exercises=["cat-cow"])
    assert today(client, tenant, made)["state"] == "stopped"
    assert counted(client, tenant) == (3, 0)


@pytest.mark.parametrize(("condition", "due"), [("osteoporosis", 4), (None, 8)])
def test_what_a_program_forbids_itself_is_not_due(
    client: TestClient, tenant: Tenant, condition: str | None, due: int
) -> None:
    conditions = [] if condition is None else [condition]
    begun(client, tenant, 3, item("childs-pose"), item(), conditions=conditions)
    done(client, tenant, 3)
    assert counted(client, tenant) == (due, 1)


def test_what_waits_for_a_clinician_is_not_due(client: TestClient, tenant: Tenant) -> None:
    begun(client, tenant, 3, item(), item("diaphragmatic-breathing"), conditions=["cardiac"])
    done(client, tenant, 3, exercises=["diaphragmatic-breathing"])
    assert counted(client, tenant) == (4, 1)


def test_figures_without_sessions_say_nothing_of_a_program(client: TestClient, database: Database) -> None:
    linked, now = pair(client, database, datetime.now(UTC)), datetime.now(UTC)
    begun(client, linked.clinic, 13)
    assert counted(client, linked.clinic) is None, "before the first session nobody can tell"
    link = linked.link(covers_from=now - timedelta(days=30), sessions=False, progress=True)
    for days_ago in range(1, 8):
        linked.post(now - timedelta(days=days_ago), timezone="UTC", exercises=[{"exercise_id": STRETCH}])
    assert said(client, linked) == (7, None, [])
    own(client, linked, now - timedelta(days=10))
    assert said(client, linked) == (8, None, []), "nor do the clinic's own sessions beside them"
    assert linked.withdraw(link).status_code == 204
    assert said(client, linked) == (1, (14, 1), ["low_adherence"])
    linked.link(covers_from=now - timedelta(days=30), sessions=True)
    assert said(client, linked) == (8, (14, 8), [])


def said(client: TestClient, linked: Pair) -> tuple[int, tuple[int, int] | None, list[str]]:
    """Return what the clinic is told: the sessions, the adherence, and the reasons why somebody should look."""
    why = reasons(attention(client, linked.clinic))["p-1"]
    return progress(client, linked.clinic)["sessions"], counted(client, linked.clinic), why


def own(client: TestClient, linked: Pair, at: datetime) -> None:
    made = body(linked.clinic.person_id, started_at=at, timezone="UTC", pain=[], exercises=[{"exercise_id": STRETCH}])
    assert client.post("/sessions", json=made, headers=linked.clinic.headers).status_code == 201


def test_what_was_not_done_is_not_done_today_either(client: TestClient, tenant: Tenant) -> None:
    made, other = begun(client, tenant, 0), begun(client, tenant, 0)
    for told in ({"completion_percent": 0}, {"repetitions": 0}, {"repetitions": 1}):
        session = body(tenant.person_id, started_at=NOW, timezone="UTC", exercises=[{"exercise_id": STRETCH, **told}])
        assert client.post("/sessions", json=session, headers=tenant.headers).status_code == 201
    assert times_done(client, tenant, made) == 1
    assert counted(client, tenant) == (2, 2)
    done(client, tenant, 0, GREEN, program_id=str(uuid4()))
    done(client, tenant, 0, GREEN, program_id=other["id"])
    assert (times_done(client, tenant, made), times_done(client, tenant, other)) == (2, 3), "nobody's program is none"


def times_done(client: TestClient, tenant: Tenant, made: Any) -> int:
    (due,) = today(client, tenant, made)["exercises"]
    return int(due["times_done"])


def test_another_persons_program_is_none(client: TestClient, tenant: Tenant) -> None:
    made = client.post("/people", json={"external_id": "p-2"}, headers=tenant.headers).json()
    theirs = begun(client, tenant, 3, person_id=made["id"])
    begun(client, tenant, 3)
    done(client, tenant, 2, program_id=theirs["id"])
    assert counted(client, tenant) == (4, 1)
