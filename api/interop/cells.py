"""What one cell of a table holds: lists, pairs and ranges in one line of text, exactly restored on reading.

The signs that mean something inside a list (`|`, and a backslash itself) and white space at the ends of an entry carry
a backslash. A cell that a spreadsheet would take for a formula carries an apostrophe in front.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - taken for formulas too
"""What a cell must not begin with. Source: OWASP, CSV injection."""
APOSTROPHE: Final = "'"
BETWEEN: Final = " | "
_RANGE: Final = re.compile(r"\s*(\d{1,6})\s*(?:(?:to|-)\s*(\d{1,6})\s*)?")


def guarded(cell: str) -> str:
    """Return the cell so that no spreadsheet runs it."""
    return APOSTROPHE + cell if cell.startswith((*FORMULA, APOSTROPHE)) else cell


def unguarded(cell: str) -> str:
    """Return what `guarded` was given; an apostrophe that guards nothing belongs to the text."""
    return cell[1:] if cell.startswith(APOSTROPHE) and cell[1:].startswith((*FORMULA, APOSTROPHE)) else cell


def joined(entries: Iterable[str]) -> str:
    """Return the entries as one cell; no entry may be empty."""
    return BETWEEN.join(_escaped(entry) for entry in entries)


def parted(cell: str) -> list[str]:
    """Return the entries of a cell; raises ValueError when one is empty or a backslash stands last."""
    if not cell.strip():
        return []
    entries: list[str] = [""]
    kept = 0  # so much of the entry must not be stripped at its end
    signs = iter(cell)
    for sign in signs:
        if sign == "|":
            entries[-1] = _ended(entries[-1], kept)
            entries.append("")
            kept = 0
        elif sign == "\\":
            entries[-1] += _literal(next(signs, None))
            kept = len(entries[-1])
        elif entries[-1] or not sign.isspace():
            entries[-1] += sign
    entries[-1] = _ended(entries[-1], kept)
    return entries


def pairs(cell: str) -> list[tuple[str, str]]:
    """Return the `name: value` entries of a cell; raises ValueError when one has no colon."""
    found = []
    for entry in parted(cell):
        name, colon, value = entry.partition(":")
        if not colon:
            raise ValueError(f"an entry needs a colon after its name; entries are separated by{BETWEEN}")
        found.append((name.strip(), value.removeprefix(" ")))
    return found


def range_cell(bounds: Sequence[int] | None) -> str:
    """Return a range as `10 to 20`, which no spreadsheet takes for a date; nothing for none."""
    return "" if bounds is None else f"{bounds[0]} to {bounds[1]}"


def range_of(cell: str) -> list[int]:
    """Return the range of `10 to 20`, `10-20` or `15`; raises ValueError on anything else."""
    match = _RANGE.fullmatch(cell)
    if match is None:
        raise ValueError("must be a range such as 10 to 20, or one whole number")
    return [int(match[1]), int(match[2] or match[1])]


def _escaped(entry: str) -> str:
    text = entry.replace("\\", "\\\\").replace("|", "\\|")
    if entry[:1].isspace():
        text = f"\\{text}"
    if entry[-1:].isspace() and len(entry) > 1:
        text = f"{text[:-1]}\\{text[-1]}"
    return text


def _literal(sign: str | None) -> str:
    if sign is None:
        raise ValueError("a backslash stands last; write two for one")
    return sign


def _ended(entry: str, kept: int) -> str:
    ended = entry[:kept] + entry[kept:].rstrip()
    if not ended:
        raise ValueError("an entry of the list is empty")
    return ended
