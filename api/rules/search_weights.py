"""What a word weighs in each exercise that has it, and how much its rarity makes of that."""

import math
from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from heapq import nlargest
from typing import Final

from api.rules.search_arrays import Place

WEIGHTS: Final = (6.0, 7.0, 3.8, 5.0, 4.0, 2.0, 3.0, 2.5, 3.5, 2.8, 2.3, 1.2, 0.0, 6.0, 0.0)
"""What a word in each field counts."""

FURTHER_FIELD: Final = 0.4
"""What a word adds for each further field that has it, of that field's weight."""

ABOUT: Final = (3.0, 10.0)
"""The least and the most weight of a word in an exercise that is all about it; with less it counts as a part of one."""

TOP: Final = 0.1
"""Of a word that more than this share of the exercises has, those with the most weight say what being about it is."""

RARITY: Final = 0.6
"""How steeply a word counts more the rarer it is."""

LEAST_RARITY: Final = 0.02
"""The weight of a word that stands in every exercise."""

NO_LINES: Final = array("I")


@dataclass(frozen=True, slots=True)
class Postings:
    """The exercises that have a word: numbers, the weight in each, fields as a bit mask; and the lines it stands in."""

    numbers: "array[int]"
    weights: "array[float]"
    fields: "array[int]"
    lines: "array[int]"
    rarity: float


def weighed(places: Iterable[Place], size: int, lines: "array[int] | None" = None) -> Postings:
    """Return what a word at these places weighs: the weightiest place counts whole, every further field in part."""
    weights: dict[int, float] = {}
    masks: dict[int, int] = {}
    for number, at, share in places:
        weight, bit = WEIGHTS[at] * share, 1 << at
        held, mask = weights.get(number, 0.0), masks.get(number, 0)
        further = 0.0 if mask & bit else FURTHER_FIELD * min(held, weight)
        weights[number] = max(held, weight) + further
        masks[number] = mask | bit
    numbers = sorted(weights)
    return Postings(
        array("H", numbers),
        array("f", [weights[number] for number in numbers]),
        array("H", [masks[number] for number in numbers]),
        NO_LINES if lines is None else lines,
        _rarity(weights.values(), size),
    )


def _rarity(weights: Collection[float], size: int) -> float:
    """Rare are words that few exercises are about, be they mentioned in many: `knee` is, and `the` is not."""
    least, most = ABOUT
    top = nlargest(max(1, int(size * TOP)), weights)
    full = min(most, max(least, sum(top) / len(top))) if len(weights) > len(top) else most
    about = sum(min(1.0, weight / full) for weight in weights)
    return float(math.log((size + 1) / max(1.0, about)) ** RARITY) + LEAST_RARITY
