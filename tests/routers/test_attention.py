"""Who needs a look first: the gravest reason first, walked by pages, never behind what was posted."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

import data.attention
from api import attention_keeping
from api.cursors import encode
from api.main import create_app
from api.settings import Settings
from data.database import Database
from schemas.access import Scope
from tests.conftest import Tenant, make_tenant
from tests.data.making import STRETCH, body
from tests.linking import pair
from tests.routers.posting import pointers
from tests.routers.programming import added, changed, item, program
from tests.signing import Clock

BAD = {"pain": [{"region": "mid_back", "before": 3, "during_max": 8}]}
FINE = {"pain": [{"region": "mid_back", "before": 3, "during_max": 2, "next_morning": 2}]}


@pytest.fixture
def now(clock: Clock) -> datetime:
    return clock()


def person(client: TestClient, tenant: Tenant, name: str) -> str:
    added = client.post("/people", json={"external_id": name}, headers=tenant.headers)
    assert added.status_code == 201
    return str(added.json()["id"])


def post(client: TestClient, tenant: Tenant, whose: str, at: datetime, **changes: Any) -> dict[str, Any]:
    session = body(whose, started_at=at, timezone="UTC", notes=None, exercises=[{"exercise_id": STRETCH}], **changes)
    answer = client.post("/sessions", json=session, headers=tenant.headers)
    assert answer.status_code == 201, answer.json()
    return dict(answer.json())


def rising(client: TestClient, tenant: Tenant, whose: str, now: datetime) -> None:
    for day, before in enumerate((5, 5, 5, 2, 2, 2)):
        pain = [{"region": "neck", "before": before, "during_max": before, "next_morning": before}]
        post(client, tenant, whose, now - timedelta(days=day + 1), pain=pain)


def attention(client: TestClient, tenant: Tenant, **query: Any) -> list[dict[str, Any]]:
    """Return the whole list, walked to its end."""
    found: list[dict[str, Any]] = []
    asked: dict[str, Any] | None = {"sort": "attention", **query}
    while asked is not None:
        page = client.get("/people", params=asked, headers=tenant.headers)
        assert page.status_code == 200, page.json()
        found += page.json()["items"]
        following = page.json()["next"]
        asked = {**asked, "cursor": following} if following else None
    return found


def reasons(found: list[dict[str, Any]]) -> dict[str, list[str]]:
    return {each["external_id"]: each["attention"]["reasons"] for each in found}


def test_the_gravest_reason_comes_first(entry: TestClient, database: Database, clock: Clock) -> None:
    tenant, start = make_tenant(database, "clinic"), datetime.now(UTC)
    clock.now = start + timedelta(days=30)
    people = {name: person(entry, tenant, name) for name in ("fine", "held", "red", "rising", "both")}
    for name in ("fine", "both"):
        post(entry, tenant, people[name], clock() - timedelta(days=1), **FINE)
    for name in ("red", "both"):
        for day in (1, 2, 3):
            post(entry, tenant, people[name], clock() - timedelta(days=day), **BAD)
    for name in ("rising", "both"):
        rising(entry, tenant, people[name], clock())
    asked = {"text": "numb between my legs and cannot pee", "person_id": people["held"]}
    assert entry.post("/recommendations", json=asked, headers=tenant.headers).json()["exercises"] == []
    found = attention(entry, tenant)
    assert reasons(found) == {
        "held": ["on_hold"],
        "both": ["red_sessions", "pain_rising"],
        "red": ["red_sessions"],
        "rising": ["pain_rising"],
        "p-1": ["nothing_for_long"],
        "fine": [],
    }
    assert [each["external_id"] for each in found] == ["held", "both", "red", "rising", "p-1", "fine"]
    seen = {each["external_id"]: each["attention"] for each in found}
    assert (seen["held"]["hold"], seen["fine"]["hold"]) == ("emergency", None)
    assert seen["rising"]["rise"] == {"region": "neck", "baseline": 2, "recent": 5}
    assert seen["red"]["red_at"] is not None
    assert seen["fine"]["last_day"] == (clock() - timedelta(days=1)).date().isoformat()
    for limit in (1, 2, 5):
        assert attention(entry, tenant, limit=limit) == found


def test_it_follows_what_is_changed_and_deleted(entry: TestClient, database: Database, clock: Clock) -> None:
    tenant = make_tenant(database, "clinic")
    who = str(tenant.person_id)
    made = [post(entry, tenant, who, clock() - timedelta(days=day), **BAD) for day in (1, 2, 3)]
    assert reasons(attention(entry, tenant))["p-1"] == ["red_sessions"]
    path, headers = f"/sessions/{made[0]['id']}", {**tenant.headers, "If-Match": "*"}
    assert entry.patch(path, json=FINE, headers=headers).status_code == 200
    assert reasons(attention(entry, tenant))["p-1"] == []
    assert entry.patch(path, json=BAD, headers=headers).status_code == 200
    assert reasons(attention(entry, tenant))["p-1"] == ["red_sessions"]
    assert entry.delete(path, headers=headers).status_code == 204
    (last,) = attention(entry, tenant)
    assert (last["attention"]["reasons"], last["attention"]["red_at"]) == ([], None)


def test_it_ages_by_itself(entry: TestClient, database: Database, clock: Clock) -> None:
    tenant = make_tenant(database, "clinic")
    for day in (1, 2, 3):
        post(entry, tenant, str(tenant.person_id), clock() - timedelta(days=day), **BAD)
    assert reasons(attention(entry, tenant))["p-1"] == ["red_sessions"]
    clock.now = clock() + timedelta(days=12)
    assert reasons(attention(entry, tenant))["p-1"] == ["red_sessions"]
    clock.now = clock() + timedelta(days=3)
    assert reasons(attention(entry, tenant))["p-1"] == ["nothing_for_long"]


def test_too_little_of_a_program_counts_as_time_passes(entry: TestClient, database: Database, clock: Clock) -> None:
    # An hour earlier is the same day.
    tenant, begin = make_tenant(database, "clinic"), clock().replace(hour=12)
    clock.now = begin
    asked = program(tenant, item(), starts_on=clock().date().isoformat(), timezone="UTC")
    made = added(entry, tenant, asked)
    assert reasons(attention(entry, tenant))["p-1"] == []
    for day in range(4):
        clock.now = begin + timedelta(days=day)
        post(entry, tenant, str(tenant.person_id), clock() - timedelta(hours=1), **FINE)
    clock.now = begin + timedelta(days=8)
    assert reasons(attention(entry, tenant))["p-1"] == []
    clock.now = begin + timedelta(days=9)
    (seen,) = attention(entry, tenant)
    assert seen["attention"]["reasons"] == ["low_adherence"]
    assert seen["attention"]["low_adherence_since"] == clock().date().isoformat()
    clock.now = begin + timedelta(days=30)
    assert reasons(attention(entry, tenant))["p-1"] == ["low_adherence", "nothing_for_long"]
    changed(entry, tenant, made, state="ended")
    clock.now = begin + timedelta(days=45)
    assert reasons(attention(entry, tenant))["p-1"] == ["nothing_for_long"]


def test_a_history_that_was_brought_in_tells_who_stopped(client: TestClient, tenant: Tenant) -> None:
    who = str(tenant.person_id)
    assert reasons(attention(client, tenant))["p-1"] == [], "new, and nothing done yet"
    post(client, tenant, who, datetime.now(UTC) - timedelta(days=20), **FINE)
    assert reasons(attention(client, tenant))["p-1"] == ["nothing_for_long"]
    post(client, tenant, who, datetime.now(UTC) - timedelta(days=2), **FINE)
    assert reasons(attention(client, tenant))["p-1"] == []


def test_nobody_does_too_little_who_is_to_do_nothing(entry: TestClient, database: Database, clock: Clock) -> None:
    tenant, begin = make_tenant(database, "clinic"), clock()
    people = {name: person(entry, tenant, name) for name in ("held", "stopped", "forbidden")}
    for name, conditions in (("held", []), ("stopped", []), ("forbidden", ["osteoporosis"])):
        exercise = item("childs-pose") if conditions else item()
        asked = program(tenant, exercise, starts_on=begin.date().isoformat(), timezone="UTC", conditions=conditions)
        added(entry, tenant, {**asked, "person_id": people[name]})
        for day in range(3):
            clock.now = begin + timedelta(days=day)
            post(entry, tenant, people[name], clock() - timedelta(hours=1), **(BAD if name == "stopped" else FINE))
    asked = {"text": "numb between my legs and cannot pee", "person_id": people["held"]}
    assert entry.post("/recommendations", json=asked, headers=tenant.headers).status_code == 200
    clock.now = begin + timedelta(days=11)
    of_now = {"held": ["on_hold"], "stopped": ["red_sessions"], "forbidden": []}
    assert {**reasons(attention(entry, tenant)), **of_now} == reasons(attention(entry, tenant))
    cleared = {"pain_areas": [{"region": "mid_back"}], "person_id": people["held"], "screening": {"cleared": True}}
    assert entry.post("/recommendations", json=cleared, headers=tenant.headers).status_code == 200
    assert reasons(attention(entry, tenant))["held"] == [], "nor later, for the days of the hold"
    clock.now = begin + timedelta(days=30)
    of_now = {"held": ["low_adherence", "nothing_for_long"], "forbidden": ["nothing_for_long"]}
    assert {**reasons(attention(entry, tenant)), **of_now} == reasons(attention(entry, tenant))


def test_an_exercise_that_hurt_is_told(entry: TestClient, database: Database, clock: Clock) -> None:
    tenant = make_tenant(database, "clinic")
    hurting = [{"exercise_id": STRETCH, "hurt": True}]
    session = body(
        str(tenant.person_id), started_at=clock() - timedelta(days=1), exercises=hurting, notes=None, pain=[]
    )
    assert entry.post("/sessions", json=session, headers=tenant.headers).status_code == 201
    (seen,) = attention(entry, tenant)
    assert (seen["attention"]["reasons"], seen["attention"]["hurt_at"] is not None) == (["exercise_hurt"], True)
    clock.now = clock() + timedelta(days=14)
    assert "exercise_hurt" not in reasons(attention(entry, tenant))["p-1"]


def test_the_server_looks_by_itself_when_nobody_writes(
    database_url: str, tenant: Tenant, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention_keeping, "LOOK_SECONDS", 0.05)
    doors = database.bound_to(tenant.organization_id)
    doors.write_now(data.attention.mark, [tenant.person_id])
    assert doors.read_now(data.attention.is_behind)
    with TestClient(create_app(Settings(database_url=database_url, _env_file=None))):
        waited = time.monotonic() + 10
        while doors.read_now(data.attention.is_behind):
            assert time.monotonic() < waited
            time.sleep(0.02)


def test_what_links_bring_counts_too(client: TestClient, database: Database) -> None:
    linked, now = pair(client, database, datetime.now(UTC)), datetime.now(UTC)
    for consent in ({"sessions": False, "progress": True}, {"sessions": True}):
        link = linked.link(covers_from=now - timedelta(days=30), **consent)
        for day, before in enumerate((6, 6, 6, 2, 2, 2)):
            linked.post(now - timedelta(days=day + 1), pain=[{"region": "neck", "before": before}])
        assert reasons(attention(client, linked.clinic))["p-1"] == ["pain_rising"], consent
        assert linked.withdraw(link).status_code == 204
        assert reasons(attention(client, linked.clinic))["p-1"] == []


def test_it_needs_the_figures_scope_and_a_clean_question(
    client: TestClient, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    less = make_tenant(database, "clinic of less", [Scope.PEOPLE_READ, Scope.PEOPLE_WRITE])
    assert client.get("/people?sort=attention", headers=less.headers).status_code == 403
    assert client.get("/people?sort=id", headers=less.headers).status_code == 200
    for query, pointer in (
        ("sort=name", "?sort"), ("sort=attention&external_id=p-1", "?external_id"),
        ("sort=attention&cursor=x", "?cursor"),
    ):  # fmt: skip
        refused = client.get(f"/people?{query}", headers=tenant.headers)
        assert (refused.status_code, pointers(refused)) == (422, [pointer])
    now = datetime.now(UTC)
    for begun in ("0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00", "2026-01-01T00:00:00", "x", None):
        made_up = encode("attention", "AttentionPage", [begun, 0, str(uuid4())], now)
        refused = client.get(f"/people?sort=attention&cursor={made_up}", headers=tenant.headers)
        assert (refused.status_code, pointers(refused)) == (422, ["?cursor"]), begun
    for _ in range(2):
        person(client, tenant, str(uuid4()))
    by_id = client.get("/people?limit=1", headers=tenant.headers).json()["next"]
    refused = client.get(f"/people?sort=attention&cursor={by_id}", headers=tenant.headers)
    assert (refused.status_code, pointers(refused)) == (422, ["?cursor"])
    assert {each["id"] for each in attention(client, other_tenant)} == {str(other_tenant.person_id)}


def test_a_hold_counts_until_it_is_lifted(client: TestClient, tenant: Tenant) -> None:
    asked = {"text": "numb between my legs and cannot pee", "person_id": str(tenant.person_id)}
    client.post("/recommendations", json=asked, headers=tenant.headers)
    assert reasons(attention(client, tenant))["p-1"] == ["on_hold"]
    cleared = {"pain_areas": [{"region": "mid_back"}], "person_id": asked["person_id"], "screening": {"cleared": True}}
    assert client.post("/recommendations", json=cleared, headers=tenant.headers).status_code == 200
    (last,) = attention(client, tenant)
    assert (last["attention"]["reasons"], last["attention"]["hold"]) == ([], None)
