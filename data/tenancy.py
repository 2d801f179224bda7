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

from sqlalchemy import BindParameter, ColumnClause, Connection, Delete, Insert, Select, TextClause, Update, event
from sqlalchemy import Table as CoreTable
from sqlalchemy.engine.interfaces import ExecutionContext
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, ClauseElement, Grouping
from sqlalchemy.sql.selectable import Alias, FromClause, Join, TableClause
from sqlmodel import Session

from data.table import TenantTable, tenant_tables

COLUMN: Final = "organization_id"
TENANT: Final = "tenant"
"""The key of `Session.info` and `Connection.info` that holds the bound tenant."""


class System:
    """The tenant of unbound doors: sees every row. Used by security, jobs and the command line only."""


SYSTEM: Final = System()
Tenant = UUID | System


class TenantViolation(Exception):
    """A unit of work tried to reach rows of another tenant, or to bypass the walls."""


class UnitSession(Session):
    """The session of one unit of work, bound to one tenant in `info`."""


def tenant_of(session: Session) -> UUID:
    """Return the organisation that the session is bound to; raises TenantViolation when it is unbound."""
    tenant = session.info.get(TENANT)
    if not isinstance(tenant, UUID):
        raise TenantViolation("this unit of work needs a tenant")
    return tenant


@contextmanager
def bound_session(connection: Connection, tenant: Tenant) -> Iterator[Session]:
    """Yield a session on the connection's transaction, bound to `tenant`; what it holds is flushed at the end."""
    connection.info[TENANT] = tenant
    session = UnitSession(
        bind=connection, join_transaction_mode="rollback_only", expire_on_commit=False, info={TENANT: tenant}
    )
    try:
        yield session
        if session.new or session.dirty or session.deleted:
            session.flush()
    finally:
        session.close()
        connection.info[TENANT] = SYSTEM


@lru_cache(maxsize=1024)
def _criteria(tenant: UUID) -> tuple[Any, ...]:
    return tuple(
        with_loader_criteria(mapped, mapped.organization_id == tenant, include_aliases=True)  # type: ignore[arg-type]
        for _, mapped in sorted(tenant_tables().items())
    )


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
        names = _required_binds(compiled)
        _binds[compiled] = names
    if not names:
        return
    for parameters in context.compiled_parameters:  # type: ignore[union-attr]
        for name in names:
            if parameters.get(name) != tenant:
                raise TenantViolation("a statement names another tenant")


_binds: WeakKeyDictionary[Any, tuple[str, ...]] = WeakKeyDictionary()


def _required_binds(compiled: Any) -> tuple[str, ...]:
    state = compiled.compile_state
    statement = getattr(state, "statement", None)
    if not isinstance(statement, ClauseElement):
        statement = compiled.statement
    owned = tenant_tables()
    required: set[str] = set()
    elements = list(visitors.iterate(statement))
    for element in elements:
        _refuse_raw(element, owned)
    for element in elements:
        if isinstance(element, Insert):
            required |= _insert_binds(element, compiled, owned)
        elif isinstance(element, Update | Delete):
            required |= _scope_binds([element.table], _conjuncts(element.whereclause), compiled, owned)
            if isinstance(element, Update) and _sets_tenant(element):
                raise TenantViolation("a row never changes its tenant")
        elif isinstance(element, Select):
            froms = list(element.get_final_froms())
            required |= _scope_binds(froms, _conjuncts(element.whereclause), compiled, owned)
    return tuple(sorted(required))


def _refuse_raw(element: Any, owned: dict[str, type[TenantTable]]) -> None:
    if isinstance(element, TextClause):
        raise TenantViolation("raw SQL is refused inside a unit of work")
    if isinstance(element, ColumnClause) and element.is_literal:
        raise TenantViolation("raw SQL is refused inside a unit of work")
    if isinstance(element, TableClause) and not isinstance(element, CoreTable) and element.name in owned:
        raise TenantViolation("a tenant table is reached by its mapped class only")


def _insert_binds(statement: Insert, compiled: Any, owned: dict[str, type[TenantTable]]) -> set[str]:
    if statement.table.name not in owned:
        return set()
    names = {name for name in compiled.binds if name == COLUMN or name.startswith(f"{COLUMN}_m")}
    if not names or statement.select is not None:
        raise TenantViolation("an insert into a tenant table must carry its tenant in every row")
    conflict = getattr(statement, "_post_values_clause", None)
    if any(key == COLUMN for key, _ in getattr(conflict, "update_values_to_set", ())):
        raise TenantViolation("a row never changes its tenant")
    return names


def _sets_tenant(statement: Update) -> bool:
    values: dict[Any, Any] = dict(getattr(statement, "_values", None) or {})
    return any(getattr(key, "name", key) == COLUMN for key in values)


def _scope_binds(
    froms: list[Any], conjuncts: list[Any], compiled: Any, owned: dict[str, type[TenantTable]]
) -> set[str]:
    sources: list[FromClause] = []
    outer: list[tuple[set[int], Any]] = []
    for item in froms:
        sources.extend(_flatten(item, conjuncts, outer))
    tenanted = [source for source in sources if _table_name(source) in owned]
    bound: dict[int, str] = {}
    equal: list[tuple[int, int]] = []
    for conjunct in conjuncts:
        _note_equality(conjunct, compiled, bound, equal)
    _spread(bound, equal)
    for optional, onclause in outer:
        # An ON clause of an outer join narrows its right side only.
        narrowed = dict(bound)
        pairs: list[tuple[int, int]] = []
        for conjunct in _conjuncts(onclause):
            _note_equality(conjunct, compiled, narrowed, pairs)
        _spread(narrowed, pairs)
        bound |= {key: name for key, name in narrowed.items() if key in optional}
    for source in tenanted:
        if id(source) not in bound:
            raise TenantViolation(f"{_table_name(source)} is read or changed without its tenant")
    return {bound[id(source)] for source in tenanted}


def _spread(bound: dict[int, str], equal: list[tuple[int, int]]) -> None:
    for _ in equal:
        for left, right in equal:
            if left in bound:
                bound.setdefault(right, bound[left])
            elif right in bound:
                bound.setdefault(left, bound[right])


def _flatten(item: Any, conjuncts: list[Any], outer: list[tuple[set[int], Any]]) -> Iterator[FromClause]:
    if not isinstance(item, Join):
        yield item
        return
    if item.full:
        raise TenantViolation("a full outer join cannot be bound to a tenant")
    left = list(_flatten(item.left, conjuncts, outer))
    right = list(_flatten(item.right, conjuncts, outer))
    if item.isouter:
        outer.append(({id(source) for source in right}, item.onclause))
    else:
        conjuncts.extend(_conjuncts(item.onclause))
    yield from left
    yield from right


def _table_name(source: Any) -> str:
    inner = source.element if isinstance(source, Alias) else source
    return str(getattr(inner, "name", ""))


def _conjuncts(clause: Any) -> list[Any]:
    if clause is None:
        return []
    if isinstance(clause, Grouping):
        return _conjuncts(clause.element)
    if isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
        return [part for child in clause.clauses for part in _conjuncts(child)]
    return [clause]


def _note_equality(conjunct: Any, compiled: Any, bound: dict[int, str], equal: list[tuple[int, int]]) -> None:
    if not isinstance(conjunct, BinaryExpression) or conjunct.operator is not operators.eq:
        return
    left, right = _plain(conjunct.left), _plain(conjunct.right)
    if isinstance(left, BindParameter):
        left, right = right, left
    if getattr(left, "name", None) != COLUMN:
        return
    if isinstance(right, BindParameter):
        bound[id(left.table)] = compiled.bind_names.get(right, right.key)
    elif getattr(right, "name", None) == COLUMN:
        equal.append((id(left.table), id(right.table)))


def _plain(element: Any) -> Any:
    """Return the element without the ORM's annotations, so that its table is the one in the FROM list."""
    return (
        element._deannotate() if hasattr(element, "_deannotate") and not isinstance(element, BindParameter) else element
    )
