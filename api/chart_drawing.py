"""The process that draws charts, so that the server never loads the plotting library.

It reads orders from its standard input and writes drawings to its standard output, each behind its length, and ends
when the input ends or nothing was asked for a while.
"""

import io
import select
import sys
from typing import Any, BinaryIO, Final
from xml.sax.saxutils import escape

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from schemas.charts import Bars, Chart, Curve, Panel
from schemas.progress import ChartTheme

IDLE_SECONDS: Final = 300.0
LENGTH_BYTES: Final = 4
WIDTH: Final = 8.0
PANEL_HEIGHT: Final = 2.3
BARS_HEIGHT: Final = 1.7
HEAD_HEIGHT: Final = 0.7
"""Inches, as the others: what the title and the legend take."""
MOST_COUNTS: Final = 32
"""Above more bars than these no count is written: they would touch."""

SETTINGS: Final[Any] = {
    "svg.hashsalt": "limber",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
STYLES: Final = {
    "before a session": ("o", "-", 2.2),
    "after": ("^", "--", 1.3),
    "next morning": ("s", ":", 1.3),
}
"""Marker, line and width of each measure: they are told apart without colour."""
COLOURS: Final = {
    ChartTheme.LIGHT: {
        "ground": "#ffffff", "ink": "#1a1a1a", "faint": "#d9d9d9", "bars": "#5b6b7a",
        "before a session": "#0b4f9e", "after": "#b3500b", "next morning": "#5f5f5f",
    },
    ChartTheme.DARK: {
        "ground": "#14181d", "ink": "#f0f0f0", "faint": "#3c444d", "bars": "#8fa1b3",
        "before a session": "#7db8ff", "after": "#ffa95c", "next morning": "#c4c4c4",
    },
}  # fmt: skip


def drawn(chart: Chart) -> bytes:
    """Return the chart as SVG; the same chart gives the same bytes."""
    with matplotlib.rc_context(SETTINGS):
        figure = figure_of(chart)
        written = io.BytesIO()
        metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(written, format="svg", facecolor=figure.get_facecolor(), metadata=metadata)
    return _labelled(written.getvalue().decode(), chart).encode()


def figure_of(chart: Chart) -> Figure:
    """Return the chart as a figure: one panel a region, the sessions below."""
    colours = COLOURS[chart.theme]
    panels = chart.panels or [Panel(title="Pain", caption="none was given in these days", curves=[])]
    heights = [PANEL_HEIGHT] * len(panels) + [BARS_HEIGHT]
    height = sum(heights) + HEAD_HEIGHT
    layout = ConstrainedLayoutEngine(rect=(0, 0, 1, 1 - HEAD_HEIGHT / height))
    figure = Figure(figsize=(WIDTH, height), layout=layout, facecolor=colours["ground"])
    axes = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for axis in axes:
        _dress(axis, colours)
    for axis, panel in zip(axes[:-1], panels, strict=True):
        _pain(axis, panel, colours)
    _sessions(axes[-1], chart.bars, colours)
    axes[-1].set_xlim(-0.7, chart.days - 0.3)
    axes[-1].set_xticks([day for day, _ in chart.ticks], [label for _, label in chart.ticks])
    if chart.note:
        axes[-1].set_xlabel(chart.note, loc="left", color=colours["ink"])
    _head(figure, chart, colours["ink"])
    return figure


def _head(figure: Figure, chart: Chart, ink: str) -> None:
    height = figure.get_figheight()
    figure.text(0.012, 1 - 0.1 / height, chart.title, va="top", fontsize=12, fontweight="bold", color=ink)
    lines = {line.get_label(): line for axis in figure.axes for line in axis.get_lines()}
    shown = {str(label): line for label, line in lines.items() if label in STYLES}
    if shown:
        figure.legend(
            list(shown.values()),
            list(shown),
            loc="upper left",
            bbox_to_anchor=(0, 1 - 0.3 / height),
            ncols=len(shown),
            frameon=False,
            labelcolor=ink,
        )


def _dress(axis: Axes, colours: dict[str, str]) -> None:
    axis.set_facecolor(colours["ground"])
    axis.tick_params(colors=colours["ink"])
    axis.grid(axis="y", color=colours["faint"], linewidth=0.8)
    axis.set_axisbelow(True)
    for side in ("left", "bottom"):
        axis.spines[side].set_color(colours["ink"])


def _pain(axis: Axes, panel: Panel, colours: dict[str, str]) -> None:
    axis.set_title(panel.title, loc="left", fontsize=10, fontweight="bold", pad=19, color=colours["ink"])
    axis.annotate(
        panel.caption, (0, 1), (0, 6), xycoords="axes fraction", textcoords="offset points", color=colours["ink"]
    )
    axis.set_ylim(-0.4, 10.4)
    axis.set_yticks(range(0, 11, 2))
    axis.set_ylabel("pain, 0-10", color=colours["ink"])
    for curve in panel.curves:
        _curve(axis, curve, colours[curve.label])


def _curve(axis: Axes, curve: Curve, colour: str) -> None:
    marker, dashes, width = STYLES[curve.label]
    if curve.dots:
        axis.plot(*zip(*curve.dots, strict=True), marker, color=colour, markersize=2.5, alpha=0.4)
    days, values = zip(*curve.line, strict=True)
    axis.plot(
        days, values, marker=marker, linestyle=dashes, color=colour, linewidth=width, markersize=4, label=curve.label
    )


def _sessions(axis: Axes, bars: Bars, colours: dict[str, str]) -> None:
    axis.set_title(bars.title, loc="left", fontsize=10, fontweight="bold", color=colours["ink"])
    most = max((count for _, _, count in bars.spans), default=0)
    axis.set_ylim(0, max(most * 1.25, 1))
    axis.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axis.set_ylabel("sessions", color=colours["ink"])
    for start, long, count in bars.spans:
        middle = start + (long - 1) / 2
        axis.bar(middle, count, width=long * 0.85, color=colours["bars"])
        if count and len(bars.spans) <= MOST_COUNTS:
            axis.text(middle, count, str(count), ha="center", va="bottom", fontsize=9, color=colours["ink"])


def _labelled(svg: str, chart: Chart) -> str:
    """Return the drawing with a title and a description that a screen reader says."""
    start = svg.index("<svg")
    end = svg.index(">", start)
    said = f"<title>{escape(chart.title)}</title>\n <desc>{escape(chart.description)}</desc>"
    return f'{svg[:end]} role="img" aria-label="{escape(chart.title)}">\n {said}{svg[end + 1 :]}'


def serve(orders: BinaryIO, drawings: BinaryIO) -> None:
    """Draw what is ordered until the orders end or stay away."""
    while select.select([orders], [], [], IDLE_SECONDS)[0]:
        head = orders.read(LENGTH_BYTES)
        if len(head) < LENGTH_BYTES:
            return
        svg = drawn(Chart.model_validate_json(orders.read(int.from_bytes(head))))
        drawings.write(len(svg).to_bytes(LENGTH_BYTES) + svg)
        drawings.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
