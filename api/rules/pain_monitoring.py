"""How an exercise was borne in one session, by the pain around it. Source: clinical facts 4.1, safety decisions 5.13.

Pain is always compared with that before the session. The next morning tells more than the pain during the exercise.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from api.rules.tuning import Numbers
from schemas.exercises import Dose, ExerciseDefinition
from schemas.session_logs import ExerciseLog, PainLog, SessionLog
from schemas.vocabulary import Difficulty, Spread

ITSELF: Final = "exercise"
"""Where the pain that an exercise itself was given stands: nowhere in particular."""

HURT: Final = "hurt"
WEEK: Final = timedelta(days=7)


class Colour(IntEnum):
    """How an exercise was borne: the higher, the worse."""

    GREEN = 0
    AMBER = 1
    RED = 2


@dataclass(frozen=True, slots=True)
class Done:
    """One exercise of one session, its worst entry where it was done on two sides.

    `good` when it was done to the end and was not hard, `eased` when the pain was clearly less afterwards.
    """

    log: SessionLog
    colour: Colour
    rule: str
    values: Mapping[str, int]
    good: bool
    eased: bool


@dataclass(slots=True)
class Trail:
    """The pain during one exercise of late, by which it is seen to rise from week to week."""

    pains: list[tuple[datetime, int]] = field(default_factory=list)

    def rose(self, done: Done, numbers: Numbers) -> dict[str, int] | None:
        """Take the session along; return the pain of its week and of the week before when it rose, rounded."""
        at, during = done.log.started_at, done.values.get("during")
        if during is None:
            return None
        self.pains = [(then, pain) for then, pain in self.pains if at - then < 2 * WEEK] + [(at, during)]
        weeks: tuple[list[int], list[int]] = ([], [])
        for then, pain in self.pains:
            weeks[at - then >= WEEK].append(pain)
        now, before = (sum(pains) / len(pains) if pains else None for pains in weeks)
        if before is None or now is None or now - before < numbers.weekly_rise or during <= numbers.green_pain_most:
            return None
        self.pains = []
        return {"week": round(now), "week_before": round(before)}


def closing(red_at: Sequence[datetime], numbers: Numbers) -> list[datetime]:
    """Return each bad session, of those in order, that made so many of them within days that somebody should look."""
    many, within = round(numbers.reds_to_stop), timedelta(days=numbers.stop_days)
    return [last for first, last in zip(red_at, red_at[many - 1 :], strict=False) if last - first < within]


def done_in(
    log: SessionLog, doses: Mapping[str, tuple[ExerciseDefinition, Dose]], green_only: bool, numbers: Numbers
) -> Iterator[tuple[str, Done]]:
    """Yield each exercise of a session and how it was borne.

    The pain of places that the exercise serves counts, that of all places when it serves none of them.
    """
    for key in dict.fromkeys(entry.exercise_id for entry in log.exercises):
        entries = [entry for entry in log.exercises if entry.exercise_id == key]
        regions = doses[key][0].regions if key in doses else {}
        near = [pain for pain in log.pain if pain.region in regions] or log.pain
        judged = _judged(entries, near, log.spread, green_only, numbers)
        colour, rule, values = max(judged, key=lambda found: found[0])
        if log.spread is Spread.DOWN_LIMB and colour is not Colour.RED:
            colour, rule = Colour.RED, "spread_down"
        yield key, Done(log, colour, rule, values, _went_well(log, entries, numbers), _eased(near, numbers))


def _judged(
    entries: Sequence[ExerciseLog], near: Sequence[PainLog], spread: Spread, green_only: bool, numbers: Numbers
) -> Iterator[tuple[Colour, str, Mapping[str, int]]]:
    """Yield how each place and each side bore it; a pain of the exercise alone is beside the least pain before."""
    if any(entry.hurt for entry in entries):
        yield Colour.RED, HURT, {}
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
        colour, rule = colour_of(pain, during, spread, green_only, numbers)
        yield colour, rule, {name: value for name, value in known.items() if value is not None}


def colour_of(
    pain: PainLog, instead: int | None, spread: Spread, green_only: bool, numbers: Numbers
) -> tuple[Colour, str]:
    """Return how one place bore it and by which rule; `instead` is the pain during where the place has none."""
    during = pain.during_max if pain.during_max is not None else instead
    before, morning = pain.before or 0, pain.next_morning
    if pain.before is not None and morning is not None and morning >= before + numbers.morning_rise:
        return Colour.RED, "red_next_morning"
    if during is None:
        return Colour.AMBER, "pain_unknown"
    most = numbers.green_pain_most if green_only else numbers.amber_pain_most
    if during > most and during > before:
        # Symptoms that draw back towards the spine are a good sign, although the place itself hurts a little more.
        slight = during <= numbers.amber_pain_most and during - before < numbers.morning_rise
        drawn_back = spread is Spread.TOWARD_SPINE and slight
        return (Colour.AMBER, "toward_spine") if drawn_back else (Colour.RED, "red_during")
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


def _eased(near: Iterable[PainLog], numbers: Numbers) -> bool:
    """Return whether the pain of a place was clearly less the next morning, or afterwards when nobody told of it."""
    for pain in near:
        later = pain.after if pain.next_morning is None else pain.next_morning
        if pain.before is not None and later is not None and pain.before - later >= numbers.helped_change:
            return True
    return False
