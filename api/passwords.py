"""Hashing and checking passwords: slow on purpose, so in a few threads of their own, never on the event loop."""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from fastapi import Request
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from api.problems import Busy

R = TypeVar("R")

THREADS: Final = 4
MOST_WAITING: Final = 64
TIME_COST: Final = 2
MEMORY_KIB: Final = 19_456
LANES: Final = 1
"""Argon2id with these three: OWASP Password Storage Cheat Sheet, the setting for servers that are short of memory."""

DECOY: Final = (
    f"$argon2id$v=19$m={MEMORY_KIB},t={TIME_COST},p={LANES}"
    "$sdQQsbMbEDfQsXqj8fXb4A$0W9GdSDOt1C8bWeBmGo4Ac7c6hQ3XyRtnK1eUjPzL5k"
)
"""What is checked when there is nothing to check, so that both take equally long; what comes out is never believed."""


class Passwords:
    """Four threads that hash. Refuses, as Busy, when too many wait for them."""

    def __init__(self) -> None:
        self._hasher = PasswordHash((Argon2Hasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=LANES),))
        self._pool: ThreadPoolExecutor | None = None
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Return what is stored for the password."""
        return await self._aside(lambda: self._hasher.hash(_composed(password)))

    async def matches(self, password: str, stored: str | None) -> bool:
        """Return True when `stored` was made from the password; without it False, after as long a while."""
        fits = await self._aside(lambda: self._hasher.verify(_composed(password), stored or DECOY))
        return fits and stored is not None

    def hash_now(self, password: str) -> str:
        """Hash on this thread; for the command line."""
        return self._hasher.hash(_composed(password))

    def close(self) -> None:
        """Let the threads go."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    async def _aside(self, work: Callable[[], R]) -> R:
        if self._waiting >= MOST_WAITING:
            raise Busy("too many sign-ins are waiting", headers={"Retry-After": "1"})
        if self._pool is None:
            self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def passwords_of(request: Request) -> Passwords:
    """Return the threads of the application that a request came to."""
    found: Passwords = request.app.state.passwords
    return found


def _composed(password: str) -> str:
    # Keyboards write the same letter in different ways.
    return unicodedata.normalize("NFC", password)
