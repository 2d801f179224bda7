"""A year of people who respond in different ways, played through the API: no dose that rose drives anybody to pain."""

import random
from collections import Counter, defaultdict
from datetime import timedelta
from statistics import mean

import pytest
from starlette.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from tests.conftest import Tenant
from tests.signing import Clock
from tests.simulated_people import BEGIN, KINDS, Simulated
from tests.soak import scaled

PEOPLE = scaled(10, 200)
DAYS = scaled(60, 365)
SHOWN = 6


@pytest.mark.endurance(
    "No dose rises unless three sessions in a row were good, and none stays up where the pain has risen since",
    f"{PEOPLE} simulated people of {len(KINDS)} kinds, {DAYS} days, on each database",
)
def test_nobody_is_driven_into_worsening_pain_by_a_dose_that_rose(
    database_url: str, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock()
    clock.now = BEGIN
    settings = Settings(database_url=database_url, rate_limits=False, _env_file=None)
    with TestClient(create_app(settings, clock=clock)) as client:
        people = [_person(client, tenant, clock, number) for number in range(PEOPLE)]
        for day in range(DAYS):
            for person in people:
                person.live_a_day(day)
            clock.now = BEGIN + timedelta(days=day + 1)
    by_kind: dict[str, list[Simulated]] = defaultdict(list)
    for person in people:
        by_kind[person.kind].append(person)
    with capsys.disabled():
        print("", *(_line(kind, by_kind[kind]) for kind in KINDS), sep="\n")
    assert [said for person in people for said in person.broken] == []
    assert any(person.rises for person in by_kind["helped"]), "who is helped goes further"
    assert all(person.left_out or person.stops for person in by_kind["worsened"]), "who is harmed is not left alone"
    assert not any(person.rises for person in by_kind["worsened"])
    assert any(person.rules["red_next_morning"] + person.rules["red_during"] for person in by_kind["flare"])
    assert any(person.rules["missed_two_weeks"] + person.rules["missed_a_week"] for person in by_kind["gap"])


def _person(client: TestClient, tenant: Tenant, clock: Clock, number: int) -> Simulated:
    added = client.post("/people", json={"external_id": f"simulated-{number}"}, headers=tenant.headers)
    assert added.status_code == 201, added.json()
    kind = KINDS[number % len(KINDS)]
    return Simulated(kind, random.Random(number), client, tenant.headers, added.json()["id"], clock)


def _line(kind: str, people: list[Simulated]) -> str:
    """Return what the rules did to the people of one kind."""
    rules = Counter(rule for person in people for rule in person.rules.elements())
    first = mean(mean(person.pains[:7]) for person in people if person.pains)
    last = mean(mean(person.pains[-7:]) for person in people if person.pains)
    return (
        f"{kind}: {len(people)} people, {sum(len(person.pains) for person in people)} sessions, "
        f"pain {first:.1f} to {last:.1f}, doses rose {sum(person.rises for person in people)} times, "
        f"left out {sum(len(person.left_out) for person in people)}, "
        f"to a clinician {sum(person.stops for person in people)} times; "
        + ", ".join(f"{rule} {count}" for rule, count in rules.most_common(SHOWN))
    )
