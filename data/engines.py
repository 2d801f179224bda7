"""How either database is opened: the pragmas of SQLite, the options of PostgreSQL, the wall on every connection."""

import os
import sqlite3
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import QueuePool

from data.database_faults import DatabaseUnavailable
from data.tenancy import SYSTEM, TENANT, guard

POSTGRES_OPTIONS: Final = (
    "-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 -c timezone=UTC"
)


def engine(url: URL, *, size: int, read_only: bool) -> Engine:
    """Return the engine of the writers, or of the readers."""
    if url.get_backend_name() == "sqlite":
        made = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=size,
            max_overflow=0,
            pool_timeout=5,
            hide_parameters=True,
            connect_args={"check_same_thread": False, "timeout": 5, "isolation_level": None},
        )
        event.listen(made, "connect", _sqlite_reader if read_only else _sqlite_writer)
        event.listen(made, "begin", _begin if read_only else _begin_immediate)
    else:
        options = POSTGRES_OPTIONS + (" -c default_transaction_read_only=on" if read_only else "")
        made = create_engine(
            url,
            pool_size=size,
            max_overflow=0,
            pool_timeout=5,
            pool_pre_ping=True,
            pool_recycle=1800,
            hide_parameters=True,
            # A reader's statements see one state of the database, as they do on SQLite.
            isolation_level="REPEATABLE READ" if read_only else "READ COMMITTED",
            # A server that vanished without a word is noticed as soon as one that is slow.
            connect_args={"options": options, "connect_timeout": 5, "tcp_user_timeout": 5000},
        )
    event.listen(made, "before_cursor_execute", _check)
    event.listen(made, "checkout", _unbind)
    return made


def _check(connection: Connection, _c: Any, _s: str, _p: Any, context: Any, _m: bool) -> None:
    guard(connection, context)


def _unbind(_dbapi: Any, record: Any, _proxy: Any) -> None:
    record.info[TENANT] = SYSTEM


def _sqlite_writer(connection: sqlite3.Connection, _record: Any) -> None:
    _pragmas(connection, "journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=8000", "secure_delete=ON")


def _sqlite_reader(connection: sqlite3.Connection, _record: Any) -> None:
    # What readers ask for again lies in the snapshot: a small cache of pages is enough for each.
    _pragmas(connection, "query_only=ON", "cache_size=-512")


def _pragmas(connection: sqlite3.Connection, *further: str) -> None:
    common = ("busy_timeout=5000", "foreign_keys=ON", "trusted_schema=OFF", "journal_size_limit=67108864")
    for pragma in (*common, *further):
        connection.execute(f"PRAGMA {pragma}").fetchall()


def _begin(connection: Connection) -> None:
    _driver(connection).execute("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    # A deferred BEGIN that turns into a write fails at once when somebody else has committed meanwhile.
    _driver(connection).execute("BEGIN IMMEDIATE")


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def make_private_file(url: URL) -> None:
    """Make the file of SQLite, for its owner alone. Raises DatabaseUnavailable."""
    if not url.database or url.database == ":memory:":
        raise DatabaseUnavailable(
            "LIMBER_DATABASE_URL must name a file: an in-memory database would lose every session"
        )
    path = Path(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise DatabaseUnavailable(f"the database file {path} cannot be opened: {error.strerror}") from None


def rewritten(connection: Connection) -> None:
    """Leave nothing of deleted rows. Zeroing alone misses what was copied when a page was split.

    Raises DatabaseUnavailable.
    """
    driver = _driver(connection)
    try:
        driver.execute("VACUUM")
        busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise DatabaseUnavailable(f"the file cannot be rewritten: {error}") from None
    if busy:
        raise DatabaseUnavailable("the file was rewritten, and somebody who reads holds its log; try again")


def as_it_is(_connection: Connection) -> None:
    """Leave the database as it is: PostgreSQL sweeps by itself."""
