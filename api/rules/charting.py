"""What the chart of a person's progress shows and says: figures in, values and words out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import fmean, median
from typing import Final

from schemas.charts import Bar, Bars, Chart, Curve, Panel
from schemas.progress import Adherence, ChartTheme, Course, Progress, RegionProgress

MOST_PANELS: Final = 3
"""More regions would leave no room to read any; the others are named below."""
MOST_DAYS_JOINED: Final = 45
"""Up to so many days are joined one by one; more are joined by the medians of the spans of the bars."""
MOST_DOTS: Final = 400
"""Of all panels together: more take long to draw and tell no more."""
MOST_TICKS: Final = 9
MOST_WEEKS_TOLD: Final = 4
MEASURES: Final = (("before", "before a session", 0.0), ("after", "after", 0.2), ("next_morning", "next morning", 0.75))
"""Each measure with its label and when it is, in days after the session: at one place they would hide each other."""
UNITS: Final[Sequence[tuple[str, int, Callable[[date], bool]]]] = (
    ("day", 31, lambda _: True),
    ("week", 400, lambda day: day.weekday() == 0),
    ("month", 1500, lambda day: day.day == 1),
    ("quarter", 3660, lambda day: day.day == 1 and day.month % 3 == 1),
)
"""What one bar stands for, up to how many days of a chart, and on which days it begins."""

Edges = Sequence[tuple[int, int]]
"""Spans of days as (first day, days), counted from the first day of the chart."""
Dots = Sequence[tuple[float, float]]


def chart_of(progress: Progress, names: Mapping[str, str], theme: ChartTheme) -> Chart:
    """Return the chart of the figures; `names` are those of the regions."""
    first, last = date.fromisoformat(progress.from_day), date.fromisoformat(progress.to_day)
    unit, edges = _spans(first, last)
    by_pain = sorted(progress.regions, key=lambda region: (-region.sessions, -(region.before.mean or 0), region.region))
    shown, others = by_pain[:MOST_PANELS], by_pain[MOST_PANELS:]
    panels = [_panel(region, names, first, edges, MOST_DOTS // len(shown)) for region in shown]
    notes = []
    if any(curve.dots for panel in panels for curve in panel.curves):
        notes.append(f"Lines: the median of each {unit}. Dots: single days, before a session.")
    if progress.adherence is not None and unit not in {"day", "week"}:
        notes.append(f"A week counts in the {unit} in which it begins.")
    if others:
        notes.append(f"Not shown: {', '.join(names.get(region.region, region.region) for region in others)}.")
    subject = "sessions" if progress.adherence is None else "adherence"
    title = f"Pain and {subject}, {first.isoformat()} to {last.isoformat()}"
    told = [_counted(progress), *(f"{panel.title}: {panel.caption}." for panel in panels)]
    return Chart(
        title=title,
        description=" ".join(told),
        days=(last - first).days + 1,
        ticks=_ticks(first, unit, edges),
        theme=theme,
        panels=panels,
        bars=_bars(progress, first, last),
        note=" ".join(notes),
    )


def _counted(progress: Progress) -> str:
    kept = progress.adherence
    if not progress.sessions:
        counted = "No sessions in these days."
    else:
        many = "1 session" if progress.sessions == 1 else f"{progress.sessions} sessions"
        counted = f"{many} on {progress.active_days} of the days, {progress.minutes:g} minutes in all."
    return counted if kept is None else f"{counted} {_kept(kept)}"


def _kept(kept: Adherence) -> str:
    weeks = [f"{week.done} of {week.due} from {week.from_day}" for week in kept.weeks[-MOST_WEEKS_TOLD:]]
    whole = f"{kept.done} of {kept.due} exercises that were due were done ({kept.percent} %)"
    return f"{whole}; in the newest weeks: {', '.join(weeks)}."


def _spans(first: date, last: date, least: int = 0) -> tuple[str, Edges]:
    """Return what one bar stands for, `least` being the place of the shortest unit, and the bars, cut at the ends."""
    days = (last - first).days + 1
    unit, _, begins = next(each for each in UNITS[least:] if days <= each[1])
    starts = [day for day in range(days) if not day or begins(first + timedelta(days=day))]
    return unit, [(start, end - start) for start, end in pairwise([*starts, days])]


def _ticks(first: date, unit: str, edges: Edges) -> list[tuple[int, str]]:
    """Return the days to be named below: as many beginnings of bars as have room."""
    starts = [start for start, _ in edges[1:]] if unit != "day" else [start for start, _ in edges]
    step = -(-len(starts) // MOST_TICKS)
    named = "{0.day} {0:%b}" if unit in {"day", "week"} else "{0:%b} {0.year}"
    return [(start, named.format(first + timedelta(days=start))) for start in starts[:: step or 1]]


def _bars(progress: Progress, first: date, last: date) -> Bars:
    """Return what was done of what was due by week or longer; the sessions for who has no program."""
    kept = progress.adherence
    unit, edges = _spans(first, last, least=0 if kept is None else 1)
    counts: list[tuple[str, int, int | None]] = (
        [(day.day, day.sessions, None) for day in progress.days]
        if kept is None
        else [(week.from_day, week.done, week.due) for week in kept.weeks]
    )
    dated = [((date.fromisoformat(day) - first).days, done, due) for day, done, due in counts]
    bars = []
    for start, long in edges:
        inside = [(done, due or 0) for day, done, due in dated if start <= day < start + long]
        done, due = sum(done for done, _ in inside), sum(due for _, due in inside)
        bars.append(Bar(start=start, days=long, done=done, due=None if kept is None else due))
    title = f"Sessions a {unit}: {progress.sessions} in all"
    if kept is not None:
        title = f"Exercises done of those due, by {unit}: {kept.done} of {kept.due} ({kept.percent} %)"
    return Bars(title=title, bars=bars)


def _panel(region: RegionProgress, names: Mapping[str, str], first: date, edges: Edges, most_dots: int) -> Panel:
    many = len(region.days) > MOST_DAYS_JOINED
    curves = []
    for measure, label, later in MEASURES:
        values = ((day.day, getattr(day, measure)) for day in region.days)
        days = [((date.fromisoformat(day) - first).days + later, value) for day, value in values if value is not None]
        # Behind the medians only the days of the first measure are shown: more would hide the lines.
        dots = thinned(days, most_dots) if many and measure == MEASURES[0][0] else []
        if days:
            curves.append(Curve(label=label, dots=dots, line=_medians(days, edges) if many else days))
    return Panel(title=names.get(region.region, region.region), caption=_caption(region), curves=curves)


def thinned(dots: Dots, most: int) -> list[tuple[float, float]]:
    """Return at most so many of the dots, in their order: the first, the last, and of each stretch the extremes."""
    if len(dots) <= most:
        return list(dots)
    kept = {dots[0], dots[-1]}
    stretches = max(1, (most - len(kept)) // 2)
    for number in range(stretches):
        stretch = dots[len(dots) * number // stretches : len(dots) * (number + 1) // stretches]
        kept |= {min(stretch, key=_value), max(stretch, key=_value)}
    return sorted(kept)


def _value(dot: tuple[float, float]) -> float:
    return dot[1]


def _medians(dots: Dots, edges: Edges) -> list[tuple[float, float]]:
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
    slope = "" if trend is None else f"{_wavering(region)}; trend {_signed(trend)} a week"
    went = f"{course.baseline:g} \N{RIGHTWARDS ARROW} {course.recent:g} before sessions ({_signed(course.change)})"
    words = {
        Course.IMPROVED: f"better by a change that matters ({course.least:g} or more)",
        Course.WORSE: "worse by a change that matters",
        Course.UNCHANGED: f"no change that matters (it takes {course.least:g})",
    }
    return f"{went}: {words[course.course]}{slope}"


def _wavering(region: RegionProgress) -> str:
    if region.steady is not False:
        return ""
    return ", but up and down between" if region.course.course is Course.UNCHANGED else ", but not steadily"


def _signed(value: float) -> str:
    return f"{value:+g}".replace("-", "\N{MINUS SIGN}") if value else "0"
