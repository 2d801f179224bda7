"""A chart as plain values: all that is drawn and said, so that whoever draws it decides nothing."""

from schemas.base import Schema
from schemas.progress import ChartTheme

Day = int
"""Days after the first day of the chart."""


class Curve(Schema):
    """One measure of pain as a line, and behind it single days where the line is of medians; each as (day, value)."""

    label: str
    dots: list[tuple[float, float]]
    line: list[tuple[float, float]]


class Panel(Schema):
    """The pain of one region, NPRS 0-10, with what became of it in words."""

    title: str
    caption: str
    curves: list[Curve]


class Bar(Schema):
    """A span of days from its first one on, and how many were done in it: exercises of those due, else sessions."""

    start: Day
    days: Day
    done: int
    due: int | None = None


class Bars(Schema):
    """What was done in each span of days."""

    title: str
    bars: list[Bar]


class Chart(Schema):
    """One chart from its first day on."""

    title: str
    description: str
    days: Day
    ticks: list[tuple[Day, str]]
    theme: ChartTheme
    panels: list[Panel]
    bars: Bars
    note: str
