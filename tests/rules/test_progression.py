"""How doses follow a person's sessions: each rule of the clinical facts 4.2, and worked check 11."""

from datetime import timedelta
from typing import Any

import pytest

from api.rules.dosage import first_dose
from api.rules.dose_steps import most_steps
from api.rules.tuning import Numbers
from schemas.progression import DoseChange
from tests.rules.sessions import AMBER, RED, STRETCH, days, history, log, standing

# --- worked check 11 ---


def test_before_3_and_during_6_is_a_step_back(numbers: Numbers) -> None:
    found = standing(days({"before": 3, "during_max": 6}), numbers)
    assert (found.change, found.rule, found.cuts) == (DoseChange.REGRESS, "red_during", 1)
    assert found.values == {"before": 3, "during": 6}


def test_during_4_and_3_the_next_morning_holds(numbers: Numbers) -> None:
    found = standing(days({"before": 3, "during_max": 4, "next_morning": 3}), numbers)
    assert (found.change, found.rule, found.steps_up, found.cuts) == (DoseChange.HOLD, "amber", 0, 0)


def test_three_greens_are_one_step_and_no_more(numbers: Numbers) -> None:
    assert standing(days(None, None), numbers).steps_up == 0
    found = standing(days(None, None, None), numbers)
    assert (found.change, found.rule, found.steps_up) == (DoseChange.PROGRESS, "greens", 1)
    assert standing(days(*[None] * 5), numbers).steps_up == 1
    assert standing(days(*[None] * 6), numbers).steps_up == 2


def test_two_weeks_without_it_are_the_first_dose_again(numbers: Numbers) -> None:
    logs = days(*[None] * 6)
    assert standing(logs, numbers, after=13).steps_up == 1
    found = standing(logs, numbers, after=14)
    assert (found.change, found.rule, found.steps_up) == (DoseChange.RESTART, "missed_two_weeks", 0)
    again = standing([*logs, log(9, day=10 + 20)], numbers)
    assert (again.change, again.steps_up, again.greens) == (DoseChange.HOLD, 0, 1)


# --- the rules one by one ---


@pytest.mark.parametrize(
    "fields",
    [
        {"effort": 7},
        {"done": {"completion_percent": 79}},
        {"done": {"completion_percent": 0}},
        {"done": {"completion_percent": None, "sets": 0}},
        {"done": {"completion_percent": None, "repetitions": 0}},
        {"done": {"completion_percent": None, "hold_seconds": 0, "repetitions": 3}},
        {"done": {"completion_percent": None, "duration_seconds": 0}},
        {"done": {"difficulty": "too_hard"}},
    ],
)
def test_hard_or_unfinished_work_never_raises(fields: dict[str, Any], numbers: Numbers) -> None:
    found = standing(days(*[None] * 6, **fields), numbers)
    assert (found.change, found.rule, found.steps_up) == (DoseChange.HOLD, "not_easy_enough", 0)


def test_effort_that_nobody_told_never_raises_and_is_named(numbers: Numbers) -> None:
    found = standing(days(*[None] * 6, effort=None, done={"difficulty": None}), numbers)
    assert (found.change, found.rule, found.steps_up) == (DoseChange.HOLD, "effort_unknown", 0)
    hard = standing(days(*[None] * 6, effort=7), numbers)
    assert (hard.rule, hard.values["effort"]) == ("not_easy_enough", 7)


def test_two_reds_in_a_row_leave_it_out(numbers: Numbers) -> None:
    assert standing(days(RED, None, RED), numbers).change is DoseChange.REGRESS
    logs = days(RED, RED)
    found = history(logs, numbers)
    assert found.exercises["stretch"].rule == "red_twice"
    assert found.suspended("stretch")
    assert history([*logs, log(3, day=6)], numbers).suspended("stretch"), "one good session is not enough"
    assert history(logs, numbers, after=60).suspended("stretch"), "time alone does not bring it back"
    assert not history([*logs, *(log(n, day=2 * n) for n in (3, 4, 5))], numbers).suspended("stretch")
    assert history(days(RED, RED, AMBER, RED), numbers).suspended("stretch"), "one more bad session brings nothing back"
    assert history(days(RED, RED, None, None, RED), numbers).suspended("stretch")
    cleared = history(logs, numbers, cleared=True)
    assert not cleared.suspended("stretch")
    assert (cleared.exercises["stretch"].rule, cleared.exercises["stretch"].cuts) == ("cleared", 2)


def test_a_clearance_ends_what_came_before_it_and_nothing_after_it(numbers: Numbers) -> None:
    logs = days(RED, RED, RED)
    assert history(logs, numbers).stopped
    then = history(logs, numbers, cleared_at=logs[-1].started_at + timedelta(hours=1))
    assert (then.stopped, then.suspended("stretch"), then.exercises["stretch"].rule) == (False, False, "cleared")
    earlier = history(logs, numbers, cleared_at=logs[1].started_at)
    assert earlier.suspended("stretch"), "one more bad session leaves it out again"
    assert not earlier.stopped
    more = [*logs, *(log(n, day=2 * n, pain=RED) for n in (3, 4))]
    assert history(more, numbers, cleared_at=logs[1].started_at).stopped


def test_three_reds_in_a_week_stop_everything(numbers: Numbers) -> None:
    logs = [log(1, day=0, pain=RED), log(2, day=3, pain=RED, name="lift"), log(3, day=6, pain=RED)]
    assert history(logs, numbers).stopped
    assert not history(logs[:2], numbers).stopped
    assert not history(logs, numbers, cleared=True).stopped
    assert not history(logs, numbers, after=14).stopped, "after two weeks it begins again, screened anew"
    late = log(9, day=15, pain=RED)
    assert history([*logs, late], numbers).stopped, "one more that comes late does not end it"
    assert history([*logs, late], numbers, after=13).stopped
    assert not history([*logs, log(9, day=21, pain=RED)], numbers).stopped, "after two weeks without it begins anew"
    spread = [log(number, day=4 * number, pain=RED) for number in range(3)]
    assert not history(spread, numbers).stopped


def test_a_later_red_never_lifts_a_stop(numbers: Numbers) -> None:
    logs = [log(number, day=day, pain=RED, name="lift") for number, day in enumerate((0, 3, 6))]
    assert history([*logs, log(9, day=10.5, pain=RED)], numbers).stopped
    assert history([*logs, log(9, day=15, pain=RED)], numbers).stopped
    assert not history([*logs, log(9, day=20, pain=RED)], numbers).stopped, "that week is two weeks ago"


def test_a_red_never_brings_back_what_was_left_out(numbers: Numbers) -> None:
    found = history(days(RED, RED, None, RED), numbers)
    assert found.suspended("stretch")
    assert found.exercises["stretch"].cuts == 3


def test_what_hurt_twice_is_left_out_although_it_went_well_between(numbers: Numbers) -> None:
    hurt = {"done": {"hurt": True}}
    logs = [log(1, day=0, **hurt), log(2, day=2), log(3, day=4), log(4, day=6, **hurt)]
    found = history(logs, numbers)
    assert (found.suspended("stretch"), found.exercises["stretch"].rule) == (True, "hurt_twice")
    made_good = [log(1, day=0, **hurt), *(log(n, day=2 * n) for n in (2, 3, 4)), log(5, day=12, **hurt)]
    assert history(made_good, numbers).exercises["stretch"].change is DoseChange.REGRESS
    assert not history([*logs, *(log(n, day=2 * n) for n in (5, 6, 7))], numbers).suspended("stretch")


def test_a_week_without_it_takes_one_step(numbers: Numbers) -> None:
    logs = days(*[None] * 6)
    assert standing(logs, numbers, after=6).steps_up == 2
    found = standing(logs, numbers, after=7)
    assert (found.change, found.rule, found.steps_up, found.values) == (
        DoseChange.REGRESS, "missed_a_week", 1, {"days_without": 7},
    )  # fmt: skip
    assert standing(days(None), numbers, after=8).change is DoseChange.HOLD


def test_what_was_cut_is_earned_back_before_anything_grows(numbers: Numbers) -> None:
    found = standing(days(RED, None, None, None), numbers)
    assert (found.change, found.cuts, found.steps_up) == (DoseChange.PROGRESS, 0, 0)
    assert standing(days(RED, *[None] * 6), numbers).steps_up == 1


def test_loaded_work_goes_up_once_a_week(numbers: Numbers) -> None:
    found = standing(days(*[None] * 6, every=1, name="lift"), numbers, "lift")
    assert (found.change, found.rule, found.steps_up) == (DoseChange.HOLD, "loaded_once_a_week", 1)
    assert standing(days(*[None] * 6, every=2.5, name="lift"), numbers, "lift").steps_up == 2


def test_loaded_work_comes_back_from_a_cut_in_steps(numbers: Numbers) -> None:
    logs = days(RED, *[None] * 24, every=2.5, name="lift")
    cuts = [standing(logs[: 1 + 3 * count], numbers, "lift") for count in range(1, 6)]
    assert [(each.cuts, each.regained, each.steps_up) for each in cuts] == [
        (1, 1, 0), (1, 2, 0), (1, 3, 0), (0, 0, 0), (0, 0, 1),
    ]  # fmt: skip
    again = standing([*logs[:7], log(99, day=30, pain=RED, name="lift")], numbers, "lift")
    assert (again.cuts, again.regained) == (2, 0)


def test_what_helped_is_counted_and_what_was_too_much_is_known(numbers: Numbers) -> None:
    eased = {"before": 6, "during_max": 5, "after": 5, "next_morning": 3}
    assert not standing(days(eased), numbers).helps(numbers)
    found = standing(days(eased, eased), numbers)
    assert (found.helped, found.worsened, found.helps(numbers), found.was_too_much) == (2, 0, True, False)
    assert not standing(days(eased, eased, RED, AMBER, RED), numbers).helps(numbers)
    assert standing(days(eased, eased, RED), numbers).was_too_much
    assert standing(days({"before": 5, "during_max": 2, "after": 3}), numbers).helped == 1
    assert standing(days({"before": 5, "during_max": 2, "after": 3, "next_morning": 4}), numbers).helped == 0


def test_conditions_that_need_clearance_never_rise(numbers: Numbers) -> None:
    found = standing(days(*[None] * 9), numbers, may_rise=False)
    assert (found.change, found.rule, found.steps_up) == (DoseChange.HOLD, "clearance_required", 0)


def test_the_top_of_a_dose_is_said(numbers: Numbers) -> None:
    most = most_steps(first_dose(STRETCH, None, numbers), older=False, numbers=numbers)
    found = standing(days(*[None] * (3 * most + 3)), numbers)
    assert (found.rule, found.steps_up) == ("top_of_dose", most)
    back = standing(days(*[None] * (3 * most + 9), RED), numbers)
    assert (back.change, back.cuts) == (DoseChange.REGRESS, 1)
