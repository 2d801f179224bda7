from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rules.dosage import DoseFactors, prescribe
from api.rules.preparation import Prepared
from api.rules.routine import PHASES, Prescribed, phase_of, plan, play
from api.rules.tuning import numbers_of
from schemas.catalog import Tuning
from schemas.exercises import ExerciseDefinition
from schemas.recommendations import Routine
from schemas.vocabulary import Kind, Side
from tests.rules.making import exercise


def planned(
    tuning: Tuning, exercises: Sequence[ExerciseDefinition], minutes: int | None = None, gentle: bool = False
) -> Routine:
    return plan(prescribed(tuning, exercises), minutes, gentle, numbers_of(tuning), tuning.texts)


def prescribed(tuning: Tuning, exercises: Sequence[ExerciseDefinition]) -> list[Prescribed]:
    numbers = numbers_of(tuning)
    return [Prescribed(each, prescribe(each, DoseFactors(), numbers, tuning.texts)) for each in exercises]


def order(routine: Routine) -> list[str]:
    return list(dict.fromkeys(item.exercise_id for item in routine.items))


def test_every_kind_has_a_phase() -> None:
    assert {*PHASES, Kind.BREATHING} == set(Kind)


def test_the_order_prepares_mobilises_stretches_strengthens_and_relaxes(tuning: Tuning) -> None:
    pool = [
        exercise("rest", kind="breathing", position="supine"),
        exercise("strong", kind="strength"),
        exercise("stretch"),
        exercise("glide", kind="mobility"),
        exercise("march", kind="dynamic"),
        exercise("breathe", kind="breathing", position="seated"),
    ]
    routine = planned(tuning, pool, 60)
    assert order(routine) == ["march", "breathe", "glide", "stretch", "strong", "rest"]


def test_the_timeline_has_no_gaps_and_ends_without_a_rest(tuning: Tuning) -> None:
    sided = exercise("sided", dosage={"general": {"hold_seconds": (20, 30), "repetitions": (2, 4), "per_side": True}})
    routine = planned(tuning, [exercise("plain"), sided], 10)
    clock = 0
    for item in routine.items:
        assert item.start_second == clock
        clock += item.seconds + item.rest_seconds
    assert routine.items[-1].rest_seconds == 0
    assert routine.minutes == round(clock / 60, 2)


def test_sides_and_sets_each_have_their_bout(tuning: Tuning) -> None:
    dose = {"repetitions": (8, 8), "repetition_seconds": 3, "sets": (2, 2), "rest_seconds": 40, "per_side": True}
    routine = planned(tuning, [exercise("leg", kind="strength", dosage={"general": dose})], 20)
    assert [item.side for item in routine.items] == [Side.LEFT, Side.RIGHT, Side.LEFT, Side.RIGHT]
    assert [item.seconds for item in routine.items] == [24] * 4
    assert routine.items[1].rest_seconds == 40
    assert routine.items[0].cue.startswith("left side: ")


def test_more_time_takes_the_dose_further_into_its_range(tuning: Tuning) -> None:
    pool = [exercise("plain")]
    assert planned(tuning, pool, 1).items[0].seconds < planned(tuning, pool, 60).items[0].seconds
    assert planned(tuning, pool, 60, gentle=True).items[0].seconds == 2 * (20 + 4)


def test_the_least_wanted_exercise_is_dropped_first(tuning: Tuning) -> None:
    pool = [exercise("first"), exercise("second", kind="mobility"), exercise("third", kind="dynamic")]
    assert order(planned(tuning, pool, 2)) == ["second", "first"]


def test_an_exercise_longer_than_the_time_is_shortened(tuning: Tuning) -> None:
    long = exercise("calm", kind="breathing", dosage={"general": {"duration_seconds": (600, 900)}})
    routine = planned(tuning, [long], 2)
    assert (routine.minutes, order(routine)) == (2.0, ["calm"])


def test_nothing_to_do_is_an_empty_routine(tuning: Tuning) -> None:
    assert planned(tuning, [], 5) == Routine(minutes=0, items=[])


def test_without_a_wish_the_default_length_holds(tuning: Tuning, shipped: Prepared) -> None:
    routine = planned(tuning, list(shipped.catalog.exercises.values())[:12])
    assert 0 < routine.minutes <= tuning.values["routine_minutes"]


@given(data=st.data(), minutes=st.integers(1, 40), gentle=st.booleans())
def test_a_routine_is_never_longer_than_asked(
    shipped: Prepared, tuning: Tuning, data: st.DataObject, minutes: int, gentle: bool
) -> None:
    ids = data.draw(st.lists(st.sampled_from(sorted(shipped.cards)), min_size=1, max_size=8, unique=True))
    routine = planned(tuning, [shipped.catalog.exercises[key] for key in ids], minutes, gentle)
    assert routine.minutes <= minutes
    assert routine.items, "something always fits"
    assert all(item.seconds >= 1 and item.rest_seconds >= 0 for item in routine.items)
    phases = [phase_of(shipped.catalog.exercises[item.exercise_id]) for item in routine.items]
    assert phases == sorted(phases)


@pytest.mark.parametrize(("minutes", "names"), [(None, "abc"), (4, "abc"), (3, "bc"), (2, "c"), (1, "")])
def test_few_minutes_of_a_program_go_to_what_is_wanted_first(tuning: Tuning, minutes: int | None, names: str) -> None:
    lengths = {"a": 61, "b": 61, "c": 90}
    pool = [exercise(key, dosage={"general": {"duration_seconds": (long, long)}}) for key, long in lengths.items()]
    chosen = prescribed(tuning, pool)
    routine = play(chosen, chosen[::-1], minutes, False, numbers_of(tuning), tuning.texts)
    assert order(routine) == [*names]
    assert routine.left_out == [key for key in lengths if key not in names]
    assert all(item.seconds == lengths[item.exercise_id] for item in routine.items), "no dose is cut short"


def test_what_a_recommendation_had_no_time_for_is_told(tuning: Tuning) -> None:
    dose = {"general": {"duration_seconds": (120, 120)}}
    routine = planned(tuning, [exercise("best", dosage=dose), exercise("next", dosage=dose)], 2)
    assert (order(routine), routine.left_out) == (["best"], ["next"])
