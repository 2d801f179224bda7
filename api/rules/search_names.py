"""The whole names of exercises that stand in a search."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from api.rules.search_weights import Postings

LONGEST_NAME: Final = 7
"""Names of more words are found as the whole question only."""

NAMES: Final = 0b11
"""The fields of names: `name` and `aliases`."""

Names = Mapping[frozenset[str], Sequence[int]]
"""The numbers of the exercises that have a name, by its stems in any order."""


def named_in(readings: Iterable[Sequence[str]], names: Names, worth: Callable[[str], float]) -> dict[int, float]:
    """Return each exercise that has its whole name in any reading of the words, with its share of their weight."""
    best: dict[int, float] = {}
    for number, share in (found for stems in readings for found in _names_in(stems, names, worth)):
        best[number] = max(share, best.get(number, 0.0))
    return best


def best_in_names(readings: Iterable[tuple[Postings, float]]) -> dict[int, float]:
    """Return the exercises that have any reading of a word in a name, with how like the word it is."""
    best: dict[int, float] = {}
    for held, likeness in readings:
        for number, fields in zip(held.numbers, held.fields, strict=True):
            if fields & NAMES:
                best[number] = max(likeness, best.get(number, 0.0))
    return best


def _names_in(stems: Sequence[str], names: Names, worth: Callable[[str], float]) -> Iterator[tuple[int, float]]:
    worths = [worth(one) for one in stems]
    whole = sum(worths)
    lengths = {*range(1, min(len(stems), LONGEST_NAME) + 1), len(stems)}
    spans = ((at, at + length) for length in sorted(lengths) for at in range(len(stems) - length + 1))
    for start, end in spans:
        for number in names.get(frozenset(stems[start:end]), ()):
            yield number, sum(worths[start:end]) / whole
