"""What a program really asks for: not what its conditions forbid, nor what the person's sessions have left out or
stopped. The list of a day leaves the same out, and whoever obeys it has missed nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import cache

from api.rules.needs import UNKNOWN_CONDITION, gates_of, needs_clearance
from api.rules.preparation import Prepared
from api.rules.progression import Bounds, Past, history_of
from api.rules.recommendation import doses_done
from schemas.program_days import Asks
from schemas.programs import ProgramPlan
from schemas.vocabulary import Kind, Verdict

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """When everything was stopped, and since when single exercises are left out, and until when."""

    stops: Sequence[Span]
    exercises: Mapping[str, Span]


def by_conditions(prepared: Prepared) -> Asks:
    """Return the rule that leaves out what a program's own conditions forbid, or keep back until somebody is cleared.

    An override that lets an exercise in does not make it due.
    """
    rulebook, numbers = prepared.rulebook, prepared.numbers

    @cache
    def is_open(conditions: tuple[str, ...], cleared: bool, exercise_id: str) -> bool:
        united = rulebook.united(conditions)
        gates = gates_of(UNKNOWN_CONDITION in conditions, None, rulebook, numbers)
        if rulebook.judge(exercise_id, (*gates, *united)).verdict is Verdict.FORBID:
            return False
        card = prepared.cards.get(exercise_id)
        waits = not cleared and any(needs_clearance(rulebook.conditions[key]) for key in united)
        return not waits or (card is not None and card.definition.kind is Kind.BREATHING)

    return lambda plan, _, exercise_id: is_open(tuple(plan.conditions), plan.cleared, exercise_id)


def by_sessions_too(past: Past, zone: tzinfo, prepared: Prepared) -> Asks:
    """Return the rule that also leaves out what the release no longer has, and what the person's sessions speak
    against: from the day after the one that led there."""
    is_open = by_conditions(prepared)

    @cache
    def left_out(conditions: tuple[str, ...]) -> _LeftOut:
        return _left_out(past, conditions, prepared)

    def asks(plan: ProgramPlan, day: date, exercise_id: str) -> bool:
        if exercise_id not in prepared.cards or not is_open(plan, day, exercise_id):
            return False
        found = left_out(tuple(plan.conditions))
        mine = found.exercises.get(exercise_id)
        spans = [*found.stops, *([] if mine is None else [mine])]
        return not any(begin.astimezone(zone).date() < day <= end.astimezone(zone).date() for begin, end in spans)

    return asks


def _left_out(past: Past, conditions: Sequence[str], prepared: Prepared) -> _LeftOut:
    named = [prepared.rulebook.conditions[key] for key in prepared.rulebook.united(conditions)]
    bounds = Bounds(
        may_rise=not any(needs_clearance(condition) for condition in named),
        green_only=any(condition.green_only for condition in named),
    )
    history = history_of(past, doses_done(past, None, prepared), bounds, False, prepared.numbers)
    remembered = timedelta(days=prepared.numbers.history_days)
    exercises = {
        key: (each.suspended_at, each.done_at + remembered)
        for key, each in history.exercises.items()
        if history.suspended(key) and each.suspended_at is not None and each.done_at is not None
    }
    return _LeftOut(history.stops, exercises)
