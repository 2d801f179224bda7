"""What handlers are handed beside their input: the caller with bound doors, and the snapshot of the catalogue."""

from typing import Annotated

from fastapi import Depends, Header, Request

from api.own_catalogs import OwnCatalogs
from api.security import Caller, admits, optional_caller, public_caller, requires
from api.snapshot import Snapshot
from schemas.access import Scope


async def caller_snapshot(request: Request) -> Snapshot:
    """Return the catalogue as the caller sees it: the shared one, with the organisation's own exercises beside it.

    Raises NotAuthenticated for a bad key, and without any when the catalogue is closed; Unavailable before the first
    load.
    """
    caller = await public_caller(request)
    snapshot: Snapshot = request.app.state.snapshots.current
    if caller is None:
        return snapshot
    own_catalogs: OwnCatalogs = request.app.state.own_catalogs
    return await own_catalogs.snapshot(caller, snapshot)


ARCHIVE_SCOPES = (
    Scope.PEOPLE_READ,
    Scope.SESSIONS_READ,
    Scope.RECOMMENDATIONS,
    Scope.PROGRESS_READ,
    Scope.PROGRAMS_READ,
    Scope.PEOPLE_WRITE,
)
"""An archive holds what each of these shows, and accounts and the audit log besides: so reading alone is not enough."""
CallerSnapshot = Annotated[Snapshot, Depends(caller_snapshot)]
IfMatch = Annotated[str | None, Header(max_length=1024, description='The ETag of the version you saw, such as `"v1"`.')]
PublicCaller = Annotated[Caller | None, Depends(public_caller)]
SessionWriter = Annotated[Caller, Depends(requires(Scope.SESSIONS_WRITE))]
SessionReader = Annotated[Caller, Depends(requires(Scope.SESSIONS_READ))]
PeopleWriter = Annotated[Caller, Depends(requires(Scope.PEOPLE_WRITE))]
PeopleReader = Annotated[Caller, Depends(requires(Scope.PEOPLE_READ))]
OverrideWriter = Annotated[Caller, Depends(requires(Scope.OVERRIDES_WRITE))]
CatalogWriter = Annotated[Caller, Depends(requires(Scope.CATALOG_WRITE))]
ProgramReader = Annotated[Caller, Depends(requires(Scope.PROGRAMS_READ))]
ProgramWriter = Annotated[Caller, Depends(requires(Scope.PROGRAMS_WRITE))]
ProgressReader = Annotated[Caller, Depends(requires(Scope.PROGRESS_READ))]
RecommendationReader = Annotated[Caller, Depends(requires(Scope.RECOMMENDATIONS))]
AccessManager = Annotated[Caller, Depends(requires(Scope.ACCESS_MANAGE))]
OrganizationCaller = Annotated[Caller, Depends(admits(Caller.require_organization))]
SignedInCaller = Annotated[Caller, Depends(admits(Caller.device))]
PersonCaller = Annotated[Caller, Depends(admits(Caller.own_person))]
ArchiveReader = Annotated[Caller, Depends(admits(lambda caller: caller.require_all(ARCHIVE_SCOPES)))]
OptionalCaller = Annotated[Caller | None, Depends(optional_caller)]
