"""Who calls: a key becomes a caller, whose doors are bound to its organisation."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

from fastapi import Request

from api.limits import credentials_proved
from api.observing import note_organization
from api.origins import bearer_token
from api.problems import MissingScope, NotAuthenticated
from data import access
from data.database import Database, Doors
from schemas.access import Principal, Scope

KEY_MEMORY_SECONDS: Final = 1.0
"""A revoked key is refused within this time."""

REMEMBERED_KEYS: Final = 4096
CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}


class Caller:
    """An authenticated caller. `read` and `write` are bound to the caller's organisation."""

    def __init__(self, principal: Principal, doors: Doors) -> None:
        self.organization_id: UUID = principal.organization_id
        self.scopes = principal.scopes
        self.own_revision = principal.own_revision
        self.read = doors.read
        self.write = doors.write

    def require(self, scope: Scope) -> None:
        """Raise MissingScope unless the key has the scope."""
        if scope not in self.scopes:
            raise MissingScope(f"this needs a key with the scope {scope.value}")


class KeyRing:
    """Turns keys into callers, and remembers each for a second so that a busy key costs no database read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._remembered: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()

    async def caller(self, secret: str, now: Any) -> Caller:
        """Return whose key it is. Raises NotAuthenticated when it is unknown, expired or revoked."""
        digest = access.key_digest(secret)
        known = self._remembered.get(digest)
        if known is not None and time.monotonic() - known[0] < KEY_MEMORY_SECONDS:
            return known[1]
        principal = await self._database.system.read(access.principal, digest, now())
        if principal is None:
            self._remembered.pop(digest, None)
            raise NotAuthenticated("the key is unknown, expired or revoked", headers=CHALLENGE)
        caller = Caller(principal, self._database.bound_to(principal.organization_id))
        self._remembered[digest] = (time.monotonic(), caller)
        self._remembered.move_to_end(digest)
        if len(self._remembered) > REMEMBERED_KEYS:
            self._remembered.popitem(last=False)
        return caller


async def optional_caller(request: Request) -> Caller | None:
    """Return the caller, or None without credentials. A bad key is refused even where none is needed."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    secret = bearer_token(header)
    if secret is None:
        raise NotAuthenticated("credentials travel as Authorization: Bearer KEY", headers=CHALLENGE)
    ring: KeyRing = request.app.state.keys
    caller = await ring.caller(secret, request.app.state.clock)
    credentials_proved(request)
    note_organization(request.scope, caller.organization_id)
    return caller


async def public_caller(request: Request) -> Caller | None:
    """Return the caller of a public route; none is needed unless a setting closes the catalogue."""
    caller = await optional_caller(request)
    if caller is None and not request.app.state.settings.public_catalog:
        raise NotAuthenticated(headers=CHALLENGE)
    return caller


def requires(scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
    """Return the dependency that lets in callers with the scope and hands them over."""

    async def authorised(request: Request) -> Caller:
        caller = await optional_caller(request)
        if caller is None:
            raise NotAuthenticated(headers=CHALLENGE)
        caller.require(scope)
        return caller

    return authorised
