"""What is remembered of a person: what is kept beside an answer, and what that means on a later day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.rules.contraindications import Rulebook
from api.rules.needs import PREGNANT, TRIMESTERS, UNKNOWN_CONDITION, need_of, needs_clearance, trimester_of
from api.rules.preparation import Prepared
from api.rules.tuning import Numbers
from schemas.findings import Assessment, Reading
from schemas.recommendations import RecommendationQuestion
from schemas.told import Telling, ToldAt
from schemas.vocabulary import OPEN_TO_EXERCISE, FlagLevel

NEVER_CLEARED = frozenset({FlagLevel.EMERGENCY, FlagLevel.URGENT})
A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was told once, as it counts today: the conditions, those of them that waited for a clinician, and when."""

    conditions: frozenset[str]
    waiting: frozenset[str]
    at: datetime


def told_with(
    question: RecommendationQuestion, reading: Reading, assessment: Assessment, prepared: Prepared
) -> Telling:
    """Return what is to be remembered of a question. A clearance counts where the screen leaves exercise open."""
    need = need_of(question, reading, prepared.catalog, prepared.rules, prepared.rulebook, prepared.numbers)
    cleared = question.screening.cleared and assessment.disposition in OPEN_TO_EXERCISE
    return Telling(
        conditions=tuple(sorted({*need.conditions, *([UNKNOWN_CONDITION] if need.unknown_condition else [])})),
        waiting=tuple(key for key in need.unready if not cleared or never_cleared(key, prepared.rulebook)),
        cleared=cleared,
        age=need.age,
        pregnancy_weeks=reading.person.pregnancy_weeks,
    )


def never_cleared(condition_id: str, rulebook: Rulebook) -> bool:
    """Return True for a condition that waits whoever has cleared it: an emergency or urgent one."""
    return rulebook.conditions[condition_id].level in NEVER_CLEARED


def waiting_among(conditions: Iterable[str], prepared: Prepared) -> list[str]:
    """Return those of the conditions that need a clinician's clearance before any exercise."""
    known = prepared.rulebook.conditions
    return sorted(key for key in conditions if key in known and needs_clearance(known[key]))


def remembered(told: Sequence[ToldAt], now: datetime, prepared: Prepared) -> list[Remembered]:
    """Return what was told as it counts now, newest first."""
    return [
        Remembered(
            conditions_by(each.told.conditions, each.told.pregnancy_weeks, now - each.at, prepared),
            frozenset(prepared.rulebook.united(each.told.waiting)),
            each.at,
        )
        for each in sorted(told, key=lambda each: each.at, reverse=True)
    ]


def conditions_by(
    condition_ids: Iterable[str], pregnancy_weeks: int | None, since: timedelta, prepared: Prepared
) -> frozenset[str]:
    """Return the conditions, vague ones by what they stand for, so long after they were told.

    A pregnancy goes on: once a trimester must be over, those that may have followed are added. When it must have ended,
    it is forgotten.
    """
    told = {*condition_ids}
    united = {*prepared.rulebook.united(told)}
    lasting = united - {PREGNANT, *TRIMESTERS}
    pregnant = _trimesters(united, pregnancy_weeks, since // A_WEEK, prepared.numbers)
    return frozenset(lasting | pregnant | (told & {UNKNOWN_CONDITION}))


def _trimesters(told: Iterable[str], week_then: int | None, weeks: int, numbers: Numbers) -> set[str]:
    earliest = dict(zip(TRIMESTERS, (0, numbers.pregnancy_t2_from, numbers.pregnancy_t3_from), strict=True))
    now: set[str] = set()
    for place, key in enumerate(TRIMESTERS):
        begun = earliest[key] if week_then is None else week_then
        if key not in told or begun + weeks > numbers.pregnancy_weeks:
            continue
        now |= {key} if week_then is None else {key, trimester_of(week_then + weeks, numbers)}
        if weeks >= numbers.trimester_weeks:
            now.update(TRIMESTERS[place + 1 :])
    return now
