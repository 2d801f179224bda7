"""The two doors to the database: `read` in a small thread pool, `write` through one writer that commits in groups.

A unit of work is a plain function `unit(session, *arguments)`. It takes values in and returns values out, does no
network I/O and no waiting, and may be run again. Nobody outside this file commits.
"""

import asyncio
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

from data.database_faults import DatabaseBusy, DatabaseUnavailable
from data.tenancy import SYSTEM, TENANT, Tenant, bound_session, guard
from data.writer import Job, Writer

__all__ = ["Database", "DatabaseBusy", "DatabaseUnavailable", "Doors"]

P = ParamSpec("P")
R = TypeVar("R")

READERS: Final = 4
POSTGRES_WRITERS: Final = 2
LONGEST_WAIT: Final = 5.0
"""Seconds that a door waits for the database, so that nobody hangs on one that is slow."""

POSTGRES_OPTIONS: Final = (
    "-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000 -c timezone=UTC"
)


class Doors:
    """The two doors, bound to one tenant."""

    def __init__(self, database: "Database", tenant: Tenant) -> None:
        self._database = database
        self._tenant = tenant

    async def read(self, unit: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what `unit` reads in one consistent, read-only transaction."""
        return await self._database.read(self._tenant, unit, *args, **kwargs)

    async def write(self, unit: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what `unit` returned, once its effects are durable. Raises DatabaseBusy or DatabaseUnavailable."""
        return await self._database.write(self._tenant, unit, *args, **kwargs)

    def read_now(self, unit: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Read without an event loop; for the command line."""
        return self._database.run_read(self._tenant, unit, *args, **kwargs)

    def write_now(self, unit: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Write without an event loop; for the command line."""
        return self._database.submit(self._tenant, unit, *args, **kwargs).result()


class Database:
    """One database: SQLite with one writer connection, or PostgreSQL with a few writers.

    `url` is any SQLAlchemy URL; a plain `postgresql://` one uses psycopg 3. The system doors see every tenant.
    """

    def __init__(self, url: str, *, readers: int = READERS, queue_limit: int = 1000) -> None:
        self.url = normalised(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._queue_limit = queue_limit
        self._readers = readers
        self._read_engine: Engine | None = None
        self._write_engine: Engine | None = None
        self._pool: ThreadPoolExecutor | None = None
        self.writers: list[Writer] = []
        self.system = Doors(self, SYSTEM)

    def bound_to(self, organization_id: UUID) -> Doors:
        """Return the doors of one tenant."""
        return Doors(self, organization_id)

    def open(self) -> None:
        """Make the engines and start the writer. Raises DatabaseUnavailable with one clear line."""
        if self.is_sqlite:
            _make_private_file(self.url)
        writers = 1 if self.is_sqlite else POSTGRES_WRITERS
        self._write_engine = _engine(self.url, size=writers, read_only=False)
        self._read_engine = _engine(self.url, size=self._readers, read_only=True)
        try:
            with self._write_engine.connect():
                pass
        except DBAPIError as error:
            self.close()
            raise DatabaseUnavailable(f"the database cannot be opened: {_first_line(error)}") from None
        self._pool = ThreadPoolExecutor(self._readers, thread_name_prefix="reader")
        self.writers = [
            Writer(self._write_engine, queue_limit=self._queue_limit, name=f"writer-{number}")
            for number in range(writers)
        ]
        for writer in self.writers:
            writer.start()

    def close(self) -> None:
        """Drain the writers, then let every connection go."""
        for writer in self.writers:
            writer.stop()
        self.writers = []
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
        for engine in (self._read_engine, self._write_engine):
            if engine is not None:
                engine.dispose()
        self._read_engine = self._write_engine = None

    async def read(
        self, tenant: Tenant, unit: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `unit` on a reader thread, bound to `tenant`."""
        if self._pool is None:
            raise DatabaseUnavailable("the database is closed")
        loop = asyncio.get_running_loop()
        reading = loop.run_in_executor(self._pool, lambda: self.run_read(tenant, unit, *args, **kwargs))
        return await _in_time(reading)

    def run_read(
        self, tenant: Tenant, unit: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `unit` on this thread in one read-only transaction."""
        if self._read_engine is None:
            raise DatabaseUnavailable("the database is closed")
        try:
            with self._read_engine.connect() as connection:
                # The dialect's own statements at connect time run before a tenant is bound.
                connection.info[TENANT] = SYSTEM
                with connection.begin(), bound_session(connection, tenant) as session:
                    return unit(session, *args, **kwargs)
        except (OperationalError, PoolTimeout) as error:
            raise DatabaseUnavailable(_first_line(error)) from None
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DatabaseUnavailable(_first_line(error)) from None
            raise

    async def write(
        self, tenant: Tenant, unit: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Queue `unit` for the writer; returns after the commit that made it durable.

        What has started when the caller gives up waiting may still commit: only a retry tells.
        """
        loop = asyncio.get_running_loop()
        job: Job[R] = Job(tenant, unit, args, kwargs, loop.create_future(), loop)
        self._writer_of(tenant).put(job)
        return await _in_time(job.future)  # type: ignore[arg-type]

    def submit(
        self, tenant: Tenant, unit: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[R]:
        """Queue `unit` for the writer from a plain thread."""
        job: Job[R] = Job(tenant, unit, args, kwargs, Future(), None)
        self._writer_of(tenant).put(job)
        return job.future  # type: ignore[return-value]

    @property
    def write_engine(self) -> Engine:
        """The engine of the writers, for migrations and checks."""
        if self._write_engine is None:
            raise DatabaseUnavailable("the database is closed")
        return self._write_engine

    @property
    def healthy(self) -> bool:
        """True while every writer is alive."""
        return bool(self.writers) and all(writer.alive for writer in self.writers)

    def _writer_of(self, tenant: Tenant) -> Writer:
        if not self.writers:
            raise DatabaseUnavailable("the database is closed")
        # A tenant always meets the same writer, so that two batches never wait for each other's counter rows.
        spread = tenant.int if isinstance(tenant, UUID) else 0
        return self.writers[spread % len(self.writers)]


async def _in_time(future: "asyncio.Future[R]") -> R:
    try:
        async with asyncio.timeout(LONGEST_WAIT):
            return await future
    except TimeoutError:
        raise DatabaseUnavailable("the database takes too long") from None


def normalised(url: str) -> URL:
    """Return the URL with psycopg 3 as the driver of PostgreSQL."""
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _engine(url: URL, *, size: int, read_only: bool) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=size,
            max_overflow=0,
            pool_timeout=5,
            hide_parameters=True,
            connect_args={"check_same_thread": False, "timeout": 5, "isolation_level": None},
        )
        event.listen(engine, "connect", _sqlite_reader if read_only else _sqlite_writer)
        event.listen(engine, "begin", _begin if read_only else _begin_immediate)
    else:
        options = POSTGRES_OPTIONS + (" -c default_transaction_read_only=on" if read_only else "")
        engine = create_engine(
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
    event.listen(engine, "before_cursor_execute", _check)
    event.listen(engine, "checkout", _unbind)
    return engine


def _check(connection: Connection, _c: Any, _s: str, _p: Any, context: Any, _m: bool) -> None:
    guard(connection, context)


def _unbind(_dbapi: Any, record: Any, _proxy: Any) -> None:
    record.info[TENANT] = SYSTEM


def _sqlite_writer(connection: sqlite3.Connection, _record: Any) -> None:
    _pragmas(connection, "journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=8000")


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


def _make_private_file(url: URL) -> None:
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


def _first_line(error: Exception) -> str:
    origin = getattr(error, "orig", None) or error
    return (str(origin).splitlines() or [type(origin).__name__])[0]
