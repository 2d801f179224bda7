"""What the chart of a person's progress shows and says: figures in, values and words out."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import fmean, median
from typing import Final

from schemas.charts import Bars, Chart, Curve, Panel
from schemas.progress import ChartTheme, Course, Progress, RegionProgress

MOST_PANELS: Final = 3
"""More regions would leave no room to read any; the others are named below."""
MOST_DAYS_JOINED: Final = 45
"""Up to so many days are joined one by one; more are joined by the medians of the spans of the bars."""
MOST_TICKS: Final = 9
MOST_DAILY: Final = 31
MOST_WEEKLY: Final = 400
MEASURES: Final = (("before", "before a session"), ("after", "after"), ("next_morning", "next morning"))

Edges = Sequence[tuple[int, int]]
"""Spans of days as (first day, days), counted from the first day of the chart."""


def chart_of(progress: Progress, names: Mapping[str, str], theme: ChartTheme) -> Chart:
    """Return the chart of the figures; `names` are those of the regions."""
    first, last = date.fromisoformat(progress.from_day), date.fromisoformat(progress.to_day)
    unit, edges = _spans(first, last)
    shown = sorted(progress.regions, key=lambda region: (-region.sessions, -(region.before.mean or 0), region.region))
    panels = [_panel(region, names, first, edges) for region in shown[:MOST_PANELS]]
    notes = []
    if any(curve.dots for panel in panels for curve in panel.curves):
        notes.append(f"Lines: the median of each {unit}. Dots: single days, before a session.")
    if others := [names.get(region.region, region.region) for region in shown[MOST_PANELS:]]:
        notes.append(f"Not shown: {', '.join(others)}.")
    title = f"Pain and sessions, {first.isoformat()} to {last.isoformat()}"
    told = [_counted(progress), *(f"{panel.title}: {panel.caption}." for panel in panels)]
    return Chart(
        title=title,
        description=" ".join(told),
        days=(last - first).days + 1,
        ticks=_ticks(first, unit, edges),
        theme=theme,
        panels=panels,
        bars=_bars(progress, first, unit, edges),
        note=" ".join(notes),
    )


def _counted(progress: Progress) -> str:
    if not progress.sessions:
        return "No sessions in these days."
    many = "1 session" if progress.sessions == 1 else f"{progress.sessions} sessions"
    counted = f"{many} on {progress.active_days} of the days, {progress.minutes:g} minutes in all."
    kept = progress.adherence
    return counted if kept is None else f"{counted} {kept.done} of {kept.due} exercises that were due were done."


def _spans(first: date, last: date) -> tuple[str, Edges]:
    """Return what one bar stands for, and the bars: days, weeks from Monday, or months, cut at the ends."""
    days = (last - first).days + 1
    if days <= MOST_DAILY:
        return "day", [(day, 1) for day in range(days)]
    weekly = days <= MOST_WEEKLY
    starts = [
        day
        for day in range(days)
        if not day or (weekly and (first + timedelta(days=day)).weekday() == 0)
        or (not weekly and (first + timedelta(days=day)).day == 1)
    ]  # fmt: skip
    return "week" if weekly else "month", [(start, end - start) for start, end in pairwise([*starts, days])]


def _ticks(first: date, unit: str, edges: Edges) -> list[tuple[int, str]]:
    """Return the days to be named below: as many beginnings of bars as have room."""
    starts = [start for start, _ in edges[1:]] if unit != "day" else [start for start, _ in edges]
    step = -(-len(starts) // MOST_TICKS)
    named = "{0:%b} {0.year}" if unit == "month" else "{0.day} {0:%b}"
    return [(start, named.format(first + timedelta(days=start))) for start in starts[:: step or 1]]


def _bars(progress: Progress, first: date, unit: str, edges: Edges) -> Bars:
    done = {(date.fromisoformat(day.day) - first).days: day.sessions for day in progress.days}
    spans = [(start, long, sum(done.get(day, 0) for day in range(start, start + long))) for start, long in edges]
    kept = progress.adherence
    of_program = "" if kept is None else f"; {kept.done} of {kept.due} exercises due were done ({kept.percent} %)"
    return Bars(title=f"Sessions a {unit}: {progress.sessions} in all{of_program}", spans=spans)


def _panel(region: RegionProgress, names: Mapping[str, str], first: date, edges: Edges) -> Panel:
    many = len(region.days) > MOST_DAYS_JOINED
    curves = []
    for measure, label in MEASURES:
        values = ((day.day, getattr(day, measure)) for day in region.days)
        days = [((date.fromisoformat(day) - first).days, value) for day, value in values if value is not None]
        # Behind the medians only the days of the first measure are shown: more would hide the lines.
        dots = days if many and measure == MEASURES[0][0] else []
        if days:
            curves.append(Curve(label=label, dots=dots, line=_medians(days, edges) if many else days))
    return Panel(title=names.get(region.region, region.region), caption=_caption(region), curves=curves)


def _medians(dots: Sequence[tuple[float, float]], edges: Edges) -> list[tuple[float, float]]:
    found = []
    for start, long in edges:
        inside = [dot for dot in dots if start <= dot[0] < start + long]
        if inside:
            found.append((fmean(day for day, _ in inside), median(value for _, value in inside)))
    return found


def _caption(region: RegionProgress) -> str:
    """Return what became of the pain before sessions, in numbers and words."""
    course, trend = region.course, region.before.per_week
    if course.change is None or course.least is None:
        return "too few days with pain before a session to compare"
    slope = "" if trend is None else f"; trend {_signed(trend)} a week"
    went = f"{course.baseline:g} \N{RIGHTWARDS ARROW} {course.recent:g} before sessions ({_signed(course.change)})"
    words = {
        Course.IMPROVED: f"better by a change that matters ({course.least:g} or more)",
        Course.WORSE: "worse by a change that matters",
        Course.UNCHANGED: f"no change that matters (it takes {course.least:g})",
    }
    return f"{went}: {words[course.course]}{slope}"


def _signed(value: float) -> str:
    return f"{value:+g}".replace("-", "\N{MINUS SIGN}")
