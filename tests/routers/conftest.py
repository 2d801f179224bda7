"""The whole application over the real catalogue, started once for the tests that only read."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from data import access
from data.database import Database
from tests.signing import Clock


@pytest.fixture(scope="module")
def reader(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    path = tmp_path_factory.mktemp("reader") / "limber.db"
    shutil.copyfile(sqlite_template, path)
    settings = Settings(database_url=f"sqlite:///{path}", rate_limits=False, _env_file=None)
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vendor(database: Database) -> UUID:
    """The one organisation that is open for sign-up."""
    made = database.system.write_now(access.add_organization, "vendor", datetime.now(UTC), open_sign_up=True)
    return made.id


@pytest.fixture
def timed(database_url: str, clock: Clock) -> Iterator[TestClient]:
    """A client of a server whose clock the test can move."""
    settings = Settings(database_url=database_url, rate_limits=False, _env_file=None)
    with TestClient(create_app(settings, clock=clock)) as opened:
        yield opened


@pytest.fixture
def entry(vendor: UUID, timed: TestClient) -> TestClient:
    """The same, of a server with an open organisation."""
    return timed
