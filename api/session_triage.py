"""Sessions are read for signs before they are written: the reading is slow beside a write, and needs no database."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import ValidationError

from api.problems import Busy
from api.rules.session_signs import says_something, signs_of
from api.security import Caller
from api.snapshot import Snapshot
from data import session_logs, session_writes, sharing
from data.session_writes import Outcome, SignsHeard, Written
from schemas.session_logs import SessionLog, SessionLogCreate, SessionLogFields, SessionLogUpdate
from schemas.session_triage import SessionTriage

READ_FOR_SIGNS: Final = frozenset({"pain", "new_symptoms", "notes"})
TRIES: Final = 5


def triage_of(body: SessionLogFields, snapshot: Snapshot) -> SessionTriage | None:
    """Return the triage of one session; None without a sign."""
    release = snapshot.release
    return signs_of(body, snapshot.reader, release.lexicon, release.catalog, release.rules)


async def triages_of(bodies: Sequence[SessionLogCreate], snapshot: Snapshot) -> Mapping[int, SessionTriage]:
    """Return the triage of those sessions that have one, by their place."""
    told = [(place, body) for place, body in enumerate(bodies) if says_something(body)]
    # Hundreds of notes take a second or two to read: nobody else shall wait for that.
    return await asyncio.to_thread(_all_triages, told, snapshot) if told else {}


async def changed(
    caller: Caller,
    session_id: UUID,
    versions: frozenset[str],
    patch: SessionLogUpdate,
    snapshot: Snapshot,
    now: datetime,
) -> Written:
    """Change a session, and read it for signs as it will stand. Raises Busy when others change it all the time."""
    whose = caller.person_id
    if not patch.model_fields_set & READ_FOR_SIGNS:
        return await caller.write(sharing.change, session_id, versions, patch, now, None, whose)
    for _ in range(TRIES):
        before = await caller.read(session_logs.find, session_id, whose)
        heard = None if before is None else SignsHeard(before.version, _once_changed(before, patch, snapshot))
        written = await caller.write(sharing.change, session_id, versions, patch, now, heard, whose)
        if written.outcome is not Outcome.MOVED:
            return written
    raise Busy("others change this session all the time", headers={"Retry-After": "1"})


def _all_triages(told: Sequence[tuple[int, SessionLogCreate]], snapshot: Snapshot) -> dict[int, SessionTriage]:
    return {place: triage for place, body in told if (triage := triage_of(body, snapshot)) is not None}


def _once_changed(before: SessionLog, patch: SessionLogUpdate, snapshot: Snapshot) -> SessionTriage | None:
    try:
        return triage_of(session_writes.merged(before, patch), snapshot)
    except ValidationError:
        # The change itself is refused for it.
        return None
