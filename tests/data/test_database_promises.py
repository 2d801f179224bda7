"""What each database promises: durable commits, private files, readers that only read."""

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from data.database import Database, DatabaseUnavailable
from data.people import PersonRow
from tests.conftest import ROOT, Tenant
from tests.data.making import NOW
from tests.data.units import add, idle, names

COUNTER = ROOT / "tests" / "data" / "sync_counter.py"


# What each database promises.


def pragma(session: Session, name: str) -> Any:
    return session.connection().exec_driver_sql(f"PRAGMA {name}").scalar()


def test_the_live_writer_waits_for_the_disk(sqlite_database: Database) -> None:
    write = sqlite_database.system.write_now
    assert write(pragma, "synchronous") == 2
    assert write(pragma, "journal_mode") == "wal"
    assert write(pragma, "foreign_keys") == 1
    assert write(pragma, "trusted_schema") == 0
    assert write(pragma, "busy_timeout") == 5000


def test_each_commit_is_synced_once(sqlite_database: Database, tenant: Tenant) -> None:
    url = sqlite_database.url.render_as_string()
    sqlite_database.close()
    command = [sys.executable, str(COUNTER), url, str(tenant.organization_id), "20"]
    ran = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    counted = json.loads(ran.stdout)
    assert counted["commits"] == 20
    assert len(counted["synced"]) == 20
    assert all(name.endswith("-wal") for name in counted["synced"])


def test_readers_cannot_write(database: Database, tenant: Tenant) -> None:
    with pytest.raises((DatabaseUnavailable, DBAPIError)):
        database.bound_to(tenant.organization_id).read_now(add, "written by a reader")
    assert names(database, tenant) == {"p-1"}


def test_readers_of_sqlite_are_read_only(sqlite_database: Database) -> None:
    assert sqlite_database.system.read_now(pragma, "query_only") == 1


def test_a_reader_sees_one_state(database: Database, tenant: Tenant) -> None:
    doors = database.bound_to(tenant.organization_id)

    def count(session: Session) -> Any:
        return session.execute(select(func.count()).select_from(PersonRow)).scalar_one()

    def twice(session: Session) -> tuple[int, int]:
        first = count(session)
        doors.write_now(add, "meanwhile")
        return first, count(session)

    assert doors.read_now(twice) == (1, 1)
    assert doors.read_now(count) == 2


def test_foreign_keys_hold(database: Database, tenant: Tenant) -> None:
    def orphan(session: Session) -> None:
        session.add(PersonRow(organization_id=uuid4(), id=uuid4(), external_id="orphan", created_at=NOW))
        session.flush()

    with pytest.raises(IntegrityError):
        database.system.write_now(orphan)


def test_the_files_are_private(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        database = Database(f"sqlite:///{tmp_path / 'deep' / 'limber.db'}")
        database.open()
        database.system.write_now(lambda session: session.connection().exec_driver_sql("CREATE TABLE t (x)") and None)
        found = sorted((tmp_path / "deep").iterdir())
        assert {path.name for path in found} >= {"limber.db", "limber.db-wal", "limber.db-shm"}
        assert {stat.S_IMODE(path.stat().st_mode) for path in found} == {0o600}
        assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o700
        database.close()
    finally:
        os.umask(previous)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:////proc/no/such/place.db"])
def test_a_database_that_would_lose_everything_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(DatabaseUnavailable) as raised:
        Database(url).open()
    assert "\n" not in str(raised.value)


def test_a_full_disk_is_a_fault_of_the_database_and_passes(sqlite_database: Database, tenant: Tenant) -> None:
    doors = sqlite_database.bound_to(tenant.organization_id)

    def pages(session: Session, number: int) -> Any:
        return pragma(session, f"max_page_count={number}")

    def much(session: Session) -> None:
        for number in range(3000):
            add(session, f"{number}-" + "x" * 110)

    size = sqlite_database.system.write_now(pragma, "page_count")
    sqlite_database.system.write_now(pages, size + 5)
    with pytest.raises(DatabaseUnavailable):
        doors.write_now(much)
    assert names(sqlite_database, tenant) == {"p-1"}
    sqlite_database.system.write_now(pages, 1_000_000)
    assert doors.write_now(add, "later")


def test_a_locked_file_is_waited_for(sqlite_database: Database, tenant: Tenant) -> None:
    doors = sqlite_database.bound_to(tenant.organization_id)
    doors.write_now(idle)
    second = create_engine(sqlite_database.url, connect_args={"isolation_level": None})
    with second.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        future = sqlite_database.submit(tenant.organization_id, add, "patient")
        time.sleep(0.3)
        assert not future.done()
        connection.exec_driver_sql("COMMIT")
        assert future.result(10)
    second.dispose()
