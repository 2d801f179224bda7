"""The two doors: group commit, faults that harm nobody else, waiters that leave."""

import asyncio
import threading
import time
from concurrent.futures import CancelledError, Future
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from data.database import Database, DatabaseBusy, DatabaseUnavailable
from tests.conftest import Tenant
from tests.data.units import Gate, add, behind_a_gate, fail, idle, names, outcome, swallow, twice_the_same


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
    assert time.monotonic() - began < 5
    # The reading door is not affected.
    assert database.system.read_now(idle) == "idle"
    gate.open()
    assert first.result(10) == "passed"
    assert [future.result(10) for future in waiting] == ["idle"] * 3
    assert database.submit(UUID(int=2), idle).result(10) == "idle"
    database.close()


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
