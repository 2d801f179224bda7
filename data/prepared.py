"""Core statements for hot paths: compiled once, run on the driver, always carrying the tenant of the unit of work."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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


Columns = Mapping[str, Sequence[Any]]
"""Values by column name, each of the same length; `organization_id` in it is not looked at."""


class PreparedStatement:
    """One statement on one tenant table. It binds `organization_id` itself: the caller cannot name another tenant."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    def run(self, session: Session, columns: Columns) -> int:
        """Run the statement for each row and return the number of rows it changed, -1 when the driver cannot tell.

        The rows come as columns of equal length: turning them into the driver's values is then one loop a column.
        """
        tenant = tenant_of(session)
        connection, compiled = self._on(session)
        values = compiled.bound(columns, tenant)
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
        return self._first(session, row) is not None

    def value(self, session: Session, **row: Any) -> Any:
        """Return the first value of the one row that the statement finds or changes; it must return one."""
        found = self._first(session, row)
        if found is None:
            raise LookupError("the statement returned no row")
        return found[0]

    def found(self, session: Session, **row: Any) -> Any:
        """Return the row that the statement, a select, finds, as the driver hands it over; None without one."""
        return self._first(session, row)

    def _first(self, session: Session, row: Mapping[str, Any]) -> Any:
        tenant = tenant_of(session)
        connection, compiled = self._on(session)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(compiled.sql, compiled.bound({name: [value] for name, value in row.items()}, tenant)[0])
            return cursor.fetchone()
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
        self._places = list(compiled.positiontup) if compiled.positional else names
        self._positional = bool(compiled.positional)

    def bound(self, columns: Columns, tenant: UUID) -> list[Any]:
        """Return the rows as the driver wants them, bound to the tenant: tuples in order, or mappings."""
        count = len(next(iter(columns.values())))
        if not count:
            return []
        rows = zip(*(self._column(name, columns, count, tenant) for name in self._places), strict=True)
        return list(rows) if self._positional else [dict(zip(self._places, row, strict=True)) for row in rows]

    def _column(self, name: str, columns: Columns, count: int, tenant: UUID) -> Iterable[Any]:
        values = [tenant] * count if name == COLUMN else columns.get(name)
        if values is None:
            values = [self._fixed[name]] * count
        process = self._process.get(name)
        return values if process is None else map(_once_in_a_row(process), values)

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
