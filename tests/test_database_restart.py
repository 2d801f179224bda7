"""PostgreSQL that crashes under load and comes back: nothing acknowledged is lost, and nobody is told otherwise."""

import random
import time
from pathlib import Path

import pytest

from data.catalog.documents import CatalogDocument
from data.database import Database
from tests.conftest import make_tenant, prepared
from tests.own_postgres import own_postgres
from tests.phones import Crowd, assert_kept
from tests.serving import Server, free_port
from tests.soak import soaking

WRITERS = 8
STOPS = 30 if soaking() else 3
RECOVERY_SECONDS = 10

pytestmark = pytest.mark.endurance(
    "PostgreSQL may crash under load: nothing acknowledged is lost, 503 only, well again within 10 s",
    f"{STOPS} crashes under {WRITERS} writers",
)


def test_crashes_of_the_database_lose_nothing_that_was_acknowledged(
    documents: list[CatalogDocument], tmp_path: Path
) -> None:
    chance = random.Random(20261123)
    with own_postgres() as postgres:
        prepared(postgres.url, documents)
        database = Database(postgres.url)
        database.open()
        tenant = make_tenant(database, "clinic")
        database.close()
        with Server(postgres.url, free_port()) as server:
            server.start(tmp_path)
            with Crowd(server, tenant, WRITERS) as crowd:
                for _ in range(STOPS):
                    assert crowd.seconds_to_the_next(RECOVERY_SECONDS) < RECOVERY_SECONDS
                    crowd.post(chance.randint(20, 60))
                    postgres.stop()
                    time.sleep(chance.uniform(0.2, 0.8))
                    postgres.start()
                assert crowd.seconds_to_the_next(RECOVERY_SECONDS) < RECOVERY_SECONDS
            assert crowd.unknown
            assert_kept(postgres.url, server, tenant, crowd)
