"""The whole application over the real catalogue, started once for the tests that only read."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.main import create_app
from api.settings import Settings


@pytest.fixture(scope="module")
def reader(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    path = tmp_path_factory.mktemp("reader") / "limber.db"
    shutil.copyfile(sqlite_template, path)
    with TestClient(create_app(Settings(database_url=f"sqlite:///{path}", _env_file=None))) as client:
        yield client
