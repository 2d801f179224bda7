"""A dose a few steps further, or cut: what of it grows first, how far, and what a cut leaves."""

import math
from functools import lru_cache

from api.rules.tuning import Numbers
from schemas.exercises import Dose, Range

CUTTABLE = ("repetitions", "duration_seconds", "hold_seconds")
"""What a cut makes less of: the first of these that can be less."""


def stepped(
    dose: Dose, steps_up: int, cuts: int, older: bool, numbers: Numbers, *, loaded: bool = False, regained: int = 0
) -> Dose:
    """Return the dose `steps_up` steps further and cut `cuts` times, the last cut earned back by `regained` steps.

    A step changes one thing: the hold, then the repetitions, then how often a day. A step of loaded work adds no more
    than `loaded_rise_most` of it, and never a time of day. Source: clinical facts 4.2, rules 2 and 5.
    """
    for _ in range(steps_up):
        dose = _further(dose, older, numbers, loaded) or dose
    whole = dose
    for _ in range(cuts):
        whole, dose = dose, _cut(dose, numbers.cut_factor)
    for _ in range(regained):
        dose = _nearer(dose, whole, numbers.loaded_rise_most)
    return dose


@lru_cache(maxsize=2048)
def most_steps(dose: Dose, older: bool, numbers: Numbers, *, loaded: bool = False) -> int:
    """Return how many steps a dose can go."""
    steps, further = 0, _further(dose, older, numbers, loaded)
    while further is not None:
        steps, further = steps + 1, _further(further, older, numbers, loaded)
    return steps


def steps_back(whole: Dose, numbers: Numbers) -> int:
    """Return in how many steps loaded work comes back to the whole dose after a cut."""
    steps, dose = 0, _cut(whole, numbers.cut_factor)
    while dose != whole:
        steps, dose = steps + 1, _nearer(dose, whole, numbers.loaded_rise_most)
    return steps


def _further(dose: Dose, older: bool, numbers: Numbers, loaded: bool) -> Dose | None:
    share = numbers.loaded_rise_most if loaded else math.inf
    longest = round(numbers.hold_most_older if older else numbers.hold_most)
    held = None if dose.hold_seconds is None else _more(dose.hold_seconds, round(numbers.hold_step), longest, share)
    if held is not None:
        return dose.model_copy(update={"hold_seconds": held})
    most = round(numbers.repetitions_most if dose.hold_seconds is None else numbers.held_repetitions_most)
    repeated = None if dose.repetitions is None else _more(dose.repetitions, 1, most, share)
    if repeated is not None:
        return dose.model_copy(update={"repetitions": repeated})
    oftener = _more(dose.times_per_day, 1, round(numbers.times_per_day_most), share)
    return None if oftener is None or loaded else dose.model_copy(update={"times_per_day": oftener})


def _more(bounds: Range, by: int, most: int, share: float) -> Range | None:
    """Return the bounds raised by no more than `by` and their share, None when the upper one cannot rise."""
    least, upper = (min(bound + math.floor(min(by, bound * share)), max(most, bound)) for bound in bounds)
    return (least, upper) if upper > bounds[1] else None


def _nearer(dose: Dose, whole: Dose, share: float) -> Dose:
    """Return the dose a step nearer to the whole one, by the share or by the smallest step that there is."""
    nearer = {}
    for name in CUTTABLE:
        now, full = getattr(dose, name), getattr(whole, name)
        if now is not None and now != full:
            nearer[name] = tuple(min(b + max(1, math.floor(b * share)), w) for b, w in zip(now, full, strict=True))
    return dose.model_copy(update=nearer)


def _cut(dose: Dose, factor: float) -> Dose:
    for name in CUTTABLE:
        bounds: Range | None = getattr(dose, name)
        if bounds is not None and bounds[1] > 1:
            return dose.model_copy(update={name: (_less(bounds[0], factor), _less(bounds[1], factor))})
    return dose


def _less(amount: int, factor: float) -> int:
    return max(1, math.floor(amount * factor + 0.5))
