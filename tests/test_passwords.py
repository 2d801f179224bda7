"""Hashing passwords: off the event loop, in few threads, and never without an end to the queue."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from api import passwords
from api.passwords import DECOY, THREADS, Passwords
from api.problems import Busy


@pytest.fixture
def hashing() -> Iterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


def test_a_password_matches_its_own_hash_only(hashing: Passwords) -> None:
    async def tried() -> list[bool]:
        stored = await hashing.hash("caf\u00e9 and cake")
        assert stored != await hashing.hash("caf\u00e9 and cake")
        assert stored.rpartition("$")[0].rpartition("$")[0] == DECOY.rpartition("$")[0].rpartition("$")[0]
        given = ["caf\u00e9 and cake", "cafe\u0301 and cake", "Caf\u00e9 and cake", "caf\u00e9 and cake "]
        return [await hashing.matches(each, stored) for each in given]

    assert asyncio.run(tried()) == [True, True, False, False]


def test_nothing_matches_where_nothing_is_stored(hashing: Passwords) -> None:
    assert asyncio.run(hashing.matches("four words for me", None)) is False


def test_the_loop_goes_on_and_the_queue_has_an_end(hashing: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "MOST_WAITING", 8)

    async def crowd() -> tuple[int, int, int]:
        waiting = [asyncio.ensure_future(hashing.hash(f"password {number}")) for number in range(10)]
        turns = 0
        while not all(one.done() for one in waiting):
            await asyncio.sleep(0.001)
            turns += 1
        refused = [one for one in waiting if isinstance(one.exception(), Busy)]
        threads = [thread for thread in threading.enumerate() if thread.name.startswith("password")]
        return turns, len(refused), len(threads)

    turns, refused, threads = asyncio.run(crowd())
    assert turns > 5
    assert refused == 2
    assert threads <= THREADS
    assert asyncio.run(hashing.hash("there is room again"))
