"""PostgreSQL: connections that break, deadlocks, statements that take too long."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlmodel import Session

from data.database import Database, DatabaseUnavailable
from data.people import PersonRow
from data.tenancy import SYSTEM
from tests.conftest import Tenant, make_tenant
from tests.data.units import add, behind_a_gate, idle, names, outcome


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
        enough, began = len(acknowledged) + 10, time.monotonic()
        while len(acknowledged) < enough and time.monotonic() - began < 20:
            time.sleep(0.01)
        terminate_all(database)
    time.sleep(0.2)
    stop.set()
    for thread in threads:
        thread.join(20)
    assert len(acknowledged) >= 50
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


def test_a_statement_that_takes_too_long_harms_nobody_else(postgres_database: Database) -> None:
    database = postgres_database
    # The system's units go to the first writer; so must those of the organisation that they are to meet.
    tenants = (make_tenant(database, f"clinic {number}") for number in range(64))
    tenant = next(one for one in tenants if one.organization_id.int % len(database.writers) == 0)

    def impatient(session: Session) -> None:
        session.execute(text("SET LOCAL statement_timeout = 200"))
        sleep(session, 5)

    def queue() -> list[Future[Any]]:
        before = database.submit(tenant.organization_id, add, "before")
        slow = database.submit(SYSTEM, impatient)
        return [before, slow, database.submit(tenant.organization_id, add, "behind")]

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
