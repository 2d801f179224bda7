"""Today of a program: what is due, in the dose that the person's sessions have made of it, as far as nothing speaks
against it. Every rule of the recommendation holds here too."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from api.rules import reviews, triage_answers
from api.rules.contraindications import Judgement
from api.rules.dosage import DoseFactors, prescribe
from api.rules.dose_standing import NO_HISTORY, History
from api.rules.needs import NAMED, UNKNOWN_CONDITION, Need, gates_of
from api.rules.overrides import by_exercise, effective
from api.rules.preparation import Prepared
from api.rules.program_advice import begins_again, minded, regions_of
from api.rules.program_making import begun
from api.rules.program_signs import TriageBefore, assessed, unsettled
from api.rules.progression import Dosed, Past, history_of, told
from api.rules.reasons import cautions_for
from api.rules.recommendation import bounds_of, doses_done, selected
from api.rules.remembering import Remembered, conditions_by, never_cleared, remembered, waiting_among
from api.rules.routine import Prescribed, play
from api.rules.selection import Allowance, allowance_of
from schemas.catalog import ReleaseStamp
from schemas.findings import Assessment
from schemas.program_days import (
    DayPlan,
    DayState,
    DueExercise,
    ProgramToday,
    ProgramTodayQuery,
    dosed_since,
    plan_of,
    restarted,
)
from schemas.programs import Program, ProgramItem
from schemas.recommendations import ExcludedExercise, Routine
from schemas.session_logs import SessionLog
from schemas.told import ToldAt
from schemas.vocabulary import OPEN_TO_EXERCISE, Audience, Disposition

RETIRED: Final = "retired"
OF_THE_PROGRAM: Final = "program"


@dataclass(frozen=True, slots=True)
class PersonNow:
    """What is known of the person: the flags that hold them (None without a hold), sessions of late, what was told,
    newest first, the local day with its zone, since when the program names its conditions, and what the newest answers
    came to."""

    held: Sequence[str] | None
    past: Past
    told: Sequence[ToldAt]
    day: date
    timezone: str
    named_at: Mapping[str, datetime] = field(default_factory=dict)
    answers: Sequence[TriageBefore] = ()


def today(
    program: Program, person: PersonNow, query: ProgramTodayQuery, prepared: Prepared, stamp: ReleaseStamp
) -> ProgramToday:
    """Return what is due on the local day. A hold leaves nothing; sessions that all went badly leave breathing."""
    past, plan = person.past, plan_of(program, person.day)
    if begins_again(program, past.logs, person.day, prepared):
        plan = restarted(program, plan)
    need = _need(program, plan, person, _pain_now(person, query), prepared)
    waiting = replace(need, unready=_waiting(program, person, prepared))
    newest = unsettled(person.answers, past.logs, waiting, prepared)
    severe = _severe_now(person, query, prepared)
    assessment = assessed(person.held, newest, waiting, stopped=need.history.stopped, severe=severe, prepared=prepared)
    due, excluded = _due(
        program, plan, person, need, allowance_of(assessment, waiting, False, prepared.rules), prepared
    )
    mind = minded(program, plan, past, person.answers, waiting.unready, person.day, prepared)
    return ProgramToday(
        program_id=program.id,
        version=program.version,
        day=person.day,
        timezone=person.timezone,
        state=_state(plan.state, assessment),
        week=plan.week,
        phase=plan.number,
        phase_name=None if plan.phase is None else plan.phase.name,
        advice=assessment.advice or mind or None,
        flags=sorted({*(person.held or ()), *(flag.id for flag in assessment.flags)}),
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
    return planned if assessment.disposition in OPEN_TO_EXERCISE else DayState.STOPPED


def _of_today(person: PersonNow) -> list[SessionLog]:
    return [log for log in person.past.logs if log.local_day == person.day.isoformat()]


def _pain_now(person: PersonNow, query: ProgramTodayQuery) -> int | None:
    """Return the worst pain of the day, by what was asked and by the sessions of the day."""
    logs = _of_today(person)
    felt = [score for log in logs for pain in log.pain for score in (pain.before, pain.during_max, pain.after)]
    felt += [entry.pain_during for log in logs for entry in log.exercises]
    return max((score for score in (*felt, query.severity) if score is not None), default=None)


def _severe_now(person: PersonNow, query: ProgramTodayQuery, prepared: Prepared) -> bool:
    """Return whether the pain is very strong by what was asked or told last, and no answer of 24 hours knew of it."""
    newest = max(_of_today(person), key=lambda log: log.started_at, default=None)
    least, felt = prepared.numbers.severe_pain_from, [query.severity]
    for pain in () if newest is None else newest.pain:
        felt += [pain.before, pain.during_max] if pain.after is None else [pain.after]
    if not any(score is not None and score >= least for score in felt):
        return False
    since = person.past.now - timedelta(days=1)
    since = since if newest is None else max(since, newest.started_at)
    knew = [each for each in person.answers if each.severity is not None and each.severity >= least]
    return not any(each.disposition in OPEN_TO_EXERCISE and each.at >= since for each in knew)


def _need(program: Program, plan: DayPlan, person: PersonNow, severity: int | None, prepared: Prepared) -> Need:
    """Return the person's need: no region, for the plan says what to do, and every condition that was told."""
    rulebook, numbers = prepared.rulebook, prepared.numbers
    told_ids = _named(program, person, prepared).union(
        *(each.conditions for each in remembered(person.told, person.past.now, prepared))
    )
    conditions = tuple(key for key in rulebook.united(told_ids) if key in prepared.rules.conditions)
    unknown = UNKNOWN_CONDITION in told_ids
    ages = (each.told.age for each in person.told if each.told.age is not None)
    age = next(ages, None) if program.age is None else program.age
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


def _named(program: Program, person: PersonNow, prepared: Prepared) -> frozenset[str]:
    """Return the conditions of the program, and what a pregnancy among them has become since it was named."""
    now = person.past.now
    since = {key: now - person.named_at.get(key, program.created_at) for key in program.conditions}
    return frozenset(program.conditions).union(*(conditions_by([key], None, since[key], prepared) for key in since))


def _waiting(program: Program, person: PersonNow, prepared: Prepared) -> tuple[str, ...]:
    """Return the conditions that still wait for a clinician: what was told of each for the last time says so, and the
    program for those that it names. What is an emergency waits whoever has cleared it."""
    said: dict[str, Remembered] = {}
    for each in remembered(person.told, person.past.now, prepared):
        for key in waiting_among(each.conditions, prepared):
            said.setdefault(key, each)
    waiting = {key for key, each in said.items() if key in each.waiting}
    cleared_for = prepared.rulebook.united(program.cleared_for)
    for key in waiting_among(prepared.rulebook.united(program.conditions), prepared):
        if key not in cleared_for or never_cleared(key, prepared.rulebook):
            waiting.add(key)
        elif key in said and (program.cleared_at is None or said[key].at <= program.cleared_at):
            waiting.discard(key)
    return tuple(sorted(waiting))


def _history(program: Program, plan: DayPlan, past: Past, need: Need, prepared: Prepared) -> History:
    """Return where each exercise stands. What was earned with another dose raises none that was given by hand."""
    if not past.logs:
        return NO_HISTORY
    mine = {item.exercise_id: item for item in plan.items if item.exercise_id in prepared.cards}
    doses = doses_done(past, need.age, prepared)
    for key, item in mine.items():
        definition = prepared.cards[key].definition
        doses[key] = Dosed(definition, begun(item, definition), prepared.rulebook.traits(key).regions)
    reviewed = reviews.calling(past, regions_of(program, prepared), prepared.numbers)
    bounds = replace(bounds_of(need, prepared), reviewed=reviewed)
    whole = history_of(past, doses, bounds, False, prepared.numbers)
    standings = dict(whole.exercises)
    for key in mine.keys() & standings.keys():
        since = dosed_since(program, plan, key)
        if since is not None and standings[key].steps_up:
            later = replace(past, logs=[log for log in past.logs if log.local_day >= since.isoformat()])
            earned = history_of(later, doses, bounds, False, prepared.numbers).exercises.get(key)
            steps = min(standings[key].steps_up, 0 if earned is None else earned.steps_up)
            standings[key] = standings[key]._replace(steps_up=steps)
    return replace(whole, exercises=standings)


def _due(
    program: Program, plan: DayPlan, person: PersonNow, need: Need, allowance: Allowance, prepared: Prepared
) -> tuple[list[tuple[DueExercise, Prescribed]], list[ExcludedExercise]]:
    if not allowance.exercises:
        return [], []
    known = [item for item in plan.items if item.exercise_id in prepared.cards]
    selection = selected([item.exercise_id for item in known], need, allowance, prepared)
    texts, permitted = prepared.rules.tuning.texts, selection.permitted
    retired = dict.fromkeys(item.exercise_id for item in plan.items if item.exercise_id not in prepared.cards)
    left_out = [
        ExcludedExercise(exercise_id=key, rule=RETIRED, property=RETIRED, reason=texts["excluded_retired"])
        for key in retired
    ]
    times = _times_done(program, _of_today(person))
    due = [
        _exercise(item, permitted[item.exercise_id], times[item.exercise_id], need, prepared)
        for item in known
        if item.exercise_id in permitted
    ]
    return due, [*selection.excluded, *left_out]


def _times_done(program: Program, logs: Sequence[SessionLog]) -> Counter[str]:
    mine = [log for log in logs if log.program_id in {None, program.id}]
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
        chosen=item.sides,
    )
    dosage = prescribe(definition, factors, prepared.numbers, texts)
    rule = "+".join([OF_THE_PROGRAM, *dosage.rule.split("+")[1:]])
    dosage = dosage.model_copy(update={"rule": rule})
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
    chosen = [each for _, each in due]
    # Few minutes go to what was not done yet today.
    wanted = [each for _, each in sorted(due, key=lambda pair: pair[0].times_done)]
    return play(chosen, wanted, max_minutes, gentle, prepared.numbers, prepared.rules.tuning.texts)
