"""The one writer: takes every unit of work that waits, runs them in one transaction, commits once, then answers."""

import asyncio
import logging
import queue
import secrets
import threading
import time
from typing import Any, Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from data.database_faults import RETRYABLE, DatabaseBusy, DatabaseUnavailable, as_unavailable, is_fatal, told
from data.jobs import Job, order, run_between, run_unit, settle_all

BATCH_LIMIT: Final = 512
RESTED_SECONDS: Final = 1.0
ATTEMPTS: Final = 3
MOST_PAUSE_MILLISECONDS: Final = 100

log = logging.getLogger("limber.writer")


class Writer:
    """A thread with one connection that commits in groups."""

    def __init__(self, engine: Engine, *, queue_limit: int, name: str) -> None:
        self._engine = engine
        self._limit = queue_limit
        self.name = name
        self._queue: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._lock = threading.Lock()
        self._served_at = time.monotonic()
        self.restarts = 0
        self.commits = 0
        self.units = 0

    @property
    def alive(self) -> bool:
        """True while the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """How many units wait."""
        return self._queue.qsize()

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the queue run dry, then end the thread."""
        with self._lock:
            self._stopping = True
            thread = self._thread
            self._queue.put(None)
        if thread is not None:
            thread.join()
        self._refuse_the_rest()

    def put(self, job: Job[Any]) -> None:
        """Queue a job. Raises DatabaseBusy when too many wait, DatabaseUnavailable when closing."""
        # Under the lock no job can slip in behind the end mark, and no two threads restart a dead writer.
        with self._lock:
            if self._stopping:
                raise DatabaseUnavailable("the database is closing")
            if self._queue.qsize() >= self._limit:
                raise DatabaseBusy("too many writes are waiting")
            if not self.alive:
                self._restart()
            self._queue.put(job)

    def _restart(self) -> None:
        log.error("the writer had died and is started again")
        self.restarts += 1
        self.start()

    def _run(self) -> None:
        connection: Connection | None = None
        try:
            while batch := self._next_batch():
                connection = self._serve(connection, batch)
        except BaseException as error:  # noqa: BLE001 - whatever ended it, those who wait are served by the next thread
            log.error("the writer died of %s", type(error).__name__)
            _discard(connection)
            connection = None
        finally:
            if connection is not None:
                connection.close()
            with self._lock:
                self._thread = None
                if not self._stopping and not self._queue.empty():
                    self._restart()

    def _refuse_the_rest(self) -> None:
        left: list[Job[Any]] = []
        while not self._queue.empty():
            job = self._queue.get()
            if job is not None:
                job.error = DatabaseUnavailable("the database is closing")
                left.append(job)
        self._answer(left)

    def _next_batch(self) -> list[Job[Any]]:
        first = self._queue.get()
        while first is not None and not first.claimed():
            first = self._queue.get()
        if first is None:
            return []
        batch = [first]
        while len(batch) < BATCH_LIMIT:
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                break
            if job is None:
                # The end mark goes back behind this last batch.
                self._queue.put(None)
                break
            if job.claimed():
                batch.append(job)
        # Every server meets the tenants in one order, so that none waits for a counter whose holder waits for it.
        batch.sort(key=order)
        return batch

    def _serve(self, connection: Connection | None, batch: list[Job[Any]]) -> Connection | None:
        """Run the batch and settle it, whatever happens; returns the connection to go on with."""
        try:
            connection = self._living(connection) or self._engine.connect()
            if units := [job for job in batch if not job.between]:
                self._commit(connection, units)
                # They need not wait for what is done between transactions, which may take long.
                self._answer(units)
            for job in batch:
                if job.between:
                    run_between(connection, job)
        except BaseException as error:
            failure = as_unavailable(error)
            for job in batch:
                job.error = failure
            _discard(connection)
            connection = None
            if not isinstance(error, Exception):
                raise
        finally:
            self._answer(batch)
        return connection

    def _living(self, connection: Connection | None) -> Connection | None:
        """Return the connection when it can be gone on with; one that has rested may have died unnoticed."""
        rested = time.monotonic() - self._served_at > RESTED_SECONDS
        self._served_at = time.monotonic()
        if connection is None or connection.closed or connection.invalidated:
            return None
        try:
            if rested:
                self._engine.dialect.do_ping(connection.connection.dbapi_connection)  # type: ignore[arg-type]
        except self._engine.dialect.loaded_dbapi.Error:
            _discard(connection)
            return None
        return connection

    def _commit(self, connection: Connection, batch: list[Job[Any]]) -> None:
        for attempt in range(ATTEMPTS):
            try:
                if not self._together(connection, batch):
                    self._one_by_one(connection, batch)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in RETRYABLE or attempt == ATTEMPTS - 1:
                    raise
                # Two that met do not meet again at once.
                time.sleep(secrets.randbelow(MOST_PAUSE_MILLISECONDS) / 1000)
                if len(batch) > 1:
                    self._each(connection, batch)
                    return
            else:
                self.commits += 1
                self.units += len(batch)
                return

    def _each(self, connection: Connection, batch: list[Job[Any]]) -> None:
        """Commit each unit by itself, so that it holds no lock of another while it waits for one."""
        for job in batch:
            try:
                self._commit(connection, [job])
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise
                job.error = as_unavailable(error)

    def _together(self, connection: Connection, batch: list[Job[Any]]) -> bool:
        """Run all units in one transaction; False when one of them raised and nothing was kept."""
        transaction = connection.begin()
        try:
            for job in batch:
                job.error = None
                job.result = run_unit(connection, job)
                if not transaction.is_active:
                    # The unit lived through a fault, but its session took the work of the whole batch back.
                    return False
        except Exception as error:
            if transaction.is_active:
                transaction.rollback()
            if is_fatal(error):
                raise
            if len(batch) == 1 and not isinstance(error, IntegrityError):
                batch[0].error = told(error)
                return True
            # Another process may have stored the same meanwhile: a second run sees it.
            return False
        transaction.commit()
        return True

    def _one_by_one(self, connection: Connection, batch: list[Job[Any]]) -> None:
        """Run each unit in a SAVEPOINT of its own, so that one failure harms nobody else."""
        with connection.begin():
            for job in batch:
                _run_alone(connection, job)

    def _answer(self, batch: list[Job[Any]]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[Job[Any]]] = {}
        for job in batch:
            if job.loop is None:
                job.settle()
            else:
                by_loop.setdefault(job.loop, []).append(job)
        for loop, jobs in by_loop.items():
            try:
                loop.call_soon_threadsafe(settle_all, jobs)
            except RuntimeError:
                # The loop closed while its requests were under way: nobody is left to tell.
                log.info("answers came after their event loop had closed")


def _run_alone(connection: Connection, job: Job[Any]) -> None:
    savepoint = connection.begin_nested()
    try:
        job.error = None
        job.result = run_unit(connection, job)
        savepoint.commit()
    except Exception as error:
        if is_fatal(error):
            raise
        if savepoint.is_active:
            savepoint.rollback()
        job.result, job.error = None, told(error)


def _discard(connection: Connection | None) -> None:
    if connection is not None:
        try:
            connection.invalidate()
            connection.close()
        except Exception:  # noqa: BLE001 - a broken connection may fail to close
            log.info("a broken connection failed to close")
