"""What it changes that a text sounds like danger, or does not, beside the flags that its phrases fire.

A text that sounds dangerous fires the sign that it sounds like, whatever words say it. A flag that a phrase fired in a
text that sounds harmless asks first: the phrase may be a figure of speech. No flag is taken away without a question.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from api.rules.flags import ANSWER, ANSWER_NO, FactBase, facts_of, holds
from schemas.catalog import RuleSet
from schemas.findings import Alarm, Flagged, Reading
from schemas.red_flags import FlagCase, RedFlag
from schemas.vocabulary import FlagLevel, Status

UNNAMED: Final = "rf65"
"""The flag of a text that sounds dangerous, but not like one sign in particular."""

ORDER: Final = tuple(FlagLevel)
COUNTED: Final = frozenset({Status.PRESENT, Status.UNCERTAIN})
FIELDS: Final = frozenset({"condition", "sign"})
ONSET: Final = "rapid_onset"
TIMING: Final = "timing."
HEARD: Final = "heard."
CHILD: Final = "person.child"
TOGETHER: Final = 3
STOPPING: Final = frozenset({FlagLevel.EMERGENCY, FlagLevel.URGENT})


def with_alarm(flags: Sequence[Flagged], reading: Reading, evidence: FactBase, rules: RuleSet) -> list[Flagged]:
    """Return the flags with the one that the text sounds like, if any; doubtful where it sounds harmless."""
    alarm, numbers = reading.alarm, rules.tuning.values
    if alarm is None:
        return list(flags)
    confirmed = any(fact.startswith(ANSWER) for fact in evidence.certain)
    answered = confirmed or any(fact.startswith(ANSWER_NO) for fact in evidence.certain)
    kept = [flag if confirmed else _doubted(flag, reading, evidence, rules) for flag in flags]
    seen = min((ORDER.index(flag.level) for flag in kept), default=-1) == ORDER.index(FlagLevel.SEE_CLINICIAN)
    stopping = [rules.red_flags[flag.id] for flag in kept if flag.level in STOPPING]
    decided = answered or any(_is_about_the_person(flag, reading, evidence) for flag in stopping)
    level = heard(alarm, reading, decided, seen, rules)
    named = alarm.sign in rules.red_flags and alarm.sign_score >= numbers["alarm_sign"]
    if named and level in STOPPING:
        level = _as_told(level, rules.red_flags[alarm.sign], reading, evidence)
    if level is None or any(ORDER.index(flag.level) <= ORDER.index(level) for flag in kept):
        return kept
    worst_kept = min(kept, key=lambda flag: ORDER.index(flag.level)).id if kept else UNNAMED
    sign = alarm.sign if named else worst_kept
    return [*(flag for flag in kept if flag.id != sign), Flagged(sign, level, alarm.span)]


def _as_told(level: FlagLevel, sign: RedFlag, reading: Reading, evidence: FactBase) -> FlagLevel:
    """Return the level of a sign that was heard, which counts as a fact of its emergency cases: `heard.ID`.

    An emergency case that holds makes it one; a measure that rules one out, such as a normal temperature, makes it
    urgent.
    """
    cases = [case for case in sign.cases if case.level is FlagLevel.EMERGENCY and sign.level is not case.level]
    facts = evidence.recent | {HEARD + sign.id}
    if any(holds(case, reading.person.age, facts) for case in cases):
        return FlagLevel.EMERGENCY
    asked = {fact for case in cases for group in (case.all_of, *case.any_of) for fact in group}
    return level if asked.isdisjoint(reading.ruled_out_facts) else FlagLevel.URGENT


def heard(alarm: Alarm, reading: Reading, decided: bool, seen: bool, rules: RuleSet) -> FlagLevel | None:
    """Return the level that a text sounds like, ANSWER_FIRST where it might be urgent; None when it sounds harmless.

    Less makes an emergency of a text that sounds like a sign that is one by itself; more is needed where an answer or
    a rule about the person decided, where the words of the sign are denied, long past or somebody else's, where it is
    like no sign in particular, and to make more of what a clinician sees anyway.
    """
    numbers, levels = rules.tuning.values, alarm.levels
    sign = rules.red_flags.get(alarm.sign)
    by_itself = sign is not None and sign.level is FlagLevel.EMERGENCY
    booked = sign is not None and sign.level is FlagLevel.SEE_CLINICIAN
    seen_or = "alarm_{}_booked" if booked else "alarm_{}_seen" if seen else "alarm_{}"
    emergency = "alarm_emergency_sign" if by_itself and not seen else seen_or.format("emergency")
    bounds = [
        (FlagLevel.EMERGENCY, "emergency", emergency),
        (FlagLevel.URGENT, "urgent", seen_or.format("urgent")),
        (FlagLevel.SEE_CLINICIAN, "see_clinician", "alarm_see_clinician"),
        (FlagLevel.ANSWER_FIRST, "urgent", "alarm_ask"),
    ]
    more = numbers["alarm_excused"] * (decided or (sign is not None and _excused(sign, reading)))
    more += numbers["alarm_unnamed"] * (alarm.sign_score < numbers["alarm_sign"])
    if levels["urgent"] < numbers["alarm_urgent"] + more:
        bounds = bounds[2:]
    return next((level for level, head, bound in bounds if levels[head] >= numbers[bound] + more), None)


def _excused(sign: RedFlag, reading: Reading) -> bool:
    """True where the words of a sign are said, and none of them of the patient now."""
    facts = facts_of(sign)
    said = [finding for finding in reading.findings if finding.kind == "sign" and finding.id in facts]
    return bool(said) and not any(finding.status in COUNTED or finding.recent for finding in said)


def sounds_harmless(alarm: Alarm | None, level: FlagLevel, rules: RuleSet, *, less: float = 0.0) -> bool:
    """True where a text does not sound at all as if somebody were needed so soon; `less` where it is doubted less."""
    stopping, numbers = level in STOPPING, rules.tuning.values
    head, bound = ("urgent", "alarm_doubt") if stopping else ("see_clinician", "alarm_doubt_see_clinician")
    return alarm is not None and alarm.levels[head] < numbers[bound] - (less if stopping else 0.0)


def _doubted(flag: Flagged, reading: Reading, evidence: FactBase, rules: RuleSet) -> Flagged:
    """Only what was said in words is doubted, never a measure, a field or an answer.

    What depends on who the person is, but for the age of a child, or has just passed off, sounds harmless by itself: it
    is doubted only where the text sounds so through and through.
    """
    rule = rules.red_flags[flag.id]
    stated = any(finding.pointer != "/text" and finding.kind in FIELDS for finding in reading.findings)
    measured = {fact for fact in reading.measured_facts if fact != ONSET and not fact.startswith(TIMING)}
    if stated or not measured.isdisjoint(facts_of(rule)):
        return flag
    about = _is_about_the_person(rule, reading, evidence)
    quiet = about and not (reading.person.child_by_words and _asks_for_a_child(rule))
    quiet = quiet or not reading.recent_facts.isdisjoint(facts_of(rule))
    if quiet and flag.level not in STOPPING:
        return flag
    less = rules.tuning.values["alarm_doubt_quiet"] if quiet else _less_doubt(rule, reading, evidence, rules)
    if not sounds_harmless(reading.alarm, flag.level, rules, less=less):
        return flag
    return replace(flag, level=FlagLevel.ANSWER_FIRST)


def _less_doubt(rule: RedFlag, reading: Reading, evidence: FactBase, rules: RuleSet) -> float:
    """Several signs of one emergency that come together are doubted less than one alone."""
    age, facts = reading.person.age, evidence.certain
    together = any(
        len(case.all_of) + len(case.any_of) >= TOGETHER and (case.level or rule.level) is FlagLevel.EMERGENCY
        for case in rule.cases
        if holds(case, age, facts)
    )
    return rules.tuning.values["alarm_doubt_together"] if together else 0.0


def _is_about_the_person(flag: RedFlag, reading: Reading, evidence: FactBase) -> bool:
    """True where what fired asks who the person is, and does not only hear what is said."""
    age, facts = reading.person.age, evidence.recent
    return any(_asks_the_person(case) and holds(case, age, facts) for case in flag.cases)


def _asks_for_a_child(flag: RedFlag) -> bool:
    return any(CHILD in case.all_of or case.max_age is not None for case in flag.cases)


def _asks_the_person(case: FlagCase) -> bool:
    facts = (*case.all_of, *(fact for group in case.any_of for fact in group))
    return case.min_age is not None or case.max_age is not None or any(fact.startswith("person.") for fact in facts)
