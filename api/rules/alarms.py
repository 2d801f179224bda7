"""How much a text sounds like danger: learned from many texts, beside the signs that are looked for by phrase.

People name a sign, and a place, in more ways than any list of phrases holds. A small network over words, pairs of words
and what the lexicon found says how much a text sounds like those that need a clinician, one today, or an ambulance,
like which sign, and which regions it means.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from operator import mul
from typing import Final

from api.rules.network import Network, key_of, network_of
from api.rules.tokens import Token
from schemas.findings import Alarm, Finding, LikelyPlace, PersonFacts, Span
from schemas.networks import AlarmModel

MODEL: Final = "words"
START: Final = "^"
END: Final = "$"
AGES: Final = ((16, "child"), (20, "teen"), (40, "young"), (55, "middle"), (65, "older"), (200, "old"))
TELLING: Final = frozenset({"region", "cause", "condition", "quality", "pattern", "timing", "sign"})
LEAST_PLACE: Final = -1.5
"""Below this score nobody means the region."""

LEAST_KNOWN: Final = 0.5
"""More than this share of the words must be known."""

TOLD: Final = 3
"""So many of the weightiest words say where in the text a sign was heard."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that a text has: its key, and the tokens [start, end) that it is; none for what is known otherwise."""

    key: int
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Listener:
    """The model of a release; below `least` at every level nobody looks for the sign."""

    levels: tuple[str, ...]
    signs: tuple[str, ...]
    regions: tuple[str, ...]
    network: Network
    least: float

    def listen(self, tokens: Sequence[Token], findings: Iterable[Finding], person: PersonFacts) -> Alarm | None:
        """Return what a text sounds like; None when most of its words were never heard."""
        heard = list(self._known(features(tokens, findings, person)))
        words = {feature.start for _, feature in heard if feature.end == feature.start + 1}
        if len(words) <= LEAST_KNOWN * len({token.stem for token in tokens}):
            return None
        network = self.network
        hidden = network.hidden(at for at, _ in heard)
        scores = [network.score(head, hidden) for head in range(len(self.levels))]
        levels = dict(zip(self.levels, scores, strict=True))
        places = self._places(heard, hidden, tokens)
        if not self.signs or max(scores) < self.least:
            return Alarm(levels, places)
        first = len(self.levels)
        likely = [network.score(first + sign, hidden) for sign in range(len(self.signs))]
        best = max(range(len(likely)), key=lambda sign: (likely[sign], -sign))
        return Alarm(levels, places, self.signs[best], likely[best], self._span(heard, hidden, first + best, tokens))

    def _places(
        self, heard: Sequence[tuple[int, Feature]], hidden: Sequence[float], tokens: Sequence[Token]
    ) -> tuple[LikelyPlace, ...]:
        first = len(self.levels) + len(self.signs)
        scores = sorted(
            (-self.network.score(first + at, hidden), region, first + at) for at, region in enumerate(self.regions)
        )
        return tuple(
            LikelyPlace(region, round(1 / (1 + exp(score)), 3), self._span(heard, hidden, head, tokens))
            for score, region, head in scores
            if -score >= LEAST_PLACE
        )

    def _known(self, found: Iterable[Feature]) -> Iterator[tuple[int, Feature]]:
        for feature in found:
            at = self.network.known(feature.key)
            if at is not None:
                yield at, feature

    def _span(
        self, heard: Sequence[tuple[int, Feature]], hidden: Sequence[float], head: int, tokens: Sequence[Token]
    ) -> Span | None:
        """Where the words stand that speak most for a head, those of one sentence."""
        active = [
            weight * scale if unit else 0.0
            for weight, scale, unit in zip(self.network.head(head), self.network.scales, hidden, strict=True)
        ]
        said = [
            (sum(map(mul, active, self.network.row(at))), feature)
            for at, feature in heard
            if feature.end > feature.start
        ]
        ranked = sorted(said, key=lambda pair: (-pair[0], pair[1].start, pair[1].end))
        telling = [feature for worth, feature in ranked[:TOLD] if worth > 0]
        if not telling:
            return None
        sentence = tokens[telling[0].start].sentence
        near = [feature for feature in telling if tokens[feature.start].sentence == sentence]
        start, end = min(feature.start for feature in near), max(feature.end for feature in near)
        return tokens[start].start, tokens[end - 1].end


def listener(models: Mapping[str, AlarmModel], least: float) -> Listener | None:
    """Return the listener of a release; None when it has no model."""
    model = models.get(MODEL)
    if model is None:
        return None
    return Listener(tuple(model.levels), tuple(model.signs), tuple(model.regions), network_of(model), least)


def features(tokens: Sequence[Token], findings: Iterable[Finding], person: PersonFacts) -> list[Feature]:
    """Return each word, pair of words and finding once, words where they first stand, and what the person is."""
    found: dict[int, Feature] = {}
    stems = [START, *(token.stem for token in tokens), END]
    for at in range(len(stems) - 1):
        if at:
            _add(found, f"u {stems[at]}", at - 1, at)
        _add(found, f"b {stems[at]} {stems[at + 1]}", max(0, at - 1), min(len(tokens), at + 1))
    for fact in (*_of_findings(findings), *_of_person(person)):
        _add(found, fact, 0, 0)
    return list(found.values())


def _add(found: dict[int, Feature], text: str, start: int, end: int) -> None:
    key = key_of(text)
    if key not in found:
        found[key] = Feature(key, start, end)


def _of_findings(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        if finding.kind in TELLING:
            yield f"@found {finding.kind} {finding.id} {finding.status.value}"
            yield f"@status {finding.status.value}"


def _of_person(person: PersonFacts) -> Iterator[str]:
    yield f"@subject {person.subject}"
    if person.age is not None:
        yield "@age " + next(name for below, name in AGES if person.age < below)
    if person.child_by_words:
        yield "@child"
    if person.pregnant:
        yield "@pregnant"
    if person.postpartum_weeks is not None:
        yield "@postpartum"
