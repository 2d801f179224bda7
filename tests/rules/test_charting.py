"""What the chart shows and says: spans that fit the days, the regions that matter, words beside every number."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rules.charting import MOST_DAYS_JOINED, MOST_DOTS, MOST_PANELS, chart_of, thinned
from api.rules.progress import ProgressFacts, Span, summarise
from api.rules.tuning import Numbers
from schemas.charts import Bar, Chart
from schemas.program_days import DayAdherence
from schemas.progress import ChartTheme
from tests.rules.test_progress import sums

LAST = date(2026, 11, 22)


def chart(
    numbers: Numbers, days: int, pain: dict[str, int], every: int = 1, asked: Sequence[DayAdherence] = ()
) -> Chart:
    """Return the chart of so many days; each region has so much pain on each of the days with a session."""
    dates = [(LAST - timedelta(days=ago)).isoformat() for ago in range(0, days if pain else 0, every)]
    rows = [
        sums(day, region, before_sum=value, before_count=1) for day in sorted(dates) for region, value in pain.items()
    ]
    whole = [sums(day) for day in sorted(dates)]
    span = Span(UUID(int=1), LAST - timedelta(days=days - 1), LAST)
    facts = ProgressFacts(days=[*whole, *rows], program_days=asked)
    return chart_of(summarise(span, facts, numbers), {"mid_back": "Mid back"}, ChartTheme.LIGHT)


@pytest.mark.parametrize(
    ("days", "unit"),
    [(1, "day"), (31, "day"), (32, "week"), (400, "week"), (401, "month"), (1500, "month"),
     (1501, "quarter"), (3660, "quarter")],
)  # fmt: skip
def test_every_day_lies_in_exactly_one_bar(numbers: Numbers, days: int, unit: str) -> None:
    found = chart(numbers, days, {"mid_back": 3})
    assert found.bars.title == f"Sessions a {unit}: {days} in all"
    covered = [day for bar in found.bars.bars for day in range(bar.start, bar.start + bar.days)]
    assert covered == list(range(days)) == list(range(found.days))
    assert [(sum(bar.done for bar in found.bars.bars), bar.due) for bar in found.bars.bars[:1]] == [(days, None)]
    assert 1 <= len(found.ticks) <= 9 or days == 1
    assert all(0 <= day < days for day, _ in found.ticks)


def test_many_days_become_medians_and_dots(numbers: Numbers) -> None:
    few, many = (chart(numbers, days, {"mid_back": 3}).panels[0].curves[0] for days in (MOST_DAYS_JOINED, 90))
    assert (len(few.line), few.dots) == (MOST_DAYS_JOINED, [])
    assert (len(many.line), len(many.dots)) == (13, 90)
    assert "median of each week" in chart(numbers, 90, {"mid_back": 3}).note


def test_the_regions_with_the_most_pain_are_shown_and_the_others_named(numbers: Numbers) -> None:
    found = chart(numbers, 20, {"hip": 1, "knee": 2, "mid_back": 5, "neck": 4})
    assert [panel.title for panel in found.panels] == ["Mid back", "neck", "knee"][:MOST_PANELS]
    assert found.note == "Not shown: hip."


def test_it_speaks_of_what_it_shows(numbers: Numbers) -> None:
    assert chart(numbers, 90, {}).description == "No sessions in these days."
    said = chart(numbers, 2, {"mid_back": 5}).description
    assert said == (
        "2 sessions on 2 of the days, 0 minutes in all. Mid back: too few days with pain before a session to compare."
    )
    assert chart(numbers, 90, {}).panels == []


def test_a_program_is_drawn_as_what_was_due_and_done_by_week(numbers: Numbers) -> None:
    asked = [DayAdherence(LAST - timedelta(days=ago), 2, ago % 2) for ago in range(8, -1, -1)]
    found = chart(numbers, 10, {"mid_back": 5}, asked=asked)
    assert found.title == "Pain and adherence, 2026-11-13 to 2026-11-22"
    assert found.bars.title == "Exercises done of those due, by week: 4 of 18 (22 %)"
    assert found.bars.bars == [Bar(start=0, days=3, done=1, due=4), Bar(start=3, days=7, done=3, due=14)]
    assert len(found.ticks) > 2, "the days below are still named one by one"
    assert "4 of 18 exercises that were due were done (22 %)" in found.description
    assert "in the newest weeks: 1 of 4 from 2026-11-13, 3 of 14 from 2026-11-16." in found.description
    idle = chart(numbers, 10, {}, asked=asked[:1])
    assert idle.description.startswith("No sessions in these days. 0 of 2 exercises that were due were done (0 %)")
    assert idle.bars.bars[1] == Bar(start=3, days=7, done=0, due=0)


def test_long_charts_count_each_week_once(numbers: Numbers) -> None:
    asked = [DayAdherence(LAST - timedelta(days=ago), 3, 1) for ago in range(1999, -1, -1)]
    found = chart(numbers, 2000, {"mid_back": 5}, asked=asked)
    assert "by quarter: 2000 of 6000 (33 %)" in found.bars.title
    assert (sum(bar.done for bar in found.bars.bars), sum(bar.due or 0 for bar in found.bars.bars)) == (2000, 6000)
    assert "A week counts in the quarter in which it begins." in found.note
    assert all(label[-4:].isdigit() for _, label in found.ticks)


def test_the_next_morning_lies_after_the_session_and_before_the_next(numbers: Numbers) -> None:
    day = sums("2026-11-20", "mid_back", before_sum=4, before_count=1, after_sum=4, after_count=1,
               next_morning_sum=4, next_morning_count=1)  # fmt: skip
    span = Span(UUID(int=1), date(2026, 11, 20), LAST)
    progress = summarise(span, ProgressFacts(days=[day, day.model_copy(update={"day": "2026-11-21"})]), numbers)
    before, after, morning = (curve.line for curve in chart_of(progress, {}, ChartTheme.LIGHT).panels[0].curves)
    assert [where for where, _ in before] == [0, 1]
    assert before[0][0] < after[0][0] < morning[0][0] < before[1][0] < after[1][0] < morning[1][0] < 2


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([6, 6, 6, 2, 2, 6, 6, 2, 2, 6, 6, 2, 2, 6, 6, 2, 2, 2], "that matters (2 or more), but not steadily; trend 0"),
        ([2, 2, 2, 5, 5, 2, 2, 5, 5, 2, 2, 5, 5, 2, 2, 5, 5, 5], "worse by a change that matters, but not steadily"),
        ([3] * 18 + [9] * 3, "worse by a change that matters, but not steadily; trend 0 a week"),
        ([4, 4, 4, *range(10, 2, -1), 4, 4, 4], "no change that matters (it takes 1), but up and down between"),
        ([9, 8, 7, 6, 5, 4, 3, 2], "better by a change that matters (3 or more); trend \N{MINUS SIGN}7 a week"),
        ([5, 5, 5, 5, 5, 5], "no change that matters (it takes 2); trend 0 a week"),
    ],
)  # fmt: skip
def test_a_heading_does_not_contradict_itself(numbers: Numbers, values: list[int], said: str) -> None:
    first = LAST - timedelta(days=len(values) - 1)
    days = [
        sums((first + timedelta(days=number)).isoformat(), "hip", before_sum=value, before_count=1)
        for number, value in enumerate(values)
    ]
    progress = summarise(Span(UUID(int=1), first, LAST), ProgressFacts(days=days), numbers)
    assert said in chart_of(progress, {}, ChartTheme.LIGHT).panels[0].caption
    assert progress.regions[0].steady is (", but " not in said)


def test_a_chart_of_many_days_stays_small(numbers: Numbers) -> None:
    pain = {"mid_back": 5, "neck": 4, "hip": 3, "knee": 2}
    found = chart(numbers, 3660, pain, every=3)
    curves = [curve for panel in found.panels for curve in panel.curves]
    assert MOST_DOTS / 3 < sum(len(curve.dots) for curve in curves) <= MOST_DOTS
    assert max(len(curve.line) for curve in curves) <= 42


@given(st.lists(st.integers(0, 10), min_size=1, max_size=300), st.integers(4, 60))
def test_thinning_keeps_the_ends_and_the_extremes(values: list[int], most: int) -> None:
    dots = [(float(day), float(value)) for day, value in enumerate(values)]
    kept = thinned(dots, most)
    assert len(kept) <= max(most, 4)
    assert set(kept) <= set(dots)
    assert kept == sorted(kept)
    assert (kept[0], kept[-1]) == (dots[0], dots[-1])
    for extreme in (min, max):
        assert extreme(value for _, value in kept) == extreme(values)
