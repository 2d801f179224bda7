"""Days and streaks on the wall clocks of forty zones, over changes of the clock, leap days and the end of a year."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.data.making import body
from tests.signing import Clock

ZONES = (
    "Africa/Cairo", "Africa/Casablanca", "Africa/Johannesburg", "Africa/Lagos", "America/Adak", "America/Bogota",
    "America/Chicago", "America/Halifax", "America/Havana", "America/Lima", "America/Los_Angeles",
    "America/Mexico_City", "America/New_York", "America/Nuuk", "America/Phoenix", "America/Santiago",
    "America/Sao_Paulo", "America/St_Johns",
    "Antarctica/Troll", "Asia/Beirut", "Asia/Dubai", "Asia/Gaza", "Asia/Jerusalem", "Asia/Kathmandu", "Asia/Kolkata",
    "Asia/Shanghai", "Asia/Tehran", "Asia/Tokyo", "Atlantic/Azores", "Australia/Adelaide", "Australia/Lord_Howe",
    "Australia/Sydney", "Europe/Chisinau", "Europe/London", "Europe/Madrid", "Pacific/Apia", "Pacific/Auckland",
    "Pacific/Chatham", "Pacific/Kiritimati", "UTC",
)  # fmt: skip
DAYS = 7
ON_ALL_CALENDARS = (date(2028, 2, 26), date(2026, 12, 28))
HOURS = (time(0, 0, 30), time(1, 30), time(2, 30), time(12), time(23, 40))

pytestmark = pytest.mark.endurance(
    "Days and streaks are those of the person's own wall clock", f"{len(ZONES)} zones, both changes of the clock"
)


@pytest.fixture
def clock() -> Clock:
    moved = Clock()
    moved.now = datetime(2028, 4, 1, tzinfo=UTC)
    return moved


@pytest.fixture
def client(timed: TestClient) -> TestClient:
    return timed


def changes_of_the_clock(zone: ZoneInfo) -> list[date]:
    """Return the days of 2026 on which the zone leaves another offset than it was entered with."""
    days = [date(2026, 1, 1) + timedelta(days=count) for count in range(365)]
    midnights = [datetime.combine(day, time(), zone).utcoffset() for day in [*days, date(2027, 1, 1)]]
    return [day for day, before, after in zip(days, midnights, midnights[1:], strict=False) if before != after]


def instant(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """Return an instant of that day on that wall clock; an hour that was skipped is an hour later."""
    meant = datetime.combine(day, hour, zone).astimezone(UTC)
    return meant if meant.astimezone(zone).date() == day else datetime.combine(day, time(12), zone).astimezone(UTC)


def test_days_and_streaks_are_those_of_the_wall_clock(client: TestClient, tenant: Tenant, clock: Clock) -> None:
    chance = random.Random(20)
    seen = 0
    for name in ZONES:
        zone = ZoneInfo(name)
        middles = [day - timedelta(days=DAYS // 2) for day in changes_of_the_clock(zone)]
        for first in [*middles, *ON_ALL_CALENDARS]:
            seen += 1
            days = [first + timedelta(days=count) for count in range(DAYS)]
            starts = [instant(day, chance.choice(HOURS), zone) for day in days]
            person = new_person(client, tenant, starts, name, clock)
            assert [(one["day"], one["sessions"]) for one in streak(client, tenant, person, name)["days"]] == [
                (day.isoformat(), 1) for day in days
            ]
            ends = [datetime.combine(days[-1] + timedelta(days=later), time(), zone) for later in (1, 2)]
            for now, current in ((ends[0] - timedelta(seconds=1), DAYS), (ends[0], DAYS), (ends[1], 0)):
                clock.now = now.astimezone(UTC)
                found = streak(client, tenant, person, name)
                assert found["to_day"] == clock.now.astimezone(zone).date().isoformat(), (name, now)
                assert (found["current_streak_days"], found["longest_streak_days"]) == (current, DAYS), (name, now)
    assert seen > 2 * len(ZONES)


def new_person(client: TestClient, tenant: Tenant, starts: list[datetime], zone: str, clock: Clock) -> str:
    """Return a person with a session at each instant, sent in any order."""
    clock.now = max(starts) + timedelta(hours=1)
    added = client.post("/people", json={"external_id": str(uuid4())}, headers=tenant.headers)
    assert added.status_code == 201, added.text
    person = added.json()["id"]
    sent = [body(person, started_at=start, timezone=zone, notes=None) for start in starts]
    random.Random(person).shuffle(sent)
    answer = client.post("/sessions/batch", json={"sessions": sent}, headers=tenant.headers)
    assert {result["status"] for result in answer.json()["results"]} == {"created"}, answer.text
    return str(person)


def streak(client: TestClient, tenant: Tenant, person: str, zone: str) -> Any:
    answer = client.get("/progress", params={"person_id": person, "timezone": zone}, headers=tenant.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()
