"""How soon a professional is needed: red flags evaluated over facts, the questions still open, and what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.rules.alarm_flags import sounds_harmless, with_alarm
from api.rules.flags import FactBase, fired, resolving_questions, worst
from api.rules.screening import open_questions
from schemas.catalog import Catalog, EmergencyNumbers, RuleSet
from schemas.findings import Assessment, Flagged, Reading
from schemas.recommendations import ScreeningAnswers
from schemas.vocabulary import Action, Disposition, FlagLevel, Status

FALLBACK_COUNTRY = "ZZ"
FALLBACK_NUMBER = "your local emergency number (112, 911, 999)"
ADVICE = {
    Disposition.EMERGENCY: "Please call {emergency} now. Do not drive yourself, do not stretch or exercise, and do not "
    "wait to see whether it passes.",
    Disposition.URGENT: "Please speak to a clinician today: {advice}. Leave exercises until somebody has looked at it.",
    Disposition.ANSWER_FIRST: "Please answer the questions first. Exercises follow once they are answered.",
    Disposition.CAUTION: "Start gently, and please answer the open questions: some answers would change this advice.",
    Disposition.SELF_CARE: "Nothing you told us points to a problem that needs a professional first. Start gently.",
}
SEE_SOMEBODY = "Please see a clinician before you exercise."
ACTIONS = {
    Disposition.EMERGENCY: Action.CALL_EMERGENCY,
    Disposition.URGENT: Action.SAME_DAY_CARE,
    Disposition.SEE_CLINICIAN: Action.BOOK_CLINICIAN,
    Disposition.ANSWER_FIRST: Action.ANSWER_QUESTIONS,
    Disposition.CAUTION: Action.SELF_CARE,
    Disposition.SELF_CARE: Action.SELF_CARE,
}
_ELSEWHERE = frozenset({Action.CRISIS_LINE, Action.ABUSE_SUPPORT, Action.MATERNITY_UNIT, Action.CALL_EMERGENCY})
_SOON_ENOUGH = {
    Disposition.EMERGENCY: _ELSEWHERE,
    Disposition.URGENT: _ELSEWHERE | {Action.SAME_DAY_CARE},
}
"""What the person may be asked to do at each level: a flag that fires at a higher level than its own must say more."""

_BY_LEVEL = {
    FlagLevel.EMERGENCY: Disposition.EMERGENCY,
    FlagLevel.URGENT: Disposition.URGENT,
    FlagLevel.SEE_CLINICIAN: Disposition.SEE_CLINICIAN,
    FlagLevel.ANSWER_FIRST: Disposition.ANSWER_FIRST,
}
_ORDER = tuple(Disposition)


@dataclass(frozen=True, slots=True)
class _Weighed:
    disposition: Disposition
    flags: tuple[Flagged, ...]
    blocking: frozenset[str]


def assess(
    reading: Reading, screening: ScreeningAnswers, country: str | None, catalog: Catalog, rules: RuleSet
) -> Assessment:
    """Return the triage of one reading. `country` is ISO 3166 alpha-2, or None for the fallback numbers."""
    answers = {name: value for name, value in screening.answers.items() if value is not None}
    evidence = FactBase.of(reading, answers)
    weighed = _weigh(reading, evidence, answers, screening.cleared, rules)
    asked = open_questions(reading, evidence, answers, catalog, rules)
    blocking = frozenset(name for name in weighed.blocking if name not in answers)
    blocking |= frozenset(name for name in asked if rules.questions[name].blocking)
    ordered = [*sorted(blocking, key=lambda name: (rules.questions[name].priority, name))]
    ordered += [name for name in asked if name not in blocking]
    disposition = _softest(weighed.disposition, reading, complete=not ordered, blocked=bool(blocking))
    return Assessment(
        disposition=disposition,
        flags=weighed.flags,
        action=_action(disposition, weighed.flags, rules),
        advice=_advice(disposition, weighed.flags, country, reading, rules),
        open_questions=tuple(ordered),
        blocking_questions=blocking,
        screen_complete=not ordered,
    )


def _weigh(reading: Reading, evidence: FactBase, answers: "dict[str, bool]", cleared: bool, rules: RuleSet) -> _Weighed:
    flags = with_alarm(fired(reading, evidence, rules), reading, evidence, rules)
    if cleared:
        flags = [f for f in flags if f.level is FlagLevel.EMERGENCY or rules.red_flags[f.id].persists_when_cleared]
    certain = [f for f in flags if f.level is not FlagLevel.ANSWER_FIRST]
    asking = [f for f in flags if f.level is FlagLevel.ANSWER_FIRST]
    blocking: set[str] = set()
    unsettled: list[Flagged] = []
    for flag in asking:
        questions = resolving_questions(flag, evidence, rules)
        if not questions or any(name not in answers for name in questions):
            unsettled.append(flag)
            blocking.update(questions)
    kept = tuple(sorted([*certain, *unsettled], key=lambda f: (_ORDER.index(_BY_LEVEL[f.level]), f.id)))
    levels = [_BY_LEVEL[flag.level] for flag in kept] + _of_conditions(reading, cleared, rules)
    return _Weighed(worst(levels), kept, frozenset(blocking))


def _of_conditions(reading: Reading, cleared: bool, rules: RuleSet) -> list[Disposition]:
    levels, less = [], rules.tuning.values["alarm_doubt_diagnosis"]
    for finding in reading.present("condition"):
        condition = rules.conditions.get(finding.id)
        if condition is None or condition.level is None:
            continue
        if finding.pointer == "/text" and sounds_harmless(reading.alarm, condition.level, rules, less=less):
            levels.append(Disposition.ANSWER_FIRST)
        elif not cleared or condition.level is FlagLevel.EMERGENCY or not condition.clearance_required:
            levels.append(_BY_LEVEL[condition.level])
    return levels


def _softest(found: Disposition, reading: Reading, complete: bool, blocked: bool) -> Disposition:
    """The most lenient disposition that what was found, what is open and what was not understood still allow."""
    floor = Disposition.SELF_CARE
    if not complete or _unknown_condition(reading):
        floor = Disposition.CAUTION
    placed = any(f.kind == "region" and f.status is Status.PRESENT for f in reading.findings)
    if blocked or reading.foreign_emergency or reading.nothing_understood or not placed:
        floor = Disposition.ANSWER_FIRST
    return worst([found, floor])


def _unknown_condition(reading: Reading) -> bool:
    return any(words.kind == "condition" for words in reading.unplaced)


def _action(disposition: Disposition, flags: Sequence[Flagged], rules: RuleSet) -> Action:
    """The action of the flag that decided, crisis and abuse support before all others."""
    deciding = [rules.red_flags[f.id].action for f in flags if _BY_LEVEL[f.level] is disposition]
    every = [rules.red_flags[f.id].action for f in flags]
    for action in (Action.CRISIS_LINE, Action.ABUSE_SUPPORT):
        if action in every and Action.CALL_EMERGENCY not in deciding:
            return action
    if disposition is Disposition.EMERGENCY and Action.CALL_EMERGENCY in deciding:
        return Action.CALL_EMERGENCY
    if disposition is Disposition.URGENT and Action.MATERNITY_UNIT in deciding:
        return Action.MATERNITY_UNIT
    if disposition is Disposition.EMERGENCY and deciding and deciding[0] in _ELSEWHERE:
        return deciding[0]
    return ACTIONS[disposition]


def _advice(
    disposition: Disposition, flags: Sequence[Flagged], country: str | None, reading: Reading, rules: RuleSet
) -> str:
    deciding = [rules.red_flags[f.id] for f in flags if _BY_LEVEL[f.level] is disposition]
    enough = _SOON_ENOUGH.get(disposition)
    lines = _unique(
        flag.advice if enough is None or flag.action in enough else ADVICE[disposition] for flag in deciding
    )
    if not lines and disposition in (Disposition.EMERGENCY, Disposition.URGENT, Disposition.SEE_CLINICIAN):
        reasons = [rules.conditions[f.id].because for f in reading.present("condition") if _has_level(f.id, rules)]
        lines = [*_unique(reasons), SEE_SOMEBODY]
    if not lines:
        lines = [ADVICE[disposition]]
    numbers = rules.numbers.get((country or FALLBACK_COUNTRY).upper()) or rules.numbers.get(FALLBACK_COUNTRY)
    return " ".join(localised(line, numbers) for line in lines[:2])


def _has_level(condition: str, rules: RuleSet) -> bool:
    held = rules.conditions.get(condition)
    return held is not None and held.level is not None


def _unique(lines: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(lines))


def localised(text: str, numbers: EmergencyNumbers | None) -> str:
    """Return `text` with {emergency}, {advice} and {crisis} replaced by the numbers of a country, or by plain words."""
    emergency = numbers.emergency if numbers else FALLBACK_NUMBER
    advice = (numbers.advice if numbers else "") or "your doctor, a walk-in clinic or an urgent-care line"
    crisis = (numbers.crisis if numbers else "") or f"a crisis line near you, or {emergency}"
    return text.replace("{emergency}", emergency).replace("{advice}", advice).replace("{crisis}", crisis)
