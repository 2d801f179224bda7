"""A small memory of recommendation answers, keyed by a digest: what a person wrote is not kept, not even here."""

import hashlib
from collections import OrderedDict
from typing import Final

CAPACITY_BYTES: Final = 2 << 20


class AnswerMemory:
    """The answers asked for most recently, bounded by bytes."""

    def __init__(self, capacity: int = CAPACITY_BYTES) -> None:
        self._capacity = capacity
        self._held = 0
        self._answers: OrderedDict[bytes, bytes] = OrderedDict()

    def get(self, key: bytes) -> bytes | None:
        """Return the answer, or None when it is not remembered."""
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

    def put(self, key: bytes, answer: bytes) -> None:
        """Remember the answer; the longest unused ones make room."""
        if key in self._answers:
            return
        self._answers[key] = answer
        self._held += len(answer)
        while self._held > self._capacity:
            _, dropped = self._answers.popitem(last=False)
            self._held -= len(dropped)


def key_of(*parts: str) -> bytes:
    """Return the key of a question: a digest of all that decides the answer."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).digest()
