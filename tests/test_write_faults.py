"""Posting a session while the database fails at every call in turn, and from fifty threads at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from data.database import Database
from tests.conftest import Tenant
from tests.data.rollups import recomputed, rollup
from tests.faulty_driver import faults
from tests.routers.posting import body, post, stored
from tests.session_follower import Follower
from tests.soak import scaled

THREADS = 50
KEYS = scaled(4, 200)
VERSIONS = scaled(4, 40)
MOST_CALLS = 60
ROWS_EACH = 3
"""A session with one exercise and one region in pain."""


def at_once(work: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(work, range(THREADS)))


@pytest.mark.endurance(
    "A fault at any call to the database leaves all of a session or nothing", "every call, before and after"
)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_fault_at_any_call_leaves_all_or_nothing(
    database_url: str, tenant: Tenant, database: Database, after: bool
) -> None:
    settings = Settings(database_url=database_url, _env_file=None)
    with faults() as plan, TestClient(create_app(settings)) as client:
        follower = Follower(client, tenant.headers)
        for call in range(1, MOST_CALLS):
            # A sign places a hold in the same transaction: those calls fail in their turn too.
            session = body(tenant.person_id, notes="calf swollen and warm")
            before = stored(database)
            plan.arm(call, after=after)
            first = post(client, tenant, session)
            failed = plan.failed
            plan.arm(0, after=after)
            if not failed:
                assert (first.status_code, call > 8) == (201, True)
                break
            assert first.status_code in {201, 503}
            kept = stored(database) - before
            assert kept in {0, ROWS_EACH}
            follower.catch_up()
            assert len(follower.held) == call - 1 + (kept > 0)
            again = post(client, tenant, session)
            assert again.status_code == (200 if kept else 201)
            assert stored(database) - before == ROWS_EACH
        else:
            pytest.fail("the post never came through")
        doors = database.bound_to(tenant.organization_id)
        assert doors.read_now(rollup) == doors.read_now(recomputed)
        follower.catch_up()
        assert len(follower.held) == call


@pytest.mark.endurance("One id from fifty threads is one session", f"{KEYS} ids, on each database")
def test_one_id_from_fifty_threads_is_one_session(client: TestClient, tenant: Tenant, database: Database) -> None:
    for _ in range(KEYS):
        session = body(tenant.person_id)
        before = stored(database)
        answers = at_once(lambda _, session=session: post(client, tenant, session))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 200: THREADS - 1}
        assert len({answer.content for answer in answers}) == 1
        assert stored(database) - before == ROWS_EACH


@pytest.mark.endurance("One id with two contents is the one that came first, in each organisation", "on each database")
def test_one_id_with_two_contents_is_the_one_that_came_first(
    client: TestClient, tenant: Tenant, other_tenant: Tenant
) -> None:
    for _ in range(KEYS):
        key = str(uuid4())
        bodies = [body(tenant.person_id, id=key, effort=effort) for effort in (2, 9)]
        answers = at_once(lambda number, bodies=bodies: post(client, tenant, bodies[number % 2]))
        kept = client.get(f"/sessions/{key}", headers=tenant.headers).json()["effort"]
        statuses = [
            Counter(answer.status_code for number, answer in enumerate(answers) if (2, 9)[number % 2] == effort)
            for effort in (kept, 11 - kept)
        ]
        assert statuses == [{201: 1, 200: THREADS // 2 - 1}, {409: THREADS // 2}]
        # The same id of another organisation is another session.
        assert post(client, other_tenant, body(other_tenant.person_id, id=key)).status_code == 201


@pytest.mark.endurance(
    "Of fifty threads that edit one session one wins each version", f"{VERSIONS} versions, on each database"
)
def test_fifty_threads_edit_one_session_and_one_wins_each_version(client: TestClient, tenant: Tenant) -> None:
    session = body(tenant.person_id)
    path = post(client, tenant, session).headers["location"]
    for version in range(1, VERSIONS + 1):
        headers = {**tenant.headers, "If-Match": f'"v{version}"'}
        answers = at_once(
            lambda number, headers=headers: client.patch(path, json={"title": f"edit {number}"}, headers=headers)
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 412: THREADS - 1}
        (winner,) = [answer.json() for answer in answers if answer.status_code == 200]
        assert winner["version"] == version + 1
        assert all(answer.json()["current"] == winner for answer in answers if answer.status_code == 412)
        assert client.get(path, headers=tenant.headers).json() == winner
