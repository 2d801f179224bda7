"""The two doors to the database: `read` in a small thread pool, `write` through one writer that commits in groups.

A unit of work is a plain function `unit(session, *arguments)`. It takes values in and returns values out, does no
network I/O and no waiting, and may be run again. Nobody outside this file commits.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Concatenate, Final, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from data.audit import ReadNote
from data.database_faults import DatabaseBusy, DatabaseUnavailable
from data.engines import as_it_is, engine, make_private_file, rewritten
from data.jobs import Job
from data.read_trail import ReadTrail
from data.tenancy import ACTOR, SYSTEM, TENANT, Tenant, bound_session
from data.writer import Writer
from schemas.audit import SYSTEM_ACTOR, Actor

__all__ = ["Database", "DatabaseBusy", "DatabaseUnavailable", "Doors"]

P = ParamSpec("P")
R = TypeVar("R")

READERS: Final = 4
POSTGRES_WRITERS: Final = 2
LONGEST_WAIT: Final = 5.0
"""Seconds that a door waits for the database, so that nobody hangs on one that is slow."""


class Doors:
    """The two doors, bound to one tenant, and to whoever acts: so the audit log knows them in every unit of work."""

    def __init__(self, database: "Database", tenant: Tenant, actor: Actor = SYSTEM_ACTOR) -> None:
        self._database = database
        self._tenant = tenant
        self._actor = actor

    async def read(self, unit: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what `unit` reads in one consistent, read-only transaction."""
        return await self._database.read(self._tenant, self._by_actor(unit), *args, **kwargs)

    async def write(self, unit: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what `unit` returned, once its effects are durable. Raises DatabaseBusy or DatabaseUnavailable."""
        return await self._database.write(self._tenant, self._by_actor(unit), *args, **kwargs)

    def read_now(self, unit: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Read without an event loop; for the command line."""
        return self._database.run_read(self._tenant, self._by_actor(unit), *args, **kwargs)

    def write_now(self, unit: Callable[Concatenate[Session, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Write without an event loop; for the command line."""
        return self._database.submit(self._tenant, self._by_actor(unit), *args, **kwargs).result()

    def _by_actor(self, unit: Callable[Concatenate[Session, P], R]) -> Callable[Concatenate[Session, P], R]:
        return unit if self._actor is SYSTEM_ACTOR else partial(_acting, self._actor, unit)


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
        self._trail: ReadTrail | None = None
        self.system = Doors(self, SYSTEM)

    def bound_to(self, organization_id: UUID, actor: Actor = SYSTEM_ACTOR) -> Doors:
        """Return the doors of one tenant, through which `actor` acts."""
        return Doors(self, organization_id, actor)

    def open(self) -> None:
        """Make the engines and start the writer. Raises DatabaseUnavailable with one clear line."""
        if self.is_sqlite:
            make_private_file(self.url)
        writers = 1 if self.is_sqlite else POSTGRES_WRITERS
        self._write_engine = engine(self.url, size=writers, read_only=False)
        self._read_engine = engine(self.url, size=self._readers, read_only=True)
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
        self._trail = ReadTrail(self.submit)

    def close(self) -> None:
        """Store what was read, drain the writers, then let every connection go."""
        if self._trail is not None:
            self._trail.close()
            self._trail = None
        for writer in self.writers:
            writer.stop()
        self.writers = []
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
        for opened in (self._read_engine, self._write_engine):
            if opened is not None:
                opened.dispose()
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
                notes: list[ReadNote] = []
                with connection.begin(), bound_session(connection, tenant, notes) as session:
                    found = unit(session, *args, **kwargs)
        except (OperationalError, PoolTimeout) as error:
            raise DatabaseUnavailable(_first_line(error)) from None
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DatabaseUnavailable(_first_line(error)) from None
            raise
        if notes and self._trail is not None and isinstance(tenant, UUID):
            self._trail.add(tenant, notes)
        return found

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

    def sweep(self) -> "Future[None]":
        """Rewrite the file of SQLite, so that no byte of what was deleted remains in it or beside it.

        Writers wait meanwhile. PostgreSQL does this by itself, and nothing is done.
        """
        job: Job[None] = Job(SYSTEM, rewritten if self.is_sqlite else as_it_is, (), {}, Future(), None, between=True)
        self._writer_of(SYSTEM).put(job)
        return job.future  # type: ignore[return-value]

    @property
    def write_engine(self) -> Engine:
        """The engine of the writers, for migrations and checks."""
        if self._write_engine is None:
            raise DatabaseUnavailable("the database is closed")
        return self._write_engine

    @property
    def waiting(self) -> int:
        """How many units of work wait for a writer."""
        return sum(writer.waiting for writer in self.writers)

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


def _acting(actor: Actor, unit: Callable[..., R], session: Session, *args: Any, **kwargs: Any) -> R:
    session.info[ACTOR] = actor
    return unit(session, *args, **kwargs)


def normalised(url: str) -> URL:
    """Return the URL with psycopg 3 as the driver of PostgreSQL."""
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _first_line(error: Exception) -> str:
    origin = getattr(error, "orig", None) or error
    return (str(origin).splitlines() or [type(origin).__name__])[0]
