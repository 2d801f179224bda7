"""Rate limits, pure ASGI, in front of everything that does work: who asks too much is told so, and when to come back.

A token is counted by itself, everybody else by address. Answers to tokens that did not prove to be somebody's also
count against the address, so that made-up ones buy nothing. What each operation costs stands in `request_costs.py`.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from math import ceil, inf
from typing import Final, NamedTuple

from fastapi import Request
from limits.storage import Storage
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.middleware import SECURITY_HEADERS
from api.origins import address_of, name_of, token_of
from api.problems import NotAuthenticated, Problem, TooManyRequests, Unavailable
from api.request_costs import FREE, SIGN_IN, cost_of
from api.windows import Windows
from data.sign_ins import ACCESS_PREFIX

WINDOW: Final = 60
"""Seconds that an allowance is for."""

ANONYMOUS_UNITS: Final = 600
SIGNED_IN_UNITS: Final = 600
KEY_UNITS: Final = 6000
SIGN_INS: Final = 5
UNPROVED_UNITS: Final = 600
"""What an address may spend on tokens that are nobody's: `REFUSED` for each that is refused, 1 for any other answer."""

REFUSED: Final = 10
VISIT: Final = "limber.visit"
log = logging.getLogger("limber.limits")


class Balance(NamedTuple):
    """How a caller stands with an allowance: whether it covers the request, seconds to the next one, the headers."""

    covered: bool
    seconds: int
    headers: tuple[tuple[bytes, bytes], tuple[bytes, bytes]]


class Budget:
    """So many units a window for each caller, counted in a storage of the `limits` library on the same clock."""

    def __init__(self, name: str, units: int, storage: Storage, clock: Callable[[], float]) -> None:
        self._units = units
        self._storage = storage
        self._clock = clock
        self._prefix = f"{name}/"
        # Both fields are those of draft-ietf-httpapi-ratelimit-headers-11.
        self._policy = (b"ratelimit-policy", f'"{name}";q={units};w={WINDOW}'.encode())
        self._state = f'"{name}";r=%d;t=%d'.encode()

    def take(self, caller: str, cost: int) -> Balance:
        """Take the cost from what the caller has left, or nothing when that does not cover it."""
        # The strategies of the library make the key three times for this, which costs more than the counting.
        key = self._prefix + caller
        used = self._storage.get(key)
        covered = used + cost <= self._units
        if covered:
            used = self._storage.incr(key, WINDOW, cost)
        return self._balance(key, covered, used)

    def look(self, caller: str) -> Balance:
        """Return whether anything is left."""
        key = self._prefix + caller
        used = self._storage.get(key)
        return self._balance(key, used < self._units, used)

    def spend(self, caller: str, cost: int) -> None:
        """Take the cost, whatever is left."""
        self._storage.incr(self._prefix + caller, WINDOW, cost)

    def _balance(self, key: str, covered: bool, used: int) -> Balance:
        seconds = max(1, ceil(self._storage.get_expiry(key) - self._clock()))
        left = max(0, self._units - used)
        return Balance(covered, seconds, (self._policy, (b"ratelimit", self._state % (left, seconds))))


class Visit:
    """One request on its way in: where it comes from, and whether its token has proved to be somebody's."""

    __slots__ = ("address", "limits", "proved", "token")

    def __init__(self, limits: "RateLimits", scope: Scope) -> None:
        self.limits = limits
        self.address = address_of(scope)
        self.token = token_of(scope)
        self.proved = False


class RateLimits:
    """An ASGI layer. Without a working storage nobody signs in, and everything else goes on unlimited.

    `clock` gives seconds; a `storage` from elsewhere must share it.
    """

    def __init__(
        self, app: ASGIApp, *, clock: Callable[[], float] = time.monotonic, storage: Storage | None = None
    ) -> None:
        self._app = app
        self._clock = clock
        self._silent_until = -inf
        requests = Windows(clock) if storage is None else storage
        # Apart, so that no flood of requests can push out what stands between a guesser and a password.
        attempts = Windows(clock) if storage is None else storage
        self._anonymous = Budget("default", ANONYMOUS_UNITS, requests, clock)
        self._signed_in = Budget("default", SIGNED_IN_UNITS, requests, clock)
        self._keyed = Budget("default", KEY_UNITS, requests, clock)
        self._unproved = Budget("unproved", UNPROVED_UNITS, requests, clock)
        self._sign_ins = Budget("sign-in", SIGN_INS, attempts, clock)
        self._accounts = Budget("account", SIGN_INS, attempts, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in and say what is left, or refuse it."""
        cost = cost_of(scope["method"], scope["path"], scope["query_string"]) if scope["type"] == "http" else FREE
        if cost == FREE:
            await self._app(scope, receive, send)
            return
        visit = scope[VISIT] = Visit(self, scope)
        try:
            balance = self._admit(visit, cost)
        except Exception as error:  # noqa: BLE001 - whatever a storage may raise must not end what needs no limit
            self._report(error)
            if cost == SIGN_IN:
                await _refuse(_uncounted(), scope, send)
            else:
                await self._app(scope, receive, send)
            return
        if balance.covered:
            await self._app(scope, receive, self._answering(visit, balance, send))
        else:
            await _refuse(_too_many(balance), scope, send)

    def try_account(self, email: str) -> None:
        """Count one attempt on an account. Raises TooManyRequests, or Unavailable when it cannot be counted."""
        try:
            balance = self._accounts.take(name_of(email.strip().casefold()), 1)
        except Exception as error:  # noqa: BLE001 - as above
            self._report(error)
            raise _uncounted() from None
        if not balance.covered:
            raise _too_many(balance)

    def _admit(self, visit: Visit, cost: int) -> Balance:
        if cost == SIGN_IN:
            return self._sign_ins.take(visit.address, 1)
        if visit.token is None:
            return self._anonymous.take(visit.address, cost)
        strangers = self._unproved.look(visit.address)
        if not strangers.covered:
            return strangers
        allowed = self._signed_in if visit.token.startswith(ACCESS_PREFIX) else self._keyed
        return allowed.take(name_of(visit.token), cost)

    def _answering(self, visit: Visit, balance: Balance, send: Send) -> Send:
        def answering(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                if visit.token is not None and not visit.proved:
                    self._hold_against(visit.address, message["status"])
                message = {**message, "headers": (*message.get("headers", ()), *balance.headers)}
            return send(message)

        return answering

    def _hold_against(self, address: str, status: int) -> None:
        try:
            self._unproved.spend(address, REFUSED if status == NotAuthenticated.status else 1)
        except Exception as error:  # noqa: BLE001 - as above
            self._report(error)

    def _report(self, error: Exception) -> None:
        now = self._clock()
        if now >= self._silent_until:
            self._silent_until = now + WINDOW
            log.error("requests cannot be counted: %s", type(error).__name__)


def credentials_proved(request: Request) -> None:
    """Note that the token of this request is somebody's, so that it does not count against its address."""
    visit: Visit | None = request.scope.get(VISIT)
    if visit is not None:
        visit.proved = True


def charge_login(request: Request, email: str) -> None:
    """Count one attempt to sign in to the account with this e-mail, whether or not there is one.

    Raises TooManyRequests after five a minute, and Unavailable when they cannot be counted. Counts nothing when the
    limits are turned off.
    """
    visit: Visit | None = request.scope.get(VISIT)
    if visit is not None:
        visit.limits.try_account(email)


def _too_many(balance: Balance) -> TooManyRequests:
    told = {name.decode(): value.decode() for name, value in balance.headers}
    return TooManyRequests("wait as long as Retry-After says", headers={"Retry-After": str(balance.seconds), **told})


def _uncounted() -> Unavailable:
    return Unavailable("attempts to sign in cannot be counted just now", headers={"Retry-After": "5"})


async def _refuse(problem: Problem, scope: Scope, send: Send) -> None:
    response = problem.response()
    headers = [*response.raw_headers, *SECURITY_HEADERS]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else response.body})
