"""The two walls between tenants: a criterion on every ORM statement, and a check of every statement sent.

The first wall adds `organization_id = tenant` to ORM statements and stamps new rows. The second looks at what reaches
the driver: every tenant table in it must be bound to the tenant of the unit of work, raw SQL is refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import ExecutionContext
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlmodel import Session

from data.table import TenantTable, tenant_tables
from data.tenant_binds import COLUMN, TenantViolation, required_binds

TENANT: Final = "tenant"
"""The key of `Session.info` and `Connection.info` that holds the bound tenant."""

ACTOR: Final = "actor"
"""The key of `Session.info` that holds who acts; without one it is the server itself."""

NOTES: Final = "notes"
"""The key of `Session.info` that collects what a reading unit tells the audit log; writing ones store it at once."""


class System:
    """The tenant of unbound doors: sees every row. Used by security, jobs and the command line only."""


SYSTEM: Final = System()
Tenant = UUID | System


class UnitSession(Session):
    """The session of one unit of work, bound to one tenant in `info`."""


def tenant_of(session: Session) -> UUID:
    """Return the organisation that the session is bound to; raises TenantViolation when it is unbound."""
    tenant = session.info.get(TENANT)
    if not isinstance(tenant, UUID):
        raise TenantViolation("this unit of work needs a tenant")
    return tenant


@contextmanager
def bound_session(connection: Connection, tenant: Tenant, notes: list[Any] | None = None) -> Iterator[Session]:
    """Yield a session on the connection's transaction, bound to `tenant`; what it holds is flushed at the end.

    `notes` collects what the unit tells the audit log, when it cannot store it itself.
    """
    connection.info[TENANT] = tenant
    session = UnitSession(
        bind=connection,
        join_transaction_mode="rollback_only",
        expire_on_commit=False,
        info={TENANT: tenant, NOTES: notes},
    )
    try:
        yield session
        if session.new or session.dirty or session.deleted:
            session.flush()
    finally:
        session.close()
        # A connection that broke has no info any more; asking for it would hide the fault that broke it.
        if not connection.invalidated:
            connection.info[TENANT] = SYSTEM


@lru_cache(maxsize=1024)
def _criteria(tenant: UUID) -> tuple[Any, ...]:
    return tuple(_criterion(mapped, tenant) for _, mapped in sorted(tenant_tables().items()))


def _criterion(mapped: type[TenantTable], tenant: UUID) -> Any:
    # A plain expression would name the table, not its alias, in the ON clause of a join with an alias.
    return with_loader_criteria(mapped, lambda entity: entity.organization_id == tenant, include_aliases=True)


@event.listens_for(UnitSession, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    tenant = state.session.info.get(TENANT)
    if tenant is None:
        raise TenantViolation("this session has no tenant")
    if isinstance(tenant, UUID) and not state.is_insert:
        state.statement = state.statement.options(*_criteria(tenant))


@event.listens_for(UnitSession, "before_flush")
def _stamp(session: Session, *_: object) -> None:
    tenant = session.info.get(TENANT)
    if tenant is None:
        raise TenantViolation("this session has no tenant")
    if not isinstance(tenant, UUID):
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, TenantTable):
            continue
        if getattr(row, COLUMN, None) is None:
            row.organization_id = tenant
        elif row.organization_id != tenant:
            raise TenantViolation(f"{type(row).__name__} belongs to another tenant")


def guard(connection: Connection, context: ExecutionContext | None) -> None:
    """Refuse the statement that is about to run unless each tenant table in it is bound to the connection's tenant.

    Raises TenantViolation. Costs one look-up for a statement that was seen before.
    """
    tenant = connection.info.get(TENANT)
    if tenant is SYSTEM:
        return
    if tenant is None:
        raise TenantViolation("this connection has no tenant")
    compiled = getattr(context, "compiled", None)
    if compiled is None:
        raise TenantViolation("raw SQL is refused inside a unit of work")
    names = _binds.get(compiled)
    if names is None:
        names = required_binds(compiled)
        _binds[compiled] = names
    if not names:
        return
    for parameters in context.compiled_parameters:  # type: ignore[union-attr]
        if any(parameters.get(name) != tenant for name in names):
            raise TenantViolation("a statement names another tenant")


_binds: WeakKeyDictionary[Any, tuple[str, ...]] = WeakKeyDictionary()
