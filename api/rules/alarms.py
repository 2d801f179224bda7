"""How much a text sounds like danger: what was learned from many texts, beside the signs that are looked for by phrase.

People name a sign in more ways than any list of phrases holds. A linear model over words and pairs of words says how much
a text sounds like those that need a clinician, one today, or an ambulance; a second one says which sign it sounds like.
"""

import base64
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from api.rules.tokens import Token
from schemas.alarms import AlarmModel
from schemas.findings import Alarm, PersonFacts, Span

LEVELS: Final = "levels"
SIGNS: Final = "signs"
"""The ids of the two models."""

START: Final = "^"
END: Final = "$"
AGES: Final = ((16, "child"), (20, "teen"), (40, "young"), (55, "middle"), (65, "older"), (200, "old"))
TOLD: Final = 3
"""So many of the weightiest features say where in the text a sign was heard."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A word or a pair of words in a row: its key, and the tokens [start, end) that it is."""

    key: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scorer:
    """A model, unpacked."""

    heads: tuple[str, ...]
    biases: tuple[float, ...]
    units: tuple[float, ...]
    rarity_unit: float
    keys: "array[int]"
    rarities: bytes
    weights: "array[int]"

    def scores(self, features: Iterable[Feature]) -> tuple[float, ...]:
        """Return the score of every head, in the order of `heads`; above 0 is likelier than not."""
        width = len(self.heads)
        totals, norm = [0] * width, 0
        for at, _ in self._known(features):
            norm += self.rarities[at] ** 2
            for head, weight in enumerate(self.weights[at * width : at * width + width]):
                totals[head] += weight
        length = sqrt(norm) / self.rarity_unit or 1.0
        return tuple(
            bias + total / unit / length for bias, total, unit in zip(self.biases, totals, self.units, strict=True)
        )

    def weightiest(self, features: Iterable[Feature], head: int) -> list[Feature]:
        """Return the features that speak for a head, the weightiest first."""
        width = len(self.heads)
        weighed = [(self.weights[at * width + head], feature) for at, feature in self._known(features)]
        ranked = sorted(weighed, key=lambda pair: (-pair[0], pair[1].start, pair[1].end))
        return [feature for weight, feature in ranked if weight > 0]

    def _known(self, features: Iterable[Feature]) -> Iterator[tuple[int, Feature]]:
        for feature in features:
            at = bisect_left(self.keys, feature.key)
            if at < len(self.keys) and self.keys[at] == feature.key:
                yield at, feature


def unpack(model: AlarmModel) -> Scorer:
    """Return a model ready to score."""
    keys = array("I", _bytes(model.keys))
    if sys.byteorder == "big":
        keys.byteswap()
    return Scorer(
        heads=tuple(model.heads),
        biases=tuple(model.biases),
        units=tuple(model.weight_units),
        rarity_unit=model.rarity_unit,
        keys=keys,
        rarities=_bytes(model.rarities),
        weights=array("b", _bytes(model.weights)),
    )


def features(tokens: Sequence[Token], person: PersonFacts) -> list[Feature]:
    """Return each word and each pair of words once, where it first stands, and what is known of the person."""
    found: dict[int, Feature] = {}
    stems = [START, *(token.stem for token in tokens), END]
    for at in range(len(stems) - 1):
        if at:
            _add(found, stems[at], at - 1, at)
        _add(found, f"{stems[at]} {stems[at + 1]}", max(0, at - 1), min(len(tokens), at + 1))
    for fact in _of_person(person):
        _add(found, fact, 0, 0)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Listener:
    """The models of a release: how dangerous a text sounds, and which sign it sounds like."""

    levels: Scorer
    signs: Scorer
    least: float

    def listen(self, tokens: Sequence[Token], person: PersonFacts) -> Alarm:
        """Return what a text sounds like; no sign when no level reaches `least`."""
        heard = features(tokens, person)
        levels = dict(zip(self.levels.heads, self.levels.scores(heard), strict=True))
        if max(levels.values()) < self.least:
            return Alarm(levels)
        likely = self.signs.scores(heard)
        best = max(range(len(likely)), key=lambda head: (likely[head], -head))
        span = _span(self.signs.weightiest(heard, best), tokens)
        return Alarm(levels, self.signs.heads[best], likely[best], span)


def listener(models: Mapping[str, AlarmModel], least: float) -> Listener | None:
    """Return the listener of a release; None when it has no models."""
    if LEVELS not in models or SIGNS not in models:
        return None
    return Listener(unpack(models[LEVELS]), unpack(models[SIGNS]), least)


def key_of(text: str) -> int:
    """Return the key of a feature."""
    return zlib.crc32(text.encode())


def _add(found: dict[int, Feature], text: str, start: int, end: int) -> None:
    key = key_of(text)
    if key not in found:
        found[key] = Feature(key, start, end)


def _of_person(person: PersonFacts) -> Iterator[str]:
    if person.age is not None:
        yield "@age " + next(name for below, name in AGES if person.age < below)
    if person.pregnant:
        yield "@pregnant"
    if person.postpartum_weeks is not None:
        yield "@postpartum"


def _span(weightiest: Sequence[Feature], tokens: Sequence[Token]) -> Span | None:
    """Where the weightiest words stand, with others of the same sentence."""
    said = [feature for feature in weightiest if feature.end > feature.start]
    if not said:
        return None
    sentence = tokens[said[0].start].sentence
    near = [feature for feature in said[:TOLD] if tokens[feature.start].sentence == sentence]
    start, end = min(feature.start for feature in near), max(feature.end for feature in near)
    return tokens[start].start, tokens[end - 1].end


def _bytes(packed: str) -> bytes:
    return zlib.decompress(base64.b64decode(packed))
