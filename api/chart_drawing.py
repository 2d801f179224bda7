"""The process that draws charts, so that the server never loads the plotting library.

It reads orders from its standard input and writes drawings to its standard output, each behind its length, and ends
when the input ends or nothing was asked for a while.
"""

import io
import select
import sys
import textwrap
from typing import Any, BinaryIO, Final
from xml.sax.saxutils import escape

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from schemas.charts import Chart, Panel
from schemas.progress import ChartTheme

IDLE_SECONDS: Final = 300.0
LENGTH_BYTES: Final = 4
WIDTH: Final = 8.0
PANEL_HEIGHT: Final = 2.3
BARS_HEIGHT: Final = 1.7
HEAD_HEIGHT: Final = 0.7
"""Inches, as the others: what the title and the legend take."""
LINE_HEIGHT: Final = 0.17
LINE_POINTS: Final = 12.0
MOST_LETTERS: Final = 106
"""In a line of text; of a title in bold there are fewer."""
MOST_BOLD: Final = 72
BARS_WIDTH: Final = 500.0
LETTER_WIDTH: Final = 6.0
COUNT_SPACE: Final = 5.0
"""Points: what all bars take, a letter of a count, and the room beside it; counts that would touch are left out."""

SETTINGS: Final[Any] = {
    "svg.hashsalt": "limber",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
STYLES: Final[Any] = {
    "before a session": {"marker": "o", "markersize": 4.0, "linestyle": "-", "linewidth": 2.0},
    "after": {"marker": "^", "markersize": 5.5, "linestyle": "--", "linewidth": 1.2, "fillstyle": "none"},
    "next morning": {"marker": "s", "markersize": 6.0, "linestyle": ":", "linewidth": 1.2, "fillstyle": "none"},
}
"""The measures are told apart without colour. The later ones are hollow and lie on top, so that none hides another."""
COLOURS: Final = {
    ChartTheme.LIGHT: {
        "ground": "#ffffff", "ink": "#1a1a1a", "faint": "#d9d9d9", "bars": "#5b6b7a", "days": "#6a8fbf",
        "before a session": "#0b4f9e", "after": "#b3500b", "next morning": "#5f5f5f",
    },
    ChartTheme.DARK: {
        "ground": "#14181d", "ink": "#f0f0f0", "faint": "#3c444d", "bars": "#8fa1b3", "days": "#4f7cae",
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
    """Return the chart as a figure: one panel a region, what was done below."""
    colours = COLOURS[chart.theme]
    panels = chart.panels or [Panel(title="Pain", caption="none was given in these days", curves=[])]
    note = textwrap.wrap(chart.note, MOST_LETTERS)
    heights = [PANEL_HEIGHT + LINE_HEIGHT * (sum(map(len, _heading(panel))) - 2) for panel in panels]
    heights.append(BARS_HEIGHT + LINE_HEIGHT * len(note))
    height = sum(heights) + HEAD_HEIGHT
    layout = ConstrainedLayoutEngine(rect=(0, 0, 1, 1 - HEAD_HEIGHT / height))
    figure = Figure(figsize=(WIDTH, height), layout=layout, facecolor=colours["ground"])
    axes = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for axis in axes:
        _dress(axis, colours)
    for axis, panel in zip(axes[:-1], panels, strict=True):
        _pain(axis, panel, colours)
    _bars(axes[-1], chart, colours)
    # The morning after the last day lies beyond it.
    axes[-1].set_xlim(-0.7, chart.days)
    axes[-1].set_xticks([day for day, _ in chart.ticks], [label for _, label in chart.ticks])
    if note:
        axes[-1].set_xlabel("\n".join(note), loc="left", color=colours["ink"])
    _head(figure, chart, colours["ink"])
    return figure


def _head(figure: Figure, chart: Chart, ink: str) -> None:
    height = figure.get_figheight()
    figure.text(0.012, 1 - 0.1 / height, chart.title, va="top", fontsize=12, fontweight="bold", color=ink)
    shown: dict[str, Any] = {}
    for axis in figure.axes:
        shown |= {label: handle for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)}
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


def _heading(panel: Panel) -> tuple[list[str], list[str]]:
    return textwrap.wrap(panel.title, MOST_BOLD), textwrap.wrap(panel.caption, MOST_LETTERS)


def _pain(axis: Axes, panel: Panel, colours: dict[str, str]) -> None:
    title, caption = _heading(panel)
    above = 7 + LINE_POINTS * len(caption)
    axis.set_title("\n".join(title), loc="left", fontsize=10, fontweight="bold", pad=above, color=colours["ink"])
    written = axis.annotate(
        "\n".join(caption), (0, 1), (0, 6), xycoords="axes fraction", textcoords="offset points", color=colours["ink"]
    )
    # The title above holds its place; by itself a long caption would make the panels narrower.
    written.set_in_layout(False)
    axis.set_ylim(-0.4, 10.4)
    axis.set_yticks(range(0, 11, 2))
    axis.set_ylabel("pain, 0-10", color=colours["ink"])
    for curve in panel.curves:
        if curve.dots:
            axis.plot(*zip(*curve.dots, strict=True), "o", color=colours["days"], markersize=3, markeredgewidth=0)
        axis.plot(*zip(*curve.line, strict=True), label=curve.label, color=colours[curve.label], **STYLES[curve.label])


def _bars(axis: Axes, chart: Chart, colours: dict[str, str]) -> None:
    bars = chart.bars.bars
    axis.set_title(chart.bars.title, loc="left", fontsize=10, fontweight="bold", color=colours["ink"])
    axis.set_ylim(0, max(1, *(1.25 * max(bar.done, bar.due or 0) for bar in bars)))
    axis.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    of_program = any(bar.due is not None for bar in bars)
    axis.set_ylabel("exercises" if of_program else "sessions", color=colours["ink"])
    middles, widths = [bar.start + (bar.days - 1) / 2 for bar in bars], [bar.days * 0.85 for bar in bars]
    done = axis.bar(middles, [bar.done for bar in bars], widths, color=colours["bars"])
    if of_program:
        due = [bar.due or 0 for bar in bars]
        done.set_label("done")
        axis.bar(middles, due, widths, facecolor="none", edgecolor=colours["ink"], linewidth=0.8, label="due")
    _counts(axis, chart, middles, colours["ink"])


def _counts(axis: Axes, chart: Chart, middles: list[float], ink: str) -> None:
    counts = [f"{bar.done}/{bar.due}" if bar.due else str(bar.done or "") for bar in chart.bars.bars]
    needed = [(LETTER_WIDTH * len(count) + COUNT_SPACE) * chart.days / BARS_WIDTH for count in counts]
    if max(needed) > max(bar.days for bar in chart.bars.bars):
        return
    for bar, middle, count, room in zip(chart.bars.bars, middles, counts, needed, strict=True):
        if count and bar.days >= room:
            axis.text(middle, max(bar.done, bar.due or 0), count, ha="center", va="bottom", fontsize=9, color=ink)


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
