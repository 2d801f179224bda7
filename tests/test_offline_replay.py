"""Two phones of one person without network: whatever they send, in any order, how often, the end is exact."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.data.making import STRETCH
from tests.offline_phones import Deletion, Edit, Operation, Oracle, Phone, Post, Server
from tests.session_follower import Follower
from tests.soak import scaled, soaking

EXAMPLES = scaled(10, 1000)
STEPS = 16
PREPARED = 26
"""Sessions that each phone holds at the start: 10 examples of two phones on two databases make 1,040."""

ZONES = ("UTC", "Europe/Madrid", "Pacific/Auckland", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia")
PHONES = st.integers(0, 1)
ANSWERS = st.sampled_from(["heard", "heard", "lost", "twice"])
T = TypeVar("T")

pytestmark = pytest.mark.endurance(
    "Two phones without network: whatever they send, in any order, how often, the end is exact",
    f"{EXAMPLES} histories of {2 * PREPARED} sessions and more, on each database",
)


class Offline(RuleBasedStateMachine):
    """The phones of one new person; what the server must hold is worked out beside it by the oracle."""

    def __init__(self, client: TestClient, tenant: Tenant, everyone: Oracle) -> None:
        super().__init__()
        self.client, self.tenant, self.everyone = client, tenant, everyone
        added = client.post("/people", json={"external_id": str(uuid4())}, headers=tenant.headers)
        self.person_id = added.json()["id"]
        self.server = Server(client, tenant.headers, everyone)
        self.phones = [Phone(), Phone()]
        self.followers = [Follower(client, tenant.headers, limit, self.person_id) for limit in (7, 200)]
        self.chance = random.Random(0)

    @initialize(seed=st.integers(0, 2**32))
    def go_offline(self, seed: int) -> None:
        self.chance = random.Random(seed)
        for phone in self.phones:
            for _ in range(PREPARED):
                phone.add(self._session())

    @rule(phone=PHONES)
    def do_a_session(self, phone: int) -> None:
        self.phones[phone].add(self._session())

    @rule(phone=PHONES, count=st.integers(1, 6), effort=st.integers(0, 10), title=st.sampled_from(["a", "b", None]))
    def edit(self, phone: int, count: int, effort: int, title: str | None) -> None:
        for known in self._picked(sorted(self.phones[phone].versions), count):
            self.phones[phone].edit(known, {"effort": effort, "title": title})

    @rule(phone=PHONES, count=st.integers(1, 3))
    def delete(self, phone: int, count: int) -> None:
        for known in self._picked(sorted(self.phones[phone].versions), count):
            self.phones[phone].delete(known)

    @rule(phone=PHONES, answer=ANSWERS, count=st.integers(1, 8))
    def send_some(self, phone: int, answer: str, count: int) -> None:
        for operation in self._picked(self.phones[phone].queue, count):
            for _ in range(2 if answer == "twice" else 1):
                told = self.server.send(operation)
            if answer != "lost":
                self.phones[phone].hear(operation, told)

    @rule(phone=PHONES, answer=ANSWERS, count=st.integers(1, 30))
    def send_a_batch(self, phone: int, answer: str, count: int) -> None:
        posts = [each for each in self._picked(self.phones[phone].queue, count) if isinstance(each, Post)]
        if posts:
            told = self.server.send_batch(posts + posts[:2] if answer == "twice" else posts)
            for operation, status in zip(posts, told, strict=False):
                if answer != "lost":
                    self.phones[phone].hear(operation, status)

    @rule(phone=PHONES)
    def catch_up(self, phone: int) -> None:
        """A phone that hears of the other's sessions may edit and delete them too."""
        self.followers[phone].catch_up()
        self.phones[phone].learn(self.followers[phone].held)

    def teardown(self) -> None:
        """Send everything that was ever queued three times, in any order; then all must agree."""
        for _ in range(3):
            operations: list[Operation] = [each for phone in self.phones for each in phone.everything]
            self.chance.shuffle(operations)
            posts = [each for each in operations if isinstance(each, Post)]
            if posts and self.chance.random() < 0.5:
                self.server.send_batch(posts)
                operations = [each for each in operations if not isinstance(each, Post)]
            for operation in operations:
                self.server.send(operation)
        held = self.server.everything_of(self.person_id)
        assert {key: log["version"] for key, log in held.items()} == self.everyone.versions_of(self.person_id)
        for key, log in held.items():
            self.everyone.check(key, log)
        for follower in self.followers:
            follower.catch_up()
            assert follower.held == held
            assert follower.restarts == 0

    def _session(self) -> dict[str, Any]:
        # Clocks and zones of devices are wrong in every way that is accepted.
        started_at = datetime.now(UTC) + timedelta(minutes=self.chance.randint(-700 * 24 * 60, 23 * 60))
        return {
            "id": str(uuid4()),
            "person_id": self.person_id,
            "started_at": started_at.replace(microsecond=0).isoformat(),
            "ended_at": started_at.replace(microsecond=0).isoformat(),
            "timezone": self.chance.choice(ZONES),
            "effort": self.chance.choice([None, 3]),
            "title": self.chance.choice([None, "a"]),
            "exercises": [{"exercise_id": STRETCH}],
        }

    def _picked(self, items: list[T], count: int) -> list[T]:
        return self.chance.sample(items, min(count, len(items)))


def test_whatever_two_phones_send_the_end_is_exact(client: TestClient, tenant: Tenant) -> None:
    everyone = Oracle()
    whole = Follower(client, tenant.headers, limit=50)

    def machine() -> Offline:
        whole.ask()
        return Offline(client, tenant, everyone)

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=not soaking(),
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert len(everyone.sessions) >= EXAMPLES * 2 * PREPARED
    assert {Post, Edit, Deletion} == everyone.sent
    assert everyone.statuses >= {200, 201, 204, 404, 410, 412}
    whole.catch_up()
    assert {key: log["version"] for key, log in whole.held.items()} == everyone.versions_of(None)
