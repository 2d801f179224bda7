"""Streaks and gaps of people who travel: flying over time zones misses no day, and staying at home still does."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rules.progress import ProgressFacts, Span, gaps, streaks, summarise
from api.rules.tuning import Numbers
from schemas.progress import ActiveDay
from tests.routers.test_local_days import ZONES

ANGELES, AUCKLAND, LONDON, DHAKA = "America/Los_Angeles", "Pacific/Auckland", "Europe/London", "Asia/Dhaka"
PAGO_PAGO, KIRITIMATI = "Pacific/Pago_Pago", "Pacific/Kiritimati"
LEAST = 7


def at(zone: str, *when: int) -> datetime:
    """Return a time on the clock of a zone."""
    return datetime(2026, *when, tzinfo=ZoneInfo(zone))  # type: ignore[arg-type, misc]


def rolled_up(starts: list[datetime]) -> list[ActiveDay]:
    """Return the days of sessions as the rollup keeps them."""
    days: dict[date, list[datetime]] = {}
    for start in starts:
        days.setdefault(start.date(), []).append(start)
    return [
        ActiveDay(day, min(found).astimezone(UTC), min(int(minutes_ahead(start)) for start in found))
        for day, found in sorted(days.items())
    ]


def minutes_ahead(start: datetime) -> float:
    offset = start.utcoffset()
    assert offset is not None
    return offset.total_seconds() / 60


def seen_at(now: datetime) -> ActiveDay:
    return ActiveDay(now.date(), now.astimezone(UTC))


WEEK = [at(ANGELES, 11, day, 20) for day in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("starts", "longest"),
    [
        ([at(ANGELES, 11, 8, 20), at(ANGELES, 11, 9, 20), at(AUCKLAND, 11, 11, 9), at(AUCKLAND, 11, 12, 9)], 4),
        ([at(LONDON, 11, 9, 20), at(DHAKA, 11, 11, 2)], 2),
        ([at(PAGO_PAGO, 11, 8, 20), at(KIRITIMATI, 11, 10, 21)], 2),
        ([at(AUCKLAND, 11, 11, 9), at(AUCKLAND, 11, 12, 9), at(ANGELES, 11, 12, 12), at(ANGELES, 11, 13, 12)], 3),
        ([at(ANGELES, 11, 9, 8), at(LONDON, 11, 9, 23), at(DHAKA, 11, 11, 9)], 2),
        ([at(ANGELES, 3, 7, 23, 30), at(ANGELES, 3, 9, 0, 30)], 2),
        ([at(ANGELES, 11, 8, 20), at(AUCKLAND, 11, 11, 22)], 1),
        ([at(LONDON, 11, 9, 20), at(DHAKA, 11, 11, 7)], 1),
        ([at(LONDON, 11, 9, 20), at(LONDON, 11, 11, 0, 30)], 1),
        ([at(DHAKA, 11, 9, 20), at(LONDON, 11, 11, 1)], 1),
    ],
    ids=[
        "over the Pacific", "eastward by night", "from the last zone to the first", "westward",
        "the westernmost place of the day counts", "an hour that was skipped",
        "a day missed after a flight", "a few hours too late", "at home", "westward and too late",
    ],
)  # fmt: skip
def test_a_flight_breaks_a_streak_only_when_a_day_was_missed(starts: list[datetime], longest: int) -> None:
    active = rolled_up(starts)
    assert streaks(active, seen_at(starts[-1])) == (longest if len(active) == longest else 1, longest)


def test_where_nothing_is_known_of_the_clock_the_calendar_counts() -> None:
    known = rolled_up([at(ANGELES, 11, 8, 20), at(ANGELES, 11, 9, 20), at(AUCKLAND, 11, 11, 9)])
    today = ActiveDay(date(2026, 11, 11))
    assert streaks(known, today) == (3, 3)
    assert streaks([ActiveDay(day.day) for day in known], today) == (1, 2)
    assert streaks([*known[:2], ActiveDay(known[2].day)], today) == (1, 2)
    assert streaks([known[0], ActiveDay(known[1].day), known[2]], today)[1] == 2


def test_today_is_seen_from_the_place_of_the_last_day() -> None:
    active = rolled_up(WEEK)
    assert streaks(active, seen_at(at(AUCKLAND, 11, 6, 20, 59))) == (4, 4)
    assert streaks(active, seen_at(at(AUCKLAND, 11, 6, 21))) == (0, 4)
    assert streaks(active, seen_at(at(ANGELES, 11, 5, 23, 59))) == (4, 4)
    assert streaks(active, seen_at(at(ANGELES, 11, 6, 0))) == (0, 4)


def test_a_day_counts_where_the_calendar_is_behind_it(numbers: Numbers) -> None:
    active = rolled_up([at(AUCKLAND, 11, 11, 9), at(AUCKLAND, 11, 12, 9)])
    now = at(ANGELES, 11, 11, 14)
    found = summarise(Span(UUID(int=7), now.date(), now.date(), now), ProgressFacts(active_days=active), numbers)
    assert (found.current_streak_days, found.longest_streak_days) == (2, 2)
    early = now - timedelta(hours=3)
    found = summarise(Span(UUID(int=7), early.date(), early.date(), early), ProgressFacts(active_days=active), numbers)
    assert found.current_streak_days == 1, "the clock of the device that told of the last day was ahead"


@pytest.mark.parametrize(("back", "days"), [(at(ANGELES, 11, 12, 9), 7), (at(AUCKLAND, 11, 12, 9), None),
                                            (at(AUCKLAND, 11, 13, 9), 7)])  # fmt: skip
def test_a_gap_counts_the_days_that_were_missed(back: datetime, days: int | None) -> None:
    active, span = rolled_up([*WEEK, back]), Span(UUID(int=7), date(2026, 10, 1), back.date(), back)
    assert [gap.days for gap in gaps(active, span, LEAST)] == ([] if days is None else [days])
    ongoing = gaps(active[:-1], span, LEAST)
    assert [(gap.days, gap.ongoing) for gap in ongoing] == ([] if days is None else [(days, True)])


@given(
    first=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),  # noqa: DTZ001
    zones=st.lists(st.sampled_from([*ZONES, DHAKA]), min_size=1, max_size=40),
)
def test_who_does_something_every_24_hours_has_a_streak_wherever_they_are(first: datetime, zones: list[str]) -> None:
    instants = [first.replace(tzinfo=UTC) + timedelta(days=count) for count in range(len(zones))]
    starts = [instant.astimezone(ZoneInfo(zone)) for instant, zone in zip(instants, zones, strict=True)]
    active = rolled_up(starts)
    assert streaks(active, seen_at(starts[-1])) == (len(active), len(active))
    span = Span(UUID(int=7), date(2025, 1, 1), starts[-1].date(), instants[-1])
    assert gaps(active, span, 1) == []
