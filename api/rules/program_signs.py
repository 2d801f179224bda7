"""What speaks against a program today: a hold, what waits for a clinician, and what an answer or a session of late came
to that nothing has settled since."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from api.rules.facts import CLEARANCE
from api.rules.flags import FactBase, facts_of, fired
from api.rules.holds import after_reds, halted, under_hold
from api.rules.needs import Need
from api.rules.preparation import Prepared
from api.rules.triage import ADVICE, FALLBACK_COUNTRY, localised
from schemas.catalog import RuleSet
from schemas.findings import Assessment, Flagged, PersonFacts, Reading
from schemas.session_logs import SessionLog
from schemas.vocabulary import OPEN_TO_EXERCISE, Action, Disposition, FlagLevel

OPEN: Final = Assessment(
    disposition=Disposition.SELF_CARE,
    flags=(),
    action=Action.SELF_CARE,
    advice="",
    open_questions=(),
    blocking_questions=frozenset(),
    screen_complete=False,
)
"""A day about which nobody has said anything yet: only what is known from before speaks against exercise."""

SAID: Final = ("regions", "causes", "conditions", "qualities", "patterns", "signs", "denied", "ignored", "unknown")
URGENT: Final = {FlagLevel.EMERGENCY: Disposition.EMERGENCY, FlagLevel.URGENT: Disposition.URGENT}
"""The levels at which a condition stops everything, whoever has cleared it."""


@dataclass(frozen=True, slots=True)
class TriageBefore:
    """What an answer or a session came to, and when: the flags that fired, what to do, and the conditions that it was
    given for, and the severity (NPRS 0-10) if it was said. `doubted`: something that was said stood behind it, and not
    only a place that nobody named."""

    disposition: Disposition
    flags: tuple[Flagged, ...]
    advice: str
    at: datetime
    conditions: frozenset[str] = frozenset()
    severity: int | None = None
    doubted: bool = True


def heard_in(disposition: Disposition, content: bytes, at: datetime) -> TriageBefore:
    """Return what a kept answer came to; answers of older servers say less."""
    answer = json.loads(content)
    understood: Mapping[str, Any] = answer["understood"]
    told = {*understood.get("checked_for", ()), *(term["id"] for term in understood["conditions"])}
    by_words = any(each["source"] == "/text" for name in SAID for each in understood[name])
    blocked = any(question["blocking"] for question in answer["screening"]["open"])
    flags = tuple(Flagged(flag["id"], FlagLevel(flag["level"]), None) for flag in answer["triage"]["flags"])
    doubted = bool(flags) or blocked or by_words or bool(understood["regions"])
    severity = understood["severity"]
    return TriageBefore(disposition, flags, answer["triage"]["advice"], at, frozenset(told), severity, doubted)


def unsettled(
    answers: Sequence[TriageBefore], logs: Iterable[SessionLog], need: Need, prepared: Prepared
) -> TriageBefore | None:
    """Return the newest answer or session that speaks against exercise, as far as no newer answer is milder.

    `need` names the conditions that wait for a clinician.
    """
    settled = max((each.at for each in answers if each.disposition in OPEN_TO_EXERCISE), default=None)
    against = [each for each in answers if _speaks_against(each, need.unready, prepared.rules)]
    against += [each for log in logs if (each := _of_session(log)) is not None]
    return max(
        (each for each in against if settled is None or each.at > settled), key=lambda each: each.at, default=None
    )


def assessed(
    held: Sequence[str] | None,
    newest: TriageBefore | None,
    need: Need,
    *,
    stopped: bool,
    severe: bool,
    prepared: Prepared,
) -> Assessment:
    """Return what the day is open to; the gravest that speaks against it says what to do. `need` as in `unsettled`.

    `severe`: the pain of now is so strong that a question has to be answered first. Source: decisions 5.12.
    """
    rules = prepared.rules
    assessment = under_hold(OPEN, held, cleared=False, rules=rules)
    assessment = _while_urgent(assessment, need, prepared)
    assessment = _until_settled(assessment, newest, rules)
    assessment = after_reds(assessment, stopped=stopped, rules=rules)
    assessment = _of_age(assessment, need.age, rules)
    return halted(assessment, Disposition.ANSWER_FIRST, rules.tuning.texts["severe_first"]) if severe else assessment


def _speaks_against(answer: TriageBefore, waiting: Collection[str], rules: RuleSet) -> bool:
    """Return whether an answer stops a program: by a sign, or by what was said and not understood or doubted.

    Bad sessions and conditions stop it by themselves, and what a clinician has cleared since then does no longer.
    """
    if answer.disposition in OPEN_TO_EXERCISE:
        return False
    if answer.disposition is Disposition.ANSWER_FIRST:
        return answer.doubted
    waited_for = {key for key in answer.conditions if _needs_clearance(key, rules)}
    if waited_for and waited_for.isdisjoint(waiting):
        return any(not _asks_for_clearance(flag.id, rules) for flag in answer.flags)
    return bool(answer.flags)


def _needs_clearance(condition_id: str, rules: RuleSet) -> bool:
    return condition_id in rules.conditions and rules.conditions[condition_id].clearance_required


def _asks_for_clearance(flag_id: str, rules: RuleSet) -> bool:
    return flag_id in rules.red_flags and CLEARANCE in facts_of(rules.red_flags[flag_id])


def _of_session(log: SessionLog) -> TriageBefore | None:
    if log.triage is None:
        return None
    flags = tuple(Flagged(flag.id, flag.level, None) for flag in log.triage.flags)
    # When it was heard, not when it was done: an answer that came in between knew nothing of it.
    return TriageBefore(log.triage.disposition, flags, log.triage.advice, log.created_at)


def _while_urgent(assessment: Assessment, need: Need, prepared: Prepared) -> Assessment:
    known = prepared.rules.conditions
    waiting = [known[key] for key in need.unready if key in known]
    for level, disposition in URGENT.items():
        for condition in waiting:
            if condition.level is level:
                advice = localised(ADVICE[disposition], prepared.rules.numbers.get(FALLBACK_COUNTRY))
                assessment = halted(assessment, disposition, f"{condition.because} {advice}")
    return assessment


def _until_settled(assessment: Assessment, newest: TriageBefore | None, rules: RuleSet) -> Assessment:
    if newest is None:
        return assessment
    texts = rules.tuning.texts
    if newest.disposition is Disposition.ANSWER_FIRST:
        return halted(assessment, newest.disposition, texts["unsettled_answer_first"], newest.flags)
    advice = f"{newest.advice} {texts['unsettled']}"
    return halted(assessment, newest.disposition, advice, newest.flags)


def _of_age(assessment: Assessment, age: int | None, rules: RuleSet) -> Assessment:
    """Return the triage of somebody of this age: what the red flags make of the age alone."""
    if age is None:
        return assessment
    nothing: frozenset[str] = frozenset()
    facts = frozenset({"person.age"})
    alone = Reading(
        findings=(), unplaced=(), person=PersonFacts(age=age), severity=None, duration_days=None, facts=facts,
        uncertain_facts=nothing, recent_facts=nothing, denied_facts=nothing, foreign_emergency=False,
        nothing_understood=False,
    )  # fmt: skip
    flags = [flag for flag in fired(alone, FactBase.of(alone, {}), rules) if flag.level is FlagLevel.SEE_CLINICIAN]
    if not flags:
        return assessment
    red_flag = rules.red_flags[flags[0].id]
    advice = f"{red_flag.reason} {localised(red_flag.advice, rules.numbers.get(FALLBACK_COUNTRY))}"
    return halted(assessment, Disposition.SEE_CLINICIAN, advice, flags)
