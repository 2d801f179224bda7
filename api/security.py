"""Who calls: a key or an access token becomes a caller, whose doors are bound to its organisation."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import Request

from api.limits import credentials_proved
from api.observing import note_organization
from api.origins import bearer_token
from api.problems import InvalidRequest, MissingScope, NotAuthenticated
from data import api_keys, sign_ins
from data.access import key_digest
from data.database import Database, DatabaseBusy, DatabaseUnavailable, Doors
from data.principals import principal
from schemas.access import Principal, Scope

KEY_MEMORY_SECONDS: Final = 1.0
"""A revoked key or token is refused within this time."""

REMEMBERED_KEYS: Final = 4096
CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}


class Caller:
    """An authenticated caller. `read` and `write` are bound to the caller's organisation.

    `person_id` is set for a person's own token: then every room shows and takes what is that person's only.
    `account_id` and `sign_in_id` are set for whoever signed in, and not for keys.
    """

    def __init__(self, principal: Principal, doors: Doors) -> None:
        self.organization_id: UUID = principal.organization_id
        self.scopes = principal.scopes
        self.own_revision = principal.own_revision
        self.person_id = principal.person_id
        self.account_id = principal.account_id
        self.sign_in_id = principal.sign_in_id
        self.expires_at = principal.expires_at
        self.read = doors.read
        self.write = doors.write

    def require(self, scope: Scope) -> None:
        """Raise MissingScope unless the caller has the scope."""
        if scope not in self.scopes:
            raise MissingScope(f"this needs a key with the scope {scope.value}")

    def require_all(self, scopes: Iterable[str]) -> None:
        """Raise MissingScope unless the caller has each of the scopes: nobody hands out what they lack."""
        refuse_lacking(frozenset(scopes) - self.scopes)

    def require_organization(self) -> None:
        """Raise MissingScope for a person's own token."""
        if self.person_id is not None:
            raise MissingScope("this is for the organisation's keys and members")

    def own_person(self) -> UUID:
        """Return who it is. Raises MissingScope unless it is a person's own token."""
        if self.person_id is None:
            raise MissingScope("this is for a person's own token")
        return self.person_id

    def device(self) -> tuple[UUID, UUID]:
        """Return the account that is signed in and its sign-in on this device. Raises MissingScope for a key."""
        if self.account_id is None or self.sign_in_id is None:
            raise MissingScope("this is for whoever signed in, not for keys")
        return self.account_id, self.sign_in_id

    def person(self, asked: UUID | None, pointer: str) -> UUID | None:
        """Return whom the request is about: the caller's own person, else whoever is asked for.

        Raises InvalidRequest at `pointer` when a person's token names somebody else.
        """
        if self.person_id is None:
            return asked
        if asked not in {None, self.person_id}:
            raise InvalidRequest.at(pointer, "must be your own, or be left out")
        return self.person_id


def refuse_lacking(scopes: frozenset[str]) -> None:
    """Raise MissingScope that names the scopes, unless there are none."""
    if scopes:
        raise MissingScope(f"this needs a caller that has {', '.join(sorted(scopes))} too")


class KeyRing:
    """Turns keys and access tokens into callers, and remembers each for a second: a busy one costs no database read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._remembered: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()
        self._marking: set[asyncio.Task[None]] = set()

    async def caller(self, secret: str, now: Callable[[], datetime]) -> Caller:
        """Return whose secret it is. Raises NotAuthenticated when it is unknown, expired or revoked."""
        digest = key_digest(secret)
        known = self._remembered.get(digest)
        if known is not None and time.monotonic() - known[0] < KEY_MEMORY_SECONDS:
            expires_at = known[1].expires_at
            if expires_at is None or expires_at > now():
                return known[1]
        found = await self._database.system.read(principal, digest, now())
        if found is None:
            self._remembered.pop(digest, None)
            raise NotAuthenticated("the key or token is unknown, expired or revoked", headers=CHALLENGE)
        caller = Caller(found, self._database.bound_to(found.organization_id, found.actor))
        if found.stale_mark:
            self._mark_meanwhile(found, digest, caller, now())
        self._remembered[digest] = (time.monotonic(), caller)
        self._remembered.move_to_end(digest)
        if len(self._remembered) > REMEMBERED_KEYS:
            self._remembered.popitem(last=False)
        return caller

    async def settle(self) -> None:
        """Wait until the marks that are under way are written."""
        await asyncio.gather(*self._marking, return_exceptions=True)

    def _mark_meanwhile(self, found: Principal, digest: bytes, caller: Caller, now: datetime) -> None:
        task = asyncio.create_task(_mark(found, digest, caller, now))
        # The loop itself would let go of a task that nobody holds.
        self._marking.add(task)
        task.add_done_callback(self._marking.discard)


async def _mark(found: Principal, digest: bytes, caller: Caller, now: datetime) -> None:
    try:
        if found.key_id is not None:
            await caller.write(api_keys.mark_used, found.key_id, now)
        else:
            await caller.write(sign_ins.mark_presented, digest)
    except (DatabaseBusy, DatabaseUnavailable):
        # The next look at the database finds the mark missing, and tries again.
        return


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


def admits(check: Callable[[Caller], Any]) -> Callable[[Request], Awaitable[Caller]]:
    """Return the dependency that hands over an authenticated caller whom `check` does not refuse."""

    async def authorised(request: Request) -> Caller:
        caller = await optional_caller(request)
        if caller is None:
            raise NotAuthenticated(headers=CHALLENGE)
        check(caller)
        return caller

    return authorised


def requires(scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
    """Return the dependency that lets in callers with the scope and hands them over."""
    return admits(lambda caller: caller.require(scope))
