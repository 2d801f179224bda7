"""The snapshots of organisations with exercises of their own: the shared one with theirs beside it."""

import asyncio
import time
from collections import OrderedDict
from typing import Final
from uuid import UUID

from api.security import KEY_MEMORY_SECONDS, Caller
from api.snapshot import Snapshot, extended
from data import own_exercises
from schemas.access import OwnRevision

MOST_HELD: Final = 32
"""So many organisations' snapshots stay in memory; the longest unused one makes room."""

WRITTEN_SECONDS: Final = 2 * KEY_MEMORY_SECONDS
"""So long a write here outweighs what callers remember; then every caller has read the database again."""

Version = tuple[str, str]
"""The tokens of the release and of the organisation's revision."""


class OwnCatalogs:
    """Makes an organisation's snapshot when it is asked for, once for each release and revision."""

    def __init__(self) -> None:
        self._held: OrderedDict[UUID, tuple[Version, asyncio.Task[Snapshot]]] = OrderedDict()
        self._written: OrderedDict[UUID, tuple[float, OwnRevision]] = OrderedDict()

    def written(self, organization_id: UUID, revision: OwnRevision) -> None:
        """Take up at once what was just written here; other processes see it within a second."""
        now = time.monotonic()
        self._written[organization_id] = (now, revision)
        self._written.move_to_end(organization_id)
        while now - next(iter(self._written.values()))[0] > WRITTEN_SECONDS:
            self._written.popitem(last=False)

    async def snapshot(self, caller: Caller, base: Snapshot) -> Snapshot:
        """Return what the caller's organisation sees."""
        revision = self._newest(caller)
        if revision.number == 0:
            return base
        version = (base.release.token, revision.token)
        held = self._held.get(caller.organization_id)
        if held is None or held[0] != version or _failed(held[1]):
            held = version, asyncio.create_task(_made(caller, base))
            self._held[caller.organization_id] = held
        self._held.move_to_end(caller.organization_id)
        if len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        return await asyncio.shield(held[1])

    def _newest(self, caller: Caller) -> OwnRevision:
        at, revision = self._written.get(caller.organization_id, (0.0, caller.own_revision))
        recent = time.monotonic() - at <= WRITTEN_SECONDS
        return revision if recent and revision.number > caller.own_revision.number else caller.own_revision


def _failed(task: asyncio.Task[Snapshot]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


async def _made(caller: Caller, base: Snapshot) -> Snapshot:
    own = await caller.read(own_exercises.read)
    return await asyncio.to_thread(extended, base, own) if own.revision else base
