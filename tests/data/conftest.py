"""Two organisations on each database, made once for a module of attacks."""

import shutil
from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import (
    create_engine,
    text,
)

from data.database import Database
from tests.conftest import BACKENDS, TEMPLATE
from tests.data.walls import Walls, made


@pytest.fixture(scope="module", params=BACKENDS)
def walls(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walls]:
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("walls") / "limber.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield from made(f"sqlite:///{path}")
        return
    server = request.getfixturevalue("postgres_template")
    admin = create_engine(
        server.get_uri().replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    name = f"walls_{uuid4().hex}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    admin.dispose()
    yield from made(server.get_uri(name))


@pytest.fixture
def sqlite_database(database: Database) -> Database:
    if not database.is_sqlite:
        pytest.skip("a promise of SQLite")
    return database


@pytest.fixture
def postgres_database(database: Database) -> Database:
    if database.is_sqlite:
        pytest.skip("a promise of PostgreSQL")
    return database
