"""The way in for those who have no caller yet: which organisation's doors they are shown. Part of security.

Organisations themselves are reached through the system's doors only, so what is told of them is read here too.
"""

from datetime import datetime
from uuid import UUID

from fastapi import Request

from api.access_problems import SignUpClosed
from api.problems import InvalidRequest, NotAuthenticated
from api.security import CHALLENGE, Caller
from data import access, accounts, link_invitations, members, sign_ins
from data.accounts import Credentials
from data.database import Database, Doors
from data.link_invitations import Clinic
from schemas.organizations import Organization


async def for_sign_up(request: Request, organization_id: UUID | None) -> Doors:
    """Return the doors of an organisation that strangers may sign up to.

    Raises SignUpClosed for a closed one and for one that does not exist alike; InvalidRequest when none is named and
    not exactly one is open.
    """
    database: Database = request.app.state.database
    if organization_id is None:
        return await _only_open(database)
    found = await database.system.read(access.find_organization, organization_id)
    if found is None or not found.open_sign_up:
        raise SignUpClosed("this organisation makes its accounts itself")
    return database.bound_to(organization_id)


async def for_sign_in(request: Request, organization_id: UUID | None) -> Doors:
    """Return the doors of the named organisation, which need not exist: then nobody is found behind them.

    Raises InvalidRequest when none is named and not exactly one is open for sign-up.
    """
    database: Database = request.app.state.database
    return await _only_open(database) if organization_id is None else database.bound_to(organization_id)


async def for_refresh(request: Request, digest: bytes) -> Doors | None:
    """Return the doors of the organisation that a refresh token belongs or belonged to, or None."""
    database: Database = request.app.state.database
    return _doors(database, await database.system.read(sign_ins.organization_of, digest))


async def for_invitation(request: Request, digest: bytes, now: datetime) -> Doors | None:
    """Return the doors of the organisation that an invitation leads into, None when it does not stand."""
    database: Database = request.app.state.database
    return _doors(database, await database.system.read(members.organization_inviting, digest, now))


async def clinic_inviting(request: Request, code: bytes, now: datetime) -> Clinic | None:
    """Return the organisation that the code of an invitation to link leads to, None when it does not stand."""
    database: Database = request.app.state.database
    return await database.system.read(link_invitations.clinic_inviting, code, now)


async def own_account(caller: Caller) -> Credentials:
    """Return the account of whoever is signed in. Raises NotAuthenticated when it was removed just now."""
    account_id, _ = caller.device()
    found = await caller.read(accounts.find, account_id)
    if found is None:
        raise NotAuthenticated("the account is gone", headers=CHALLENGE)
    return found


async def own_organization(request: Request, caller: Caller) -> Organization:
    """Return the caller's organisation."""
    database: Database = request.app.state.database
    found = await database.system.read(access.find_organization, caller.organization_id)
    if found is None:
        raise NotAuthenticated("the organisation is gone", headers=CHALLENGE)
    return found


async def _only_open(database: Database) -> Doors:
    found = await database.system.read(access.only_open_organization)
    if found is None:
        raise InvalidRequest.at("/organization_id", "is required here: not exactly one organisation is open")
    return database.bound_to(found.id)


def _doors(database: Database, organization_id: UUID | None) -> Doors | None:
    return None if organization_id is None else database.bound_to(organization_id)
