"""Today of a program: what is due, in the dose that the person's sessions have made of it, as far as nothing speaks
against it. Every rule of the recommendation holds here too."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from api.rules import triage_answers
from api.rules.contraindications import Judgement
from api.rules.dosage import DoseFactors, first_dose, prescribe
from api.rules.holds import after_reds, under_hold
from api.rules.needs import NAMED, UNKNOWN_CONDITION, Need, gates_of
from api.rules.overrides import by_exercise, effective
from api.rules.preparation import Prepared
from api.rules.program_making import ToldBefore, begun, waiting_among
from api.rules.progression import NO_HISTORY, History, Past, history_of, told
from api.rules.reasons import cautions_for
from api.rules.recommendation import bounds_of, selected
from api.rules.routine import Prescribed, play
from api.rules.selection import allowance_of
from schemas.catalog import ReleaseStamp
from schemas.findings import Assessment
from schemas.program_days import DayPlan, DayState, DueExercise, ProgramToday, ProgramTodayQuery, dosed_since, plan_of
from schemas.programs import Program, ProgramItem
from schemas.recommendations import ExcludedExercise, Routine
from schemas.vocabulary import Action, Audience, Disposition, FlagLevel

RETIRED: Final = "retired"
OF_THE_PROGRAM: Final = "program"
NEVER_CLEARED: Final = frozenset({FlagLevel.EMERGENCY, FlagLevel.URGENT})
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


@dataclass(frozen=True, slots=True)
class PersonNow:
    """What is known of the person: the flags that hold them (None without a hold), sessions of late, what answers of
    late knew, newest first, and the local day with its zone."""

    held: Sequence[str] | None
    past: Past
    told: Sequence[ToldBefore]
    day: date
    timezone: str


def today(
    program: Program, person: PersonNow, query: ProgramTodayQuery, prepared: Prepared, stamp: ReleaseStamp
) -> ProgramToday:
    """Return what is due on the local day. A hold leaves nothing; sessions that all went badly leave breathing."""
    plan = plan_of(program, person.day)
    need = _need(program, plan, person, query.severity, prepared)
    assessment = under_hold(OPEN, person.held, cleared=False, rules=prepared.rules)
    assessment = after_reds(assessment, stopped=need.history.stopped, rules=prepared.rules)
    due, excluded = _due(program, plan, person, need, assessment, prepared)
    return ProgramToday(
        program_id=program.id,
        version=program.version,
        day=person.day,
        timezone=person.timezone,
        state=_state(plan.state, assessment),
        week=plan.week,
        phase=plan.number,
        phase_name=None if plan.phase is None else plan.phase.name,
        advice=assessment.advice or None,
        flags=list(person.held or ()),
        exercises=[exercise for exercise, _ in due],
        excluded=excluded,
        routine=_routine(due, query.max_minutes, need, prepared),
        safety_net=prepared.rules.tuning.texts["safety_net"],
        release=stamp,
        disclaimer=triage_answers.disclaimer_of(prepared.rules),
    )


def _state(planned: DayState, assessment: Assessment) -> DayState:
    if assessment.disposition is Disposition.ANSWER_FIRST:
        return DayState.ON_HOLD
    if assessment.disposition is Disposition.SEE_CLINICIAN:
        return DayState.STOPPED
    return planned


def _need(program: Program, plan: DayPlan, person: PersonNow, severity: int | None, prepared: Prepared) -> Need:
    """Return the person's need: no region, for the plan says what to do, and every condition that was told."""
    rulebook, numbers = prepared.rulebook, prepared.numbers
    told_ids = frozenset(program.conditions).union(*(told.conditions for told in person.told))
    conditions = tuple(key for key in rulebook.united(told_ids) if key in prepared.rules.conditions)
    unknown = UNKNOWN_CONDITION in told_ids
    age = next((told.age for told in person.told if told.age is not None), None) if program.age is None else program.age
    need = Need(
        regions={},
        origin=NAMED,
        sides={},
        causes=(),
        symptoms=frozenset(),
        conditions=conditions,
        rules=(*gates_of(unknown, severity, rulebook, numbers), *conditions),
        # Whoever has cleared what: nothing rises by itself.
        unready=tuple(waiting_among(conditions, prepared)),
        unknown_condition=unknown,
        severity=severity,
        age=age,
        equipment=None,
        positions=None,
        level=None,
    )
    history = _history(program, plan, person.past, need, prepared)
    return replace(need, history=history, overrides=by_exercise(person.past.overrides))


def _waiting(program: Program, told_before: Sequence[ToldBefore], prepared: Prepared) -> tuple[str, ...]:
    """Return the conditions that still wait for a clinician: the newest answer that knew of one says so, unless the
    program was made for it. What is an emergency waits whoever has cleared it."""
    waiting: dict[str, bool] = {}
    for each in told_before:
        for key in each.conditions:
            waiting.setdefault(key, key in each.waiting)
    for key in waiting_among(prepared.rulebook.united(program.conditions), prepared):
        waiting[key] = not program.cleared or prepared.rulebook.conditions[key].level in NEVER_CLEARED
    return tuple(sorted(key for key, waits in waiting.items() if waits))


def _history(program: Program, plan: DayPlan, past: Past, need: Need, prepared: Prepared) -> History:
    """Return where each exercise stands. What was earned with another dose raises none that was given by hand."""
    if not past.logs:
        return NO_HISTORY
    mine = {item.exercise_id: item for item in plan.items if item.exercise_id in prepared.cards}
    done = {entry.exercise_id for log in past.logs for entry in log.exercises} & prepared.cards.keys()
    definitions = {key: prepared.cards[key].definition for key in sorted(done | mine.keys())}
    doses = {
        key: (each, begun(mine[key], each) if key in mine else first_dose(each, need.age, prepared.numbers))
        for key, each in definitions.items()
    }
    bounds = bounds_of(need, prepared)
    whole = history_of(past, doses, bounds, False, prepared.numbers)
    standings = dict(whole.exercises)
    for key in mine.keys() & standings.keys():
        since = dosed_since(program, plan, key)
        if since is not None and standings[key].steps_up:
            later = Past([log for log in past.logs if log.local_day >= since.isoformat()], past.now)
            earned = history_of(later, doses, bounds, False, prepared.numbers).exercises.get(key)
            steps = min(standings[key].steps_up, 0 if earned is None else earned.steps_up)
            standings[key] = replace(standings[key], steps_up=steps)
    return History(standings, whole.stopped)


def _due(
    program: Program, plan: DayPlan, person: PersonNow, need: Need, assessment: Assessment, prepared: Prepared
) -> tuple[list[tuple[DueExercise, Prescribed]], list[ExcludedExercise]]:
    waiting = replace(need, unready=_waiting(program, person.told, prepared))
    allowance = allowance_of(assessment, waiting, False, prepared.rules)
    if not allowance.exercises:
        return [], []
    known = [item for item in plan.items if item.exercise_id in prepared.cards]
    selection = selected([item.exercise_id for item in known], need, allowance, prepared)
    reason = prepared.rules.tuning.texts["excluded_retired"]
    gone = [
        ExcludedExercise(exercise_id=item.exercise_id, rule=RETIRED, property=RETIRED, reason=reason)
        for item in plan.items
        if item.exercise_id not in prepared.cards
    ]
    times = _times_done(program, person)
    due = [
        _exercise(item, selection.permitted[item.exercise_id], times[item.exercise_id], need, prepared)
        for item in known
        if item.exercise_id in selection.permitted
    ]
    return due, [*selection.excluded, *gone]


def _times_done(program: Program, person: PersonNow) -> Counter[str]:
    today_done = [log for log in person.past.logs if log.local_day == person.day.isoformat()]
    mine = [log for log in today_done if log.program_id in {None, program.id}]
    return Counter(key for log in mine for key in {each.exercise_id for each in log.exercises if each.was_done})


def _exercise(
    item: ProgramItem, judgement: Judgement, times_done: int, need: Need, prepared: Prepared
) -> tuple[DueExercise, Prescribed]:
    card, texts = prepared.cards[item.exercise_id], prepared.rules.tuning.texts
    definition = card.definition.model_copy(update={"dosage": {Audience.GENERAL: begun(item, card.definition)}})
    factors = DoseFactors(
        age=need.age,
        severity=need.severity,
        unknown_condition=need.unknown_condition,
        conditions=tuple(prepared.rulebook.conditions[key] for key in need.conditions),
        history=need.history,
    )
    dosage = prescribe(definition, factors, prepared.numbers, texts)
    rule = "+".join([OF_THE_PROGRAM, *dosage.rule.split("+")[1:]])
    dosage = dosage.model_copy(update={"rule": rule, "sides": item.sides or dosage.sides})
    exercise = DueExercise(
        exercise=card.brief,
        dosage=dosage,
        note=item.note,
        cautions=cautions_for(judgement, prepared.rulebook.conditions),
        stop_if=list(card.stop_if),
        progression=told(item.exercise_id, need.history, texts),
        override=effective(item.exercise_id, need.rules, need.overrides, prepared.rulebook),
        times_done=times_done,
    )
    return exercise, Prescribed(definition, dosage)


def _routine(
    due: Sequence[tuple[DueExercise, Prescribed]], max_minutes: int | None, need: Need, prepared: Prepared
) -> Routine:
    gentle = bool(need.rules) or (need.severity or 0) >= prepared.numbers.irritable_from
    return play([each for _, each in due], max_minutes, gentle, prepared.numbers, prepared.rules.tuning.texts)
