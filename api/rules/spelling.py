"""Careful typo repair: only longer words that nobody knows, only to one clear neighbour."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from rapidfuzz import process
from rapidfuzz.distance import OSA

from api.rules.tokens import stem

SHORTEST_SWAPPED = 4
SHORTEST_REPAIRED = 5
SHORTEST_TWO_EDITS = 9
MOST_REPAIRS = 150


@dataclass(frozen=True, slots=True)
class Speller:
    """The known stems by first letter and length; `known` also holds common words that are right as they are."""

    known: frozenset[str]
    shelves: Mapping[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    spelt: Mapping[str, str] = field(default_factory=dict)

    def repair(self, word: str, stemmed: str) -> tuple[str, ...]:
        """Return the stems meant by an unknown word: itself when nothing is near, two when words ran together."""
        if word in self.spelt:
            return (self.spelt[word],)
        if len(word) == SHORTEST_SWAPPED:
            return (self._swapped(stemmed) or stemmed,)
        if len(word) < SHORTEST_REPAIRED or not word.isalpha() or word in self.known or stemmed in self.known:
            return (stemmed,)
        parts = self._split(word)
        if parts:
            return parts
        near = self._nearest(stemmed, 1)
        if near is None and len(stemmed) >= SHORTEST_TWO_EDITS:
            near = self._nearest(stemmed, 2)
        return (near or stemmed,)

    def _swapped(self, word: str) -> str | None:
        """The known word of four letters that two swapped neighbours turn this one into: `bakc` is `back`."""
        letters = sorted(word)
        near = [
            other
            for other in self.shelves.get((word[0], SHORTEST_SWAPPED), ())
            if sorted(other) == letters and OSA.distance(word, other) == 1
        ]
        return near[0] if len(near) == 1 and word not in self.known else None

    def _nearest(self, stemmed: str, edits: int) -> str | None:
        candidates: list[str] = []
        for length in range(len(stemmed) - edits, len(stemmed) + edits + 1):
            candidates.extend(self.shelves.get((stemmed[0], length), ()))
            if edits == 1 and len(stemmed) > 1 and length == len(stemmed):
                candidates.extend(self.shelves.get((stemmed[1], length), ()))
        found = process.extract(stemmed, candidates, scorer=OSA.distance, score_cutoff=edits, limit=3)
        if not found or (len(found) > 1 and found[0][1] == found[1][1] and found[0][0] != found[1][0]):
            return None
        return str(found[0][0])

    def _split(self, word: str) -> tuple[str, ...]:
        for at in range(len(word) - 3, 2, -1):
            left, right = word[:at], word[at:]
            if left in self.known and (right in self.known or stem(right) in self.known) and len(word) >= 7:
                return (stem(left), stem(right))
        return ()


def speller(vocabulary: Collection[str], common: Collection[str], spelt: Mapping[str, str]) -> Speller:
    """Return a speller that repairs towards `vocabulary` and leaves `vocabulary` and `common` alone.

    `spelt` maps known misspellings, most of them of short words, to the stems meant.
    """
    shelves: dict[tuple[str, int], list[str]] = {}
    for word in sorted(vocabulary):
        if len(word) >= SHORTEST_REPAIRED - 1 and word.isalpha():
            shelves.setdefault((word[0], len(word)), []).append(word)
    known = (frozenset(vocabulary) | frozenset(common)) - frozenset(spelt)
    return Speller(known, {key: tuple(words) for key, words in shelves.items()}, dict(spelt))
