"""The figures of a person: counts, streaks and means from the daily sums, without a database."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from api.rules.progress import ProgressFacts, Span, streaks, summarise
from api.rules.tuning import Numbers
from schemas.program_days import DayAdherence
from schemas.progress import ActiveDay, DaySums, WeekAdherence

PERSON = UUID(int=7)
TODAY = date(2026, 11, 22)


def sums(day: str, region: str = "", sessions: int = 1, **counted: int) -> DaySums:
    rest = dict.fromkeys(DaySums.model_fields, 0) | {"day": day, "region": region, "sessions": sessions}
    return DaySums(**{**rest, **counted})  # type: ignore[arg-type]


def days(*offsets: int) -> list[ActiveDay]:
    return [ActiveDay(TODAY - timedelta(days=offset)) for offset in offsets]


def test_a_streak_lives_until_a_whole_day_was_missed() -> None:
    today = ActiveDay(TODAY)
    assert streaks(days(2, 1, 0), today) == (3, 3)
    assert streaks(days(3, 2, 1), today) == (3, 3)
    assert streaks(days(4, 3, 2), today) == (0, 3)
    assert streaks(days(9, 8, 7, 6, 1, 0), today) == (2, 4)
    assert streaks([], today) == (0, 0)


@given(st.sets(st.integers(0, 400), max_size=60))
def test_streaks_equal_counting_day_by_day(offsets: set[int]) -> None:
    active = {day.day for day in days(*offsets)}

    def back_from(day: date) -> int:
        return 1 + back_from(day - timedelta(days=1)) if day in active else 0

    current = back_from(TODAY) or back_from(TODAY - timedelta(days=1))
    longest = max((back_from(day) for day in active), default=0)
    assert streaks(days(*sorted(offsets, reverse=True)), ActiveDay(TODAY)) == (current, longest)


def test_nothing_known_gives_nothing_guessed(numbers: Numbers) -> None:
    found = summarise(Span(PERSON, TODAY, TODAY), ProgressFacts(), numbers)
    assert (found.sessions, found.minutes, found.active_days, found.current_streak_days) == (0, 0, 0, 0)
    assert (found.regions, found.days, found.last_session_at) == ([], [], None)
    assert (found.gaps, found.exercises_done, found.function) == ([], [], [])


def test_counts_come_from_whole_days_and_pain_from_regions(numbers: Numbers) -> None:
    last = datetime(2026, 11, 22, 8, tzinfo=UTC)
    rows: list[DaySums] = [
        sums("2026-11-21", sessions=2, seconds=930, exercises=5),
        sums("2026-11-21", "neck", sessions=2, before_sum=9, before_count=2, after_sum=3, after_count=1,
            change_sum=-2, change_count=1),
        sums("2026-11-22", seconds=600, exercises=1),
        sums("2026-11-22", "neck", before_sum=1, before_count=1),
        sums("2026-11-22", "mid_back"),
    ]  # fmt: skip
    facts = ProgressFacts(days=rows, active_days=days(1, 0), last_session_at=last)
    found = summarise(Span(PERSON, date(2026, 11, 1), TODAY), facts, numbers)
    assert (found.sessions, found.minutes, found.exercises, found.active_days) == (3, 25.5, 6, 2)
    assert [(day.day, day.sessions, day.minutes) for day in found.days] == [
        ("2026-11-21", 2, 15.5),
        ("2026-11-22", 1, 10.0),
    ]
    middle, neck = found.regions
    assert (middle.region, middle.before.mean, middle.before.sessions, middle.change) == ("mid_back", None, 0, None)
    assert (neck.before.mean, neck.before.sessions, neck.after.mean, neck.change) == (3.33, 3, 3.0, -2.0)
    assert neck.next_morning.mean is None


def test_days_after_the_last_one_are_no_streak(numbers: Numbers) -> None:
    facts = ProgressFacts(active_days=days(0, -1, -2))
    found = summarise(Span(PERSON, TODAY, TODAY), facts, numbers)
    assert (found.current_streak_days, found.longest_streak_days) == (1, 1)


def test_adherence_is_told_by_weeks_from_monday(numbers: Numbers) -> None:
    first = date(2026, 11, 6)
    asked = [DayAdherence(each.day, 2, 1) for each in days(16, 14, 13, 0)]
    found = summarise(Span(PERSON, first, TODAY), ProgressFacts(program_days=asked), numbers).adherence
    assert found is not None
    assert (found.due, found.done, found.percent, found.days_due) == (8, 4, 50, 4)
    assert found.weeks == [
        WeekAdherence(from_day="2026-11-06", due=4, done=2),
        WeekAdherence(from_day="2026-11-09", due=2, done=1),
        WeekAdherence(from_day="2026-11-16", due=2, done=1),
    ]
