"""Which exercises likely answer a search, as was learned from many searches with their answers."""

from array import array
from collections.abc import Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp
from typing import Final

from api.rules.network import Network, key_of, network_of
from api.rules.search_stems import SILENT
from schemas.networks import AnswerModel

MODEL: Final = "answers"

LEARNED: Final = 0.75
"""What it adds when an exercise is the likeliest one, as a share of the best score."""

FOUND: Final = 0.4
"""An exercise that has none of the words is found when it is at least so likely beside the likeliest one."""


@dataclass(frozen=True, slots=True)
class Answerer:
    """The model of a release, unpacked, and the exercises that it knows, by id."""

    network: Network
    exercises: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """The model for one index: `numbers` are those of the exercises that it knows, -1 for one that is there no more;
    `unknown` those of the others."""

    network: Network
    numbers: "array[int]"
    unknown: tuple[int, ...]

    def raise_likely(
        self, stems: Sequence[str], scores: MutableSequence[float], cover: MutableSequence[float]
    ) -> frozenset[int]:
        """Raise the exercises that likely answer a search of these stems; return the likeliest ones.

        One that nothing was learned of rises by its own score.
        """
        likely = self.likely(stems)
        best, fullest = max(scores), max(cover)
        if not likely or best <= 0:
            return frozenset()
        for number, worth in likely.items():
            scores[number] += LEARNED * best * worth
        for number in self.unknown:
            scores[number] += LEARNED * scores[number]
        found = frozenset(number for number, worth in likely.items() if worth >= FOUND)
        for number in found:
            cover[number] = fullest
        return found

    def likely(self, stems: Sequence[str]) -> dict[int, float]:
        """Return how likely each exercise answers beside the likeliest one, 0 to 1, by number.

        Empty when none of the words was ever looked for.
        """
        found = (self.network.known(key_of(feature)) for feature in features(stems))
        heard = [at for at in found if at is not None]
        if not heard:
            return {}
        hidden = self.network.hidden(heard)
        scores = {number: self.network.score(head, hidden) for head, number in enumerate(self.numbers) if number >= 0}
        most = max(scores.values(), default=0.0)
        # The root of the share of the likeliest one: what comes next counts as well.
        return {number: exp((score - most) / 2) for number, score in scores.items()}


def features(stems: Sequence[str]) -> list[str]:
    """Return each telling stem and each two in a row, once."""
    telling = [stemmed for stemmed in stems if stemmed not in SILENT]
    pairs = pairwise(telling)
    return list(dict.fromkeys([*(f"u {one}" for one in telling), *(f"b {one} {other}" for one, other in pairs)]))


def answerer(models: Mapping[str, AnswerModel]) -> Answerer | None:
    """Return what a release learned, or None when it has no model."""
    model = models.get(MODEL)
    return None if model is None else Answerer(network_of(model), tuple(model.exercises))


def answers_for(learned: Answerer, numbers: Mapping[str, int]) -> Answers:
    """Return what was learned for exercises with these numbers."""
    known = array("h", [numbers.get(id_, -1) for id_ in learned.exercises])
    return Answers(learned.network, known, tuple(sorted(set(numbers.values()) - set(known))))
