"""Rows of several shapes from one statement: each part fills its own columns and leaves those of the others empty."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import cast, literal, null


def padded(parts: Sequence[Sequence[Any]], number: int) -> list[Any]:
    """Return the columns of part `number` of a union: which part it is, then the columns of all parts, its own filled.

    The others are empty but typed, which PostgreSQL asks for.
    """
    columns = [
        (column if which == number else cast(null(), column.type)).label(f"of_{which}_{place}")
        for which, part in enumerate(parts)
        for place, column in enumerate(part)
    ]
    return [literal(number).label("part"), *columns]


def taken_apart(parts: Sequence[Sequence[Any]], rows: Sequence[Any]) -> list[list[tuple[Any, ...]]]:
    """Return the rows of each part, with its own columns alone."""
    begins = [1 + sum(len(part) for part in parts[:number]) for number in range(len(parts))]
    found: list[list[tuple[Any, ...]]] = [[] for _ in parts]
    for row in rows:
        number, begin = row[0], begins[row[0]]
        found[number].append(tuple(row[begin : begin + len(parts[number])]))
    return found
