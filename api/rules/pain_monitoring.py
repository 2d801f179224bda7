"""How an exercise was borne in one session, by the pain around it. Source: clinical facts 4.1, safety decisions 5.13.

Pain is always compared with that before the session. The next morning tells more than the pain during the exercise.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final, NamedTuple

from api.rules.tuning import Numbers
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

    `before` and `during` are the most pain near it, `lacking` is the rule by which a rise is not earned however little
    it hurt, empty when it was done to the end and was not hard; `eased` when the pain was clearly less afterwards;
    `red_session` when anything in the session was too much.
    """

    log: SessionLog
    colour: Colour
    rule: str
    values: Mapping[str, int]
    before: int | None
    during: int | None
    lacking: str
    eased: bool
    red_session: bool


@dataclass(frozen=True, slots=True)
class Rise:
    """The pain of a week and of the week before, rounded; `fresh` when borne pain rose that was not told before."""

    values: Mapping[str, int]
    fresh: bool


class _Felt(NamedTuple):
    at: datetime
    before: int | None
    during: int | None


@dataclass(slots=True)
class Trail:
    """The pain before and during one exercise of late, by which it is seen to rise from week to week."""

    felt: list[_Felt] = field(default_factory=list)
    told_at: datetime | None = None

    def rose(self, done: Done, numbers: Numbers) -> Rise | None:
        """Take the session along; return how pain rose from the week before, None when it did not."""
        at = done.log.started_at
        self.felt = [*(each for each in self.felt if at - each.at < 2 * WEEK), _Felt(at, done.before, done.during)]
        if at - self.felt[0].at < WEEK:
            return None
        held = _risen(((each.at, each.before) for each in self.felt), at, numbers.weekly_rise_before)
        if done.during is None or done.during <= numbers.green_pain_most:
            return Rise(held, fresh=False) if held else None
        during = [(each.at, each.during) for each in self.felt]
        untold = during if self.told_at is None else [each for each in during if each[0] > self.told_at]
        fresh = _risen(untold, at, numbers.weekly_rise)
        self.told_at = at if fresh else self.told_at
        found = fresh or _risen(during, at, numbers.weekly_rise) or held
        return Rise(found, fresh=bool(fresh)) if found else None


def _risen(pains: Iterable[tuple[datetime, int | None]], at: datetime, least: float) -> dict[str, int] | None:
    weeks: tuple[list[int], list[int]] = ([], [])
    for then, pain in pains:
        if pain is not None:
            weeks[at - then >= WEEK].append(pain)
    if not all(weeks):
        return None
    now, before = (sum(pains) / len(pains) for pains in weeks)
    return {"week": round(now), "week_before": round(before)} if now - before >= least else None


def closing(red_at: Sequence[datetime], numbers: Numbers) -> list[datetime]:
    """Return each bad session, of those in order, that made so many of them within days that somebody should look."""
    many, within = round(numbers.reds_to_stop), timedelta(days=numbers.stop_days)
    return [last for first, last in zip(red_at, red_at[many - 1 :], strict=False) if last - first < within]


def session_is_red(
    places: Sequence[PainLog], during: int | None, hurt: bool, spread: Spread, green_only: bool, numbers: Numbers
) -> bool:
    """Return whether a session was too much, wherever it hurt. It is whenever one of its exercises was.

    `during` is the most pain that any exercise was given, `hurt` whether any was marked so.
    """
    if hurt or spread is Spread.DOWN_LIMB:
        return True
    borne = _borne(places, places, during, spread, green_only, numbers)
    return any(colour is Colour.RED for colour, _, _ in borne)


def done_in(
    log: SessionLog, served: Mapping[str, Collection[str]], now: datetime, green_only: bool, numbers: Numbers
) -> Iterator[tuple[str, Done]]:
    """Yield each exercise of a session and how it was borne, as seen at `now`.

    `served` are the regions of each exercise with all those above them: the pain of these counts, that of all places
    when an exercise serves none of them.
    """
    hurt, most = any(entry.hurt for entry in log.exercises), _most(entry.pain_during for entry in log.exercises)
    red = session_is_red(log.pain, most, hurt, log.spread, green_only, numbers)
    for key in dict.fromkeys(entry.exercise_id for entry in log.exercises):
        entries = [entry for entry in log.exercises if entry.exercise_id == key]
        near = [pain for pain in log.pain if pain.region in served.get(key, ())] or log.pain
        during = _most(entry.pain_during for entry in entries)
        borne = _borne(near, log.pain, during, log.spread, green_only, numbers)
        colour, rule, values = max(borne, key=lambda found: found[0])
        if any(entry.hurt for entry in entries):
            colour, rule, values = Colour.RED, HURT, {}
        if log.spread is Spread.DOWN_LIMB and colour is not Colour.RED:
            colour, rule = Colour.RED, "spread_down"
        if colour is Colour.GREEN and (red or log.is_of_day(now)):
            colour, rule = Colour.AMBER, "red_elsewhere" if red else "morning_unknown"
        worst = _most((during, *(pain.during_max for pain in near)))
        before = _most(pain.before for pain in near)
        values = {**values, **_told_of_ease(log, entries)} if colour is Colour.GREEN else values
        lacking, eased = _lacking(log, entries, numbers), _eased(near, numbers)
        yield key, Done(log, colour, rule, values, before, worst, lacking, eased, red)


def _most(scores: Iterable[int | None]) -> int | None:
    return max((score for score in scores if score is not None), default=None)


def _borne(
    near: Sequence[PainLog],
    everywhere: Sequence[PainLog],
    during: int | None,
    spread: Spread,
    green_only: bool,
    numbers: Numbers,
) -> Iterator[tuple[Colour, str, Mapping[str, int]]]:
    """Yield how each place near bore it, and the pain `during` that an exercise was given by itself.

    Too much of that is the pain of the places that hurt as much; else it is held against the least pain before.
    """
    told: list[PainLog] = []
    if during is not None and during > _limit(green_only, numbers):
        told = [pain for pain in everywhere if pain.during_max is not None and pain.during_max >= during]
    for pain in near:
        colour, rule = colour_of(pain, None if told else during, spread, green_only, numbers)
        yield colour, rule, _known(pain)
    if during is not None:
        beside = min(told or near, key=lambda pain: pain.before or 0, default=PainLog(region=ITSELF))
        itself = beside.model_copy(update={"region": ITSELF, "during_max": during, "after": None})
        colour, rule = _colour_felt(itself, during, spread, green_only, numbers)
        yield colour, rule, _known(itself)
    elif not near:
        yield Colour.AMBER, "pain_unknown", {}


def _known(pain: PainLog) -> dict[str, int]:
    scores = {
        "before": pain.before,
        "during": pain.during_max,
        "after": pain.after,
        "next_morning": pain.next_morning,
    }
    return {name: score for name, score in scores.items() if score is not None}


def colour_of(
    pain: PainLog, instead: int | None, spread: Spread, green_only: bool, numbers: Numbers
) -> tuple[Colour, str]:
    """Return how one place bore it and by which rule; `instead` is the pain during where the place has none."""
    if _woke_worse(pain, numbers):
        return Colour.RED, "red_next_morning"
    during = instead if pain.during_max is None else pain.during_max
    return _colour_felt(pain, during, spread, green_only, numbers)


def _woke_worse(pain: PainLog, numbers: Numbers) -> bool:
    """Return whether the next morning was bad beside the pain before, or during when nobody told of that."""
    if pain.next_morning is None:
        return False
    earlier = pain.during_max if pain.before is None else pain.before
    if earlier is None:
        return pain.next_morning > numbers.amber_pain_most
    return pain.next_morning >= earlier + numbers.morning_rise


def _limit(green_only: bool, numbers: Numbers) -> float:
    """Return the pain above which an exercise was too much."""
    return numbers.green_pain_most if green_only else numbers.amber_pain_most


def _colour_felt(
    pain: PainLog, during: int | None, spread: Spread, green_only: bool, numbers: Numbers
) -> tuple[Colour, str]:
    """Return how a place bore the exercises by the worst pain during and after them."""
    before, morning, worst = pain.before or 0, pain.next_morning, _most((during, pain.after))
    limit = max(_limit(green_only, numbers), before)
    named = {"red_during": during, "red_after": pain.after}
    too_much = [rule for rule, felt in named.items() if felt is not None and felt > limit]
    if worst is not None and too_much:
        # Symptoms that draw back towards the spine are a good sign, although the place itself hurts a little more.
        slight = worst <= numbers.amber_pain_most and worst - before < numbers.morning_rise
        drawn_back = spread is Spread.TOWARD_SPINE and slight
        return (Colour.AMBER, "toward_spine") if drawn_back else (Colour.RED, too_much[0])
    if during is None or worst is None:
        return Colour.AMBER, "pain_unknown"
    if morning is None:
        return Colour.AMBER, "morning_unknown"
    at_ease = max(numbers.green_pain_most, 0 if green_only else min(before, numbers.amber_pain_most))
    if worst <= at_ease and morning <= max(before, numbers.green_pain_most):
        return Colour.GREEN, "green"
    return Colour.AMBER, "amber"


def _lacking(log: SessionLog, entries: Sequence[ExerciseLog], numbers: Numbers) -> str:
    """Return why a rise is not earned: it was hard, or not done to the end, or nobody told how hard it was; effort that
    nobody gave is known by how the exercise felt."""
    felt = [entry.difficulty for entry in entries]
    hard = log.effort is not None and log.effort > numbers.effort_most
    if hard or Difficulty.TOO_HARD in felt or not all(_finished(entry, numbers) for entry in entries):
        return "not_easy_enough"
    return "effort_unknown" if log.effort is None and None in felt else ""


def _told_of_ease(log: SessionLog, entries: Sequence[ExerciseLog]) -> dict[str, int]:
    completed = min((each.completion_percent for each in entries if each.completion_percent is not None), default=None)
    told = {"effort": log.effort, "completion_percent": completed}
    return {name: value for name, value in told.items() if value is not None}


def _finished(entry: ExerciseLog, numbers: Numbers) -> bool:
    """Return whether it was done to the end; of what nobody told it was, unless nothing of it was done."""
    if entry.completion_percent is not None:
        return entry.completion_percent >= numbers.completion_least
    return 0 not in (entry.sets, entry.repetitions, entry.hold_seconds, entry.duration_seconds)


def _eased(near: Iterable[PainLog], numbers: Numbers) -> bool:
    """Return whether the pain of a place was clearly less the next morning, or afterwards when nobody told of it."""
    for pain in near:
        later = pain.after if pain.next_morning is None else pain.next_morning
        if pain.before is not None and later is not None and pain.before - later >= numbers.helped_change:
            return True
    return False
