"""What a clinician's override does to a judgement: the forbids it names become cautions, and every other one stands.

It opens nothing else. Triage, holds, clearance, what today's pain forbids and what the person's own sessions left out
stand in front of it, and a condition that is an emergency or urgent by itself is never overridden.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from api.rules.contraindications import Judgement, Rulebook, merged
from schemas.catalog import RuleSet
from schemas.overrides import Override
from schemas.vocabulary import FlagLevel, Verdict

NEVER = frozenset({FlagLevel.EMERGENCY, FlagLevel.URGENT})


def never_overridden(condition_ids: Iterable[str], rulebook: Rulebook, rules: RuleSet) -> list[str]:
    """Return which of the conditions, vague ones by what they stand for, nobody may override."""
    return [
        key
        for key in condition_ids
        if any(
            member in rules.conditions and rules.conditions[member].level in NEVER for member in rulebook.united([key])
        )
    ]


def forbids(exercise_id: str, condition_id: str, rulebook: Rulebook) -> bool:
    """Return True when the condition by itself forbids the exercise, so that there is something to override."""
    return rulebook.judge(exercise_id, rulebook.united([condition_id])).verdict is Verdict.FORBID


def by_exercise(overrides: Iterable[Override]) -> dict[str, tuple[Override, ...]]:
    """Return the overrides of each exercise, in their order."""
    found: dict[str, tuple[Override, ...]] = {}
    for override in overrides:
        found[override.exercise_id] = (*found.get(override.exercise_id, ()), override)
    return found


def softened(judgement: Judgement, overrides: Iterable[Override], rulebook: Rulebook, rules: RuleSet) -> Judgement:
    """Return the judgement with the overridden forbids as cautions."""
    named = _open(overrides, rulebook, rules)
    if judgement.verdict is not Verdict.FORBID or not named:
        return judgement
    return merged(
        [
            tuple(
                replace(hit, verdict=Verdict.CAUTION) if hit.verdict is Verdict.FORBID and hit.rule in named else hit
                for hit in judgement.hits
            )
        ]
    )


def effective(
    exercise_id: str, condition_ids: Iterable[str], overrides: Mapping[str, tuple[Override, ...]], rulebook: Rulebook
) -> Override | None:
    """Return the newest override that let an offered exercise in; None when no rule forbids it anyway."""
    judgement = rulebook.judge(exercise_id, condition_ids)
    forbids = {hit.rule for hit in judgement.of(Verdict.FORBID)}
    used = [each for each in overrides.get(exercise_id, ()) if forbids & {*rulebook.united(each.conditions)}]
    return used[-1] if used else None


def _open(overrides: Iterable[Override], rulebook: Rulebook, rules: RuleSet) -> set[str]:
    named = {member for override in overrides for member in rulebook.united(override.conditions)}
    # A rule set may have become stricter since the override was made.
    return {key for key in named if key in rules.conditions and rules.conditions[key].level not in NEVER}
