"""Exercises by files, through the command line: all or none, the same again changes nothing, and nobody is harmed."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import Result

from api import exchange_commands
from api.interop import comma_separated, limber
from data import own_exercises
from data.database import Database
from data.own_exercises import MOST
from schemas.exercises import ExerciseDefinition
from tests.conftest import Tenant
from tests.exchanging import FREE, RECORDS, Run, brought, commands_on, write_records
from tests.interop.making import plain

ADDED = """records: 6
imported: 3 (3 added, 0 changed, 0 unchanged)
      1 self_massage
      1 static_stretch
      1 strength
refused: 3
      2 unmapped equipment: trampoline [Made_Up_Squat in record 4 (line 1), Made_Up_Row in record 5 (line 1)]
      1 no instructions [Made_Up_Mystery in record 6 (line 1)]
"""


@pytest.fixture
def run(database_url: str) -> Run:
    return commands_on(database_url)


@pytest.fixture
def free_file(tmp_path: Path) -> Path:
    return write_records(tmp_path)


def exported(run: Run, format_: str = "limber", organization: str = "clinic") -> bytes:
    result = run("export", "--format", format_, "--organization", organization)
    assert result.exit_code == 0, result.stderr
    return result.stdout_bytes


def stored(database: Database, tenant: Tenant) -> dict[str, ExerciseDefinition]:
    return dict(database.bound_to(tenant.organization_id).read_now(own_exercises.read).exercises)


def refused(result: Result) -> str:
    """The one line that a refusal consists of."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("limber: ")
    assert "Traceback" not in result.stderr
    return result.stderr


def test_records_are_imported_once_and_a_dry_run_tells_the_same(
    run: Run, free_file: Path, database: Database, tenant: Tenant
) -> None:
    tried = brought(run, free_file, FREE, "--dry-run")
    assert (tried.exit_code, tried.stdout) == (0, ADDED)
    assert tried.stderr == "limber: dry run, nothing is stored\n"
    assert stored(database, tenant) == {}

    first = brought(run, free_file, FREE)
    assert (first.exit_code, first.stdout, first.stderr) == (0, ADDED, "")
    assert sorted(stored(database, tenant)) == [
        "own-fedb-made-up-hip-hold",
        "own-fedb-made-up-leg-curl",
        "own-fedb-made-up-roll",
    ]
    again = brought(run, free_file, FREE)
    assert again.stdout == ADDED.replace("3 added, 0 changed, 0 unchanged", "0 added, 0 changed, 3 unchanged")


@pytest.mark.parametrize("format_", ["limber", "csv"])
def test_an_export_brought_into_an_empty_organisation_exports_the_same_bytes(
    run: Run, free_file: Path, tmp_path: Path, tenant: Tenant, other_tenant: Tenant, format_: str
) -> None:
    brought(run, free_file, FREE)
    mine = tmp_path / "mine.json"
    mine.write_bytes(limber.write([plain("own-a", easier=["own-b"], name="=1+1"), plain("own-b", harder=["own-a"])]))
    assert brought(run, mine, "limber").exit_code == 0
    written = exported(run, format_)
    file = tmp_path / "exported"
    assert run("export", file, "--format", format_, "--organization", "clinic").exit_code == 0
    assert file.read_bytes() == written
    there = brought(run, file, format_, organization="other clinic")
    assert there.stdout.splitlines()[1] == "imported: 5 (5 added, 0 changed, 0 unchanged)"
    assert exported(run, format_, "other clinic") == written
    back = brought(run, file, format_)
    assert back.stdout.splitlines()[1] == "imported: 5 (0 added, 0 changed, 5 unchanged)"


def test_a_change_is_counted_and_what_the_file_does_not_hold_stays(
    run: Run, tmp_path: Path, database: Database, tenant: Tenant
) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes(comma_separated.write([plain("own-a"), plain("own-b"), plain("own-c")]))
    brought(run, file, "csv")
    file.write_bytes(comma_separated.write([plain("own-a"), plain("own-b", level=2), plain("own-d")]))
    counts = "imported: 3 (1 added, 1 changed, 1 unchanged)"
    assert brought(run, file, "csv", "--dry-run").stdout.splitlines()[1] == counts
    assert brought(run, file, "csv").stdout.splitlines()[1] == counts
    assert {id_: item.level for id_, item in stored(database, tenant).items()} == {
        "own-a": 1, "own-b": 2, "own-c": 1, "own-d": 1,
    }  # fmt: skip


def test_retired_exercises_are_not_exported_and_come_back_with_a_file(
    run: Run, tmp_path: Path, database: Database, tenant: Tenant
) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(limber.write([plain("own-a"), plain("own-b")]))
    brought(run, file, "limber")
    doors = database.bound_to(tenant.organization_id)
    versions = frozenset({1})
    doors.write_now(own_exercises.retire, "own-b", versions, datetime.now(UTC))
    assert exported(run) == limber.write([plain("own-a")])
    counts = "imported: 2 (0 added, 1 changed, 1 unchanged)"
    assert brought(run, file, "limber", "--dry-run").stdout.splitlines()[1] == counts
    assert brought(run, file, "limber").stdout.splitlines()[1] == counts


@pytest.mark.parametrize("format_", ["limber", "csv"])
def test_one_fault_keeps_everything_out_and_all_faults_are_told(
    run: Run, tmp_path: Path, database: Database, tenant: Tenant, format_: str
) -> None:
    file = tmp_path / "mine"
    wrong = [
        plain("own-a"),
        plain("shared-name", regions={"tail": 1.0}, equipment=["rocket"]),
        plain("own-c", regions={"back": 1.0}, easier=["own-nowhere"]),
    ]
    file.write_bytes((limber if format_ == "limber" else comma_separated).write(wrong))
    result = brought(run, file, format_)
    assert (result.exit_code, result.stdout) == (1, "")
    lines = [line.removeprefix(f"{file}: ") for line in result.stderr.splitlines()]
    places = {"limber": ("record 2", "record 3"), "csv": ("line 3", "line 4")}[format_]
    assert sorted(line.split(": ", 1)[1] for line in lines[:-1]) == [
        "easier: there is no exercise own-nowhere",
        "equipment: there is no equipment rocket",
        "id: must begin with own-",
        "regions: back has parts; name the part",
        "regions: there is no region tail",
    ]
    assert all(line.startswith(places) for line in lines[:-1])
    assert lines[-1] == f"limber: {file}: 5 problems; nothing is stored"
    assert stored(database, tenant) == {}
    assert brought(run, file, format_, "--dry-run").exit_code == 1


def test_a_record_of_the_wrong_shape_keeps_everything_out(
    run: Run, tmp_path: Path, database: Database, tenant: Tenant
) -> None:
    file = tmp_path / "exercises.json"
    file.write_text(json.dumps([*RECORDS, {"id": "Half"}], indent=1))
    result = brought(run, file, FREE)
    assert result.exit_code == 1
    assert "record 7 (line " in result.stderr
    assert ": instructions: Field required" in result.stderr
    assert stored(database, tenant) == {}


def test_of_many_faults_a_hundred_are_shown_and_all_are_counted(run: Run, tmp_path: Path, tenant: Tenant) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"format": "limber-exercises", "version": 1, "exercises": [1] * 150}))
    lines = brought(run, file, "limber").stderr.splitlines()
    assert len(lines) == 101
    assert lines[-1] == f"limber: {file}: 150 problems, the first 100 are shown; nothing is stored"


def test_more_than_an_organisation_may_have_are_refused(
    run: Run, tmp_path: Path, database: Database, tenant: Tenant
) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(limber.write(plain(f"own-{number}") for number in range(MOST)))
    assert brought(run, file, "limber").stdout.splitlines()[1].startswith(f"imported: {MOST} ({MOST} added")
    file.write_bytes(limber.write([plain("own-one-more")]))
    for more in ([], ["--dry-run"]):
        line = refused(brought(run, file, "limber", *more))
        assert (
            line == f"limber: {file}: nothing is stored: an organisation may have at most {MOST} exercises of its own\n"
        )
    assert len(stored(database, tenant)) == MOST
    file.write_bytes(limber.write(plain(f"own-{number}") for number in range(MOST + 1)))
    assert f"it holds more than {MOST} records" in refused(brought(run, file, "limber"))


@pytest.mark.parametrize("format_", ["limber", "csv", FREE])
def test_wrong_files_are_refused_in_one_line(
    run: Run, tmp_path: Path, database: Database, tenant: Tenant, format_: str
) -> None:
    huge = tmp_path / "huge"
    with huge.open("wb") as made:
        made.truncate(200 * 1024 * 1024)
    assert f"at most {exchange_commands.MOST_BYTES} are read" in refused(brought(run, huge, format_))
    assert "it is a folder" in refused(brought(run, tmp_path, format_))
    assert "it cannot be read: No such file" in refused(brought(run, tmp_path / "missing", format_))
    assert "it is not a plain file" in refused(brought(run, Path("/dev/zero"), format_))
    whole = {
        "limber": limber.write([plain()]),
        "csv": comma_separated.write([plain()]),
        FREE: json.dumps(RECORDS).encode(),
    }[format_]
    file = tmp_path / "file"
    for content in (b"", b"\n\n", b"\xff\xfe\x00", whole[:-9], b"[" * 200_000, b'"a"', b"1", b"null", b"\x00" * 50):
        file.write_bytes(content)
        assert refused(brought(run, file, format_)).endswith("nothing is stored\n"), content[:20]
    assert stored(database, tenant) == {}


def test_an_unknown_organisation_is_refused_and_not_made(run: Run, free_file: Path, tenant: Tenant) -> None:
    line = "limber: there is no organisation nobody; make it with `keys create`\n"
    assert refused(brought(run, free_file, FREE, organization="nobody")) == line
    assert refused(run("export", "--format", "csv", "--organization", "nobody")) == line


def test_an_export_that_cannot_be_written_says_so(run: Run, tmp_path: Path, tenant: Tenant) -> None:
    line = refused(run("export", tmp_path / "no" / "file", "--format", "csv", "--organization", "clinic"))
    assert "it cannot be written" in line
