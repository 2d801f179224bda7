"""What a person's sessions call for: bad ones close together, pain that rose."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from api.rules.concern import concern_of
from api.rules.courses import pain_rise
from api.rules.tuning import Numbers
from schemas.attention import RecentPain, RecentPast
from schemas.program_days import DayAdherence
from schemas.vocabulary import Spread

TODAY = date(2026, 11, 22)
START = datetime(2026, 11, 1, 8, tzinfo=UTC)


def session(day: float, number: int = 0, /, **pain: Any) -> RecentPain:
    values = {"spread": Spread.NONE, "hurt": False, "during": None, "place": 0, "before": 3, **pain}
    return RecentPain(UUID(int=int(day * 100) + number), START + timedelta(days=day), **values)


def past(**known: Any) -> RecentPast:
    return RecentPast(**{"before": {}, "pain": [], "last_day": None, "due": [], "today": TODAY, **known})


def red_at(numbers: Numbers, *pain: RecentPain) -> datetime | None:
    return concern_of(past(pain=list(pain)), numbers).red_at


RED = {"during_max": 7}


def test_three_bad_sessions_within_a_week_call_for_a_look(numbers: Numbers) -> None:
    assert red_at(numbers, session(0, **RED), session(3, **RED), session(6, **RED)) == START + timedelta(days=6)
    assert red_at(numbers, session(0, **RED), session(3, **RED), session(7, **RED)) is None
    assert red_at(numbers, session(0, **RED), session(3, **RED)) is None


def test_one_session_counts_once_and_the_order_does_not_matter(numbers: Numbers) -> None:
    same = [session(1, place=0, **RED), session(1, place=1, **RED), session(2, **RED)]
    assert red_at(numbers, *same) is None
    days = [session(5, **RED), session(1, **RED), session(20, during_max=1), session(3, **RED)]
    assert red_at(numbers, *days) == red_at(numbers, *reversed(days)) == START + timedelta(days=5)


def test_what_makes_a_session_bad(numbers: Numbers) -> None:
    for bad in (
        RED, {"hurt": True}, {"hurt": True, "place": None}, {"spread": Spread.DOWN_LIMB}, {"next_morning": 5},
        {"during": 6}, {"during": 8, "before": None}, {"during": 9, "place": None}, {"during_max": 4, "during": 9},
        {"during_max": 2, "after": 9},
    ):  # fmt: skip
        assert red_at(numbers, *(session(day, **bad) for day in range(3))) is not None, bad
    for fine in ({"during_max": 5}, {"before": 7, "during_max": 7}, {"next_morning": 4}, {"place": None}):
        assert red_at(numbers, *(session(day, **fine) for day in range(3))) is None, fine


def test_the_greatest_rise_is_told(numbers: Numbers) -> None:
    before = {"hip": [3, 3, 3, 5, 5, 5], "neck": [2, 2, 2, 6, 6, 6], "knee": [9, 9, 9, 3, 3, 3]}
    rise = concern_of(past(before=before), numbers).rise
    assert rise is not None
    assert (rise.region, rise.baseline, rise.recent) == ("neck", 2, 6)
    assert concern_of(past(before={"knee": before["knee"]}), numbers).rise is None


@pytest.mark.parametrize(
    ("values", "rise"),
    [
        ([8, 8, 8, 2, 2, 2, 7, 7, 7], (2, 7)),
        ([5, 5, 5, 4, 4, 4, 5, 5, 5], None),
        ([2, 2, 4, 8, 9], (2, 8.5)),
        ([2, 2, 6], None),
        ([4, 5, 5, 5], None),
        ([8, 8, 8, 2, 2, 2, *[7] * 12], None),
    ],
    ids=["better, then worse", "up and down a little", "few days", "too few", "few and steady", "long ago"],
)
def test_pain_that_came_back_has_risen(values: list[float], rise: tuple[float, float] | None, numbers: Numbers) -> None:
    assert pain_rise(values, numbers) == rise


def test_an_exercise_that_hurt_is_told_with_its_day(numbers: Numbers) -> None:
    found = concern_of(past(pain=[session(1, hurt=True), session(3, hurt=True, place=None), session(5)]), numbers)
    assert (found.hurt_at, found.red_at) == (START + timedelta(days=3), None)


@pytest.mark.parametrize(
    ("done", "low"),
    [
        ({}, -10),
        (dict.fromkeys(range(-7, 0), 2), 8),
        (dict.fromkeys(range(-14, 0), 2), 8),
        (dict.fromkeys(range(-14, 0), 1), 1),
    ],
    ids=["nothing", "half of late", "all", "half, which is enough"],
)
def test_too_little_of_what_was_asked_for_is_known_beforehand(done: dict[int, int], low: int, numbers: Numbers) -> None:
    asked = [DayAdherence(TODAY + timedelta(days=day), 2, done.get(day, 0)) for day in range(-14, 57)]
    found = concern_of(past(due=asked), numbers).low
    assert found == (TODAY + timedelta(days=low), None)


def test_a_program_that_ends_asks_for_no_more(numbers: Numbers) -> None:
    asked = [DayAdherence(TODAY + timedelta(days=day), 1, 0) for day in range(-7, 3)]
    found = concern_of(past(due=asked), numbers).low
    assert found is not None
    assert concern_of(past(due=asked[:3]), numbers).low is None, "three days are too few to tell"
    over = [DayAdherence(TODAY + timedelta(days=day), 1, 0) for day in range(-28, -20)]
    assert concern_of(past(due=over), numbers).low is None
