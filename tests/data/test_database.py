"""The two doors: group commit, faults that harm nobody else, waiters that leave, connections that break."""

import asyncio
import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlmodel import Session

from data import people
from data.database import Database, DatabaseBusy, DatabaseUnavailable
from data.people import PersonRow
from data.tenancy import tenant_of
from schemas.people import PersonCreate
from tests.conftest import ROOT, Tenant
from tests.data.making import NOW

COUNTER = ROOT / "tests" / "data" / "sync_counter.py"


class Gate:
    """A unit that holds the writer until the gate is opened, so that others have to queue."""

    def __init__(self) -> None:
        self.entered, self._open = threading.Event(), threading.Event()

    def __call__(self, _session: Session) -> str:
        self.entered.set()
        assert self._open.wait(20)
        return "passed"

    def open(self) -> None:
        self._open.set()


def add(session: Session, name: str) -> UUID:
    added = people.add(session, PersonCreate(external_id=name), NOW)
    assert added.person is not None
    return added.person.id


def fail(_session: Session) -> None:
    raise ValueError("this unit is wrong")


def twice_the_same(session: Session, name: str) -> None:
    for _ in range(2):
        session.add(PersonRow(organization_id=tenant_of(session), id=uuid4(), external_id=name, created_at=NOW))
    session.flush()


def swallow(session: Session, name: str) -> str:
    try:
        twice_the_same(session, name)
    except IntegrityError:
        return "nothing happened"
    return "stored"


def names(database: Database, tenant: Tenant) -> set[str]:
    def read(session: Session) -> set[str]:
        return set(session.execute(select(PersonRow.external_id)).scalars())  # type: ignore[call-overload]

    return database.bound_to(tenant.organization_id).read_now(read)


def behind_a_gate(database: Database, tenant: Tenant, queue: Callable[[], Any]) -> Any:
    """Queue units while the writer of the tenant is held, so that they meet in one batch."""
    gate = Gate()
    held = database.submit(tenant.organization_id, gate)
    assert gate.entered.wait(10)
    queued = queue()
    gate.open()
    assert held.result(10) == "passed"
    return queued


def outcome(future: Future[Any]) -> Any:
    try:
        return future.result(20)
    except Exception as error:
        return error


def test_units_that_wait_are_committed_together(database: Database, tenant: Tenant) -> None:
    before = sum(writer.commits for writer in database.writers)
    futures = behind_a_gate(
        database,
        tenant,
        lambda: [database.submit(tenant.organization_id, add, f"n-{number}") for number in range(200)],
    )
    assert len({future.result(20) for future in futures}) == 200
    assert sum(writer.commits for writer in database.writers) - before <= 3
    assert len(names(database, tenant)) == 201


@pytest.mark.parametrize("wrong", [fail, twice_the_same, swallow])
def test_one_failing_unit_harms_nobody_else(database: Database, tenant: Tenant, wrong: Any) -> None:
    def queue() -> list[Future[Any]]:
        submit = database.submit
        bad = (wrong,) if wrong is fail else (wrong, "twice")
        units: list[tuple[Any, ...]] = [(add, f"n-{number}") for number in range(20)]
        units[7:7] = [bad]
        return [submit(tenant.organization_id, *unit) for unit in units]

    outcomes = [outcome(future) for future in behind_a_gate(database, tenant, queue)]
    bad = outcomes.pop(7)
    assert isinstance(bad, Exception)
    assert all(isinstance(one, UUID) for one in outcomes)
    assert names(database, tenant) == {"p-1", *(f"n-{number}" for number in range(20))}
    assert database.healthy
    assert database.bound_to(tenant.organization_id).write_now(add, "after")


@pytest.mark.parametrize("wrong", [fail, twice_the_same, swallow])
def test_a_unit_that_fails_alone_leaves_nothing(database: Database, tenant: Tenant, wrong: Any) -> None:
    doors = database.bound_to(tenant.organization_id)
    with pytest.raises((ValueError, SQLAlchemyError)) as raised:
        doors.write_now(wrong, *(() if wrong is fail else ("twice",)))
    assert "twice" not in str(raised.value).splitlines()[0]
    assert names(database, tenant) == {"p-1"}
    assert doors.write_now(add, "after")


def test_a_unit_may_be_run_again(database: Database, tenant: Tenant) -> None:
    runs: list[int] = []

    def counted(session: Session) -> int:
        runs.append(1)
        add(session, "counted")
        return len(runs)

    def queue() -> tuple[Future[int], Future[None]]:
        return database.submit(tenant.organization_id, counted), database.submit(tenant.organization_id, fail)

    good, bad = behind_a_gate(database, tenant, queue)
    assert good.result(10) == 2
    assert isinstance(outcome(bad), ValueError)
    assert names(database, tenant) == {"p-1", "counted"}


def test_waiters_that_leave_do_not_stop_the_writer(database: Database, tenant: Tenant) -> None:
    doors = database.bound_to(tenant.organization_id)
    gate = Gate()

    def started(session: Session) -> None:
        add(session, "started")
        gate(session)

    async def main() -> None:
        first = asyncio.create_task(doors.write(started))
        await asyncio.to_thread(gate.entered.wait, 10)
        waiting = [asyncio.create_task(doors.write(add, f"left-{number}")) for number in range(30)]
        staying = [asyncio.create_task(doors.write(add, f"stayed-{number}")) for number in range(30)]
        await asyncio.sleep(0.05)
        for task in (first, *waiting):
            task.cancel()
        await asyncio.sleep(0.05)
        gate.open()
        assert len(set(await asyncio.gather(*staying))) == 30
        assert await doors.write(add, "last")

    asyncio.run(main())
    expected = {"p-1", "started", "last", *(f"stayed-{number}" for number in range(30))}
    assert names(database, tenant) == expected
    assert database.healthy
    assert all(writer.restarts == 0 for writer in database.writers)


def test_a_plain_future_that_was_cancelled_is_not_run(database: Database, tenant: Tenant) -> None:
    def queue() -> Future[UUID]:
        future = database.submit(tenant.organization_id, add, "cancelled")
        assert future.cancel()
        return future

    with pytest.raises(CancelledError):
        behind_a_gate(database, tenant, queue).result(10)
    assert database.bound_to(tenant.organization_id).write_now(add, "next")
    assert names(database, tenant) == {"p-1", "next"}


def test_answers_survive_the_end_of_their_event_loop(database: Database, tenant: Tenant) -> None:
    doors = database.bound_to(tenant.organization_id)
    gate = Gate()

    async def main() -> None:
        waiting = asyncio.create_task(doors.write(gate))
        await asyncio.to_thread(gate.entered.wait, 10)
        waiting.cancel()

    asyncio.run(main())
    gate.open()
    assert doors.write_now(add, "later")


def test_a_full_queue_is_refused_at_once(database_url: str) -> None:
    database = Database(database_url, queue_limit=3)
    database.open()
    gate = Gate()
    first = database.submit(UUID(int=2), gate)
    assert gate.entered.wait(10)
    waiting = [database.submit(UUID(int=2), idle) for _ in range(3)]
    began = time.monotonic()
    with pytest.raises(DatabaseBusy):
        database.submit(UUID(int=2), idle)
    assert time.monotonic() - began < 0.5
    # The reading door is not affected.
    assert database.system.read_now(idle) == "idle"
    gate.open()
    assert first.result(10) == "passed"
    assert [future.result(10) for future in waiting] == ["idle"] * 3
    assert database.submit(UUID(int=2), idle).result(10) == "idle"
    database.close()


def idle(_session: Session) -> str:
    return "idle"


def test_closing_drains_the_queue_and_refuses_what_comes_later(database_url: str) -> None:
    database = Database(database_url)
    database.open()
    gate, tenant = Gate(), UUID(int=2)
    held = database.submit(tenant, gate)
    assert gate.entered.wait(10)
    waiting = [database.submit(tenant, idle) for _ in range(700)]
    closing = threading.Thread(target=database.close)
    closing.start()
    gate.open()
    closing.join(20)
    assert not closing.is_alive()
    assert held.result(0) == "passed"
    assert [future.result(0) for future in waiting] == ["idle"] * 700
    with pytest.raises(DatabaseUnavailable):
        database.submit(tenant, idle)
    with pytest.raises(DatabaseUnavailable):
        database.system.read_now(idle)


def test_whoever_comes_while_the_database_closes_gets_an_answer(database_url: str) -> None:
    database = Database(database_url)
    database.open()
    outcomes: list[Any] = []

    def hammer() -> None:
        for _ in range(400):
            try:
                outcomes.append(database.submit(UUID(int=2), idle))
            except DatabaseBusy:
                time.sleep(0.001)
            except DatabaseUnavailable:
                return

    threads = [threading.Thread(target=hammer) for _ in range(4)]
    for thread in threads:
        thread.start()
    database.close()
    for thread in threads:
        thread.join(20)
    assert all(isinstance(outcome(future), str | DatabaseUnavailable) for future in outcomes)


def end_the_thread(_session: Session) -> None:
    raise SystemExit


def test_a_dead_writer_is_started_again(database: Database, tenant: Tenant) -> None:
    gate = Gate()
    held = database.submit(tenant.organization_id, gate)
    assert gate.entered.wait(10)
    deadly = database.submit(tenant.organization_id, end_the_thread)
    gate.open()
    assert held.result(10) == "passed"
    assert isinstance(outcome(deadly), DatabaseUnavailable)
    deadline = time.monotonic() + 5
    while database.healthy and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not database.healthy
    assert database.bound_to(tenant.organization_id).write_now(add, "after death")
    assert database.healthy
    assert sum(writer.restarts for writer in database.writers) == 1


def test_those_who_wait_behind_a_dying_writer_are_served(database: Database, tenant: Tenant) -> None:
    def queue() -> list[Future[Any]]:
        submit = database.submit
        # More than one batch: the second one is still queued when the thread ends.
        first = [submit(tenant.organization_id, end_the_thread)]
        return first + [submit(tenant.organization_id, idle) for _ in range(600)]

    outcomes = [outcome(future) for future in behind_a_gate(database, tenant, queue)]
    assert all(isinstance(one, DatabaseUnavailable) or one == "idle" for one in outcomes)
    assert outcomes[-1] == "idle"


# What each database promises.


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

    def count(session: Session) -> int:
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


# PostgreSQL: connections that break, deadlocks, statements that take too long.


def terminate_all(database: Database) -> None:
    admin = create_engine(database.url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    admin.dispose()


def test_terminated_connections_under_load_recover(postgres_database: Database, tenant: Tenant) -> None:
    database, acknowledged, refused = postgres_database, set(), []
    stop = threading.Event()

    def hammer(number: int) -> None:
        doors = database.bound_to(tenant.organization_id)
        turn = 0
        while not stop.is_set():
            turn += 1
            name = f"{number}-{turn}"
            try:
                doors.write_now(add, name)
                acknowledged.add(name)
                doors.read_now(idle)
            except DatabaseUnavailable as error:
                refused.append(error)

    threads = [threading.Thread(target=hammer, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        time.sleep(0.2)
        terminate_all(database)
    time.sleep(0.2)
    stop.set()
    for thread in threads:
        thread.join(20)
    assert len(acknowledged) > 20
    assert acknowledged <= names(database, tenant)
    assert database.healthy
    assert database.bound_to(tenant.organization_id).write_now(add, "after")


def test_a_deadlock_is_run_again(postgres_database: Database, tenant: Tenant) -> None:
    database = postgres_database
    doors = database.bound_to(tenant.organization_id)
    one, two = doors.write_now(add, "one"), doors.write_now(add, "two")
    runs: list[int] = []
    locked = threading.Event()

    def lock(session: Session, first: UUID, second: UUID, pause: Callable[[], Any]) -> str:
        runs.append(1)
        for person_id in (first, second):
            session.execute(select(PersonRow.id).where(PersonRow.id == person_id).with_for_update()).all()  # type: ignore[call-overload]
            pause()
        return "locked"

    second = Database(database.url.render_as_string(hide_password=False))
    second.open()
    barrier = threading.Barrier(2)

    def meet() -> None:
        if not locked.is_set():
            barrier.wait(10)
            locked.set()

    futures = [
        database.submit(tenant.organization_id, lock, one, two, meet),
        second.submit(tenant.organization_id, lock, two, one, meet),
    ]
    assert [future.result(20) for future in futures] == ["locked", "locked"]
    assert len(runs) >= 3
    second.close()


def sleep(session: Session, seconds: float) -> None:
    # The system's doors may call any function; a tenant's may not.
    session.execute(select(func.pg_sleep(seconds)))


@pytest.mark.parametrize("door", ["read_now", "write_now"])
def test_a_statement_that_takes_too_long_is_unavailable(postgres_database: Database, door: str) -> None:
    def impatient(session: Session) -> None:
        session.execute(text("SET LOCAL statement_timeout = 200"))
        sleep(session, 5)

    with pytest.raises(DatabaseUnavailable):
        getattr(postgres_database.system, door)(impatient)
    assert getattr(postgres_database.system, door)(idle) == "idle"


def test_a_statement_that_takes_too_long_harms_nobody_else(postgres_database: Database, tenant: Tenant) -> None:
    database = postgres_database
    tenant_of_the_first_writer = tenant.organization_id.int % len(database.writers) == 0

    def impatient(session: Session) -> None:
        session.execute(text("SET LOCAL statement_timeout = 200"))
        sleep(session, 5)

    def queue() -> list[Future[Any]]:
        submit = database.submit
        slow = (
            Future[Any]()
            if not tenant_of_the_first_writer
            else database.system._database.submit(  # noqa: SLF001
                database.system._tenant, impatient
            )
        )
        if not tenant_of_the_first_writer:
            slow.set_exception(DatabaseUnavailable("another writer"))
        return [submit(tenant.organization_id, add, "before"), slow, submit(tenant.organization_id, add, "behind")]

    before, slow, behind = (outcome(future) for future in behind_a_gate(database, tenant, queue))
    assert isinstance(slow, DatabaseUnavailable)
    assert isinstance(before, UUID)
    assert isinstance(behind, UUID)
    assert names(database, tenant) == {"p-1", "before", "behind"}


def test_a_database_that_is_away_is_unavailable_in_one_line() -> None:
    with pytest.raises(DatabaseUnavailable) as raised:
        Database("postgresql://nobody:secret@127.0.0.1:1/none").open()
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)
