"""Trend and meaningful change: robust, and judged by where it began."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rules.courses import MOST_POINTS, is_steady, pain_course, per_week, score_course
from api.rules.tuning import Numbers
from schemas.progress import Course

FIRST = date(2026, 1, 5)


def points(values: dict[int, float]) -> list[tuple[date, float]]:
    return [(FIRST + timedelta(days=day), value) for day, value in sorted(values.items())]


def test_the_trend_is_in_points_a_week() -> None:
    assert per_week(points({0: 7, 7: 6, 14: 5, 21: 4})) == -1
    assert per_week(points({0: 3, 1: 3, 30: 3})) == 0
    assert per_week(points({0: 7, 7: 1})) is None


def test_one_bad_day_hardly_moves_the_trend() -> None:
    falling = {day: 7 - day / 7 for day in range(0, 28, 2)}
    assert per_week(points(falling)) == pytest.approx(-1)
    assert per_week(points({**falling, 12: 10})) == pytest.approx(-1, abs=0.1)


@given(st.dictionaries(st.integers(0, 3660), st.integers(0, 10), min_size=3, max_size=300), st.integers(-5, 5))
def test_the_trend_of_any_days(values: dict[int, float], shift: int) -> None:
    found = per_week(points(values))
    assert found is not None
    assert -70 <= found <= 70
    assert per_week(points({day: value + shift for day, value in values.items()})) == pytest.approx(found, abs=0.011)
    mirrored = per_week(points({day: -value for day, value in values.items()}))
    assert mirrored == pytest.approx(-found, abs=0.011)


def test_many_days_are_put_together_and_tell_the_same() -> None:
    many = {day: 10 - day / 70 for day in range(7 * MOST_POINTS)}
    assert per_week(points(many)) == pytest.approx(-0.1, abs=0.01)


@pytest.mark.parametrize(
    ("first", "last", "least", "course"),
    [
        (3, 2, 1, Course.IMPROVED), (3, 2.5, 1, Course.UNCHANGED), (3, 4, 1, Course.WORSE),
        (4, 3, 1, Course.IMPROVED), (5, 4, 2, Course.UNCHANGED), (7, 5, 2, Course.IMPROVED), (6, 8, 2, Course.WORSE),
        (8, 6, 3, Course.UNCHANGED), (9, 6, 3, Course.IMPROVED), (8, 10, 3, Course.WORSE), (8, 9, 3, Course.UNCHANGED),
        (0, 0, 1, Course.UNCHANGED), (0, 1, 1, Course.WORSE), (10, 0, 3, Course.IMPROVED),
    ],
)  # fmt: skip
def test_what_matters_depends_on_where_pain_began(
    first: float, last: float, least: float, course: Course, numbers: Numbers
) -> None:
    found = pain_course([first, first, 10 - first, last, 10 - last, last], numbers)
    assert (found.baseline, found.recent, found.least, found.course) == (first, last, least, course)
    assert found.change == last - first


def test_first_and_newest_days_never_overlap(numbers: Numbers) -> None:
    for days in range(6):
        assert pain_course([8, 1, 1, 1, 1][:days], numbers).course is Course.TOO_FEW
    assert pain_course([8, 8, 8, 1, 1, 1], numbers).course is Course.IMPROVED


def test_more_is_better_or_worse_as_the_score_says() -> None:
    assert score_course([4, 6], 2, better_below=False).course is Course.IMPROVED
    assert score_course([4, 6], 2, better_below=True).course is Course.WORSE
    assert score_course([4, 5.9], 2, better_below=True).course is Course.UNCHANGED
    assert score_course([4], 2, better_below=True).course is Course.TOO_FEW


@pytest.mark.parametrize(
    ("values", "steady"),
    [
        ([8, 8, 8, 5, 2, 2, 2], True), ([2, 3, 4, 5, 6, 7], True), ([3, 3, 3, 3, 3, 3], True),
        ([6, 6, 6, 2, 6, 2, 6, 2, 6, 2, 2, 2], False), ([7, 7, 7, 7, 7, 7, 7, 7, 7, 2, 2, 2], False),
        ([6, 6, 6, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 4, 4, 4], False), ([5, 5, 5, 1, 2, 3, 7, 8, 9, 5, 5, 5], True),
        ([8, 2], None), ([8, 2, 8, 2, 8], None),
    ],
)  # fmt: skip
def test_a_course_is_steady_when_the_trend_bears_it_out(
    values: list[float], steady: bool | None, numbers: Numbers
) -> None:
    placed = points(dict(enumerate(values)))
    assert is_steady(pain_course(values, numbers), placed, per_week(placed), numbers) is steady


def test_a_small_slope_over_years_is_steady(numbers: Numbers) -> None:
    values = {day: 8 - day / 900 for day in range(0, 3600, 10)}
    placed = points(values)
    slope = per_week(placed)
    assert slope == pytest.approx(-7 / 900)
    assert is_steady(pain_course([value for _, value in placed], numbers), placed, slope, numbers) is True
