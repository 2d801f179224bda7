"""Nobody who was erased comes back with a backup."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from api.__main__ import cli
from api.main import create_app
from api.settings import Settings
from data.database import Database
from tests.conftest import Tenant
from tests.data.making import body
from tests.own_postgres import TOOLS
from tests.personal import CANARY, forms, raw

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PATH", f"{TOOLS}{os.pathsep}{os.environ['PATH']}")

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(cli, [str(part) for part in arguments], env={"LIMBER_DATABASE_URL": database_url})

    return invoke


@pytest.fixture
def backup(database: Database, database_url: str, tenant: Tenant, run: Run, tmp_path: Path) -> Path:
    """A backup from before the tenant's person was erased."""
    database.close()
    file = tmp_path / "early.backup"
    with TestClient(create_app(Settings(database_url=database_url, _env_file=None))) as client:
        posted = body(tenant.person_id, notes=CANARY)
        assert client.post("/sessions", json=posted, headers=tenant.headers).status_code == 201
    assert run("backup", file).exit_code == 0
    with TestClient(create_app(Settings(database_url=database_url, _env_file=None))) as client:
        assert client.post(f"/people/{tenant.person_id}/erasure", headers=tenant.headers).status_code == 200
    return file


def assert_gone(database_url: str, tenant: Tenant) -> None:
    left = raw(database_url)
    assert CANARY.encode() not in left
    assert not [form for form in forms(str(tenant.person_id)) if form in left]
    with TestClient(create_app(Settings(database_url=database_url, _env_file=None))) as client:
        assert client.get(f"/people/{tenant.person_id}", headers=tenant.headers).status_code == 404
        again = {"id": str(tenant.person_id), "external_id": "again"}
        assert client.post("/people", json=again, headers=tenant.headers).status_code == 410


def test_a_restore_erases_again_whom_the_replaced_database_knew_to_be_erased(
    backup: Path, run: Run, database_url: str, tenant: Tenant
) -> None:
    restored = run("restore", "--replace", backup)
    assert restored.exit_code == 0, restored.output
    assert "1 people whom it had brought back are erased again" in restored.output
    assert_gone(database_url, tenant)
    assert not list(backup.parent.glob("*.erasures"))


def test_a_refused_restore_leaves_nothing_behind_that_would_stop_the_next(
    backup: Path, run: Run, database_url: str, tenant: Tenant
) -> None:
    assert run("restore", backup).exit_code == 1
    assert not list(backup.parent.glob("*.erasures"))
    assert run("restore", "--replace", backup).exit_code == 0
    assert_gone(database_url, tenant)


def test_a_ledger_that_was_kept_apart_erases_again_when_all_else_is_lost(
    backup: Path, run: Run, database_url: str, tenant: Tenant, tmp_path: Path, database: Database
) -> None:
    ledger = tmp_path / "ledger"
    assert run("erasures", ledger).output == f"1 erasures in {ledger}\n"
    assert stat.S_IMODE(ledger.stat().st_mode) == 0o600
    assert str(tenant.person_id) not in ledger.read_text()
    assert run("erasures", ledger).exit_code == 1, "nothing is overwritten"
    assert run("restore", "--replace", backup).exit_code == 0
    assert run("erase-again", ledger).output.startswith("0 people"), "the restore did it already"
    assert run("erase-again", backup).exit_code == 1
    assert_gone(database_url, tenant)


def test_what_remains_is_swept_out_by_the_command(
    database: Database, database_url: str, tenant: Tenant, run: Run
) -> None:
    with TestClient(create_app(Settings(database_url=database_url, _env_file=None))) as client:
        posted = body(tenant.person_id, notes=CANARY)
        assert client.post("/sessions", json=posted, headers=tenant.headers).status_code == 201
        assert client.post(f"/people/{tenant.person_id}/erasure", headers=tenant.headers).status_code == 200
    swept = run("erase-remains")
    assert swept.exit_code == 0, swept.output
    assert CANARY.encode() not in raw(database_url)
