"""The regions that a text means, as far as was learned, beside those that its words name."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from schemas.findings import Alarm, Finding
from schemas.vocabulary import Status

TEXT: Final = "/text"
LIKELY: Final = 0.35
"""A region that no word names is found from this likelihood on."""

BEYOND_GUESSES: Final = 0.25
"""The same where words name a cause and no place."""

ALONE: Final = 0.7
"""The same for a text of which nothing else was understood."""

OVERRULED: Final = 0.9
"""From here on a region is meant although its words were taken as denied, past or not meant: in a complaint that has no
other sure place."""

SURE: Final = 0.7
COMPLAINTS: Final = frozenset(("quality", "pattern", "cause"))
NEVER: Final = 2.0

GUESSED: Final = 0.4
"""A region is found at most so surely where words name a cause and no place."""

LEARNED: Final = 1.5
"""How much what was learned counts beside the words that name a place."""


def with_likely(findings: Iterable[Finding], alarm: Alarm | None) -> tuple[Finding, ...]:
    """Return the findings with the regions that a text means, the likeliest first.

    What was learned never makes a place surer than its words do: vague words stay vague.
    """
    found = tuple(findings)
    if alarm is None:
        return found
    likely = {place.region: place.likelihood for place in alarm.places}
    named = [finding for finding in found if _of_text(finding)]
    others = [finding for finding in found if finding not in named]
    if any(finding.kind == "region" and finding.status is Status.PRESENT for finding in others):
        return found
    least = _least(named, others)
    here = {finding.id for finding in named if not _guessed(finding)}
    elsewhere = {finding.id for finding in others if finding.kind == "region"}
    complains = any(finding.kind in COMPLAINTS and finding.status is Status.PRESENT for finding in others)
    overruled = OVERRULED if complains and all(finding.confidence < SURE for finding in named) else NEVER
    added = [
        Finding("region", place.region, Status.PRESENT, 0.0, TEXT, place.span)
        for place in alarm.places
        if place.region not in here and place.span is not None
        if place.likelihood >= (overruled if place.region in elsewhere else least)
    ]
    certain = [finding for finding in named if not (added and _guessed(finding))]
    ranked = sorted(
        ((_blended(finding, likely.get(finding.id, 0.0)), finding) for finding in (*certain, *added)),
        key=lambda pair: (-pair[0], pair[1].span or (0, 0), pair[1].id),
    )
    most = GUESSED if any(map(_guessed, named)) else 1.0
    sure = (replace(finding, confidence=finding.confidence or min(worth, most)) for worth, finding in ranked)
    return (*sure, *others)


def _least(named: Sequence[Finding], others: Sequence[Finding]) -> float:
    if named and all(map(_guessed, named)):
        return BEYOND_GUESSES
    return LIKELY if others or named else ALONE


def _of_text(finding: Finding) -> bool:
    return finding.kind == "region" and finding.status is Status.PRESENT and finding.pointer in (TEXT, "")


def _guessed(finding: Finding) -> bool:
    return finding.span is None


def _blended(finding: Finding, likelihood: float) -> float:
    return round((finding.confidence + LEARNED * likelihood) / (1 + LEARNED), 3)
