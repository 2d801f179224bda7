"""What a person's sessions call for: bad ones close together, pain that rose."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from api.rules.concern import concern_of
from api.rules.tuning import Numbers
from schemas.attention import RecentPain, RecentPast
from schemas.progress import DaySums
from schemas.vocabulary import Spread

START = datetime(2026, 11, 1, 8, tzinfo=UTC)


def session(day: float, number: int = 0, /, **pain: Any) -> RecentPain:
    values = {"spread": Spread.NONE, "hurt": False, "during": None, "place": 0, "before": 3, **pain}
    return RecentPain(UUID(int=int(day * 100) + number), START + timedelta(days=day), **values)


def red_at(numbers: Numbers, *pain: RecentPain) -> datetime | None:
    return concern_of(RecentPast([], list(pain), None), numbers).red_at


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
        {"during": 6}, {"during": 8, "before": None},
    ):  # fmt: skip
        assert red_at(numbers, *(session(day, **bad) for day in range(3))) is not None, bad
    for fine in ({"during_max": 5}, {"before": 7, "during_max": 7}, {"next_morning": 4}, {"place": None}):
        assert red_at(numbers, *(session(day, **fine) for day in range(3))) is None, fine


def test_the_greatest_rise_is_told(numbers: Numbers) -> None:
    days = [
        DaySums(**{**dict.fromkeys(DaySums.model_fields, 0), "day": f"2026-11-0{day}", "region": region,
                   "before_sum": value, "before_count": 1})  # type: ignore[arg-type]
        for region, values in (("hip", (3, 3, 3, 5, 5, 5)), ("neck", (2, 2, 2, 6, 6, 6)), ("knee", (9, 9, 9, 3, 3, 3)))
        for day, value in enumerate(values, 1)
    ]  # fmt: skip
    rise = concern_of(RecentPast(days, [], "2026-11-06"), numbers).rise
    assert rise is not None
    assert (rise.region, rise.baseline, rise.recent) == ("neck", 2, 6)
    assert concern_of(RecentPast([day for day in days if day.region == "knee"], [], None), numbers).rise is None
