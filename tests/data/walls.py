"""Two organisations with the same session id, and what the attacks on the wall between them need."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import (
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from data import access, person_rows, session_entries, session_logs, session_writes
from data.database import Database
from data.table import tenant_tables
from data.tenant_binds import TenantViolation
from tests.conftest import Tenant, make_tenant
from tests.data.making import NOW, log

PersonRow: Any = person_rows.PersonRow
SessionLogRow: Any = session_logs.SessionLogRow
SessionExerciseRow: Any = session_entries.SessionExerciseRow
ApiKeyRow: Any = access.ApiKeyRow
"""The mapped classes without their static types, which know nothing of what an attack does with them."""

P, S, E, K = PersonRow.__table__, SessionLogRow.__table__, SessionExerciseRow.__table__, ApiKeyRow.__table__
DIALECT_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class Walls:
    """Two tenants with a session each, and what the attacked one holds."""

    database: Database
    mine: Tenant
    other: Tenant
    session_id: UUID

    def holdings(self, tenant: Tenant) -> dict[str, list[tuple[Any, ...]]]:
        def read(session: Session) -> dict[str, list[tuple[Any, ...]]]:
            found = {}
            for name, mapped in sorted(tenant_tables().items()):
                core: Any = mapped.__table__  # type: ignore[attr-defined]
                rows = session.execute(select(core).where(core.c.organization_id == tenant.organization_id))
                found[name] = sorted((tuple(row) for row in rows), key=repr)
            return found

        return self.database.system.read_now(read)

    def attack(self, unit: Callable[..., Any]) -> Any:
        return self.database.bound_to(self.mine.organization_id).write_now(unit, self)


def made(url: str) -> Iterator[Walls]:
    database = Database(url)
    database.open()
    mine, other = make_tenant(database, "clinic"), make_tenant(database, "other clinic")
    session_id = uuid4()
    for tenant in (mine, other):
        created = log(tenant.person_id, id=str(session_id))
        database.bound_to(tenant.organization_id).write_now(session_writes.add, created, tenant.person_id, NOW)
    yield Walls(database, mine, other, session_id)
    database.close()


def person(organization_id: UUID, **changes: Any) -> Any:
    row = {"organization_id": organization_id, "id": uuid4(), "external_id": uuid4().hex, "created_at": NOW}
    return PersonRow(**{**row, **changes})


def row(tenant: UUID, **changes: Any) -> dict[str, Any]:
    made = {"organization_id": tenant, "id": uuid4(), "external_id": uuid4().hex, "created_at": NOW}
    return {**made, **changes}


def upsert(session: Session, core: Any) -> Any:
    bind: Any = session.bind
    return DIALECT_INSERT[bind.dialect.name](core)


def own(core: Any, walls: Walls) -> Any:
    return core.c.organization_id == walls.mine.organization_id


def foreign(core: Any, walls: Walls) -> Any:
    return core.c.organization_id == walls.other.organization_id


def connection_of(session: Session) -> Any:
    return session.connection()


Attack = Callable[[Session, Walls], Any]


def kept_in(attacks: dict[str, Attack]) -> Callable[[Attack], Attack]:
    """Return the decorator that keeps an attack under its name."""

    def keep(attack: Attack) -> Attack:
        attacks[attack.__name__] = attack
        return attack

    return keep


def assert_refused(walls: Walls, attack: Attack) -> None:
    before, mine = walls.holdings(walls.other), walls.holdings(walls.mine)
    with pytest.raises(TenantViolation):
        walls.attack(attack)
    assert walls.holdings(walls.other) == before
    assert walls.holdings(walls.mine) == mine


def session_digest(w: Walls) -> Any:
    def read(session: Session) -> Any:
        return session.execute(
            select(K.c.key_digest).where(K.c.organization_id == w.other.organization_id)
        ).scalar_one()

    return w.database.system.read_now(read)
