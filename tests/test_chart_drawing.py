"""The drawing itself: every colour can be seen, every word has room, and no measure hides another."""

from itertools import pairwise
from xml.etree import ElementTree

import pytest

from api.chart_drawing import COLOURS, MOST_LETTERS, STYLES, drawn
from schemas.charts import Bar, Bars, Chart, Curve, Panel
from schemas.progress import ChartTheme

SVG = "{http://www.w3.org/2000/svg}"
LEAST_FOR_TEXT = 4.5
LEAST_FOR_SHAPES = 3.0
"""Of WCAG 2.2, 1.4.3 and 1.4.11."""


def chart(bars: list[Bar], days: int, note: str = "", name: str = "Mid back") -> Chart:
    lines = [Curve(label=label, dots=[], line=[(0, 10), (days - 1, 0)]) for label in STYLES]
    panel = Panel(title=name, caption=f"{name}: better by a change that matters", curves=lines)
    return Chart(
        title="Pain", description="All of it.", days=days, ticks=[(0, "1 Jan")], theme=ChartTheme.DARK,
        panels=[panel], bars=Bars(title="Done", bars=bars), note=note,
    )  # fmt: skip


def texts(ordered: Chart) -> list[str]:
    root = ElementTree.fromstring(drawn(ordered))
    return ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]


def luminance(colour: str) -> float:
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ChartTheme)
def test_every_colour_stands_out_from_its_ground(theme: ChartTheme) -> None:
    ground = luminance(COLOURS[theme]["ground"])
    for name, colour in COLOURS[theme].items():
        darker, lighter = sorted((ground, luminance(colour)))
        least = {"ground": 1, "faint": 1, "ink": LEAST_FOR_TEXT}.get(name, LEAST_FOR_SHAPES)
        assert (lighter + 0.05) / (darker + 0.05) >= least, name


def test_long_names_and_notes_are_broken_into_lines() -> None:
    names = "The outer side of the lower leg, " * 12
    found = texts(chart([Bar(start=0, days=9, done=1)], 9, note=names, name=names + "x" * 200))
    assert max(map(len, found)) <= MOST_LETTERS
    assert " ".join(found).count("outer side") == 3 * names.count("outer side")


def test_what_was_due_is_an_outline_and_has_its_numbers_where_there_is_room() -> None:
    weeks = [Bar(start=0, days=1, done=4, due=4), *(Bar(start=1 + 7 * at, days=7, done=9, due=12) for at in range(12))]
    found = texts(chart(weeks, 85))
    assert (found.count("9/12"), found.count("4/4")) == (12, 0)
    assert {"done", "due", "exercises"} <= set(found)
    many = [Bar(start=7 * at, days=7, done=9, due=12) for at in range(52)]
    assert "9/12" not in texts(chart(many, 364))
    alone = texts(chart([Bar(start=day, days=1, done=day % 2) for day in range(9)], 9))
    assert "sessions" in alone
    assert not {"done", "due", "0"} & (set(alone) - {"0"})


def test_later_measures_are_hollow_and_on_top() -> None:
    styles = list(STYLES.values())
    assert [style.get("fillstyle", "full") for style in styles] == ["full", "none", "none"]
    assert all(one["markersize"] < next_one["markersize"] for one, next_one in pairwise(styles))
    assert len({style["marker"] for style in styles}) == len({style["linestyle"] for style in styles}) == len(styles)
    assert not any("zorder" in style for style in styles)
