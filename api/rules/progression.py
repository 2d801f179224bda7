"""How doses follow a person's sessions: progress, hold, regress, suspend, stop and see somebody, restart after a gap.

Source: clinical facts 4.1 (pain monitoring) and 4.2 (progression), decisions on safety 5.13. Every change names its
rule and the values that led to it. Sessions are taken in the order they happened, whenever they arrived.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final
from uuid import UUID

from api.rules.dose_steps import most_steps
from api.rules.tuning import Numbers
from schemas.exercises import Dose, ExerciseDefinition
from schemas.progression import DoseChange, Progression
from schemas.session_logs import ExerciseLog, PainLog, SessionLog
from schemas.vocabulary import Difficulty, Kind, Spread

LOADED: Final = frozenset({Kind.STRENGTH, Kind.ECCENTRIC, Kind.ISOMETRIC})
"""Kinds whose weekly total may rise by no more than a step."""


ITSELF: Final = "exercise"
"""Where the pain that an exercise itself was given stands: nowhere in particular."""


class Colour(IntEnum):
    """How an exercise was borne: the higher, the worse."""

    GREEN = 0
    AMBER = 1
    RED = 2


@dataclass(frozen=True, slots=True)
class Past:
    """A person's sessions of late, in any order, as seen at `now`."""

    logs: Sequence[SessionLog]
    now: datetime


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the person's conditions and age leave open: a rise at all, amber pain at all."""

    may_rise: bool = True
    green_only: bool = False
    older: bool = False


@dataclass(frozen=True, slots=True)
class DoseStanding:
    """Where an exercise stands for a person, and which rule and values led there.

    `greens` and `reds` count those in a row; `cuts` are those not earned back.
    """

    change: DoseChange = DoseChange.HOLD
    rule: str = "first_session"
    session_id: UUID | None = None
    values: Mapping[str, int] = field(default_factory=dict)
    steps_up: int = 0
    cuts: int = 0
    greens: int = 0
    reds: int = 0
    done_at: datetime | None = None
    raised_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Where each exercise that was done stands, and whether so much was red that everything stops."""

    exercises: Mapping[str, DoseStanding] = field(default_factory=dict)
    stopped: bool = False

    def suspended(self, exercise_id: str) -> bool:
        """Return True when an exercise is left out for what it did to this person."""
        standing = self.exercises.get(exercise_id)
        return standing is not None and standing.change is DoseChange.SUSPEND


NO_HISTORY: Final = History()


@dataclass(frozen=True, slots=True)
class _Done:
    """One exercise of one session, its worst entry where it was done on two sides."""

    log: SessionLog
    colour: Colour
    rule: str
    values: Mapping[str, int]
    good: bool


def history_of(
    past: Past, doses: Mapping[str, tuple[ExerciseDefinition, Dose]], bounds: Bounds, cleared: bool, numbers: Numbers
) -> History:
    """Return where every exercise stands; `doses` are the exercises of the release with the first dose of the person.

    `cleared`: a clinician has cleared the person, which ends a suspension and a stop, and raises nothing.
    """
    standings: dict[str, DoseStanding] = {}
    red_at: list[datetime] = []
    for log in sorted(past.logs, key=lambda log: (log.started_at, log.id)):
        done = list(_done(log, doses, bounds, numbers))
        red_at += [log.started_at] * any(each.colour is Colour.RED for _, each in done)
        for key, each in done:
            before = _rested(standings.get(key, DoseStanding()), log.started_at, numbers)
            standings[key] = _after(before, each, doses.get(key), bounds, numbers)
    now = {key: _rested(standing, past.now, numbers) for key, standing in standings.items()}
    if cleared:
        now = {key: _released(standing) for key, standing in now.items()}
    return History(now, stopped=not cleared and _stopped(red_at, past.now, numbers))


def told(exercise_id: str, history: History, texts: Mapping[str, str]) -> Progression | None:
    """Return what the sessions made of an exercise, in words too; None where it was never done."""
    standing = history.exercises.get(exercise_id)
    if standing is None:
        return None
    return Progression(
        change=standing.change,
        rule=standing.rule,
        steps_up=standing.steps_up,
        cuts=standing.cuts,
        session_id=standing.session_id,
        values=dict(standing.values),
        text=texts[f"progression_{standing.rule}"],
    )


def _done(
    log: SessionLog, doses: Mapping[str, tuple[ExerciseDefinition, Dose]], bounds: Bounds, numbers: Numbers
) -> Iterator[tuple[str, _Done]]:
    for key in dict.fromkeys(entry.exercise_id for entry in log.exercises):
        entries = [entry for entry in log.exercises if entry.exercise_id == key]
        regions = doses[key][0].regions if key in doses else {}
        near = [pain for pain in log.pain if pain.region in regions] or log.pain
        colour, rule, values = max(_judged(entries, near, bounds, numbers), key=lambda judged: judged[0])
        if log.spread is Spread.DOWN_LIMB and colour is not Colour.RED:
            colour, rule = Colour.RED, "spread_down"
        yield key, _Done(log, colour, rule, values, _went_well(log, entries, numbers))


def _judged(
    entries: Sequence[ExerciseLog], near: Sequence[PainLog], bounds: Bounds, numbers: Numbers
) -> Iterator[tuple[Colour, str, Mapping[str, int]]]:
    """Yield how each place and each side bore it; a pain of the exercise alone is beside the least pain before."""
    if any(entry.hurt for entry in entries):
        yield Colour.RED, "hurt", {}
    during = max((entry.pain_during for entry in entries if entry.pain_during is not None), default=None)
    before = min((pain.before for pain in near if pain.before is not None), default=None)
    places = list(near)
    if during is not None:
        morning = max((pain.next_morning for pain in near if pain.next_morning is not None), default=None)
        places.append(PainLog(region=ITSELF, before=before, during_max=during, next_morning=morning))
    if not places:
        yield Colour.AMBER, "pain_unknown", {}
    for pain in places:
        known = {"before": pain.before, "during": pain.during_max, "next_morning": pain.next_morning}
        colour, rule = _colour(pain, during, bounds, numbers)
        yield colour, rule, {name: value for name, value in known.items() if value is not None}


def _colour(pain: PainLog, instead: int | None, bounds: Bounds, numbers: Numbers) -> tuple[Colour, str]:
    during = pain.during_max if pain.during_max is not None else instead
    before, morning = pain.before or 0, pain.next_morning
    most = numbers.green_pain_most if bounds.green_only else numbers.amber_pain_most
    if during is not None and during > most and during > before:
        return Colour.RED, "red_during"
    if pain.before is not None and morning is not None and morning >= before + numbers.morning_rise:
        return Colour.RED, "red_next_morning"
    if during is None:
        return Colour.AMBER, "pain_unknown"
    if morning is None:
        return Colour.AMBER, "morning_unknown"
    at_ease = max(numbers.green_pain_most, min(before, numbers.amber_pain_most))
    if during <= at_ease and morning <= max(before, numbers.green_pain_most):
        return Colour.GREEN, "green"
    return Colour.AMBER, "amber"


def _went_well(log: SessionLog, entries: Iterable[ExerciseLog], numbers: Numbers) -> bool:
    """Return whether it was done, and not hard; effort that nobody gave is known by how the exercise felt."""
    felt = [entry.difficulty for entry in entries]
    completed = (entry.completion_percent for entry in entries)
    done = all(percent is None or percent >= numbers.completion_least for percent in completed)
    easy = None not in felt if log.effort is None else log.effort <= numbers.effort_most
    return done and easy and Difficulty.TOO_HARD not in felt


def _after(
    standing: DoseStanding,
    done: _Done,
    dosed: tuple[ExerciseDefinition, Dose] | None,
    bounds: Bounds,
    numbers: Numbers,
) -> DoseStanding:
    log = done.log
    seen = replace(standing, rule=done.rule, session_id=log.id, values=done.values, done_at=log.started_at)
    if done.colour is Colour.RED:
        red = replace(seen, greens=0, reds=standing.reds + 1, cuts=standing.cuts + 1, change=DoseChange.REGRESS)
        if red.reds < numbers.reds_to_suspend:
            return red
        return replace(red, change=DoseChange.SUSPEND, rule="red_twice")
    left_out = standing.change is DoseChange.SUSPEND
    held = replace(seen, change=DoseChange.SUSPEND if left_out else DoseChange.HOLD, reds=0)
    if done.colour is Colour.AMBER:
        return replace(held, greens=0)
    if not done.good:
        return replace(held, greens=0, rule="not_easy_enough")
    greens = standing.greens + 1
    if greens < numbers.greens_to_rise:
        return replace(held, greens=greens)
    return _raised(replace(held, greens=greens), log.started_at, dosed, bounds, numbers)


def _raised(
    standing: DoseStanding,
    at: datetime,
    dosed: tuple[ExerciseDefinition, Dose] | None,
    bounds: Bounds,
    numbers: Numbers,
) -> DoseStanding:
    """Return the exercise one step up, where nothing speaks against it: first what was cut, then further."""
    if not bounds.may_rise:
        return replace(standing, rule="clearance_required")
    if dosed is None:
        return standing
    definition, dose = dosed
    since = None if standing.raised_at is None else at - standing.raised_at
    if definition.kind in LOADED and since is not None and since < timedelta(days=numbers.loaded_rise_days):
        return replace(standing, rule="loaded_once_a_week")
    up = replace(standing, change=DoseChange.PROGRESS, rule="greens", greens=0, raised_at=at)
    if standing.cuts:
        return replace(up, cuts=standing.cuts - 1)
    if standing.steps_up >= most_steps(dose, bounds.older, numbers):
        return replace(standing, rule="top_of_dose")
    return replace(up, steps_up=standing.steps_up + 1)


def _rested(standing: DoseStanding, at: datetime, numbers: Numbers) -> DoseStanding:
    """Return the exercise after the days without it: a week takes a step, two weeks all; what was cut stays cut."""
    if standing.done_at is None:
        return standing
    days = (at - standing.done_at).days
    if days < numbers.missed_days or standing.change is DoseChange.SUSPEND:
        return standing
    rested = replace(standing, session_id=None, values={"days_without": days}, greens=0)
    if days >= numbers.restart_days:
        return replace(rested, change=DoseChange.RESTART, rule="missed_two_weeks", steps_up=0)
    if not standing.steps_up:
        return replace(rested, change=DoseChange.HOLD, rule="missed_a_week")
    return replace(rested, change=DoseChange.REGRESS, rule="missed_a_week", steps_up=standing.steps_up - 1)


def _released(standing: DoseStanding) -> DoseStanding:
    if standing.change is not DoseChange.SUSPEND:
        return standing
    return replace(standing, change=DoseChange.REGRESS, rule="cleared")


def _stopped(red_at: Sequence[datetime], now: datetime, numbers: Numbers) -> bool:
    """Return whether the last reds came so close together that somebody should look, and not too long ago."""
    most = round(numbers.reds_to_stop)
    if len(red_at) < most or now - red_at[-1] >= timedelta(days=numbers.restart_days):
        return False
    return red_at[-1] - red_at[-most] < timedelta(days=numbers.stop_days)
