"""Streaks of people who travel, through the front door: no change of the zone breaks one, a missed day does."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from data.database import Database
from tests.conftest import Tenant
from tests.data.making import body
from tests.linking import pair
from tests.routers.test_local_days import ZONES, streak
from tests.signing import Clock

ANGELES, AUCKLAND = "America/Los_Angeles", "Pacific/Auckland"
PLACES = (*ZONES, "Asia/Dhaka")
DAYS = 12
WALKS = 3
BEGINNINGS = tuple(datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 3), (3, 24), (10, 22), (12, 26)))
TRIP = [
    datetime(2026, 11, day, hour, tzinfo=ZoneInfo(zone))
    for day, hour, zone in ((8, 20, ANGELES), (9, 20, ANGELES), (11, 9, AUCKLAND), (12, 9, AUCKLAND))
]


@pytest.fixture
def client(timed: TestClient) -> TestClient:
    return timed


def place(start: datetime) -> str:
    assert isinstance(start.tzinfo, ZoneInfo)
    return start.tzinfo.key


def travelled(client: TestClient, tenant: Tenant, starts: list[datetime], clock: Clock) -> list[dict[str, Any]]:
    """Return the sessions of a new person at these times of these places, sent in any order."""
    clock.now = max(starts).astimezone(UTC) + timedelta(hours=1)
    added = client.post("/people", json={"external_id": str(uuid4())}, headers=tenant.headers)
    sent = [body(added.json()["id"], started_at=start, timezone=place(start)) for start in starts]
    shuffled = random.Random(len(starts)).sample(sent, len(sent))
    answer = client.post("/sessions/batch", json={"sessions": shuffled}, headers=tenant.headers)
    assert {result["status"] for result in answer.json()["results"]} == {"created"}, answer.text
    return sent


def runs(client: TestClient, tenant: Tenant, person: str, zone: str) -> tuple[int, int]:
    found = streak(client, tenant, person, zone)
    return found["current_streak_days"], found["longest_streak_days"]


def test_a_flight_over_the_pacific_breaks_no_streak(client: TestClient, tenant: Tenant, clock: Clock) -> None:
    person = travelled(client, tenant, TRIP, clock)[0]["person_id"]
    assert runs(client, tenant, person, AUCKLAND) == (4, 4)
    clock.now = TRIP[1].astimezone(UTC) + timedelta(hours=27)
    assert runs(client, tenant, person, AUCKLAND) == (3, 3)


def test_today_is_not_over_where_the_last_session_was(client: TestClient, tenant: Tenant, clock: Clock) -> None:
    person = travelled(client, tenant, TRIP[:2], clock)[0]["person_id"]
    for hour, current in ((20, 2), (21, 0)):
        clock.now = datetime(2026, 11, 11, hour, tzinfo=ZoneInfo(AUCKLAND)).astimezone(UTC)
        assert runs(client, tenant, person, AUCKLAND) == (current, 2)


def test_a_session_that_moves_or_goes_moves_the_start_of_its_day(
    client: TestClient, tenant: Tenant, clock: Clock
) -> None:
    late = TRIP[2].replace(hour=22)
    sent = travelled(client, tenant, [*TRIP, late], clock)
    person, path = sent[2]["person_id"], f"/sessions/{sent[2]['id']}"
    headers = {**tenant.headers, "If-Match": "*"}
    moved = {"started_at": late.isoformat(), "ended_at": (late + timedelta(minutes=5)).isoformat()}
    assert client.patch(path, json=moved, headers=headers).status_code == 200
    assert runs(client, tenant, person, AUCKLAND) == (2, 2)
    back = {"started_at": sent[2]["started_at"]}
    assert client.patch(path, json=back, headers=headers).status_code == 200
    assert runs(client, tenant, person, AUCKLAND) == (4, 4)
    assert client.delete(path, headers=headers).status_code == 204
    assert runs(client, tenant, person, AUCKLAND) == (2, 2)


def test_a_clinic_that_sees_figures_alone_sees_the_same_streak(
    client: TestClient, database: Database, clock: Clock
) -> None:
    clock.now = TRIP[-1].astimezone(UTC) + timedelta(hours=1)
    linked = pair(client, database, clock.now)
    linked.post(TRIP[0], timezone=ANGELES)
    linked.link(sessions=False, covers_from=TRIP[0] - timedelta(days=1))
    for start in TRIP[1:]:
        linked.post(start, timezone=place(start))
    assert linked.seen() == []
    assert runs(client, linked.clinic, str(linked.clinic.person_id), AUCKLAND) == (4, 4)


def test_days_of_the_clinic_and_of_the_link_are_one(client: TestClient, database: Database, clock: Clock) -> None:
    clock.now = TRIP[-1].astimezone(UTC) + timedelta(hours=1)
    linked = pair(client, database, clock.now)
    linked.link(sessions=False, covers_from=TRIP[0] - timedelta(days=1))
    for start in (TRIP[0], TRIP[2].replace(day=9), TRIP[2].replace(hour=22), TRIP[3]):
        linked.post(start, timezone=place(start))
    for start in TRIP[1:3]:
        own = body(linked.clinic.person_id, started_at=start, timezone=place(start))
        assert client.post("/sessions", json=own, headers=linked.clinic.headers).status_code == 201
    assert runs(client, linked.clinic, str(linked.clinic.person_id), AUCKLAND) == (4, 4)


def test_a_session_every_24_hours_is_one_streak_anywhere(client: TestClient, tenant: Tenant, clock: Clock) -> None:
    chance = random.Random(24)
    for beginning in BEGINNINGS * WALKS:
        first = beginning + timedelta(minutes=chance.randrange(24 * 60))
        starts = [(first + timedelta(days=count)).astimezone(ZoneInfo(chance.choice(PLACES))) for count in range(DAYS)]
        person = travelled(client, tenant, starts, clock)[0]["person_id"]
        found = streak(client, tenant, person, place(starts[-1]))
        days = len({start.date() for start in starts})
        assert (found["current_streak_days"], found["longest_streak_days"]) == (days, days), starts
        assert found["gaps"] == []
