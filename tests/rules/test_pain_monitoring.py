"""How a session was borne, by the pain around it: clinical facts 4.1, and what of it holds a dose back."""

from typing import Any

import pytest

from api.rules.pain_monitoring import session_is_red
from api.rules.tuning import Numbers
from schemas.progression import DoseChange
from schemas.session_logs import PainLog
from schemas.vocabulary import Spread
from tests.rules.sessions import AMBER, EASY, GREEN, RED, days, history, log, standing

MILD = {"region": "mid_back", **GREEN}
ELSEWHERE = {"region": "shoulder", "before": 2, "during_max": 9, "next_morning": 9}
WHOLE_BACK = {"region": "back", "before": 2, "during_max": 8, "next_morning": 8}


@pytest.mark.parametrize(
    ("pain", "change", "rule"),
    [
        ({"before": 2, "during_max": 2, "next_morning": 2}, DoseChange.HOLD, "green"),
        ({"before": 0, "during_max": 2, "next_morning": 1}, DoseChange.HOLD, "green"),
        ({"before": 4, "during_max": 4, "next_morning": 4}, DoseChange.HOLD, "green"),
        ({"before": 5, "during_max": 5, "next_morning": 4}, DoseChange.HOLD, "green"),
        ({"before": 7, "during_max": 7, "next_morning": 6}, DoseChange.HOLD, "amber"),
        ({"before": 2, "during_max": 5, "next_morning": 2}, DoseChange.HOLD, "amber"),
        ({"before": 3, "during_max": 3, "next_morning": 4}, DoseChange.HOLD, "amber"),
        ({"before": 2, "during_max": 2}, DoseChange.HOLD, "morning_unknown"),
        ({"before": 2, "next_morning": 2}, DoseChange.HOLD, "pain_unknown"),
        ({}, DoseChange.HOLD, "pain_unknown"),
        ({"before": 6, "during_max": 6, "next_morning": 6}, DoseChange.HOLD, "amber"),
        ({"before": 2, "after": 2, "next_morning": 2}, DoseChange.HOLD, "pain_unknown"),
        ({"before": 3, "during_max": 2, "after": 4, "next_morning": 2}, DoseChange.HOLD, "amber"),
        ({"before": 3, "during_max": 2, "after": 3, "next_morning": 2}, DoseChange.HOLD, "green"),
        ({"during_max": 2, "next_morning": 3}, DoseChange.HOLD, "amber"),
        ({"next_morning": 5}, DoseChange.HOLD, "pain_unknown"),
        ({"before": 3, "during_max": 2, "after": 9, "next_morning": 3}, DoseChange.REGRESS, "red_after"),
        ({"before": 2, "after": 9}, DoseChange.REGRESS, "red_after"),
        ({"before": 2, "during_max": 7, "after": 9}, DoseChange.REGRESS, "red_during"),
        ({"during_max": 2, "next_morning": 9}, DoseChange.REGRESS, "red_next_morning"),
        ({"during_max": 2, "after": 5, "next_morning": 4}, DoseChange.REGRESS, "red_next_morning"),
        ({"next_morning": 6}, DoseChange.REGRESS, "red_next_morning"),
        ({"before": 5, "during_max": 6, "next_morning": 5}, DoseChange.REGRESS, "red_during"),
        ({"during_max": 6, "next_morning": 1}, DoseChange.REGRESS, "red_during"),
        ({"before": 2, "during_max": 2, "next_morning": 4}, DoseChange.REGRESS, "red_next_morning"),
        ({"before": 6, "during_max": 6, "next_morning": 8}, DoseChange.REGRESS, "red_next_morning"),
    ],
)
def test_how_a_session_was_borne(pain: dict[str, Any], change: DoseChange, rule: str, numbers: Numbers) -> None:
    found = standing(days(pain), numbers)
    assert (found.change, found.rule) == (change, rule)


def test_the_worst_place_decides_and_other_places_cut_nothing(numbers: Numbers) -> None:
    knee, back = {"region": "knee", "before": 6, "during_max": 7}, {"region": "mid_back", **GREEN}
    sore = {"region": "mid_back", "side": "left", "before": 1, "during_max": 6}
    assert standing([log(1, day=0).model_copy(update={"pain": _pains(back, knee)})], numbers).rule == "red_elsewhere"
    assert standing([log(1, day=0).model_copy(update={"pain": _pains(back, knee)})], numbers).cuts == 0
    assert standing([log(1, day=0).model_copy(update={"pain": _pains(back, sore)})], numbers).rule == "red_during"
    assert standing([log(1, day=0).model_copy(update={"pain": _pains(knee)})], numbers).rule == "red_during"


def _pains(*entries: dict[str, Any]) -> Any:
    return log(0, day=0, pain={}).model_validate({**log(0, day=0, pain={}).model_dump(), "pain": list(entries)}).pain


def test_the_pain_of_the_exercise_itself_counts(numbers: Numbers) -> None:
    assert standing(days({"before": 2, "next_morning": 2}, done={"pain_during": 7}), numbers).rule == "red_during"
    assert standing(days({}, done={"pain_during": 7}), numbers).rule == "red_during"
    assert standing(days(None, done={"hurt": True}), numbers).rule == "hurt"


def test_the_pain_of_an_exercise_is_that_of_the_places_that_hurt_as_much(numbers: Numbers) -> None:
    calm = {"region": "mid_back", "before": 1, "during_max": 1, "next_morning": 1}
    one = log(1, day=0, done={"pain_during": 6})

    def borne(**knee: int) -> str:
        return standing([one.model_copy(update={"pain": _pains(calm, {"region": "knee", **knee})})], numbers).rule

    assert borne(before=6, during_max=6, next_morning=6) == "amber", "the knee hurt no more than before"
    assert borne(before=6, during_max=4, next_morning=6) == "red_during", "no place accounts for it"
    assert borne(before=3, during_max=6, next_morning=3) == "red_during"
    assert borne(before=6) == "red_during"
    two = _pains(
        {"region": "mid_back", "before": 1, "next_morning": 1},
        {"region": "mid_back", "side": "left", "before": 5, "next_morning": 5},
    )
    both = log(1, day=0, done={"pain_during": 2}).model_copy(update={"pain": two})
    assert standing([both], numbers).rule == "green", "the morning of one place is not held against another"


def test_a_place_that_the_exercise_does_not_serve_stops_and_raises_nothing(numbers: Numbers) -> None:
    logs = [each.model_copy(update={"pain": _pains(MILD, ELSEWHERE)}) for each in days(None, None, None)]
    found = history(logs, numbers)
    assert found.stopped
    held = found.exercises["stretch"]
    assert (held.change, held.rule, held.steps_up, held.cuts) == (DoseChange.HOLD, "red_elsewhere", 0, 0)
    after_it = [*logs[:1], *(log(number, day=2 * number) for number in (1, 2))]
    assert standing(after_it, numbers).steps_up == 0, "it does not count towards a step"


def test_a_region_above_that_of_the_exercise_is_served_too(numbers: Numbers) -> None:
    found = standing([log(1, day=0).model_copy(update={"pain": _pains(MILD, WHOLE_BACK)})], numbers)
    assert (found.change, found.rule, found.cuts) == (DoseChange.REGRESS, "red_next_morning", 1)


def test_what_hurt_holds_everything_else_of_the_session(numbers: Numbers) -> None:
    hurt = {"exercise_id": "lift", **EASY, "hurt": True}
    one = log(1, day=0)
    both = one.model_validate({**one.model_dump(), "exercises": [{"exercise_id": "stretch", **EASY}, hurt]})
    found = history([both], numbers).exercises
    assert (found["stretch"].rule, found["lift"].rule) == ("red_elsewhere", "hurt")


def test_borne_pain_that_rises_from_week_to_week_cuts_the_dose(numbers: Numbers) -> None:
    def borne(*pains: int, every: float = 3) -> list[dict[str, Any]]:
        return days(*({"before": 3, "during_max": pain, "next_morning": 3} for pain in pains), every=every)  # type: ignore[return-value]

    assert standing(borne(4, 3, 4, 3, 4), numbers).rule == "amber", "it goes up and down"
    found = standing(borne(3, 3, 3, 5, 5), numbers)
    assert (found.change, found.rule, found.cuts) == (DoseChange.REGRESS, "rising_weekly", 1)
    assert found.values == {"week": 4, "week_before": 3}
    assert standing(borne(3, 3, 3, 5, 5, 5), numbers).cuts == 1, "the same rise cuts once"
    assert standing(borne(0, 0, 0, 2, 2), numbers).cuts == 0, "green pain is no pain that rises"


def _constant(*pains: int, every: float = 2.4, **fields: Any) -> list[Any]:
    return days(*({"before": p, "during_max": p, "next_morning": p} for p in pains), every=every, **fields)


def test_who_lives_with_pain_goes_further_unless_only_green_is_allowed(numbers: Numbers) -> None:
    for pain in (3, 4, 5):
        assert standing(_constant(*[pain] * 6), numbers).steps_up == 2
        assert standing(_constant(*[pain] * 6), numbers, green_only=True).steps_up == 0
    assert standing(_constant(*[2] * 6), numbers, green_only=True).steps_up == 2


def test_pain_that_climbs_from_week_to_week_raises_nothing(numbers: Numbers) -> None:
    found = standing(_constant(2, 2, 3, 4, 4, 4), numbers)
    assert (found.change, found.rule, found.greens) == (DoseChange.HOLD, "rising_held", 0)
    assert found.values == {"week": 4, "week_before": 2}
    assert found.steps_up == 1, "the step of the first week, and no other"
    assert standing(_constant(2, 2, 3, *[4] * 8), numbers).steps_up == 2, "once it rises no more it goes on"
    more = standing(_constant(2, 2, 3, 4, 5, 5), numbers)
    assert (more.rule, more.steps_up, more.cuts) == ("worse_since_rise", 0, 1)
    on = standing(_constant(2, 2, 3, 4, *[5] * 7), numbers)
    assert (on.steps_up, on.cuts) == (0, 0), "once it rises no more what was cut is earned back"
    before = [{**GREEN, "before": pain} for pain in (2, 2, 2, 4, 4)]
    found = standing(days(*before, every=3.5), numbers)
    assert (found.rule, found.steps_up, found.values) == ("rising_held", 1, {"week": 4, "week_before": 2})
    assert standing(days(*before[:3], every=3.5), numbers).rule == "greens"


@pytest.mark.parametrize("every", [2.4, 6])
def test_more_pain_since_the_dose_rose_takes_the_rise_back(every: float, numbers: Numbers) -> None:
    assert standing(_constant(1, 1, 1, 1, every=every), numbers).steps_up == 1
    found = standing(_constant(1, 1, 1, 2, 3, 4, every=every), numbers)
    assert (found.change, found.rule, found.steps_up) == (DoseChange.REGRESS, "worse_since_rise", 0)
    assert found.values == {"latest": 3, "least_since_rise": 1}
    assert found.cuts == 1, "less than it was before"


def test_a_little_more_pain_since_the_dose_rose_is_borne(numbers: Numbers) -> None:
    assert standing(_constant(1, 1, 1, 2, 2, 2), numbers).steps_up == 2


def _borne(*pains: int) -> list[dict[str, Any]]:
    return [{"before": 5, "during_max": pain, "next_morning": 5} for pain in pains]


@pytest.mark.parametrize("seldom", [2, 6, 9, 13, 20])
def test_a_cut_that_was_earned_back_is_taken_again_however_seldom_it_is_done(seldom: float, numbers: Numbers) -> None:
    back = days({**RED, "before": 5}, *_borne(1, 1, 1))
    assert standing(back, numbers).cuts == 0
    more = [log(10 + number, day=6 + seldom * number, pain=pain) for number, pain in enumerate(_borne(4, 4), 1)]
    found = standing([*back, *more], numbers)
    assert (found.change, found.rule, found.cuts) == (DoseChange.REGRESS, "worse_since_rise", 1)


def test_a_step_back_to_what_was_cut_is_taken_back_too(numbers: Numbers) -> None:
    back = [{**RED, "before": 5}, *_borne(*[1] * 6)]
    lifted = [standing(days(*back, *_borne(*then), every=4, name="lift"), numbers, "lift") for then in ((), (4, 4))]
    assert [(each.rule, each.cuts, each.regained) for each in lifted] == [("greens", 1, 2), ("worse_since_rise", 1, 0)]


def test_symptoms_that_spread_down_the_limb_are_red_and_towards_the_spine_are_not(numbers: Numbers) -> None:
    assert standing(days(None, spread="down_limb"), numbers).rule == "spread_down"
    assert standing(days(AMBER, spread="toward_spine"), numbers).rule == "amber"
    for during, morning, rule in ((4, 3, "toward_spine"), (5, 3, "red_during"), (4, 5, "red_next_morning")):
        pain = {"before": 3, "during_max": during, "next_morning": morning}
        found = standing(days(pain, spread="toward_spine"), numbers, green_only=True)
        assert found.rule == rule, "a place that hurts slightly more is borne where symptoms draw back"
        assert found.steps_up == 0


def test_where_only_green_is_allowed_amber_is_red(numbers: Numbers) -> None:
    assert standing(days(AMBER), numbers, green_only=True).rule == "red_during"
    assert standing(days({"before": 4, "during_max": 4, "next_morning": 4}), numbers, green_only=True).rule == "amber"


def test_one_day_counts_once_and_its_morning_only_when_it_has_come(numbers: Numbers) -> None:
    many = days(*[None] * 12, every=1 / 300)
    found = standing(many, numbers, after=0.01)
    assert (found.rule, found.greens, found.steps_up) == ("morning_unknown", 0, 0)
    found = standing(many, numbers)
    assert (found.change, found.greens, found.steps_up) == (DoseChange.HOLD, 1, 0)
    daily = days(*[None] * 3, every=1)
    assert standing(daily, numbers, after=0.5).steps_up == 0
    assert standing(daily, numbers, after=0.7).steps_up == 1
    early = [each.model_copy(update={"timezone": "Pacific/Kiritimati"}) for each in daily]
    assert standing(early, numbers, after=0.5).steps_up == 1, "the morning comes when it comes to the person"
    woke = days({"before": 2, "during_max": 2, "next_morning": 9})
    assert standing(woke, numbers, after=0.01).rule == "red_next_morning", "a bad word is believed at once"


def test_a_session_is_red_wherever_it_hurt_and_only_there(numbers: Numbers) -> None:
    calm, knee = PainLog(region="mid_back", **GREEN), PainLog(region="knee", before=3, during_max=4, next_morning=3)

    def red(*places: PainLog, during: int | None = None, hurt: bool = False, **how: Any) -> bool:
        known = {"spread": Spread.NONE, "green_only": False, **how}
        return session_is_red(places, during, hurt, numbers=numbers, **known)

    assert not red()
    assert not red(calm, knee, during=5)
    assert not red(calm, knee.model_copy(update={"before": 7, "during_max": 7, "next_morning": 7}), during=7)
    assert red(calm, knee, green_only=True)
    assert red(calm, knee.model_copy(update={"after": 6}))
    assert red(calm, knee.model_copy(update={"before": None, "next_morning": 6}))
    assert red(calm, knee, during=6)
    assert red(during=6)
    assert red(calm, hurt=True)
    assert red(calm, spread=Spread.DOWN_LIMB)
