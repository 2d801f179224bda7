"""Whatever is stored, changed and deleted, the daily rollup equals what the sessions say, on both databases."""

import random
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import session_logs, session_writes
from data.database import Database
from data.session_writes import Outcome
from schemas.session_logs import SessionLogUpdate
from tests.conftest import Tenant
from tests.data.making import NOW, STRETCH, log
from tests.data.rollups import recomputed, rollup

ZONES = ("UTC", "Europe/Madrid", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Apia")
SCORE = st.none() | st.integers(0, 10)
PAIN = st.lists(
    st.fixed_dictionaries(
        {"region": st.sampled_from(["neck", "mid_back", "knee"]), "side": st.sampled_from(["left", "right"])},
        optional={"before": SCORE, "after": SCORE, "next_morning": SCORE},
    ),
    max_size=4,
    unique_by=lambda entry: (entry["region"], entry["side"]),
)
FIELDS = {
    "started_at": st.integers(0, 4 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes)),
    "timezone": st.sampled_from(ZONES),
    "pain": PAIN,
    "exercises": st.integers(1, 3).map(lambda count: [{"exercise_id": STRETCH}] * count),
}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "batch", "change", "remove", "replay"]),
        st.integers(0, 9),
        st.fixed_dictionaries(FIELDS),
        st.integers(0, 3000),
    ),
    min_size=1,
    max_size=12,
)


class Play:
    """Does one random thing after the other to the sessions of one organisation."""

    def __init__(self, database: Database, tenant: Tenant) -> None:
        self.doors = database.bound_to(tenant.organization_id)
        self.person_id = tenant.person_id
        self.bodies: list[Any] = []
        self.versions: dict[UUID, int] = {}

    def step(self, kind: str, which: int, fields: dict[str, Any], seconds: int) -> None:
        fields = {**fields, "ended_at": fields["started_at"] + timedelta(seconds=seconds)}
        if kind == "add":
            self._keep([log(self.person_id, **fields)], batch=False)
        elif kind == "batch":
            one = log(self.person_id, **fields)
            self._keep([one, log(self.person_id, **fields), one], batch=True)
        elif self.bodies:
            chosen = self.bodies[which % len(self.bodies)]
            getattr(self, f"_{kind}")(chosen, fields)

    def _keep(self, bodies: list[Any], *, batch: bool) -> None:
        if batch:
            written = self.doors.write_now(session_writes.add_many, bodies, NOW)
            assert [one.outcome for one in written] == [Outcome.CREATED, Outcome.CREATED, Outcome.REPLAYED]
        else:
            written = [self.doors.write_now(session_writes.add, bodies[0], self.person_id, NOW)]
        for body in bodies[:2]:
            self.bodies.append(body)
            self.versions[body.id] = 1

    def _replay(self, chosen: Any, _fields: Any) -> None:
        written = self.doors.write_now(session_writes.add, chosen, self.person_id, NOW)
        gone = self.versions[chosen.id] == 0
        assert written.outcome is (Outcome.DELETED if gone else Outcome.REPLAYED)

    def _change(self, chosen: Any, fields: dict[str, Any]) -> None:
        patch = SessionLogUpdate.model_validate(fields)
        version = self.versions[chosen.id]
        tags = frozenset({f'"v{version}"'})
        written = self.doors.write_now(session_writes.change, chosen.id, tags, patch, NOW)
        assert written.outcome is (Outcome.CHANGED if version else Outcome.NOT_FOUND)
        if written.log is not None and version:
            self.versions[chosen.id] += 1
            assert written.log == self.doors.read_now(session_logs.find, chosen.id)

    def _remove(self, chosen: Any, _fields: Any) -> None:
        version = self.versions[chosen.id]
        written = self.doors.write_now(session_writes.remove, chosen.id, frozenset({"*"}), NOW)
        assert written.outcome is (Outcome.CHANGED if version else Outcome.REPLAYED)
        self.versions[chosen.id] = 0


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_the_rollup_equals_a_recomputation(
    database: Database, tenant: Tenant, other_tenant: Tenant, steps: list[tuple[Any, ...]]
) -> None:
    mine, other = Play(database, tenant), Play(database, other_tenant)
    for number, step in enumerate(steps):
        (other if number % 3 == 2 else mine).step(*step)
    for play in (mine, other):
        assert play.doors.read_now(rollup) == play.doors.read_now(recomputed)


def test_two_processes_keep_one_rollup(database: Database, tenant: Tenant) -> None:
    """Adds in one process and edits in another meet on the same days; nothing is counted twice or forgotten."""
    second = Database(database.url.render_as_string(hide_password=False))
    second.open()
    first_doors, second_doors = (one.bound_to(tenant.organization_id) for one in (database, second))
    starts = [NOW - timedelta(days=days) for days in (1, 2)]
    edited = [log(tenant.person_id, started_at=starts[number % 2]) for number in range(8)]
    for body in edited:
        first_doors.write_now(session_writes.add, body, tenant.person_id, NOW)

    def adding() -> None:
        for number in range(60):
            body = log(tenant.person_id, started_at=starts[number % 2])
            first_doors.write_now(session_writes.add, body, tenant.person_id, NOW)

    def editing() -> None:
        chance = random.Random(7)
        for _ in range(60):
            patch = SessionLogUpdate(started_at=chance.choice(starts), ended_at=NOW - timedelta(hours=30))
            patch = SessionLogUpdate(effort=chance.randint(0, 10)) if chance.random() < 0.5 else patch
            chosen = chance.choice(edited)
            second_doors.write_now(session_writes.change, chosen.id, frozenset({"*"}), patch, NOW)

    threads = [threading.Thread(target=work) for work in (adding, editing)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    second.close()
    assert first_doors.read_now(rollup) == first_doors.read_now(recomputed)


def test_two_processes_store_the_same_session_once(database: Database, tenant: Tenant) -> None:
    second = Database(database.url.render_as_string(hide_password=False))
    second.open()
    bodies = [log(tenant.person_id) for _ in range(40)]
    outcomes: list[Outcome] = []

    def posting(doors: Any, *, batch: bool) -> None:
        for body in bodies:
            if batch:
                written = doors.write_now(session_writes.add_many, [body], NOW)[0]
            else:
                written = doors.write_now(session_writes.add, body, tenant.person_id, NOW)
            outcomes.append(written.outcome)

    databases = (database, second, database, second)
    threads = [
        threading.Thread(target=posting, args=(one.bound_to(tenant.organization_id),), kwargs={"batch": number > 1})
        for number, one in enumerate(databases)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    second.close()
    assert Counter(outcomes) == {Outcome.CREATED: 40, Outcome.REPLAYED: 120}
    doors = database.bound_to(tenant.organization_id)
    assert doors.read_now(rollup) == doors.read_now(recomputed)


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-03-29T00:59:59Z", "Europe/Madrid", "2026-03-29"),
        ("2026-03-28T23:30:00Z", "Europe/Madrid", "2026-03-29"),
        ("2026-10-24T22:30:00Z", "Europe/Madrid", "2026-10-25"),
        ("2026-10-25T22:59:59Z", "Europe/Madrid", "2026-10-25"),
        ("2026-10-25T23:00:00Z", "Europe/Madrid", "2026-10-26"),
        ("2026-11-22T10:30:00Z", "Pacific/Kiritimati", "2026-11-23"),
        ("2026-11-22T10:30:00Z", "Pacific/Niue", "2026-11-21"),
        ("2011-12-30T09:59:59Z", "Pacific/Apia", "2011-12-29"),
        ("2011-12-30T10:00:00Z", "Pacific/Apia", "2011-12-31"),
    ],
)
def test_the_local_day_follows_the_clock_on_the_persons_wall(instant: str, zone: str, day: str) -> None:
    assert session_logs.local_day(datetime.fromisoformat(instant), zone) == day


def test_edits_at_the_same_version_let_one_through(database: Database, tenant: Tenant) -> None:
    doors = database.bound_to(tenant.organization_id)
    body = log(tenant.person_id, id=str(uuid4()))
    doors.write_now(session_writes.add, body, tenant.person_id, NOW)
    futures = [
        database.submit(
            tenant.organization_id, session_writes.change, body.id, frozenset({'"v1"'}),
            SessionLogUpdate(title=f"edit {number}"), datetime.now(UTC),
        )
        for number in range(50)
    ]  # fmt: skip
    outcomes = Counter(future.result(20).outcome for future in futures)
    assert outcomes == {Outcome.CHANGED: 1, Outcome.STALE: 49}
