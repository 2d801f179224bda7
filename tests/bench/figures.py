"""What a benchmark found: figures with their reference, ratio, target and verdict, as a table and as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. `measured` and `reference` are in `unit`; `target` bounds the ratio, else `measured`."""

    section: str
    name: str
    unit: str
    measured: float
    reference: float | None = None
    ratio: float | None = None
    target: float | None = None
    at_most: bool = False
    note: str = ""

    @property
    def met(self) -> bool | None:
        """True or False against the target, None without one."""
        if self.target is None:
            return None
        value = self.measured if self.ratio is None else self.ratio
        return value <= self.target if self.at_most else value >= self.target


def same_round_ratio(measured: Sequence[float], reference: Sequence[float]) -> float:
    """Return the median over the rounds of measured / reference of the same round."""
    return median(ours / theirs for ours, theirs in zip(measured, reference, strict=True))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as aligned text, one line each."""
    rows = [("", "what", "measured", "reference", "ratio", "target", "", "")]
    rows += [_row(figure) for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _row(figure: Figure) -> tuple[str, ...]:
    sign = "<=" if figure.at_most else ">="
    return (
        figure.section,
        figure.name,
        f"{_number(figure.measured)} {figure.unit}",
        "" if figure.reference is None else f"{_number(figure.reference)} {figure.unit}",
        "" if figure.ratio is None else f"{figure.ratio:.3g}",
        "" if figure.target is None else f"{sign} {figure.target:g}",
        {True: "pass", False: "MISSED", None: ""}[figure.met],
        figure.note,
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def save(figures: Sequence[Figure], path: Path) -> None:
    """Write the figures as JSON."""
    path.write_text(json.dumps([asdict(figure) | {"met": figure.met} for figure in figures], indent=2) + "\n")
