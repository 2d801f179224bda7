"""A server that is killed without warning keeps every session that it acknowledged, exactly once."""

import random
from pathlib import Path

import pytest

from tests.conftest import Tenant
from tests.phones import Crowd, assert_kept
from tests.serving import Server, free_port
from tests.soak import soaking

WRITERS = 8
KILLS = 30 if soaking() else 3

pytestmark = pytest.mark.endurance(
    "A server that is killed keeps every session that it acknowledged, once",
    f"{KILLS} kills under {WRITERS} writers, on each database",
)


def test_kills_lose_nothing_that_was_acknowledged(database_url: str, tenant: Tenant, tmp_path: Path) -> None:
    chance = random.Random(20261122)
    with Server(database_url, free_port()) as server:
        server.start(tmp_path)
        with Crowd(server, tenant, WRITERS) as crowd:
            for _ in range(KILLS):
                assert crowd.seconds_to_the_next(10) < 10
                crowd.post(chance.randint(20, 60))
                server.kill()
                server.start(tmp_path)
            assert crowd.seconds_to_the_next(10) < 10
        assert_kept(database_url, server, tenant, crowd)
