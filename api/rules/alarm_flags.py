"""What it changes that a text sounds like danger, or does not, beside the flags that its phrases fire.

A text that sounds dangerous fires the sign that it sounds like, whatever words say it. A flag that a phrase fired in a
text that sounds harmless asks first: the phrase may be a figure of speech. No flag is taken away without a question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from schemas.catalog import RuleSet
from schemas.findings import Alarm, Flagged
from schemas.vocabulary import FlagLevel

UNNAMED: Final = "rf65"
"""The flag of a text that sounds dangerous, but not like one sign in particular."""

ORDER: Final = tuple(FlagLevel)
STOPPING: Final = frozenset({FlagLevel.EMERGENCY, FlagLevel.URGENT})


def with_alarm(flags: Sequence[Flagged], alarm: Alarm | None, rules: RuleSet) -> list[Flagged]:
    """Return the flags with the one that the text sounds like, if any; doubtful where it sounds harmless."""
    if alarm is None:
        return list(flags)
    numbers = rules.tuning.values
    kept = [_doubted(flag, alarm, numbers) for flag in flags]
    level = heard(alarm, rules)
    if level is None or any(ORDER.index(flag.level) <= ORDER.index(level) for flag in kept):
        return kept
    sign = alarm.sign if alarm.sign in rules.red_flags and alarm.sign_score >= numbers["alarm_sign"] else UNNAMED
    return [*(flag for flag in kept if flag.id != sign), Flagged(sign, level, alarm.span)]


def heard(alarm: Alarm, rules: RuleSet) -> FlagLevel | None:
    """Return the level that a text sounds like, ANSWER_FIRST where it might be urgent; None when it sounds harmless.

    Less makes an emergency of a text that sounds like a sign that is one by itself.
    """
    numbers, levels = rules.tuning.values, alarm.levels
    sign = rules.red_flags.get(alarm.sign)
    by_itself = sign is not None and sign.level is FlagLevel.EMERGENCY
    bounds = (
        (FlagLevel.EMERGENCY, "emergency", "alarm_emergency_sign" if by_itself else "alarm_emergency"),
        (FlagLevel.URGENT, "urgent", "alarm_urgent"),
        (FlagLevel.SEE_CLINICIAN, "see_clinician", "alarm_see_clinician"),
        (FlagLevel.ANSWER_FIRST, "urgent", "alarm_ask"),
    )
    return next((level for level, head, bound in bounds if levels[head] >= numbers[bound]), None)


def _doubted(flag: Flagged, alarm: Alarm, numbers: Mapping[str, float]) -> Flagged:
    """Only what words alone fired is doubted, never an answer or a field."""
    head = "urgent" if flag.level in STOPPING else "see_clinician"
    if flag.span is not None and alarm.levels[head] < numbers["alarm_doubt"]:
        return replace(flag, level=FlagLevel.ANSWER_FIRST)
    return flag
