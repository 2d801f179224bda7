"""Sequences and mappings of the search that are held as arrays, for they are long."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, repeat
from typing import Any

Place = tuple[int, int, float]
"""Where a word stands: the number of the exercise, that of the field, and the share of the field's weight."""


class Places(Sequence[Place]):
    """The places of one term, all in one field, in the order of their exercises; as arrays, for there are many."""

    __slots__ = ("_field", "_numbers", "_shares")

    def __init__(self, field: int) -> None:
        self._field = field
        self._numbers = array("H")
        self._shares = array("d")

    def add(self, number: int, share: float) -> None:
        """Add a further exercise."""
        self._numbers.append(number)
        self._shares.append(share)

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, at: Any) -> Any:
        return self._numbers[at], self._field, self._shares[at]

    def __iter__(self) -> Iterator[Place]:
        return zip(self._numbers, repeat(self._field), self._shares, strict=False)


class ByStem(Mapping[str, Sequence[int]]):
    """The numbers of the phrases that have a stem; as arrays, for there are many."""

    __slots__ = ("_phrases", "_starts", "numbers")

    def __init__(self, held: Mapping[str, Sequence[int]]) -> None:
        self.numbers = {stemmed: number for number, stemmed in enumerate(held)}
        self._phrases = array("H", (at for phrases in held.values() for at in phrases))
        self._starts = array("I", accumulate((len(phrases) for phrases in held.values()), initial=0))

    def __getitem__(self, stemmed: str) -> Sequence[int]:
        number = self.numbers[stemmed]
        return self._phrases[self._starts[number] : self._starts[number + 1]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)
