"""The snapshots of organisations with exercises of their own: the shared one with theirs beside it."""

import asyncio
from collections import OrderedDict
from typing import Final
from uuid import UUID

from api.security import Caller
from api.snapshot import Snapshot, extended
from data import own_exercises

MOST_HELD: Final = 8
"""So many organisations' snapshots stay in memory; the longest unused one makes room."""

Version = tuple[str, int]
"""The token of the release and the organisation's revision."""


class OwnCatalogs:
    """Makes an organisation's snapshot when it is asked for, once for each release and revision."""

    def __init__(self) -> None:
        self._held: OrderedDict[UUID, tuple[Version, asyncio.Task[Snapshot]]] = OrderedDict()
        self._written: dict[UUID, int] = {}

    def written(self, organization_id: UUID, revision: int) -> None:
        """Take up at once what was just written here; other processes see it within a second."""
        self._written[organization_id] = max(revision, self._written.get(organization_id, 0))

    async def snapshot(self, caller: Caller, base: Snapshot) -> Snapshot:
        """Return what the caller's organisation sees."""
        revision = self._revision(caller)
        if revision == 0:
            return base
        version = (base.release.token, revision)
        held = self._held.get(caller.organization_id)
        if held is None or held[0] != version or (held[1].done() and held[1].exception() is not None):
            held = version, asyncio.create_task(_made(caller, base))
            self._held[caller.organization_id] = held
        self._held.move_to_end(caller.organization_id)
        if len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        return await asyncio.shield(held[1])

    def _revision(self, caller: Caller) -> int:
        written = self._written.get(caller.organization_id, 0)
        if written and caller.own_revision >= written:
            del self._written[caller.organization_id]
        return max(written, caller.own_revision)


async def _made(caller: Caller, base: Snapshot) -> Snapshot:
    own = await caller.read(own_exercises.read)
    return await asyncio.to_thread(extended, base, own)
