"""A dose a few steps further, or cut: what of it grows first, how far, and what a cut leaves."""

import math

from api.rules.tuning import Numbers
from schemas.exercises import Dose, Range


def stepped(dose: Dose, steps_up: int, cuts: int, older: bool, numbers: Numbers) -> Dose:
    """Return the dose `steps_up` steps further and cut `cuts` times.

    A step changes one thing: the hold, then the repetitions, then how often a day. Source: clinical facts 4.2, rules 2
    and 5.
    """
    for _ in range(steps_up):
        dose = _further(dose, older, numbers) or dose
    for _ in range(cuts):
        dose = _cut(dose, numbers.cut_factor)
    return dose


def most_steps(dose: Dose, older: bool, numbers: Numbers) -> int:
    """Return how many steps a dose can go."""
    steps, further = 0, _further(dose, older, numbers)
    while further is not None:
        steps, further = steps + 1, _further(further, older, numbers)
    return steps


def _further(dose: Dose, older: bool, numbers: Numbers) -> Dose | None:
    longest = round(numbers.hold_most_older if older else numbers.hold_most)
    if dose.hold_seconds is not None and dose.hold_seconds[1] < longest:
        return dose.model_copy(update={"hold_seconds": _more(dose.hold_seconds, round(numbers.hold_step), longest)})
    most = round(numbers.repetitions_most if dose.hold_seconds is None else numbers.held_repetitions_most)
    if dose.repetitions is not None and dose.repetitions[1] < most:
        return dose.model_copy(update={"repetitions": _more(dose.repetitions, 1, most)})
    often = round(numbers.times_per_day_most)
    if dose.times_per_day[1] < often:
        return dose.model_copy(update={"times_per_day": _more(dose.times_per_day, 1, often)})
    return None


def _more(bounds: Range, by: int, most: int) -> Range:
    return min(bounds[0] + by, most), min(bounds[1] + by, most)


def _cut(dose: Dose, factor: float) -> Dose:
    for name in ("repetitions", "duration_seconds", "hold_seconds"):
        bounds: Range | None = getattr(dose, name)
        if bounds is not None and bounds[1] > 1:
            return dose.model_copy(update={name: (_less(bounds[0], factor), _less(bounds[1], factor))})
    return dose


def _less(amount: int, factor: float) -> int:
    return max(1, math.floor(amount * factor + 0.5))
