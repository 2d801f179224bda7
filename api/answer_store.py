"""Where cached answers live: bounded by bytes, and built so that queries nobody repeats push nothing useful out.

New answers wait in a small probation. One that is asked for again moves on to the main part, and stays there as long
as it is asked for between two rounds of the clock. An answer that is asked for again soon after it was dropped goes
straight to the main part. This is the S3-FIFO scheme.
"""

from collections import OrderedDict
from typing import Final

from api.negotiation import Pairs

RawKey = tuple[str, bytes, bytes | None, bytes | None]
"""Path, query, Accept-Encoding and Accept-Language as they came."""

Key = tuple[str, Pairs, str, str]
"""Path, canonical query, language and coding."""

Headers = tuple[tuple[bytes, bytes], ...]

PROBATION_SHARE: Final = 8
LARGEST_SHARE: Final = 4
MOST_ALIASES: Final = 16
MOST_GHOSTS: Final = 2048
OVERHEAD: Final = 1024
"""Bytes that an answer costs beside its body."""


class Answer:
    """One answer, ready to send: its headers and body, and the headers of its 304."""

    __slots__ = ("aliases", "body", "etag", "headers", "key", "not_modified", "size", "used")

    def __init__(self, key: Key, etag: bytes, headers: Headers, not_modified: Headers, body: bytes) -> None:
        self.key = key
        self.etag = etag
        self.headers = headers
        self.not_modified = not_modified
        self.body = body
        self.aliases: list[RawKey] = []
        self.size = len(body) + OVERHEAD
        self.used = False


class AnswerStore:
    """The answers of one release. A new release gets a new store, so that a late answer lands where nobody looks."""

    def __init__(self, capacity: int) -> None:
        self.ready: dict[RawKey, Answer] = {}
        self._capacity = capacity
        self._answers: dict[Key, Answer] = {}
        self._probation: OrderedDict[Key, Answer] = OrderedDict()
        self._main: OrderedDict[Key, Answer] = OrderedDict()
        self._ghosts: OrderedDict[Key, None] = OrderedDict()
        self._probation_size = 0
        self._main_size = 0

    @property
    def size(self) -> int:
        """Bytes that are held."""
        return self._probation_size + self._main_size

    def __len__(self) -> int:
        return len(self._answers)

    def find(self, key: Key, raw: RawKey) -> Answer | None:
        """Return the answer that is held, and remember that `raw` asks for it too."""
        answer = self._answers.get(key)
        if answer is not None:
            answer.used = True
            self._name(answer, raw)
        return answer

    def put(self, answer: Answer, raw: RawKey) -> None:
        """Keep the answer, unless it is too large or is held already."""
        if answer.size * LARGEST_SHARE > self._capacity or answer.key in self._answers:
            return
        self._answers[answer.key] = answer
        self._name(answer, raw)
        if answer.key in self._ghosts:
            del self._ghosts[answer.key]
            self._admit(answer)
        else:
            self._probation[answer.key] = answer
            self._probation_size += answer.size
        self._shrink()

    def _name(self, answer: Answer, raw: RawKey) -> None:
        if raw in self.ready:
            return
        if len(answer.aliases) >= MOST_ALIASES:
            self.ready.pop(answer.aliases.pop(0), None)
        self.ready[raw] = answer
        answer.aliases.append(raw)
        self._grow(answer, sum(len(part) for part in raw if part))

    def _grow(self, answer: Answer, by: int) -> None:
        answer.size += by
        if answer.key in self._probation:
            self._probation_size += by
        elif answer.key in self._main:
            self._main_size += by

    def _admit(self, answer: Answer) -> None:
        answer.used = False
        self._main[answer.key] = answer
        self._main_size += answer.size

    def _shrink(self) -> None:
        while self._probation and self._probation_size * PROBATION_SHARE > self._capacity:
            if len(self._probation) == 1 and self.size <= self._capacity:
                break
            key, answer = self._probation.popitem(last=False)
            self._probation_size -= answer.size
            if answer.used:
                self._admit(answer)
            else:
                self._drop(answer)
                self._ghosts[key] = None
                if len(self._ghosts) > MOST_GHOSTS:
                    self._ghosts.popitem(last=False)
        while self._main and self.size > self._capacity:
            key, answer = self._main.popitem(last=False)
            if answer.used:
                answer.used = False
                self._main[key] = answer
            else:
                self._main_size -= answer.size
                self._drop(answer)

    def _drop(self, answer: Answer) -> None:
        del self._answers[answer.key]
        for raw in answer.aliases:
            self.ready.pop(raw, None)
