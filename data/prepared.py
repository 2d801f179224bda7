"""Core statements for hot paths: compiled once, run on the driver, always carrying the tenant of the unit of work."""

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, StatementError
from sqlmodel import Session

from data.tenancy import tenant_of
from data.tenant_binds import COLUMN, TenantViolation, required_binds

Build = Callable[[Callable[[Table], Any]], Any]
"""Makes the statement; is handed the database's own `insert`, which knows ON CONFLICT."""

INSERTS: Final[Mapping[str, Callable[[Table], Any]]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


class PreparedStatement:
    """One statement on one tenant table. It binds `organization_id` itself: the caller cannot name another tenant."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    def run(self, session: Session, rows: Iterable[Mapping[str, Any]]) -> int:
        """Run the statement for each row and return the number of rows it changed, -1 when the driver cannot tell."""
        tenant = tenant_of(session)
        connection, compiled = self._on(session)
        values = compiled.bound(rows, tenant)
        if not values:
            return 0
        cursor = connection.connection.cursor()
        try:
            if len(values) == 1:
                cursor.execute(compiled.sql, values[0])
            else:
                cursor.executemany(compiled.sql, values)
            return int(cursor.rowcount)
        except connection.dialect.loaded_dbapi.Error as error:
            raise compiled.wrapped(error, connection) from error
        finally:
            cursor.close()

    def exists(self, session: Session, **row: Any) -> bool:
        """Return True when the statement, a select, finds a row."""
        tenant = tenant_of(session)
        connection, compiled = self._on(session)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.sql, compiled.bound([row], tenant)[0])
            return cursor.fetchone() is not None
        except connection.dialect.loaded_dbapi.Error as error:
            raise compiled.wrapped(error, connection) from error
        finally:
            cursor.close()

    def _on(self, session: Session) -> "tuple[Connection, _Compiled]":
        connection = session.bind
        if not isinstance(connection, Connection):
            raise TypeError("a prepared statement runs inside a unit of work")
        name = connection.dialect.name
        if name not in self._compiled:
            self._compiled[name] = _Compiled(self._build(INSERTS[name]), connection)
        return connection, self._compiled[name]


class _Compiled:
    """The statement's SQL for one database, and how each bound value is turned into the driver's."""

    def __init__(self, statement: Any, connection: Connection) -> None:
        dialect = connection.dialect
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        names = list(compiled.binds)
        # The driver is used directly, past the wall: so the wall's reading is done here, once.
        if required_binds(compiled) != (COLUMN,):
            raise TenantViolation("a prepared statement binds organization_id, and nothing else, to its tenant")
        self._fixed = {
            name: bind.value for name, bind in compiled.binds.items() if not bind.required and bind.value is not None
        }
        if isinstance(statement, Insert):
            self._fixed |= {name: None for name in names if name not in self._fixed}
        self._process = {
            name: processor
            for name, bind in compiled.binds.items()
            if (processor := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }
        self._names = [name for name in names if name != COLUMN]
        self._needed = frozenset(self._names)
        self._order: _Order | None = None
        if compiled.positional:
            self._order = _Order(list(compiled.positiontup), self._process)

    def bound(self, rows: Iterable[Mapping[str, Any]], tenant: UUID) -> list[Any]:
        """Return the rows as the driver wants them, bound to the tenant: tuples in order, or mappings."""
        turn = self._process.get(COLUMN)
        owner = tenant if turn is None else turn(tenant)
        complete = [row if row.keys() >= self._needed else {**self._fixed, **row} for row in rows]
        if self._order is not None:
            return self._order.tuples(complete, owner)
        return [self._mapping(row, owner) for row in complete]

    def _mapping(self, row: Mapping[str, Any], owner: Any) -> dict[str, Any]:
        process = self._process
        values = {name: process[name](row[name]) if name in process else row[name] for name in self._names}
        values[COLUMN] = owner
        return values

    def wrapped(self, error: Exception, connection: Connection) -> StatementError:
        """Return the driver's error as SQLAlchemy's, without the bound values."""
        return DBAPIError.instance(
            self.sql,
            None,
            error,
            connection.dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=connection.dialect.is_disconnect(error, None, None),  # type: ignore[arg-type]
            dialect=connection.dialect,
        )


def _once_in_a_row(process: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return the processor with a memory of one value: the rows of one session name it again and again."""
    last: Any = process
    turned: Any = None

    def turn(value: Any) -> Any:
        nonlocal last, turned
        if value is not last:
            turned = process(value)
            last = value
        return turned

    return turn


class _Order:
    """How rows become the tuples of a driver whose placeholders go by position."""

    def __init__(self, names: list[str], process: Mapping[str, Callable[[Any], Any]]) -> None:
        self._owners = [place for place, name in enumerate(names) if name == COLUMN]
        others = [name for name in names if name != COLUMN]
        # With one name alone an itemgetter would not give a tuple.
        self._pick = itemgetter(*others) if len(others) > 1 else lambda row: [row[name] for name in others]
        self._process = [(place, process[name]) for place, name in enumerate(others) if name in process]

    def tuples(self, rows: list[Mapping[str, Any]], owner: Any) -> list[tuple[Any, ...]]:
        """Return the values of each row in order, `owner` wherever the tenant stands."""
        if not rows:
            return []
        # Column by column: the loops then run inside zip and map, at a third of the price.
        columns: list[Iterable[Any]] = list(zip(*map(self._pick, rows), strict=True))
        for place, process in self._process:
            columns[place] = map(_once_in_a_row(process), columns[place])
        for place in self._owners:
            columns.insert(place, [owner] * len(rows))
        return list(zip(*columns, strict=True))
