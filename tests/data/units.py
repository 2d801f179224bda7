"""Units of work, and how to make them meet in one batch."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlmodel import Session

from data import people
from data.database import Database, DatabaseUnavailable
from data.person_rows import PersonRow
from data.tenancy import tenant_of
from schemas.people import PersonCreate
from tests.conftest import Tenant
from tests.data.making import NOW


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
    except (RuntimeError, ValueError, TimeoutError, SQLAlchemyError, DatabaseUnavailable) as error:
        return error


def idle(_session: Session) -> str:
    return "idle"
