"""What was read, on its way into the audit log: collected beside the answers, stored in groups by the writers.

A read is answered once its note is taken here, so a process that is killed loses the notes of its last second. Notes
that cannot be stored wait; when too many do, reads of personal data are refused until there is room again.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Final
from uuid import UUID

from data.audit import ReadNote, store
from data.database_faults import DatabaseBusy, DatabaseUnavailable

EVERY_SECONDS: Final = 1.0
MOST_NOTES: Final = 20_000
AT_ONCE: Final = 1_000

log = logging.getLogger("limber.audit")

Submit = Callable[..., "Future[Any]"]
"""Queues a unit for the writer: the tenant, the unit, its arguments."""


class ReadTrail:
    """A thread that stores what was read once a second, and the rest when it is closed."""

    def __init__(self, submit: Submit) -> None:
        self._submit = submit
        self._waiting: dict[UUID, list[ReadNote]] = defaultdict(list)
        self._count = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="read-trail", daemon=True)
        self._thread.start()

    def add(self, tenant: UUID, notes: Sequence[ReadNote]) -> None:
        """Take the notes of one read. Raises DatabaseBusy, and takes none, when there is no room for them."""
        with self._lock:
            if self._count + len(notes) > MOST_NOTES:
                raise DatabaseBusy("too much that was read is not in the audit log yet")
            self._waiting[tenant] += notes
            self._count += len(notes)

    def flush(self) -> None:
        """Store what waits; what cannot be stored waits on."""
        with self._lock:
            taken, self._waiting = self._waiting, defaultdict(list)
        parts = [
            (tenant, notes[start : start + AT_ONCE])
            for tenant, notes in taken.items()
            for start in range(0, len(notes), AT_ONCE)
        ]
        under_way = [(tenant, part, self._submitted(tenant, part)) for tenant, part in parts]
        for tenant, part, stored in under_way:
            self._settle(tenant, part, stored)

    def close(self) -> None:
        """End the thread and store the rest."""
        self._closing.set()
        self._thread.join()
        self.flush()
        if self._count:
            log.error("%d notes of what was read could not be stored", self._count)

    def _run(self) -> None:
        while not self._closing.wait(EVERY_SECONDS):
            self.flush()

    def _submitted(self, tenant: UUID, notes: Sequence[ReadNote]) -> "Future[Any] | None":
        try:
            return self._submit(tenant, store, notes)
        except (DatabaseBusy, DatabaseUnavailable):
            return None

    def _settle(self, tenant: UUID, notes: Sequence[ReadNote], stored: "Future[Any] | None") -> None:
        fault = "the writer is busy or closed" if stored is None else stored.exception()
        with self._lock:
            if fault is None:
                self._count -= len(notes)
                return
            self._waiting[tenant][:0] = notes
        log.warning("what was read is not in the audit log yet: %s", fault if stored is None else type(fault).__name__)
