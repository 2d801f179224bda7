"""Which bound values of a statement must be the tenant: the reading behind the second wall.

A statement passes when all of it is understood: every tenant table in it is narrowed to a bound tenant, there is no raw
SQL anywhere, and the finished SQL names the tenant tables no more often than was accounted for.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import BindParameter, ColumnClause, Delete, Insert, Select, TextClause, Update
from sqlalchemy import Table as CoreTable
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BooleanClauseList,
    ClauseElement,
    Grouping,
    ReleaseSavepointClause,
    RollbackToSavepointClause,
    SavepointClause,
    quoted_name,
)
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import AliasedReturnsRows, FromGrouping, Join, SelectBase, TableClause, Values

from data.table import Table, TenantTable, tenant_tables

COLUMN: Final = "organization_id"
SYSTEM_ONLY: Final = "system_only"
"""The key of a table's `info` that keeps it from every unit of work which is bound to a tenant."""

FUNCTIONS: Final = frozenset(
    {"abs", "avg", "coalesce", "count", "length", "lower", "max", "min", "nullif", "sum", "upper"}
)
"""Functions that cannot be handed SQL as text, as some of PostgreSQL's can."""

SYMBOLS: Final = re.compile(r"(?!--|/\*)[-+*/<>=~!@#%^&|?]+\Z")
SAVEPOINTS: Final = (SavepointClause, RollbackToSavepointClause, ReleaseSavepointClause)


class TenantViolation(Exception):
    """A unit of work tried to reach rows of another tenant, or to bypass the walls."""


def required_binds(compiled: Any) -> tuple[str, ...]:
    """Return the names of the bound values that must be the tenant. Raises TenantViolation for what cannot be bound."""
    statement = getattr(compiled.compile_state, "statement", None)
    if not isinstance(statement, ClauseElement):
        statement = compiled.statement
    if isinstance(statement, SAVEPOINTS):
        return ()
    if not isinstance(statement, SelectBase | Insert | Update | Delete):
        raise TenantViolation("a unit of work only selects, inserts, updates and deletes")
    return _Reading(compiled, statement).names()


class _Reading:
    """One statement: the tenant tables in it, and what binds them."""

    def __init__(self, compiled: Any, statement: ClauseElement) -> None:
        self._compiled = compiled
        self._statement = statement
        self._owned = tenant_tables()
        self._bound: dict[int, str] = {}
        self._unbound: dict[int, str] = {}
        self._names: set[str] = set()
        self._accounted = 0

    def names(self) -> tuple[str, ...]:
        for element in _elements(self._statement):
            _refuse_unreadable(element)
            if isinstance(element, Insert | Update | Delete):
                self._change(element)
            elif isinstance(element, Select):
                self._scope(list(element.get_final_froms()), element.whereclause)
        for key, name in self._unbound.items():
            # A table of an enclosing statement is bound there; were it listed here too, the count below would tell.
            if key not in self._bound:
                raise TenantViolation(f"{name} is read or changed without its tenant")
        if _mentions(self._compiled.string, self._owned) > self._accounted:
            raise TenantViolation("a tenant table stands where it cannot be bound to its tenant")
        return tuple(sorted(self._names))

    def _change(self, statement: Insert | Update | Delete) -> None:
        if statement is not self._statement:
            raise TenantViolation("a change stands alone, never inside another statement")
        table = _table_of(_plain(statement.table))
        if table is None or table.name not in self._owned:
            raise TenantViolation("a unit of work of a tenant changes the tenant's tables only")
        state = self._compiled.compile_state
        if isinstance(statement, Insert):
            self._names |= _insert_names(statement, state, self._compiled)
            self._accounted += 1
            return
        self._scope([statement.table, *(getattr(state, "_extra_froms", None) or ())], statement.whereclause)
        keys = {*(state._dict_parameters or {}), *(self._compiled.column_keys or ())} if state.isupdate else set()
        if any(getattr(key, "name", key) == COLUMN for key in keys):
            raise TenantViolation("a row never changes its tenant")

    def _scope(self, froms: list[Any], where: Any) -> None:
        conjuncts = _conjuncts(where)
        sources: list[Any] = []
        outer: list[tuple[set[int], Any]] = []
        for item in froms:
            sources.extend(_flatten(item, conjuncts, outer))
        bound = _narrow(conjuncts, {}, self._compiled)
        for optional, onclause in outer:
            # An ON clause of an outer join narrows its right side only.
            narrowed = _narrow(_conjuncts(onclause), bound, self._compiled)
            bound |= {key: name for key, name in narrowed.items() if key in optional}
        for source in sources:
            table = _table_of(source)
            if table is None or table.name not in self._owned:
                continue
            if id(source) in bound:
                self._bound[id(source)] = bound[id(source)]
                self._names.add(bound[id(source)])
                self._accounted += 1
            else:
                self._unbound[id(source)] = table.name


def _elements(root: ClauseElement) -> Iterator[Any]:
    seen: dict[int, Any] = {}
    pending: list[Any] = [root]
    while pending:
        element = pending.pop()
        if id(element) not in seen:
            # Kept, because the identity of what is gone may be given again.
            seen[id(element)] = element
            yield element
            pending.extend(element.get_children())
            pending.extend(_unvisited(element))


def _unvisited(element: Any) -> Iterator[ClauseElement]:
    """Yield what SQLAlchemy's own traversal leaves out: the rows of multi-row INSERT and VALUES."""
    if isinstance(element, Insert):
        rows = [row for group in element._multi_values for row in group]
    elif isinstance(element, Values):
        rows = [row for group in element._data for row in group]
    else:
        return
    for row in rows:
        for value in row.values() if isinstance(row, dict) else row:
            if isinstance(value, ClauseElement):
                yield value


def _refuse_unreadable(element: Any) -> None:
    if isinstance(element, TableClause):
        if not isinstance(element, CoreTable) or element.metadata is not Table.metadata:
            raise TenantViolation("a table is reached by its mapped class only")
        if element.info.get(SYSTEM_ONLY):
            raise TenantViolation(f"{element.name} is reached through the system doors only")
    if isinstance(element, FunctionElement) and getattr(element, "name", "") not in FUNCTIONS:
        raise TenantViolation("this function is not known to be harmless inside a unit of work")
    if _is_raw(element):
        raise TenantViolation("raw SQL is refused inside a unit of work")
    sets = getattr(element, "update_values_to_set", None)
    if sets is not None:
        target = {getattr(part, "name", part) for part in element.inferred_target_elements or ()}
        if COLUMN not in target or any(getattr(key, "name", key) == COLUMN for key, _ in dict(sets).items()):
            raise TenantViolation("an upsert names the tenant in its target and never changes it")


def _is_raw(element: Any) -> bool:
    if isinstance(element, TextClause):
        return True
    if isinstance(element, ColumnClause) and element.is_literal and element.name != "*":
        return True
    name = getattr(element, "name", None)
    if isinstance(name, quoted_name) and name.quote is False and not isinstance(element, FunctionElement):
        return True
    if any(getattr(element, part, None) for part in ("_prefixes", "_suffixes", "_hints", "_statement_hints")):
        return True
    used = (getattr(element, part, None) for part in ("operator", "modifier", "negate"))
    return any(isinstance(one, operators.custom_op) and not SYMBOLS.match(one.opstring) for one in used)


def _insert_names(statement: Insert, state: Any, compiled: Any) -> set[str]:
    multiple = state._multi_parameters
    rows = multiple or [state._dict_parameters or {}]
    names = {f"{COLUMN}_m{index}" for index in range(len(rows))} if multiple else {COLUMN}
    explicit = [value for row in rows for key, value in row.items() if getattr(key, "name", key) == COLUMN]
    computed = any(isinstance(value, ClauseElement) and not isinstance(value, BindParameter) for value in explicit)
    if statement.select is not None or computed or not names <= compiled.binds.keys():
        raise TenantViolation("an insert into a tenant table must carry its tenant in every row")
    return names


def _flatten(item: Any, conjuncts: list[Any], outer: list[tuple[set[int], Any]]) -> list[Any]:
    if isinstance(item, FromGrouping):
        return _flatten(item.element, conjuncts, outer)
    if not isinstance(item, Join):
        return [_plain(item)]
    if item.full:
        raise TenantViolation("a full outer join cannot be bound to a tenant")
    left, right = _flatten(item.left, conjuncts, outer), _flatten(item.right, conjuncts, outer)
    if item.isouter:
        outer.append(({id(source) for source in right}, item.onclause))
    else:
        conjuncts.extend(_conjuncts(item.onclause))
    return left + right


def _table_of(source: Any) -> Any:
    while isinstance(source, AliasedReturnsRows | FromGrouping):
        source = _plain(source.element)
    return source if isinstance(source, TableClause) else None


def _conjuncts(clause: Any) -> list[Any]:
    if clause is None:
        return []
    if isinstance(clause, Grouping):
        return _conjuncts(clause.element)
    if isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
        return [part for child in clause.clauses for part in _conjuncts(child)]
    return [clause]


def _narrow(conjuncts: list[Any], known: dict[int, str], compiled: Any) -> dict[int, str]:
    """Return the sources that the conjuncts bind, with the name of the bound value; `known` are bound already."""
    bound = dict(known)
    equal: list[tuple[int, int]] = []
    for conjunct in conjuncts:
        if not isinstance(conjunct, BinaryExpression) or conjunct.operator is not operators.eq:
            continue
        left, right = _plain(conjunct.left), _plain(conjunct.right)
        if isinstance(left, BindParameter):
            left, right = right, left
        if not _is_tenant(left):
            continue
        if isinstance(right, BindParameter):
            bound[id(_plain(left.table))] = compiled.bind_names.get(right, right.key)
        elif _is_tenant(right):
            equal.append((id(_plain(left.table)), id(_plain(right.table))))
    for _ in equal:
        for one, two in equal:
            if one in bound or two in bound:
                bound.setdefault(one, bound.get(two, ""))
                bound.setdefault(two, bound[one])
    return bound


def _is_tenant(element: Any) -> bool:
    return isinstance(element, ColumnClause) and element.name == COLUMN and element.table is not None


def _plain(element: Any) -> Any:
    """Return the element without the ORM's annotations: the one that other parts of the statement name."""
    return element if isinstance(element, BindParameter) else element._deannotate()


def _mentions(sql: str, owned: dict[str, type[TenantTable]]) -> int:
    # `person.id` names a column; `person` and `"person"` alone stand for the table, wherever the SQL came from.
    names = "|".join(re.escape(name) for name in owned)
    return len(re.findall(rf'(?<!\w)"?(?:{names})"?(?![\w".])', sql, re.IGNORECASE))
