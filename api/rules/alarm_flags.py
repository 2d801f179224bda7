"""What it changes that a text sounds like danger, or does not, beside the flags that its phrases fire.

A text that sounds dangerous fires the sign that it sounds like, whatever words say it. A flag that a phrase fired in a text
that sounds harmless asks first: the phrase may be a figure of speech. Neither ever takes a flag away without a question.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from schemas.findings import Alarm, Flagged
from schemas.vocabulary import FlagLevel

UNNAMED: Final = "rf65"
"""The flag of a text that sounds dangerous, but not like one sign in particular."""

LEVELS: Final = (FlagLevel.EMERGENCY, FlagLevel.URGENT, FlagLevel.SEE_CLINICIAN)
MOST_URGENT: Final = tuple(FlagLevel)
STOPPING: Final = frozenset({FlagLevel.EMERGENCY, FlagLevel.URGENT})


def heard(alarm: Alarm, numbers: Mapping[str, float]) -> FlagLevel | None:
    """Return the level that a text sounds like, ANSWER_FIRST where it might; None when it sounds harmless."""
    for level in LEVELS:
        if alarm.levels.get(level.value, 0.0) >= numbers[f"alarm_{level.value}"]:
            return level
    asks = alarm.levels.get(FlagLevel.URGENT.value, 0.0) >= numbers["alarm_ask"]
    return FlagLevel.ANSWER_FIRST if asks else None


def with_alarm(flags: Sequence[Flagged], alarm: Alarm | None, numbers: Mapping[str, float]) -> list[Flagged]:
    """Return the flags with the one that the text sounds like, if any; doubtful where it sounds harmless."""
    if alarm is None:
        return list(flags)
    level = heard(alarm, numbers)
    if level is None:
        return [_doubted(flag, alarm, numbers) for flag in flags]
    if any(MOST_URGENT.index(flag.level) <= MOST_URGENT.index(level) for flag in flags):
        return list(flags)
    sign = alarm.sign if alarm.sign_score >= numbers["alarm_sign"] else UNNAMED
    return [*(flag for flag in flags if flag.id != sign), Flagged(sign, level, alarm.span)]


def _doubted(flag: Flagged, alarm: Alarm, numbers: Mapping[str, float]) -> Flagged:
    """Only what words alone fired is doubted, never an answer or a field."""
    harmless = alarm.levels.get(FlagLevel.URGENT.value, 0.0) < numbers["alarm_doubt"]
    if harmless and flag.level in STOPPING and flag.span is not None:
        return replace(flag, level=FlagLevel.ANSWER_FIRST)
    return flag
