"""The doctor names what is wrong with an installation, and nothing that a person wrote."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from typer.testing import CliRunner, Result

from api import surroundings
from api.__main__ import cli
from data import session_writes
from data.database import Database, normalised
from tests.conftest import Tenant
from tests.data.making import NOW, log
from tests.serving import Server, free_port

Examine = Callable[..., Result]


@pytest.fixture
def examine(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Examine:
    folder = tmp_path / "working"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def run(**settings: str) -> Result:
        return CliRunner().invoke(cli, ["doctor"], env={"LIMBER_DATABASE_URL": database_url, **settings})

    return run


def findings(result: Result) -> list[str]:
    return [line for line in result.output.splitlines() if not line.startswith("ok ")]


def file_of(url: str) -> Path:
    if not url.startswith("sqlite"):
        pytest.skip("a matter of SQLite's file")
    return Path(url.removeprefix("sqlite:///"))


def test_a_sound_installation_is_well(tenant: Tenant, database: Database, examine: Examine) -> None:
    doors = database.bound_to(tenant.organization_id)
    for _ in range(3):
        doors.write_now(session_writes.add, log(tenant.person_id), tenant.person_id, NOW)
    result = examine()
    assert findings(result) == []
    assert result.exit_code == 0
    assert "ok rows: every session is valid" in result.output


def test_unknown_settings_are_named_with_the_nearest(examine: Examine) -> None:
    Path(".env").write_text("LIMBER_READRES=4\nexport LIMBER_HOST=127.0.0.1\n# LIMBER_NOTHING=1\n")
    result = examine(LIMBER_PROT="8000", LIMBER_KEY="the-key-of-the-calls")
    assert findings(result) == [
        "settings: LIMBER_PROT is no setting; did you mean LIMBER_PORT?",
        "settings: LIMBER_READRES is no setting; did you mean LIMBER_READERS?",
    ]
    assert result.exit_code == 1


def test_a_public_address_is_told_to_want_tls(examine: Examine) -> None:
    result = examine(LIMBER_HOST="0.0.0.0")
    assert result.exit_code == 0
    assert "speaks no TLS" in result.output


def test_a_session_that_was_changed_past_the_checks_is_found(
    tenant: Tenant, database: Database, database_url: str, examine: Examine
) -> None:
    doors = database.bound_to(tenant.organization_id)
    sick, dead = log(tenant.person_id), log(tenant.person_id)
    for session in (log(tenant.person_id), sick, dead):
        doors.write_now(session_writes.add, session, tenant.person_id, NOW)
    zone = "UPDATE session_log SET timezone = 'Secret/Nowhere' WHERE id = :id"
    symptoms = "UPDATE session_log SET new_symptoms = '\"secret\"' WHERE id = :id"
    engine = create_engine(normalised(database_url))
    with engine.begin() as connection:
        for statement, session in ((zone, sick), (symptoms, dead)):
            id_ = session.id.hex if database.is_sqlite else session.id
            connection.execute(text(statement), {"id": id_})
    engine.dispose()
    result = examine()
    assert result.exit_code == 1
    assert {line.rpartition(": ")[2] for line in findings(result)} == {"timezone", "new_symptoms"}
    assert all(str(session.id) in result.output for session in (sick, dead))
    assert "ecret" not in result.output


def test_a_clock_that_went_back_is_noticed(
    tenant: Tenant, database: Database, database_url: str, examine: Examine
) -> None:
    doors = database.bound_to(tenant.organization_id)
    doors.write_now(session_writes.add, log(tenant.person_id), tenant.person_id, NOW)
    engine = create_engine(normalised(database_url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE session_log SET updated_at = '2099-01-01 00:00:00'"))
    engine.dispose()
    (line,) = findings(examine())
    assert line.startswith("clock: a session was stored at 2099-01-01")


def test_a_file_that_others_can_read_is_told(database_url: str, examine: Examine) -> None:
    file_of(database_url).chmod(0o644)
    (line,) = findings(examine())
    assert line.startswith("file mode: ")


def test_several_servers_on_one_file_are_told(database_url: str, examine: Examine, tmp_path: Path) -> None:
    file_of(database_url)
    if not surroundings.LOCKS.exists():
        pytest.skip("this system does not list its locks")
    with Server(database_url, free_port()) as one, Server(database_url, free_port()) as other:
        one.start(tmp_path)
        assert findings(examine()) == []
        other.start(tmp_path)
        (line,) = findings(examine())
    assert line.startswith("processes: ")


@pytest.mark.parametrize(
    ("kind", "refused"), [("nfs4", True), ("cifs", True), ("fuse.sshfs", True), ("ext4", False), ("overlay", False)]
)
def test_network_file_systems_are_refused(
    database_url: str, examine: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, refused: bool
) -> None:
    path = file_of(database_url)
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/root / ext4 rw 0 0\nserver:/share {path.parent.resolve()} {kind} rw 0 0\n")
    monkeypatch.setattr(surroundings, "MOUNTS", mounts)
    assert bool(findings(examine())) is refused
    if refused:
        served = CliRunner().invoke(cli, ["serve"], env={"LIMBER_DATABASE_URL": database_url})
        assert served.exit_code == 1
        assert kind in served.output
