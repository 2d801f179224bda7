"""How pain and function go over time: a robust trend, and whether a change matters.

Source: clinical facts 4.3 (a change that matters depends on where it began), Theil and Sen for the trend: the median of
the slopes between all pairs of days, so that a single bad day hardly moves it.
"""

from collections.abc import Sequence
from datetime import date
from itertools import combinations
from statistics import fmean, median
from typing import Final

from api.rules.tuning import Numbers
from schemas.progress import Course, MeaningfulChange

Point = tuple[date, float]
"""What a day was: its date and the mean of its values."""

LEAST_DAYS: Final = 3
LEAST_TO_COMPARE: Final = 2
MOST_POINTS: Final = 100
"""So many days are compared pair by pair; more are first put together in spans of equal length."""
DAYS_A_WEEK: Final = 7


def per_week(points: Sequence[Point]) -> float | None:
    """Return the Theil-Sen slope in points a week; None on fewer than three days. Each day stands once, in order."""
    if len(points) < LEAST_DAYS:
        return None
    first = points[0][0]
    placed = _thinned([((day - first).days, value) for day, value in points])
    slopes = [(late[1] - early[1]) / (late[0] - early[0]) for early, late in combinations(placed, 2)]
    return median(slopes) * DAYS_A_WEEK


def pain_course(values: Sequence[float], numbers: Numbers) -> MeaningfulChange:
    """Return what became of pain from its first days to the newest. What makes it worse is never more than the middle
    threshold: from severe pain there is little room left to rise."""
    ends = _ends(values, round(numbers.course_days))
    if ends is None:
        return TOO_FEW
    least = _least_of(ends[0], numbers)
    return _judged(*ends, least, min(least, numbers.meaningful_moderate), better_below=True)


def pain_rise(values: Sequence[float], numbers: Numbers) -> tuple[float, float] | None:
    """Return from where to where pain rose by a change that matters, None when it did not.

    Beside the first days stand the best of late: whoever got better and then worse again has risen too. Where there are
    few days, fewer are set beside each other, and only the middle threshold counts.
    """
    whole = pain_course(values, numbers)
    if whole.course is Course.WORSE and whole.baseline is not None and whole.recent is not None:
        return whole.baseline, whole.recent
    many = min(round(numbers.course_days), len(values) // 2)
    if many < LEAST_TO_COMPARE:
        return None
    late = values[-round(numbers.rise_days) :]
    best = min(median(late[first : first + many]) for first in range(len(late) - 2 * many + 1))
    recent = median(late[-many:])
    return (round(best, 2), round(recent, 2)) if recent - best >= numbers.meaningful_moderate else None


def is_steady(course: MeaningfulChange, points: Sequence[Point], slope: float | None, numbers: Numbers) -> bool | None:
    """Return whether the trend of the days, in points a week, bears out their course; None where either is unknown.

    Pain that jumped to and fro may end lower without any trend, and pain that rose and fell again may have one and end
    where it began.
    """
    if slope is None or course.change is None or course.least is None:
        return None
    moved = slope * (points[-1][0] - points[0][0]).days / DAYS_A_WEEK
    if course.course is Course.UNCHANGED:
        return abs(moved - course.change) < course.least
    return moved / course.change >= numbers.steady_share


def score_course(values: Sequence[float], least: float, *, better_below: bool) -> MeaningfulChange:
    """Return what became of a score from the first to the newest; `least` points matter."""
    ends = _ends(values, 1)
    return TOO_FEW if ends is None else _judged(*ends, least, least, better_below=better_below)


TOO_FEW: Final = MeaningfulChange(baseline=None, recent=None, change=None, least=None, course=Course.TOO_FEW)


def _ends(values: Sequence[float], many: int) -> tuple[float, float] | None:
    """Return the medians of the first and of the newest values, which must not overlap."""
    if len(values) < 2 * many:
        return None
    return median(values[:many]), median(values[-many:])


def _least_of(baseline: float, numbers: Numbers) -> float:
    if baseline >= numbers.baseline_severe_from:
        return numbers.meaningful_severe
    return numbers.meaningful_moderate if baseline >= numbers.baseline_moderate_from else numbers.meaningful_mild


def _judged(
    baseline: float, recent: float, least: float, least_worse: float, *, better_below: bool
) -> MeaningfulChange:
    change = round(recent - baseline, 2) + 0.0
    worsened = change if better_below else -change
    course = Course.UNCHANGED
    if -worsened >= least:
        course = Course.IMPROVED
    elif worsened >= least_worse:
        course = Course.WORSE
    return MeaningfulChange(
        baseline=round(baseline, 2), recent=round(recent, 2), change=change, least=round(least, 2), course=course
    )


def _thinned(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    if len(points) <= MOST_POINTS:
        return points
    width = (points[-1][0] - points[0][0] + 1) / MOST_POINTS
    spans: dict[int, list[tuple[float, float]]] = {}
    for point in points:
        spans.setdefault(int((point[0] - points[0][0]) / width), []).append(point)
    return [(fmean(day for day, _ in span), median(value for _, value in span)) for span in spans.values()]
