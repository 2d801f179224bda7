"""What a person is to mind on a day of a program that nothing stops: what waits, how the pain went, how long it was."""

from collections.abc import Sequence
from datetime import date

from api.rules import reviews
from api.rules.preparation import Prepared
from api.rules.program_signs import TriageBefore
from api.rules.progression import Past
from schemas.program_days import DayPlan, DayState
from schemas.programs import Program, exercises_of
from schemas.session_logs import SessionLog
from schemas.vocabulary import OPEN_TO_EXERCISE


def minded(
    program: Program,
    plan: DayPlan,
    past: Past,
    answers: Sequence[TriageBefore],
    waiting: Sequence[str],
    day: date,
    prepared: Prepared,
) -> str:
    """Return it in words, empty when there is nothing to mind or nothing to do."""
    numbers, texts = prepared.numbers, prepared.rules.tuning.texts
    if plan.phase is None:
        return ""
    said = [texts["education_clearance"]] if waiting else []
    said += reviews.told(reviews.review_of(past, regions_of(program, prepared), numbers), numbers, texts)
    if plan.state is DayState.DUE and begins_again(program, past.logs, day, prepared):
        last = _last_day(program, past.logs)
        said.append(texts["program_gap"].format(days=(day - last).days))
        answered = (each.at.date() for each in answers if each.disposition in OPEN_TO_EXERCISE)
        said += [] if any(on > last for on in answered) else [texts["program_gap_answer"]]
    return " ".join(said)


def begins_again(program: Program, logs: Sequence[SessionLog], day: date, prepared: Prepared) -> bool:
    """Return whether so long went by without any session that a person starts anew. Source: clinical facts 4.2."""
    return (day - _last_day(program, logs)).days >= prepared.numbers.restart_days


def regions_of(program: Program, prepared: Prepared) -> frozenset[str]:
    """Return the regions that the exercises of a program serve."""
    known = [prepared.cards[key] for key in exercises_of(program.phases) if key in prepared.cards]
    return frozenset(region for card in known for region in card.definition.regions)


def _last_day(program: Program, logs: Sequence[SessionLog]) -> date:
    """Return the day of the last session; before the first one the day from which there was a program to follow."""
    began = max(program.starts_on, program.created_at.date())
    return max([began, *(date.fromisoformat(log.local_day) for log in logs)])
