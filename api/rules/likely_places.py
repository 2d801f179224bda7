"""The regions that a text means, as far as was learned, beside those that its words name."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from schemas.findings import Alarm, Finding
from schemas.vocabulary import Status

TEXT: Final = "/text"
LIKELY: Final = 0.35
"""A region that no word names is found from this likelihood on."""

ALONE: Final = 0.7
"""The same for a text of which nothing else was understood."""

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
    least = LIKELY if others or named else ALONE
    spoken_of = {finding.id for finding in found if finding.kind == "region" and not _guessed(finding)}
    added = [
        Finding("region", place.region, Status.PRESENT, 0.0, TEXT, place.span)
        for place in alarm.places
        if place.region not in spoken_of and place.likelihood >= least and place.span is not None
    ]
    certain = [finding for finding in named if not (added and _guessed(finding))]
    ranked = sorted(
        ((_blended(finding, likely.get(finding.id, 0.0)), finding) for finding in (*certain, *added)),
        key=lambda pair: (-pair[0], pair[1].span or (0, 0), pair[1].id),
    )
    most = GUESSED if any(map(_guessed, named)) else 1.0
    sure = (replace(finding, confidence=finding.confidence or min(worth, most)) for worth, finding in ranked)
    return (*sure, *others)


def _of_text(finding: Finding) -> bool:
    return finding.kind == "region" and finding.status is Status.PRESENT and finding.pointer in (TEXT, "")


def _guessed(finding: Finding) -> bool:
    return finding.span is None


def _blended(finding: Finding, likelihood: float) -> float:
    return round((finding.confidence + LEARNED * likelihood) / (1 + LEARNED), 3)
