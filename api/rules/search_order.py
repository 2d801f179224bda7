"""The hits of a search in order: exercises like the leading ones stand before those that merely have a word of it.

Exercises are alike that share regions, muscles, kind, position, causes, conditions and topics, the more the rarer these
are. What leads stays where it is.
"""

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from operator import itemgetter
from typing import Final

LEAST_SCORE: Final = 0.12
"""A hit needs this share of the best score, unless it is among the first."""

FIRST: Final = 10
"""So many hits may have less, when they are like the leading ones."""

LEADING: Final = 3
"""So many of the best hits say what the others should be like."""

KEPT: Final = 3
"""So many of the best hits stay where they are."""

LIKE: Final = 0.5
"""What it adds when an exercise is just like the leading ones, as a share of the best score."""

TELLING: Final = 60
"""So many of the weightiest terms of the leading hits say it; the time that takes must not grow with them."""

TOO_COMMON: Final = 0.3
"""What more than this share of the exercises has makes none of them alike."""

WEIGHTS: Final[Mapping[str, float]] = {
    "regions": 1.0,
    "muscles": 1.0,
    "topics": 1.0,
    "kind": 0.4,
    "causes": 0.5,
    "conditions": 0.5,
}
"""What sharing a term counts, by its field."""

Term = tuple[str, Sequence[tuple[int, float]]]
"""The field of a term, and the numbers of the exercises that have it, with how much it is theirs."""

Hit = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Rows:
    """Numbers with a weight each, in rows one behind the other; `starts` is where each row starts and the last ends."""

    starts: "array[int]"
    numbers: "array[int]"
    weights: "array[float]"

    def row(self, at: int) -> Iterator[tuple[int, float]]:
        """Return the numbers of a row with their weights."""
        start, end = self.starts[at], self.starts[at + 1]
        return zip(self.numbers[start:end], self.weights[start:end], strict=True)


@dataclass(frozen=True, slots=True)
class Kinship:
    """What exercises have in common: the terms of each exercise, and the exercises of each term."""

    size: int
    terms: Rows
    exercises: Rows

    def likeness(self, leading: Sequence[Hit]) -> list[float]:
        """Return how like the leading hits, each by its score, every exercise is, 0 to 1, by number."""
        whole = sum(score for _, score in leading)
        profile: dict[int, float] = {}
        for number, score in leading:
            for term, weight in self.terms.row(number):
                profile[term] = profile.get(term, 0.0) + weight * score / whole
        found = [0.0] * self.size
        for term, weight in nlargest(TELLING, profile.items(), key=itemgetter(1)):
            for number, share in self.exercises.row(term):
                found[number] += weight * share
        return found


def kinship(size: int, terms: Iterable[Term]) -> Kinship:
    """Return what so many exercises have in common by their terms."""
    held: list[dict[int, float]] = [{} for _ in range(size)]
    count = 0
    for name, places in terms:
        having = dict(places)
        if name not in WEIGHTS or not 1 < len(having) <= max(TOO_COMMON * size, 2):
            continue
        rarity = math.log1p(size / len(having)) * WEIGHTS[name]
        for number, share in having.items():
            held[number][count] = rarity * share
        count += 1
    by_term: list[dict[int, float]] = [{} for _ in range(count)]
    for number, weights in enumerate(held):
        length = math.sqrt(sum(weight**2 for weight in weights.values()))
        for term, weight in weights.items():
            weights[term] = by_term[term][number] = weight / length
    return Kinship(size, _rows(held), _rows(by_term))


def _rows(rows: Sequence[Mapping[int, float]]) -> Rows:
    made = Rows(array("I", [0]), array("H"), array("f"))
    for row in rows:
        made.numbers.extend(row)
        made.weights.extend(row.values())
        made.starts.append(len(made.numbers))
    return made


def in_order(scores: Sequence[float], cover: Sequence[float], covered: float, kin: Kinship) -> tuple[Hit, ...]:
    """Return the hits, best first, ties by number, of those that are covered enough."""
    kept = [(-score, number) for number, score in enumerate(scores) if score > 0 and cover[number] >= covered]
    if not kept:
        return ()
    kept.sort()
    best = -kept[0][0]
    like = kin.likeness([(number, -score) for score, number in kept[:LEADING]])
    enough = bisect_right(kept, (-LEAST_SCORE * best, len(scores)))
    most, whole = max(like), LIKE * best
    raised = [(-round(most * whole - score, 4), number) for score, number in kept[:KEPT]]
    raised += [(-round(like[number] * whole - score, 4), number) for score, number in kept[KEPT:enough]]
    raised.sort()
    # Of the many with less, few are looked at: those that come before the last of the first.
    bar = -raised[FIRST - 1][0] if len(raised) >= FIRST else 0.0
    less = [(like[number] * whole - score, number) for score, number in kept[max(KEPT, enough) :]]
    further = sorted([(-round(score, 4), number) for score, number in less if score > bar])
    among_first = set(sorted([*raised, *further])[:FIRST])
    hits = sorted([*raised, *(hit for hit in further if hit in among_first)])
    return tuple([(number, -score) for score, number in hits])
