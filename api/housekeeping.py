"""The server's own chores: sweeping out what erased people left in the file, and forgetting what is old enough."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from data import audit, erasures, retention
from data.database import Database, DatabaseBusy, DatabaseUnavailable

DAY: Final = timedelta(days=1)
LOOK_SECONDS: Final = 600.0
"""So often it is looked whether the day's chores are due; and so far apart are two sweeps at least."""

log = logging.getLogger("limber.housekeeping")


class Housekeeping:
    """A task beside the requests. Of several servers on one database the first to come does the day's chores."""

    def __init__(self, database: Database, retention_days: int, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._retention_days = retention_days
        self._clock = clock
        self._called = asyncio.Event()

    def sweep_soon(self) -> None:
        """Have the remains of erased people swept out: at once, or a while after the last sweep."""
        self._called.set()

    async def run(self) -> None:
        """Do the chores for as long as the server runs."""
        self._called.set()
        while True:
            swept = False
            try:
                swept = await self._sweep()
                await self._daily()
            except (DatabaseBusy, DatabaseUnavailable) as error:
                log.warning("the chores wait: %s", type(error).__name__)
            if swept:
                # Every sweep rewrites the whole file: those who are erased in quick succession share one.
                await asyncio.sleep(LOOK_SECONDS)
            await self._wait()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._called.wait()
        except TimeoutError:
            return

    async def _sweep(self) -> bool:
        self._called.clear()
        found = await self._database.system.read(erasures.unswept)
        if not found:
            return False
        await asyncio.wrap_future(self._database.sweep())
        await self._database.system.write(erasures.swept, found, self._clock())
        return True

    async def _daily(self) -> None:
        now = self._clock()
        if not self._retention_days or not await self._database.system.write(audit.begin_chores, now, now - DAY):
            return
        await retain(self._database, now - timedelta(days=self._retention_days), now)


async def retain(database: Database, before: datetime, now: datetime) -> int:
    """Forget what people did who did nothing since `before`, and the audit log from before; returns how many people."""
    people, after = 0, None
    while found := await database.system.read(retention.inactive, before, after):
        for person in found:
            doors = database.bound_to(person.organization_id)
            people += await doors.write(retention.expire, person.person_id, before, now)
        after = found[-1]
    while await database.system.write(audit.forget, before):
        pass
    if people:
        await asyncio.wrap_future(database.sweep())
    return people
