"""What a person needs, worked out from what was understood: where, why, with which conditions, with what at hand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from api.rules.contraindications import Rulebook
from api.rules.dose_standing import NO_HISTORY, History
from api.rules.tuning import Numbers
from schemas.catalog import Catalog, RuleSet
from schemas.conditions import Condition
from schemas.findings import Finding, Reading
from schemas.overrides import Override
from schemas.recommendations import RecommendationQuestion, TriageQuestion
from schemas.vocabulary import FlagLevel, Position, Side, Status

NAMED = "named"
BY_CAUSE = "cause"
UNKNOWN_CONDITION = "unknown_condition"
SEVERE_PAIN = "severity"
STRONG_PAIN = "severity_load"
PREGNANT = "pregnancy"
TRIMESTERS = ("pregnancy_t1", "pregnancy_t2", "pregnancy_t3")
POSTPARTUM = "postpartum"


@dataclass(frozen=True, slots=True)
class Need:
    """What the answer must fit. `regions` are leaves with weight 0 to 1 and `origin` says who named them.

    `conditions` are known ids, vague ones expanded; `rules` are those and the gates that hold for this person;
    `unready` are present conditions that need a clinician's clearance first; `history` is what the person's own
    sessions say of each exercise; `overrides` are what clinicians let the person do, by exercise. None means unknown.
    """

    regions: Mapping[str, float]
    origin: str
    sides: Mapping[str, Side]
    causes: tuple[str, ...]
    symptoms: frozenset[str]
    conditions: tuple[str, ...]
    rules: tuple[str, ...]
    unready: tuple[str, ...]
    unknown_condition: bool
    severity: int | None
    age: int | None
    equipment: frozenset[str] | None
    positions: frozenset[str] | None
    level: int | None
    history: History = NO_HISTORY
    overrides: Mapping[str, tuple[Override, ...]] = field(default_factory=dict)


def holds(finding: Finding) -> bool:
    """Return whether a finding is said of the patient and counts now."""
    return finding.status in {Status.PRESENT, Status.UNCERTAIN} or (finding.status is Status.PAST and finding.recent)


def need_of(
    question: TriageQuestion,
    reading: Reading,
    catalog: Catalog,
    rules: RuleSet,
    rulebook: Rulebook,
    numbers: Numbers,
) -> Need:
    """Return what the person needs; every tuple is sorted, so that the order of the question never matters."""
    current, lasting = _conditions(reading, rules, numbers)
    conditions = rulebook.united(current | lasting)
    unknown = _has_unknown_condition(reading, rules)
    severity = _severity(reading)
    causes = tuple(sorted({finding.id for finding in reading.findings if _present(finding, "cause")}))
    regions, origin = _regions(reading, causes, catalog, rulebook, numbers)
    fits = question if isinstance(question, RecommendationQuestion) else RecommendationQuestion()
    return Need(
        regions=regions,
        origin=origin,
        sides=_sides(reading, rulebook),
        causes=causes,
        symptoms=frozenset(f.id for f in reading.findings if _present(f, "quality") or _present(f, "pattern")),
        conditions=conditions,
        rules=(*gates_of(unknown, severity, rulebook, numbers), *conditions),
        unready=tuple(key for key in rulebook.united(current) if needs_clearance(rulebook.conditions[key])),
        unknown_condition=unknown,
        severity=severity,
        age=reading.person.age,
        equipment=_placed(fits.equipment, "equipment", "equipment", reading, catalog.equipment),
        positions=_placed(fits.positions, "positions", "position", reading, list(Position)) or None,
        level=fits.level,
    )


def _present(finding: Finding, kind: str) -> bool:
    return finding.kind == kind and finding.status in {Status.PRESENT, Status.UNCERTAIN}


def _severity(reading: Reading) -> int | None:
    known = [finding.severity for finding in reading.findings if finding.severity is not None and holds(finding)]
    if reading.severity is not None:
        known.append(reading.severity)
    return max(known, default=None)


def _conditions(reading: Reading, rules: RuleSet, numbers: Numbers) -> tuple[frozenset[str], frozenset[str]]:
    told = [finding for finding in reading.findings if finding.kind == "condition"]
    lasting = frozenset(finding.id for finding in told if _lasting(finding, rules))
    found = {finding.id for finding in told if holds(finding)}
    facts = reading.facts | reading.uncertain_facts
    implied = {condition for fact, condition in rules.tuning.implied_conditions.items() if fact in facts}
    person = reading.person
    weeks = person.pregnancy_weeks
    if person.pregnant or (person.pregnant is None and weeks is not None):
        implied.add(PREGNANT)
    if weeks is not None and PREGNANT in found | implied and person.pregnant is not False:
        found.discard(PREGNANT)
        found.add(trimester_of(weeks, numbers))
    if found & {*TRIMESTERS}:
        implied.discard(PREGNANT)
    found |= implied
    if person.postpartum_weeks is not None and person.postpartum_weeks <= numbers.postpartum_until:
        found.add(POSTPARTUM)
    return frozenset(found), lasting


def trimester_of(week: int, numbers: Numbers) -> str:
    """Return the trimester in which a week of pregnancy lies."""
    return TRIMESTERS[(week >= numbers.pregnancy_t2_from) + (week >= numbers.pregnancy_t3_from)]


def _lasting(finding: Finding, rules: RuleSet) -> bool:
    # An operation is told in the past ("had my hip replaced"): what it forbids is kept, clearance is not asked again.
    condition = rules.conditions.get(finding.id)
    return finding.status is Status.PAST and condition is not None and condition.clearance_required


def _has_unknown_condition(reading: Reading, rules: RuleSet) -> bool:
    if any(unplaced.kind == "condition" for unplaced in reading.unplaced):
        return True
    return any(f.kind == "condition" and f.id not in rules.conditions and holds(f) for f in reading.findings)


def gates_of(unknown: bool, severity: int | None, rulebook: Rulebook, numbers: Numbers) -> tuple[str, ...]:
    """Return the gates that are shut by an unknown condition and by the severity; None means unknown."""
    gates = {
        UNKNOWN_CONDITION: unknown,
        SEVERE_PAIN: severity is not None and severity >= numbers.severe_pain_from,
        STRONG_PAIN: severity is not None and severity >= numbers.strong_pain_from,
    }
    return tuple(gate for gate, shut in gates.items() if shut and gate in rulebook.conditions)


def needs_clearance(condition: Condition) -> bool:
    """Return whether somebody with the condition sees a clinician before any exercise."""
    return condition.clearance_required or condition.level not in {None, FlagLevel.ANSWER_FIRST}


def _regions(
    reading: Reading, causes: Iterable[str], catalog: Catalog, rulebook: Rulebook, numbers: Numbers
) -> tuple[dict[str, float], str]:
    leaves = rulebook.vocabulary.leaves
    found = [finding for finding in reading.findings if _present(finding, "region") and finding.id in leaves]
    if found:
        weighed = (
            (leaf, finding.confidence * (1.0 if len(leaves[finding.id]) == 1 else numbers.parent_share))
            for finding in found
            for leaf in leaves[finding.id]
        )
        return _strongest(weighed), BY_CAUSE if all(_guessed(finding) for finding in found) else NAMED
    by_cause = [
        (leaf, weight * numbers.cause_share)
        for cause in causes
        if cause in catalog.causes
        for region, weight in catalog.causes[cause].regions.items()
        for leaf in leaves.get(region, ())
    ]
    return _strongest(by_cause), BY_CAUSE


def _guessed(finding: Finding) -> bool:
    # A region that was neither given as an id nor has words of its own was read off the cause.
    return finding.span is None and not finding.pointer.startswith("/pain_areas")


def _strongest(weights: Iterable[tuple[str, float]]) -> dict[str, float]:
    strongest: dict[str, float] = {}
    for leaf, weight in weights:
        strongest[leaf] = max(weight, strongest.get(leaf, 0.0))
    return dict(sorted(strongest.items()))


def _sides(reading: Reading, rulebook: Rulebook) -> dict[str, Side]:
    sides: dict[str, Side] = {}
    for finding in reading.findings:
        if not _present(finding, "region") or finding.side is Side.UNKNOWN:
            continue
        for leaf in sorted(rulebook.vocabulary.leaves.get(finding.id, ())):
            agreed = sides.get(leaf, finding.side) is finding.side
            sides[leaf] = finding.side if agreed else Side.BOTH
    return sides


def _placed(
    words: list[str] | None, field: str, kind: str, reading: Reading, known: Iterable[str]
) -> frozenset[str] | None:
    if words is None:
        return None
    found = {f.id for f in reading.findings if _present(f, kind) and f.pointer.startswith(f"/{field}")}
    return frozenset(found | (set(words) & set(known)))
