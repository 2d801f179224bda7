"""Which exercises of the asked regions may be offered, and why each of the others was left out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from api.rules.contraindications import Judgement, Rulebook
from api.rules.needs import SEVERE_PAIN, STRONG_PAIN, UNKNOWN_CONDITION, Need
from api.rules.overrides import softened
from api.rules.ranking import Profile
from api.rules.tuning import Numbers
from schemas.catalog import Catalog, RuleSet
from schemas.exercises import ExerciseBrief, ExerciseDefinition
from schemas.findings import Assessment
from schemas.recommendations import ExcludedExercise, Reason
from schemas.vocabulary import Disposition, FlagLevel, Kind, Verdict

LEVEL = "level"
EQUIPMENT = "equipment"
POSITION = "position"
SUSPENDED = "suspended"
SPREAD_DOWN = "spread_down"
AT_ITS_LIMIT = "-end"
SPINE_DIRECTIONS = frozenset(f"{part}-{way}" for part in "ctl" for way in ("flex", "ext", "rot", "lat", "ret"))
"""Ids of the properties that tell in which direction an exercise moves a part of the spine."""
GATE_ORDER = (SEVERE_PAIN, STRONG_PAIN)


@dataclass(frozen=True, slots=True)
class Card:
    """Everything about one exercise that an answer needs, built once per release."""

    definition: ExerciseDefinition
    brief: ExerciseBrief
    profile: Profile
    stop_if: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the disposition and the person's conditions leave open: exercises at all, and if so whether only breathing.

    `rule` and `reason` are given for each exercise that only the allowance keeps away.
    """

    exercises: bool
    breathing_only: bool
    rule: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """The exercises that may be offered with their judgements, and the excluded ones, best-fitting first."""

    permitted: Mapping[str, Judgement]
    excluded: tuple[ExcludedExercise, ...]


def allowance_of(assessment: Assessment, need: Need, cleared: bool, rules: RuleSet) -> Allowance:
    """Return what may be offered. Emergency, urgent and answer_first: nothing; see_clinician: breathing at most.

    A condition that needs clearance closes the same doors once more, so that one missed rule of the triage harms
    nobody; a clinician's clearance opens them, except for conditions of emergency or urgent level.
    """
    texts = rules.tuning.texts
    if assessment.disposition in {Disposition.EMERGENCY, Disposition.URGENT, Disposition.ANSWER_FIRST}:
        return Allowance(exercises=False, breathing_only=True)
    levels = {rules.conditions[key].level for key in need.unready if key in rules.conditions}
    if levels & {FlagLevel.EMERGENCY, FlagLevel.URGENT}:
        return Allowance(exercises=False, breathing_only=True)
    if assessment.disposition is Disposition.SEE_CLINICIAN:
        rule = Disposition.SEE_CLINICIAN.value
        return Allowance(exercises=True, breathing_only=True, rule=rule, reason=texts["excluded_see_clinician"])
    if need.unready and not cleared:
        return Allowance(exercises=True, breathing_only=True, rule=need.unready[0], reason=texts["caution_clearance"])
    return Allowance(exercises=True, breathing_only=False)


def select(
    candidates: Iterable[str],
    cards: Mapping[str, Card],
    need: Need,
    allowance: Allowance,
    rulebook: Rulebook,
    catalog: Catalog,
    rules: RuleSet,
    numbers: Numbers,
) -> Selection:
    """Return the permitted and the excluded among `candidates`, in their order; the strictest reason is given."""
    permitted: dict[str, Judgement] = {}
    excluded: list[ExcludedExercise] = []
    spreading = _directions(need.history.spread_down, rulebook)
    for key in candidates:
        card = cards[key]
        judgement = rulebook.judge(key, need.rules)
        if key in need.overrides:
            judgement = softened(judgement, need.overrides[key], rulebook, rules)
        reason = (
            _forbidden(key, judgement)
            or _suspended(key, need, rules)
            or _spreading(key, spreading, rulebook, rules)
            or _not_allowed(card, allowance)
            or _above_level(card, need, rules, numbers)
            or _unfitting(card, need, catalog, rules)
        )
        if reason is None:
            permitted[key] = judgement
        else:
            excluded.append(reason)
    return Selection(permitted, tuple(excluded))


def _forbidden(key: str, judgement: Judgement) -> ExcludedExercise | None:
    if judgement.verdict is not Verdict.FORBID:
        return None
    hits = judgement.of(Verdict.FORBID)
    # A named condition tells the person more than the general gates do, so it is given first.
    hit = next((hit for hit in hits if hit.rule not in {UNKNOWN_CONDITION, *GATE_ORDER}), hits[0])
    return ExcludedExercise(exercise_id=key, rule=hit.rule, property=hit.property, reason=hit.reason)


def _suspended(key: str, need: Need, rules: RuleSet) -> ExcludedExercise | None:
    if not need.history.suspended(key):
        return None
    reason = rules.tuning.texts["excluded_suspended"]
    return ExcludedExercise(exercise_id=key, rule=SUSPENDED, property=need.history.exercises[key].rule, reason=reason)


def _directions(exercise_ids: Collection[str], rulebook: Rulebook) -> frozenset[str]:
    """Return the exercises and the directions in which they move the spine, at its limit or not."""
    properties = (each for key in exercise_ids for each in rulebook.traits(key).properties)
    named = (each.removesuffix(AT_ITS_LIMIT) for each in properties)
    return frozenset(exercise_ids).union(each for each in named if each in SPINE_DIRECTIONS)


def _spreading(key: str, spreading: frozenset[str], rulebook: Rulebook, rules: RuleSet) -> ExcludedExercise | None:
    """Return why what sent symptoms down a limb today is not offered again that day. Source: clinical facts 4.2."""
    found = sorted(_directions([key], rulebook) & spreading) if spreading else []
    if not found:
        return None
    reason = rules.tuning.texts["excluded_spread_down"]
    return ExcludedExercise(exercise_id=key, rule=SPREAD_DOWN, property=found[0], reason=reason)


def _not_allowed(card: Card, allowance: Allowance) -> ExcludedExercise | None:
    if not allowance.breathing_only or card.definition.kind is Kind.BREATHING:
        return None
    return ExcludedExercise(
        exercise_id=card.definition.id,
        rule=allowance.rule,
        property=card.definition.kind.value,
        reason=allowance.reason,
    )


def _above_level(card: Card, need: Need, rules: RuleSet, numbers: Numbers) -> ExcludedExercise | None:
    level = card.definition.level
    texts = rules.tuning.texts
    if need.unknown_condition and level > numbers.unknown_condition_level:
        rule, reason = UNKNOWN_CONDITION, texts["excluded_unknown_level"]
    elif need.level is not None and level > need.level:
        rule, reason = LEVEL, texts["excluded_level"].format(level=level, asked=need.level)
    else:
        return None
    return ExcludedExercise(exercise_id=card.definition.id, rule=rule, property=f"{LEVEL}-{level}", reason=reason)


def _unfitting(card: Card, need: Need, catalog: Catalog, rules: RuleSet) -> ExcludedExercise | None:
    definition, texts = card.definition, rules.tuning.texts
    if need.equipment is not None:
        missing = sorted(card.profile.equipment - need.equipment)
        if missing:
            named = ", ".join(
                catalog.equipment[key].name.lower() if key in catalog.equipment else key for key in missing
            )
            reason = texts["excluded_equipment"].format(equipment=named)
            return ExcludedExercise(exercise_id=definition.id, rule=EQUIPMENT, property=missing[0], reason=reason)
    if need.positions is not None and definition.position.value not in need.positions:
        reason = texts["excluded_position"].format(position=definition.position.value.replace("_", " "))
        return ExcludedExercise(
            exercise_id=definition.id, rule=POSITION, property=definition.position.value, reason=reason
        )
    return None
