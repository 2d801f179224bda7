"""What the chart shows and says: spans that fit the days, the regions that matter, words beside every number."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from api.rules.charting import MOST_DAYS_JOINED, MOST_PANELS, chart_of
from api.rules.progress import ProgressFacts, Span, summarise
from api.rules.tuning import Numbers
from schemas.charts import Chart
from schemas.progress import ChartTheme
from tests.rules.test_progress import sums

LAST = date(2026, 11, 22)


def chart(numbers: Numbers, days: int, pain: dict[str, int], every: int = 1) -> Chart:
    """Return the chart of so many days; each region has so much pain on each of the days with a session."""
    dates = [(LAST - timedelta(days=ago)).isoformat() for ago in range(0, days if pain else 0, every)]
    rows = [
        sums(day, region, before_sum=value, before_count=1) for day in sorted(dates) for region, value in pain.items()
    ]
    whole = [sums(day) for day in sorted(dates)]
    span = Span(UUID(int=1), LAST - timedelta(days=days - 1), LAST)
    facts = ProgressFacts(days=[*whole, *rows])
    return chart_of(summarise(span, facts, numbers), {"mid_back": "Mid back"}, ChartTheme.LIGHT)


@pytest.mark.parametrize(("days", "unit"), [(1, "day"), (31, "day"), (32, "week"), (400, "week"), (401, "month")])
def test_every_day_lies_in_exactly_one_bar(numbers: Numbers, days: int, unit: str) -> None:
    found = chart(numbers, days, {"mid_back": 3})
    assert found.bars.title == f"Sessions a {unit}: {days} in all"
    covered = [day for start, long, _ in found.bars.spans for day in range(start, start + long)]
    assert covered == list(range(days)) == list(range(found.days))
    assert sum(count for _, _, count in found.bars.spans) == days
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
