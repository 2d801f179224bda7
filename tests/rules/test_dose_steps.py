"""What a step and a cut do to a dose."""

import itertools
from typing import Any

import pytest

from api.rules.dosage import DoseFactors, first_dose, prescribe
from api.rules.dose_standing import DoseStanding, History
from api.rules.dose_steps import most_steps, stepped, steps_back
from api.rules.tuning import Numbers
from schemas.catalog import Tuning
from schemas.exercises import Dose
from tests.rules.sessions import STRETCH, most_work


def test_the_hold_grows_first_then_the_repetitions_then_the_day(numbers: Numbers) -> None:
    dose = first_dose(STRETCH, None, numbers)
    steps = [stepped(dose, count, 0, older=False, numbers=numbers) for count in range(7)]
    assert [(each.hold_seconds, each.repetitions, each.times_per_day) for each in steps] == [
        ((10, 20), (3, 4), (1, 1)),
        ((15, 25), (3, 4), (1, 1)),
        ((20, 30), (3, 4), (1, 1)),
        ((20, 30), (4, 5), (1, 1)),
        ((20, 30), (4, 5), (2, 2)),
        ((20, 30), (4, 5), (3, 3)),
        ((20, 30), (4, 5), (3, 3)),
    ]
    assert most_steps(dose, older=True, numbers=numbers) == most_steps(dose, older=False, numbers=numbers) + 6


@pytest.mark.parametrize(
    "dose",
    [
        {"repetitions": (8, 12)},
        {"hold_seconds": (20, 30), "repetitions": (2, 4)},
        {"hold_seconds": (30, 60), "repetitions": (1, 1)},
        {"duration_seconds": (300, 600)},
    ],
)
def test_a_cut_takes_about_two_fifths(dose: dict[str, Any], numbers: Numbers) -> None:
    whole = Dose.model_validate(dose)
    cut = stepped(whole, 0, 1, older=False, numbers=numbers)
    assert 0.5 <= most_work(cut) / most_work(whole) <= 0.7


LOADS: list[dict[str, Any]] = [
    {"repetitions": (8, 12)},
    {"repetitions": (15, 15)},
    {"repetitions": (3, 5), "times_per_day": (1, 2)},
    {"hold_seconds": (5, 10), "repetitions": (5, 10)},
    {"hold_seconds": (30, 45), "repetitions": (4, 5)},
    {"hold_seconds": (1, 3), "repetitions": (2, 4)},
    {"duration_seconds": (30, 60)},
]


@pytest.mark.parametrize("dose", LOADS)
def test_a_step_of_loaded_work_adds_a_fifth_at_most(dose: dict[str, Any], numbers: Numbers) -> None:
    first = Dose.model_validate(dose)
    most = most_steps(first, older=True, numbers=numbers, loaded=True)
    steps = [stepped(first, count, 0, older=True, numbers=numbers, loaded=True) for count in range(most + 2)]
    assert steps[-1] == steps[-2], "the top is the top"
    for before, after in itertools.pairwise(steps[:-1]):
        assert most_work(before) < most_work(after) <= 1.2 * most_work(before)
        assert after.times_per_day == first.times_per_day


@pytest.mark.parametrize("dose", LOADS)
def test_loaded_work_comes_back_by_a_fifth_or_by_one(dose: dict[str, Any], numbers: Numbers) -> None:
    whole = Dose.model_validate(dose)
    count = steps_back(whole, numbers)
    way = [stepped(whole, 0, 1, older=False, numbers=numbers, loaded=True, regained=n) for n in range(count + 1)]
    assert way[-1] == whole
    for before, after in itertools.pairwise(way):
        for name in ("repetitions", "hold_seconds", "duration_seconds"):
            now, then = getattr(after, name), getattr(before, name)
            assert now is None or now[1] <= max(then[1] + 1, 1.2 * then[1])


def test_strong_pain_today_takes_no_step_further(tuning: Tuning, numbers: Numbers) -> None:
    past = History({"stretch": DoseStanding(steps_up=2)})
    calm = prescribe(STRETCH, DoseFactors(history=past), numbers, tuning.texts)
    assert (calm.hold_seconds, calm.rule) == ((20, 30), "general+up_2")
    sore = prescribe(STRETCH, DoseFactors(history=past, severity=8), numbers, tuning.texts)
    assert (sore.hold_seconds, sore.rule) == ((10, 20), "general+gentle_start")
    cut = prescribe(STRETCH, DoseFactors(history=History({"stretch": DoseStanding(cuts=1)})), numbers, tuning.texts)
    assert (cut.repetitions, cut.rule) == ((2, 2), "general+cut_1")
