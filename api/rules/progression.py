"""How doses follow a person's sessions: progress, hold, regress, suspend, stop and see somebody, restart after a gap.

Source: clinical facts 4.1 (pain monitoring) and 4.2 (progression), decisions on safety 5.13. Every change names its
rule and the values that led to it. Sessions are taken in the order they happened, whenever they arrived.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import Final

from api.rules.dose_standing import BeforeRise, DoseStanding, History
from api.rules.dose_steps import most_steps, stepped, steps_back
from api.rules.pain_monitoring import HURT, Colour, Done, Rise, Trail, closing, done_in
from api.rules.tuning import Numbers
from schemas.exercises import Dose, ExerciseDefinition
from schemas.overrides import Override
from schemas.progression import DoseChange, Progression
from schemas.session_logs import SessionLog
from schemas.vocabulary import Kind, Spread

LOADED: Final = frozenset({Kind.STRENGTH, Kind.ECCENTRIC, Kind.ISOMETRIC})
"""Kinds whose weekly total may rise by no more than a step."""


@dataclass(frozen=True, slots=True)
class Past:
    """A person's sessions of late, in any order, as seen at `now`, what clinicians let the person do, and when one
    cleared the person for the last time."""

    logs: Sequence[SessionLog]
    now: datetime
    overrides: Sequence[Override] = ()
    cleared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the person's conditions and age leave open: a rise at all, amber pain at all."""

    may_rise: bool = True
    green_only: bool = False
    older: bool = False
    reviewed: Sequence[tuple[datetime, datetime]] = ()
    """From when until when a clinician was to look at the person first."""


@dataclass(frozen=True, slots=True)
class Dosed:
    """An exercise of the release with the first dose of the person, and the regions it serves with those above them."""

    definition: ExerciseDefinition
    dose: Dose
    regions: frozenset[str]


def history_of(past: Past, doses: Mapping[str, Dosed], bounds: Bounds, cleared: bool, numbers: Numbers) -> History:
    """Return where every exercise stands; `doses` are the exercises of the release that were done.

    `cleared`: a clinician has cleared the person, which ends a suspension and a stop, and raises nothing. One who did
    so earlier ended what came before.
    """
    standings: dict[str, DoseStanding] = {}
    trails: dict[str, Trail] = {}
    served = {key: dosed.regions for key, dosed in doses.items()}
    red_at: list[datetime] = []
    cleared_at = None if cleared else past.cleared_at
    for log in sorted(past.logs, key=lambda log: (log.started_at, log.id)):
        if cleared_at is not None and log.started_at > cleared_at:
            standings, red_at, cleared_at = _all_released(standings), [], None
        done = list(done_in(log, served, past.now, bounds.green_only, numbers))
        red_at += [log.started_at] * any(each.red_session for _, each in done)
        for key, each in done:
            before = _rested(standings.get(key, DoseStanding()), log.started_at, numbers)
            rose = trails.setdefault(key, Trail()).rose(each, numbers)
            standings[key] = _after(_counted(before, each, numbers), each, rose, doses.get(key), bounds, numbers)
    now = {key: _rested(standing, past.now, numbers) for key, standing in standings.items()}
    if cleared or cleared_at is not None:
        return History(_all_released(now))
    stopping = stops(red_at, numbers)
    return History(now, any(until > past.now for _, until in stopping), stopping, _spread_down(past) & doses.keys())


def stops(red_at: Sequence[datetime], numbers: Numbers) -> list[tuple[datetime, datetime]]:
    """Return from when to when reds that came so close together that somebody should look stop everything."""
    long, found = timedelta(days=numbers.restart_days), []
    for begin in closing(red_at, numbers):
        last = begin
        for at in red_at:
            # One more that comes late does not end what those before it began; weeks without any do.
            if last < at < last + long:
                last = at
        found.append((begin, last + long))
    return found


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


def _after(
    standing: DoseStanding,
    done: Done,
    rose: Rise | None,
    dosed: Dosed | None,
    bounds: Bounds,
    numbers: Numbers,
) -> DoseStanding:
    log, left_out = done.log, standing.change is DoseChange.SUSPEND
    seen = standing._replace(rule=done.rule, session_id=log.id, values=done.values, done_at=log.started_at)
    worse = seen.worse_since_rise(numbers)
    if done.colour is Colour.RED:
        return _after_red(_cut(seen, worse), numbers)
    held = seen._replace(change=DoseChange.SUSPEND if left_out else DoseChange.HOLD, reds=0)
    amber = done.colour is Colour.AMBER
    if amber and rose is not None and rose.fresh:
        return _regressed(_cut(held, worse), "rising_weekly", rose.values)
    if worse:
        return _regressed(held.without_rises(), "worse_since_rise", worse)
    if amber:
        return held._replace(greens=0)
    if rose is not None:
        return held._replace(greens=0, rule="rising_held", values=rose.values)
    if done.lacking:
        return held._replace(greens=0, rule=done.lacking)
    if log.local_day <= standing.green_day:
        return held
    well = held._replace(greens=standing.greens + 1, green_day=log.local_day)
    return well if well.greens < numbers.greens_to_rise else _raised(well, log.started_at, dosed, bounds, numbers)


def _counted(standing: DoseStanding, done: Done, numbers: Numbers) -> DoseStanding:
    """Return the exercise with what the session made of the pain, whatever the dose does."""
    worse = done.colour is Colour.RED
    felt = standing.felt
    if done.during is not None:
        felt = (*felt, done.during)[-round(numbers.greens_to_rise) :]
    return standing._replace(
        hurts=standing.hurts + (done.rule == HURT),
        helped=standing.helped + (done.eased and not worse),
        worsened=standing.worsened + worse,
        felt=felt,
        least=min(standing.least, fmean(felt)) if standing.rises else 0,
    )


def _cut(standing: DoseStanding, worse: Mapping[str, int] | None) -> DoseStanding:
    """Return the exercise cut once more, and without the rises of late when it hurts worse since then."""
    cut = standing._replace(cuts=standing.cuts + 1, regained=0)
    return cut.without_rises() if worse else cut


def _after_red(standing: DoseStanding, numbers: Numbers) -> DoseStanding:
    """Return the cut exercise after a red session: left out after two in a row or when it has hurt twice."""
    red = standing._replace(greens=0, reds=standing.reds + 1, change=DoseChange.REGRESS)
    if standing.change is not DoseChange.SUSPEND:
        red = red._replace(suspended_at=standing.done_at)
    if red.reds >= numbers.reds_to_suspend:
        return red._replace(change=DoseChange.SUSPEND, rule="red_twice")
    if red.hurts >= numbers.reds_to_suspend or standing.change is DoseChange.SUSPEND:
        return red._replace(change=DoseChange.SUSPEND, rule="hurt_twice" if red.rule == HURT else red.rule)
    return red


def _regressed(standing: DoseStanding, rule: str, values: Mapping[str, int]) -> DoseStanding:
    """Return the cut exercise with why it was: the pain that it is borne with rises."""
    less = standing._replace(rule=rule, values=values, greens=0)
    return less if less.change is DoseChange.SUSPEND else less._replace(change=DoseChange.REGRESS)


def _raised(
    standing: DoseStanding,
    at: datetime,
    dosed: Dosed | None,
    bounds: Bounds,
    numbers: Numbers,
) -> DoseStanding:
    """Return the exercise one step up, where nothing speaks against it: first what was cut, then further."""
    if not bounds.may_rise:
        return standing._replace(rule="clearance_required")
    if any(since <= at <= until for since, until in bounds.reviewed):
        return standing._replace(rule="review")
    if dosed is None:
        return standing
    definition, dose = dosed.definition, dosed.dose
    since = None if standing.raised_at is None else at - standing.raised_at
    if definition.kind in LOADED and since is not None and since < timedelta(days=numbers.loaded_rise_days):
        return standing._replace(rule="loaded_once_a_week")
    loaded = definition.kind in LOADED
    up = _before_rise(standing, at, numbers)._replace(change=DoseChange.PROGRESS, rule="greens", greens=0, hurts=0)
    if standing.cuts:
        whole = stepped(dose, standing.steps_up, standing.cuts - 1, bounds.older, numbers, loaded=loaded)
        if loaded and standing.regained + 1 < steps_back(whole, numbers):
            return up._replace(regained=standing.regained + 1)
        return up._replace(cuts=standing.cuts - 1, regained=0)
    if standing.steps_up >= most_steps(dose, bounds.older, numbers, loaded=loaded):
        return standing._replace(rule="top_of_dose")
    return up._replace(steps_up=standing.steps_up + 1)


def _before_rise(standing: DoseStanding, at: datetime, numbers: Numbers) -> DoseStanding:
    """Return the exercise that is about to rise, with its dose and pain until now; rises close together are one."""
    together = timedelta(days=numbers.rises_together_days)
    before = tuple(each for each in standing.rises if at - each.at < together)
    least = min(standing.least, fmean(standing.felt)) if before else fmean(standing.felt)
    rises = (*before, BeforeRise(at, standing.steps_up, standing.cuts, standing.regained))
    return standing._replace(raised_at=at, rises=rises, least=least)


def _rested(standing: DoseStanding, at: datetime, numbers: Numbers) -> DoseStanding:
    """Return the exercise after the days without it: a week takes a step, two weeks all; what was cut stays cut."""
    if standing.done_at is None:
        return standing
    days = (at - standing.done_at).days
    if days < numbers.missed_days or standing.change is DoseChange.SUSPEND:
        return standing
    rested = standing._replace(session_id=None, values={"days_without": days}, greens=0)
    if days >= numbers.restart_days:
        return rested._replace(change=DoseChange.RESTART, rule="missed_two_weeks", steps_up=0)
    if not standing.steps_up:
        return rested._replace(change=DoseChange.HOLD, rule="missed_a_week")
    return rested._replace(change=DoseChange.REGRESS, rule="missed_a_week", steps_up=standing.steps_up - 1)


def _spread_down(past: Past) -> frozenset[str]:
    of_today = [log for log in past.logs if log.spread is Spread.DOWN_LIMB and log.is_of_day(past.now)]
    return frozenset(entry.exercise_id for log in of_today for entry in log.exercises)


def _all_released(standings: Mapping[str, DoseStanding]) -> dict[str, DoseStanding]:
    return {key: _released(standing) for key, standing in standings.items()}


def _released(standing: DoseStanding) -> DoseStanding:
    if standing.change is not DoseChange.SUSPEND:
        return standing
    return standing._replace(change=DoseChange.REGRESS, rule="cleared")
