"""What handlers are handed beside their input: the caller with bound doors, and the snapshot of the catalogue."""

from typing import Annotated

from fastapi import Depends, Request

from api.security import Caller, public_caller, requires
from api.snapshot import Snapshot
from schemas.access import Scope


async def current_snapshot(request: Request) -> Snapshot:
    """Return the catalogue that is served now. Raises Unavailable before the first load."""
    snapshot: Snapshot = request.app.state.snapshots.current
    return snapshot


CurrentSnapshot = Annotated[Snapshot, Depends(current_snapshot)]
PublicCaller = Annotated[Caller | None, Depends(public_caller)]
SessionWriter = Annotated[Caller, Depends(requires(Scope.SESSIONS_WRITE))]
SessionReader = Annotated[Caller, Depends(requires(Scope.SESSIONS_READ))]
PeopleWriter = Annotated[Caller, Depends(requires(Scope.PEOPLE_WRITE))]
PeopleReader = Annotated[Caller, Depends(requires(Scope.PEOPLE_READ))]
ProgressReader = Annotated[Caller, Depends(requires(Scope.PROGRESS_READ))]
