"""The days of a program: what is due on each by its plan, and what a person is shown of today."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from math import prod
from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.base import Schema
from schemas.catalog import ReleaseStamp
from schemas.exercises import ExerciseBrief
from schemas.overrides import Override
from schemas.programs import LocalDay, ProgramDose, ProgramItem, ProgramPhase, ProgramPlan, ProgramState
from schemas.progression import Progression
from schemas.recommendations import Caution, Disclaimer, Dosage, ExcludedExercise, Reason, Routine
from schemas.session_logs import Zone


class DayState(StrEnum):
    """What a day is to a program; `on_hold` and `stopped` come from signs and sessions, the others from the plan."""

    DUE = "due"
    REST = "rest"
    NOT_STARTED = "not_started"
    PAUSED = "paused"
    ENDED = "ended"
    ON_HOLD = "on_hold"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What the plan says of a day: the week and the phase, counted from 1, the items in their order, and the day on
    which the phase began."""

    state: DayState
    week: int | None = None
    number: int | None = None
    phase: ProgramPhase | None = None
    items: tuple[ProgramItem, ...] = ()
    began: date | None = None


def plan_of(plan: ProgramPlan, day: date) -> DayPlan:
    """Return what the plan says of a local day. The days of pauses do not count toward its weeks."""
    if plan.state is ProgramState.ENDED or (plan.ends_on is not None and day > plan.ends_on):
        return DayPlan(DayState.ENDED)
    if day < plan.starts_on:
        return DayPlan(DayState.NOT_STARTED)
    if plan.state is ProgramState.PAUSED and (plan.paused_on is None or day >= plan.paused_on):
        return DayPlan(DayState.PAUSED)
    week = max(0, (day - plan.starts_on).days - plan.days_paused) // 7
    before = 0
    for number, phase in enumerate(plan.phases, start=1):
        if phase.weeks is None or week < before + phase.weeks:
            items = tuple(item for item in phase.items if day.isoweekday() in item.days_of_week)
            began = plan.starts_on + timedelta(days=7 * before + plan.days_paused)
            return DayPlan(DayState.DUE if items else DayState.REST, week + 1, number, phase, items, began)
        before += phase.weeks
    return DayPlan(DayState.ENDED)


def dosed_since(plan: ProgramPlan, on: DayPlan, exercise_id: str) -> date | None:
    """Return since when an exercise of a phase has its dose; None where it was never given another by hand."""
    since = plan.dosed_on.get(exercise_id)
    if on.number is None or on.number == 1 or on.began is None:
        return since
    here, *earlier = (_doses(phase, exercise_id) for phase in reversed(plan.phases[: on.number]))
    if here == next(filter(None, earlier), None):
        return since
    return on.began if since is None else max(since, on.began)


def restarted(plan: ProgramPlan, on: DayPlan) -> DayPlan:
    """Return a day with the least dose that each exercise has had in the phases so far, for who begins again."""
    if on.number is None:
        return on
    so_far = plan.phases[: on.number]
    items = []
    for item in on.items:
        doses = [dose for phase in so_far for dose in _doses(phase, item.exercise_id) if dose is not None]
        items.append(item.model_copy(update={"dose": min(doses, key=_work, default=item.dose)}))
    return replace(on, items=tuple(items))


def redosed(before: ProgramPlan, after: ProgramPlan, day: date) -> ProgramPlan:
    """Return the plan after a change, with the day of the change for every exercise whose dose is another one."""
    named = {item.exercise_id for phase in after.phases for item in phase.items}
    changed = {
        key: day
        for key in sorted(named)
        if [_doses(phase, key) for phase in before.phases] != [_doses(phase, key) for phase in after.phases]
    }
    return after.model_copy(update={"dosed_on": {**after.dosed_on, **changed}}) if changed else after


def _doses(phase: ProgramPhase, exercise_id: str) -> list[ProgramDose | None]:
    return [item.dose for item in phase.items if item.exercise_id == exercise_id]


def _work(dose: ProgramDose) -> int:
    """Return the seconds or repetitions of a day at the most of every range."""
    often = prod(bounds[1] for bounds in (dose.sets, dose.times_per_day))
    ranges = (dose.hold_seconds, dose.repetitions, dose.duration_seconds)
    return often * prod(bounds[1] for bounds in ranges if bounds is not None)


def moved(plan: ProgramPlan, state: ProgramState, day: date) -> ProgramPlan:
    """Return the plan in another state from a local day on. The pause that a resumption ends makes its weeks late."""
    if state is plan.state:
        return plan
    paused = plan.days_paused
    if plan.paused_on is not None:
        paused += max(timedelta(0), day - max(plan.paused_on, plan.starts_on)).days
    resting = day if state is ProgramState.PAUSED else None
    return plan.model_copy(update={"state": state, "paused_on": resting, "days_paused": paused})


@dataclass(frozen=True, slots=True)
class DayAdherence:
    """How many exercises were due on a local day by the programs of that day, and how many of those were done."""

    day: date
    due: int
    done: int


Asks = Callable[[ProgramPlan, date, str], bool]
"""The rule that says whether an exercise that a plan names for a local day is asked for, or left out for a reason."""


class ProgramTodayQuery(Schema):
    """How today is asked for: the zone where the person is now, how much it hurts now, the minutes there are."""

    timezone: Zone | None = Field(
        default=None, description="Else that of the newest session, else the program's, else UTC."
    )
    severity: Annotated[int, Field(ge=0, le=10)] | None = Field(
        default=None, description="Pain just now, NPRS 0-10. From 6 on it takes load away; 8 or more asks first."
    )
    max_minutes: Annotated[int, Field(ge=1, le=240)] | None = Field(
        default=None,
        description="Takes the dose to the least of its ranges where all would take longer. What does not fit then is "
        "in `routine.left_out` and not in its timeline, first what was done today already; no dose is cut short.",
    )


class DueExercise(Schema):
    """One exercise that is due today, in the dose that the person's sessions have made of it."""

    exercise: ExerciseBrief
    dosage: Dosage
    note: str | None
    cautions: list[Caution]
    stop_if: list[Reason]
    progression: Progression | None = Field(
        description="What the person's own sessions made of the dose; null before the first one."
    )
    override: Override | None = Field(
        default=None, description="The clinician's word that let it in although a rule forbids it; null without one."
    )
    times_done: int = Field(
        description="In how many sessions of today it was done; one that tells that none of it was done is not counted."
    )


class ProgramToday(Schema):
    """What a program says of the local day. Signs and sessions may stop it: then `advice` says what to do, else what to
    mind, if anything."""

    program_id: UUID
    version: int
    day: LocalDay
    timezone: str
    state: DayState
    week: int | None
    phase: int | None
    phase_name: str | None
    advice: str | None
    flags: list[str] = Field(description="Ids of the signs that stop it.")
    exercises: list[DueExercise] = Field(description="All that is due, also what the minutes do not hold.")
    excluded: list[ExcludedExercise] = Field(description="What is due by the plan and left out today, and why.")
    routine: Routine
    safety_net: str
    release: ReleaseStamp
    disclaimer: Disclaimer
