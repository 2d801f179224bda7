"""Looking anew at people whose sessions changed, before anybody asks who needs a look, while nobody waits to write."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from api.rules.concern import concern_of
from api.rules.program_due import by_conditions
from api.snapshot import SnapshotHolder
from data import attention, concerns
from data.database import Database, DatabaseBusy, DatabaseUnavailable

LOOK_SECONDS: Final = 5.0
BREATH_SECONDS: Final = 0.1
"""The pause after each lot of people, so that whoever writes meanwhile never waits for more than one."""

log = logging.getLogger("limber.attention")


class AttentionKeeping:
    """A task beside the requests. What it has not come to yet, the list itself does when it is asked for."""

    def __init__(self, database: Database, snapshots: SnapshotHolder, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._snapshots = snapshots
        self._clock = clock

    async def run(self) -> None:
        """Look for as long as the server runs."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                for organization_id in await self._database.system.read(attention.behind):
                    await self._look(organization_id)
            except (DatabaseBusy, DatabaseUnavailable) as error:
                log.info("looking anew waits: %s", type(error).__name__)

    async def _look(self, organization_id: UUID) -> None:
        prepared = self._snapshots.current.prepared
        judge, asks = partial(concern_of, numbers=prepared.numbers), by_conditions(prepared)
        doors = self._database.bound_to(organization_id)
        while not self._database.waiting:
            if not await doors.write(concerns.catch_up, judge, self._clock(), asks):
                return
            await asyncio.sleep(BREATH_SECONDS)
