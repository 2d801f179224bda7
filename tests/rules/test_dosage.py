from typing import Any

import pytest

from api.rules.dosage import DoseFactors, prescribe
from api.rules.preparation import Prepared
from api.rules.tuning import numbers_of
from schemas.catalog import Tuning
from schemas.exercises import ExerciseDefinition
from schemas.recommendations import Dosage
from schemas.vocabulary import Side
from tests.rules.making import condition, exercise

GENERAL = {"hold_seconds": (20, 30), "repetitions": (2, 4), "times_per_day": (1, 2)}
OLDER = {"hold_seconds": (30, 60), "repetitions": (2, 3)}
IRRITABLE = {"hold_seconds": (5, 10), "repetitions": (2, 3)}


def dosed(tuning: Tuning, definition: ExerciseDefinition, **person: Any) -> Dosage:
    return prescribe(definition, DoseFactors(**person), numbers_of(tuning), tuning.texts)


def test_the_general_dose_in_one_sentence(tuning: Tuning) -> None:
    dose = dosed(tuning, exercise(dosage={"general": GENERAL}))
    assert (dose.hold_seconds, dose.repetitions, dose.rule) == ((20, 30), (2, 4), "general")
    assert dose.text == "Hold 20 to 30 seconds, 2 to 4 times, 1 to 2 times a day, 3 to 7 days a week."


def test_minutes_rounds_and_single_numbers_read_well(tuning: Tuning) -> None:
    breathing = {"duration_seconds": (300, 600), "times_per_day": (1, 1)}
    text = dosed(tuning, exercise(kind="breathing", dosage={"general": breathing})).text
    assert text == "For 5 to 10 minutes, once a day, 3 to 7 days a week."
    strength = {"repetitions": (8, 12), "sets": (2, 3), "days_per_week": (2, 3)}
    text = dosed(tuning, exercise(kind="strength", dosage={"general": strength})).text
    assert text == "8 to 12 times, in 2 to 3 rounds, once a day, 2 to 3 days a week."


@pytest.mark.parametrize(("age", "rule"), [(64, "general"), (65, "older_adult"), (None, "general")])
def test_the_older_adults_dose_begins_at_65(tuning: Tuning, age: int | None, rule: str) -> None:
    assert dosed(tuning, exercise(dosage={"general": GENERAL, "older_adult": OLDER}), age=age).rule == rule


def test_strong_pain_takes_the_irritable_dose(tuning: Tuning) -> None:
    definition = exercise(dosage={"general": GENERAL, "older_adult": OLDER, "irritable": IRRITABLE})
    assert dosed(tuning, definition, severity=7, age=80).rule == "irritable"
    assert dosed(tuning, definition, severity=6, age=80).rule == "older_adult"


def test_without_an_irritable_dose_the_general_one_is_halved(tuning: Tuning) -> None:
    dose = dosed(tuning, exercise(dosage={"general": GENERAL}), severity=9)
    assert (dose.repetitions, dose.hold_seconds, dose.rule) == ((1, 2), (20, 30), "general+gentle_start")


def test_a_gentle_start_halves_once(tuning: Tuning) -> None:
    gentle = (condition("fibromyalgia", gentle_start=True),)
    breathing = exercise(kind="breathing", dosage={"general": {"duration_seconds": (300, 600)}})
    assert dosed(tuning, breathing, conditions=gentle).duration_seconds == (150, 300)
    both = exercise(dosage={"general": GENERAL, "irritable": IRRITABLE})
    assert dosed(tuning, both, conditions=gentle, severity=9).repetitions == (2, 3)
    assert dosed(tuning, exercise(dosage={"general": GENERAL}), unknown_condition=True).repetitions == (1, 2)


def test_the_shortest_hold_limit_of_the_conditions_wins(tuning: Tuning) -> None:
    limits = (condition("b", max_hold_seconds=15), condition("a", max_hold_seconds=10))
    dose = dosed(tuning, exercise(dosage={"general": GENERAL}), conditions=limits)
    assert (dose.hold_seconds, dose.rule) == ((10, 10), "general+max_hold_a")
    assert dosed(tuning, exercise(dosage={"general": IRRITABLE}), conditions=limits).rule == "general"


def test_green_only_is_said(tuning: Tuning) -> None:
    dose = dosed(tuning, exercise(dosage={"general": GENERAL}), conditions=(condition("tendon", green_only=True),))
    assert dose.rule == "general+green_only"
    assert dose.text.endswith("pain during it stays at 0 to 2 out of 10.")


def test_a_sided_stretch_begins_on_the_side_that_does_not_hurt(tuning: Tuning) -> None:
    sided = exercise(dosage={"general": {**GENERAL, "per_side": True}})
    assert dosed(tuning, sided, sides={"mid_back": Side.LEFT}).sides == [Side.RIGHT, Side.LEFT]
    assert "sore left side" in dosed(tuning, sided, sides={"mid_back": Side.LEFT}).text
    for unclear in ({}, {"mid_back": Side.BOTH}, {"mid_back": Side.MIDLINE}, {"knee": Side.LEFT}):
        dose = dosed(tuning, sided, sides=unclear)
        assert dose.sides == [Side.LEFT, Side.RIGHT]
        assert "sore" not in dose.text


def test_nerve_glides_and_massage_are_for_the_sore_side_alone(tuning: Tuning) -> None:
    sided = {"general": {"repetitions": (10, 10), "per_side": True}}
    for kind in ("nerve_slider", "self_massage"):
        dose = dosed(tuning, exercise(kind=kind, dosage=sided), sides={"mid_back": Side.RIGHT})
        assert dose.sides == [Side.RIGHT]
        assert "right side only" in dose.text


def test_an_exercise_without_sides_is_done_with_both(tuning: Tuning) -> None:
    assert dosed(tuning, exercise(), sides={"mid_back": Side.LEFT}).sides == [Side.BOTH]


def test_the_side_of_the_region_that_is_served_most_decides(tuning: Tuning) -> None:
    sided = exercise(regions={"neck": 0.5, "shoulder": 1.0}, dosage={"general": {**GENERAL, "per_side": True}})
    sides = {"neck": Side.LEFT, "shoulder": Side.RIGHT}
    assert dosed(tuning, sided, sides=sides).sides == [Side.LEFT, Side.RIGHT]


def test_hypertension_holds_are_ten_seconds_at_most(shipped: Prepared, tuning: Tuning) -> None:
    hypertension = (shipped.rules.conditions["hypertension"],)
    for definition in shipped.catalog.exercises.values():
        dose = dosed(tuning, definition, conditions=hypertension, age=70)
        assert dose.hold_seconds is None or dose.hold_seconds[1] <= 10
        assert dose.hold_seconds is None or dose.hold_seconds[0] <= dose.hold_seconds[1]
