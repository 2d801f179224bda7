"""Which regions the words for places mean, on which side and how badly it hurts there."""

from collections.abc import Iterable, Mapping, Sequence

from api.rules.hearing import Heard, Told
from api.rules.quantities import severities
from api.rules.reader import PLACES, Reader
from schemas.findings import Finding
from schemas.vocabulary import Side, Status

PLAIN = 0.7
HURTING = 0.95
BY_CAUSE = 0.35
_SIDES = {"left": Side.LEFT, "right": Side.RIGHT, "both": Side.BOTH, "midline": Side.MIDLINE}
_ORDER = {Status.PRESENT: 0, Status.UNCERTAIN: 1, Status.PAST: 2}


def regions(heard: Heard, pointer: str, reader: Reader) -> list[Finding]:
    """Return the region findings of a text: specific places first, vague ones where no specific one settles them."""
    told = [t for t in heard.told if t.meaning.kind in PLACES]
    specific = {t.meaning.id for t in told if t.meaning.kind == "region" and t.manner.status is Status.PRESENT}
    settled = specific | {reader.parents[name] for name in specific if name in reader.parents}
    scores = severities(heard.tokens, heard.text, heard.spoken)
    best: dict[tuple[str, bool], Finding] = {}
    for one in told:
        for region, weight in _meant(one, specific, settled, reader):
            finding = _finding(one, region, weight, heard, pointer, scores, told)
            key = (region, finding.status is Status.PRESENT)
            held = best.get(key)
            if held is None or _rank(finding) < _rank(held):
                best[key] = finding
    kept = [found for found in best.values() if not _well(found, best)]
    return sorted(kept, key=lambda f: (-f.confidence, f.span or (0, 0), f.id, f.status))


def _well(found: Finding, best: Mapping[tuple[str, bool], Finding]) -> bool:
    """True for a place that is denied more surely than it is told: the knee in `quads sore, knees no problem`."""
    other = best.get((found.id, False))
    if found.status is not Status.PRESENT or other is None or other.status is not Status.DENIED:
        return False
    return found.confidence < other.confidence or (found.confidence == other.confidence < HURTING)


def _rank(finding: Finding) -> tuple[int, bool, float]:
    return (_ORDER.get(finding.status, 3), finding.side is Side.UNKNOWN, -finding.confidence)


def _meant(one: Told, specific: set[str], settled: set[str], reader: Reader) -> Iterable[tuple[str, float]]:
    if one.meaning.kind == "region":
        return [(one.meaning.id, 1.0)]
    candidates = list(one.meaning.regions)
    whole_pattern = one.meaning.id in reader.ids["condition"] or one.meaning.id.startswith("muscle.")
    if not whole_pattern and one.manner.status is Status.PRESENT and any(name in specific for name, _ in candidates):
        return []
    families = {reader.parents.get(name, name) for name, _ in candidates}
    if len(families) == 1 and families & settled and not whole_pattern:
        return []
    return candidates


def _finding(
    one: Told,
    region: str,
    weight: float,
    heard: Heard,
    pointer: str,
    scores: Sequence[tuple[int, int]],
    told: Sequence[Told],
) -> Finding:
    tokens, mention = heard.tokens, one.mention
    hurts = heard.scene.spans("@hurt") + heard.scene.spans("@bothered")
    part = tokens[mention.start].part
    near = any(tokens[start].part == part for start, _ in hurts)
    return Finding(
        kind="region",
        id=region,
        status=one.manner.status,
        confidence=round((HURTING if near else PLAIN) * weight, 3),
        pointer=pointer,
        span=(tokens[mention.start].start, tokens[mention.end - 1].end),
        side=_side(heard, mention.start, mention.end),
        severity=_severity(mention.start, scores, told),
    )


def _side(heard: Heard, start: int, end: int) -> Side:
    """The side named up to three words before the place, inside it, or up to four words behind it in the same part."""
    tokens, scene = heard.tokens, heard.scene
    part = tokens[start].part
    window = [*range(start, end), *range(start - 1, start - 4, -1), *range(end, end + 5)]
    found: list[Side] = []
    for at in window:
        if not 0 <= at < len(tokens) or tokens[at].part != part:
            continue
        for name, side in _SIDES.items():
            if any(first == at for first, _ in scene.spans(f"side_{name}")):
                found.append(side)
    if Side.LEFT in found[:2] and Side.RIGHT in found[:2]:
        return Side.BOTH
    return found[0] if found else Side.UNKNOWN


def _severity(start: int, scores: Sequence[tuple[int, int]], told: Sequence[Told]) -> int | None:
    """The score that stands nearest, when this is also the place nearest to that score."""
    starts = sorted({t.mention.start for t in told})
    mine = [score for at, score in scores if min(starts, key=lambda s: (abs(s - at), s)) == start]
    return max(mine) if mine else None


def by_cause(causes: Iterable[str], priors: Iterable[tuple[str, dict[str, float]]], pointer: str) -> list[Finding]:
    """Return the likely regions of stated causes, for texts that name no place."""
    wanted = set(causes)
    weights: dict[str, float] = {}
    for cause, regions_of in priors:
        if cause in wanted:
            for region, weight in regions_of.items():
                weights[region] = max(weights.get(region, 0.0), weight)
    ranked = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
    return [
        Finding("region", region, Status.PRESENT, round(BY_CAUSE * weight, 3), pointer) for region, weight in ranked
    ]
