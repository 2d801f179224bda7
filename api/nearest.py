"""The known name that is nearest to what was sent: the one hint that every refusal gives."""

from collections.abc import Collection, Iterable
from typing import Final

from rapidfuzz import fuzz, process

NEAR: Final = 50.0
"""A name of at least this likeness, 0 to 100, is worth naming."""


def nearest(sent: str, known: Iterable[str]) -> str | None:
    """Return the known name nearest to what was sent, the first in order of equals; None when none is near."""
    close = process.extractOne(sent, sorted(known), scorer=fuzz.ratio, score_cutoff=NEAR)
    return None if close is None else str(close[0])


def hint(sent: str, known: Iterable[str]) -> str:
    """Return what a refusal adds: the nearest known name, or nothing."""
    close = nearest(sent, known)
    return "" if close is None else f"; did you mean {close}?"


def unknown_name(sent: str, known: Collection[str]) -> str:
    """Return why a name is refused: the nearest known one, or all of them when none is near."""
    close = hint(sent, known)
    if close:
        return f"unknown{close}"
    return f"unknown; known are {', '.join(sorted(known))}" if known else "unknown; none is taken here"
