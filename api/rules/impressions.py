"""What a small network makes of a text: the features that it hears, the scores of its heads, and which words spoke."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import mul
from typing import Final

from api.rules.network import Network, key_of
from api.rules.tokens import Token
from schemas.findings import Finding, PersonFacts, Span

START: Final = "^"
END: Final = "$"
AGES: Final = ((16, "child"), (20, "teen"), (40, "young"), (55, "middle"), (65, "older"), (200, "old"))
TELLING: Final = frozenset({"region", "cause", "condition", "quality", "pattern", "timing", "sign"})
TOLD: Final = 3
"""So many of the weightiest words say where in the text something was heard."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that a text has: its key, and the tokens [start, end) that it is; none for what is known otherwise."""

    key: int
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Impression:
    """One text as one network hears it: the features that it knows, by number, and the hidden units they lead to."""

    network: Network
    tokens: Sequence[Token]
    heard: Sequence[tuple[int, Feature]]
    hidden: Sequence[float]

    def score(self, head: int) -> float:
        """Return the score of a head."""
        return self.network.score(head, self.hidden)

    def span(self, head: int) -> Span | None:
        """Return where the words stand that speak most for a head, those of one sentence; None when none do."""
        network = self.network
        active = [
            weight * scale if unit else 0.0
            for weight, scale, unit in zip(network.head(head), network.scales, self.hidden, strict=True)
        ]
        said = [
            (sum(map(mul, active, network.row(at))), feature)
            for at, feature in self.heard
            if feature.end > feature.start
        ]
        ranked = sorted(said, key=lambda pair: (-pair[0], pair[1].start, pair[1].end))
        telling = [feature for worth, feature in ranked[:TOLD] if worth > 0]
        if not telling:
            return None
        sentence = self.tokens[telling[0].start].sentence
        near = [feature for feature in telling if self.tokens[feature.start].sentence == sentence]
        start, end = min(feature.start for feature in near), max(feature.end for feature in near)
        return self.tokens[start].start, self.tokens[end - 1].end


def impression(network: Network, found: Iterable[Feature], tokens: Sequence[Token]) -> Impression:
    """Return what the network makes of a text with these features."""
    heard = [(at, feature) for feature in found if (at := network.known(feature.key)) is not None]
    return Impression(network, tokens, heard, network.hidden(at for at, _ in heard))


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
