"""Exercises as a table for spreadsheets: RFC 4180, a header row, one row for each exercise; restored exactly."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from api.interop.cells import guarded, unguarded
from api.interop.columns import COLUMNS, MISSING, NEEDED, Column
from api.interop.parsed import Fault, FileRefused, Found, Parsed, failures, text_of, told_apart
from schemas.exercises import ExerciseDefinition

HEADER: Final = "line 1"
BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it spreadsheets take the text for another encoding."""
LONGEST_ROW: Final = 192 * 1024
"""Characters of one row: several times what an exercise may have over HTTP, and little enough to check it all."""

_BY_NAME: Final = {column.name: column for column in COLUMNS}

Row = tuple[str, list[str]]
"""A row and its place."""


def read(content: bytes, most: int) -> Parsed:
    """Return the exercises of a table and every fault with its line and column; FileRefused when it is none."""
    rows = list(_rows(text_of(content), most))
    if not rows:
        raise FileRefused("it has no header row")
    header, faults = _header(rows[0][1])
    if faults:
        return Parsed((), tuple(faults))
    found: list[Found] = []
    for place, cells in rows[1:]:
        definition, wrong = _definition(place, header, cells)
        faults += wrong
        if definition is not None:
            found.append(Found(definition, place))
    return Parsed(tuple(found), (*faults, *told_apart(found)))


def write(definitions: Iterable[ExerciseDefinition]) -> bytes:
    """Return the table of the exercises, by id. Every cell is quoted, and none begins like a formula."""
    made = io.StringIO(newline="")
    writer = csv.writer(made, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(column.name for column in COLUMNS)
    for definition in sorted(definitions, key=lambda item: item.id):
        plain = definition.model_dump(mode="json")
        writer.writerow(_cell(column, plain) for column in COLUMNS)
    return (BYTE_ORDER_MARK + made.getvalue()).encode()


def _rows(text: str, most: int) -> Iterator[Row]:
    # The module would allow 128 KiB, however long a row may be.
    csv.field_size_limit(LONGEST_ROW)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    count, line = 0, 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise FileRefused(f"it is not CSV: {error}, line {line}") from None
        if cells is None:
            return
        if any(cells):
            count += 1
            if count > most + 1:
                raise FileRefused(f"it holds more than {most} records")
            if sum(map(len, cells)) > LONGEST_ROW:
                raise FileRefused(f"line {line} is longer than {LONGEST_ROW} characters")
            yield f"line {line}", cells
        line = reader.line_num + 1


def _header(names: Sequence[str]) -> tuple[list[Column], list[Fault]]:
    names = [name.strip() for name in names]
    if not set(names) & _BY_NAME.keys():
        raise FileRefused("it is not a table of this format: its first line names no column of it")
    if len(names) > 2 * len(COLUMNS):
        raise FileRefused(f"its first line has {len(names)} columns, the format {len(COLUMNS)}")
    faults = [Fault(HEADER, name, "there is no such column") for name in names if name not in _BY_NAME]
    faults += [Fault(HEADER, name, "stands twice") for name in sorted({n for n in names if names.count(n) > 1})]
    present = {name.partition(".")[0] for name in names}
    faults += [Fault(HEADER, name, "the column is missing") for name in sorted(NEEDED - present)]
    return [_BY_NAME[name] for name in names if name in _BY_NAME], faults


def _definition(
    place: str, header: Sequence[Column], cells: Sequence[str]
) -> tuple[ExerciseDefinition | None, list[Fault]]:
    if len(cells) != len(header):
        return None, [Fault(place, "", f"has {len(cells)} cells, the first line has {len(header)}")]
    said: dict[str, Any] = {}
    faults = []
    for column, cell in zip(header, cells, strict=True):
        try:
            value = column.value(unguarded(cell))
        except ValueError as error:
            faults.append(Fault(place, column.name, str(error)))
            continue
        if value is not MISSING:
            _put(said, column.path, value)
    if faults:
        return None, faults
    try:
        return ExerciseDefinition.model_validate(said), []
    except ValidationError as error:
        return None, [Fault(place, _column_of(name), detail) for name, detail in failures(error)]


def _put(said: dict[str, Any], path: Sequence[str], value: object) -> None:
    for part in path[:-1]:
        said = said.setdefault(part, {})
    said[path[-1]] = value


def _cell(column: Column, plain: Mapping[str, Any]) -> str:
    value: Any = plain
    for part in column.path:
        value = value.get(part) if value is not None else None
    if value is None and len(column.path) > 1:
        return ""
    return guarded(column.cell(value))


def _column_of(path: str) -> str:
    """Return the column that a path inside an exercise lies in, or the path itself."""
    parts = path.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in _BY_NAME), path)
