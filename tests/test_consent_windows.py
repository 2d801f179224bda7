"""Sessions at any time, consents given, changed and withdrawn at any time: the clinic sees what an oracle says."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from starlette.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from data.database import Database
from tests.conftest import Tenant, make_tenant
from tests.linking import Pair, make_app
from tests.routers.posting import body
from tests.signing import Clock, sign_up
from tests.soak import scaled

EXAMPLES, STEPS = scaled(12, 500), 20
pytestmark = pytest.mark.endurance(
    "A clinic sees what lies in the time consented to, nothing before and nothing after",
    f"{EXAMPLES} histories of up to {STEPS} steps, on each database",
)
HOURS = st.integers(0, 200)
LENGTHS = st.integers(0, 23)


@dataclass
class Spoken:
    """What the person agreed to last."""

    sessions: bool
    progress: bool
    covers_from: datetime
    covers_until: datetime | None

    def covers(self, log: Any) -> bool:
        started_at, ended_at = (datetime.fromisoformat(log[name]) for name in ("started_at", "ended_at"))
        return started_at >= self.covers_from and (self.covers_until is None or ended_at <= self.covers_until)


@dataclass
class World:
    client: TestClient
    clinic: Tenant
    app: str
    clock: Clock


@pytest.fixture
def world(database_url: str, database: Database) -> Iterator[World]:
    clock = Clock()
    clock.now = clock.now.replace(microsecond=0)
    options = Settings(database_url=database_url, rate_limits=False, access_minutes=1440, _env_file=None)
    with TestClient(create_app(options, clock=clock)) as client:
        yield World(client, make_tenant(database, "clinic"), make_app(database, clock.now), clock)


class Consenting(RuleBasedStateMachine):
    """One person, who posts, edits and deletes, consents and withdraws; one clinic, which looks and follows."""

    world: World

    @initialize()
    def begin(self) -> None:
        phone = sign_up(self.world.client, organization_id=self.world.app)
        made = self.world.client.post("/people", json={"external_id": str(uuid4())}, headers=self.world.clinic.headers)
        clinic = replace(self.world.clinic, person_id=UUID(made.json()["id"]))
        self.pair = Pair(self.world.client, clinic, phone)
        self.logs: dict[str, Any] = {}
        self.link: Any = None
        self.spoken: Spoken | None = None
        self.own = 0
        self.held: dict[str, Any] = {}
        self.cursor: str | None = None

    @rule(hours=HOURS, length=LENGTHS)
    def post(self, hours: int, length: int) -> None:
        log = self.pair.post(self.ago(hours), ended_at=self.ago(hours) + timedelta(hours=length))
        self.logs[log["id"]] = log

    @rule(hours=HOURS)
    def post_many(self, hours: int) -> None:
        made = [body(uuid4(), started_at=self.ago(hours + step)) for step in range(3)]
        sent = [{name: value for name, value in log.items() if name != "person_id"} for log in made]
        for _ in range(2):
            assert self.pair.phone.post("/sessions/batch", {"sessions": sent}).status_code == 200
        for log in sent:
            self.logs[log["id"]] = self.pair.phone.get(f"/sessions/{log['id']}").json()

    @precondition(lambda self: self.logs)
    @rule(data=st.data(), hours=HOURS, length=LENGTHS)
    def move(self, data: Any, hours: int, length: int) -> None:
        chosen = data.draw(st.sampled_from(sorted(self.logs)))
        span = {"started_at": self.ago(hours).isoformat(), "ended_at": (self.ago(hours - length)).isoformat()}
        headers = {**self.pair.phone.headers, "If-Match": "*"}
        answer = self.world.client.patch(f"/sessions/{chosen}", json={**span, "title": "moved"}, headers=headers)
        assert answer.status_code == 200
        self.logs[chosen] = answer.json()

    @precondition(lambda self: self.logs)
    @rule(data=st.data())
    def delete(self, data: Any) -> None:
        chosen = data.draw(st.sampled_from(sorted(self.logs)))
        headers = {**self.pair.phone.headers, "If-Match": "*"}
        assert self.world.client.delete(f"/sessions/{chosen}", headers=headers).status_code == 204
        del self.logs[chosen]

    @rule(hours=HOURS)
    def post_at_clinic(self, hours: int) -> None:
        made = body(self.pair.clinic.person_id, started_at=self.ago(hours))
        assert self.world.client.post("/sessions", json=made, headers=self.pair.clinic.headers).status_code == 201
        self.own += 1

    @precondition(lambda self: self.spoken is None)
    @rule(sessions=st.booleans(), since=HOURS, until=st.none() | HOURS)
    def consent(self, sessions: bool, since: int, until: int | None) -> None:
        said = self.said(sessions, since, until)
        self.link, self.spoken = self.pair.link(**vars(said)), said

    @precondition(lambda self: self.spoken is not None)
    @rule(sessions=st.booleans(), since=HOURS, until=st.none() | HOURS)
    def change(self, sessions: bool, since: int, until: int | None) -> None:
        said = self.said(sessions, since, until)
        changed = self.pair.change(self.link, **vars(said))
        assert changed.status_code == 200, changed.json()
        self.link, self.spoken = changed.json(), said

    @precondition(lambda self: self.spoken is not None)
    @rule(minutes=st.integers(-15, 5), at_end=st.booleans())
    def post_at_an_edge(self, minutes: int, at_end: bool) -> None:
        edges = [edge for edge in (self.spoken.covers_from, self.spoken.covers_until) if edge is not None]
        started_at = min(edges[-1 if at_end else 0] + timedelta(minutes=minutes), self.world.clock.now)
        log = self.pair.post(started_at, ended_at=started_at + timedelta(minutes=10))
        self.logs[log["id"]] = log

    @precondition(lambda self: self.spoken is not None)
    @rule()
    def withdraw(self) -> None:
        assert self.pair.withdraw(self.link).status_code == 204
        self.spoken = None

    @rule()
    def wait(self) -> None:
        self.world.clock.forward(minutes=7)

    @invariant()
    def the_clinic_sees_what_the_oracle_says(self) -> None:
        covered = [log for log in self.logs.values() if self.spoken is not None and self.spoken.covers(log)]
        shown = [log for log in self.pair.seen() if log["link_id"] is not None]
        wanted = covered if self.spoken is not None and self.spoken.sessions else []
        assert said_of(shown) == said_of(wanted)
        assert len(self.pair.seen()) == len(wanted) + self.own
        assert self.pair.counted() == len(covered) + self.own
        self.follow()
        assert self.held == {log["id"]: log for log in self.pair.seen()}

    def follow(self) -> None:
        more = True
        while more:
            query = {} if self.cursor is None else {"cursor": self.cursor}
            person_id = str(self.pair.clinic.person_id)
            step = self.pair.at_clinic("/sessions/changes", person_id=person_id, limit=3, **query).json()
            for item in step["items"]:
                self.held.pop(item["id"], None)
                if not item["deleted"]:
                    self.held[item["id"]] = item["session"]
            self.cursor, more = step["next"], step["more"]

    def said(self, sessions: bool, since: int, until: int | None) -> Spoken:
        begin = self.ago(since)
        return Spoken(sessions, True, begin, None if until is None else begin + timedelta(hours=until + 1))

    def ago(self, hours: int) -> datetime:
        return self.world.clock.now - timedelta(hours=hours)


def said_of(logs: list[Any]) -> list[Any]:
    """Return what the sessions say, whoever holds them."""
    stamped = {"id", "person_id", "link_id", "version", "created_at", "updated_at", "clock_ahead"}
    return sorted(sorted((name, repr(value)) for name, value in log.items() if name not in stamped) for log in logs)


def test_the_clinic_sees_exactly_what_is_consented_to(world: World) -> None:
    machine = type("Consenting", (Consenting,), {"world": world})
    checked = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=checked)
