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


class Bars(Schema):
    """How many sessions there were in each span of days, as (first day, days, sessions)."""

    title: str
    spans: list[tuple[Day, Day, int]]


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
