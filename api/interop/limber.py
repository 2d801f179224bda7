"""The house's own file of exercises: one JSON document, canonical, so that the same exercises are the same bytes."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from pydantic import ValidationError

from api.interop.json_records import JsonRecord, JsonText
from api.interop.parsed import Fault, FileRefused, Found, Parsed, failures, shown, text_of, told_apart
from schemas.exercises import ExerciseDefinition

FORMAT: Final = "limber-exercises"
VERSION: Final = 1
RECORDS: Final = "exercises"
SORTED: Final = ("regions", "dosage")
"""The fields whose keys have no order of their own."""


def read(content: bytes, most: int) -> Parsed:
    """Return the exercises of a document and every fault with its record and line; FileRefused when it is none."""
    records = _records(text_of(content), most)
    found, faults = [], []
    for record in records:
        wrong = list(_wrong(record))
        faults += wrong
        if not wrong:
            try:
                # Strictly and from the text itself: a document says numbers as numbers and dates as JSON can.
                definition = ExerciseDefinition.model_validate_json(record.text, strict=True)
            except ValidationError as error:
                faults += [Fault(record.place, name, detail) for name, detail in failures(error)]
            else:
                found.append(Found(definition, record.place))
    return Parsed(tuple(found), (*faults, *told_apart(found)))


def write(definitions: Iterable[ExerciseDefinition]) -> bytes:
    """Return the document of the exercises, by id, every field said."""
    exercises = [_plain(item) for item in sorted(definitions, key=lambda item: item.id)]
    document = {"format": FORMAT, "version": VERSION, RECORDS: exercises}
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n").encode()


def _records(text: str, most: int) -> list[JsonRecord]:
    document = JsonText(text, most)
    if not document.next_is("{"):
        raise FileRefused("it is not a document of this format: the outermost value must be an object")
    document.expect("{")
    header: dict[str, Any] = {}
    while True:
        name = document.name()
        if name in header:
            raise FileRefused(f"it is not a document of this format: {shown(name)} stands twice")
        header[name] = document.records() if name == RECORDS and document.next_is("[") else document.value()
        if document.passes("}"):
            break
        document.expect(",")
    document.end()
    return _checked(header)


def _checked(header: dict[str, Any]) -> list[JsonRecord]:
    wanted = {"format": FORMAT, "version": VERSION}
    for name, value in wanted.items():
        if type(header.get(name)) is not type(value) or header[name] != value:
            raise FileRefused(f"it is not a document of this format: {name} must be {json.dumps(value)}")
    records = header.get(RECORDS)
    if not isinstance(records, list):
        raise FileRefused(f"it is not a document of this format: {RECORDS} must be an array")
    for name in header:
        if name not in {*wanted, RECORDS}:
            raise FileRefused(f"it is not a document of this format: there is no field {shown(name)}")
    return records


def _wrong(record: JsonRecord) -> Iterator[Fault]:
    if not isinstance(record.value, dict):
        yield Fault(record.place, "", "must be an object")
    for name in record.repeated:
        yield Fault(record.place, name, "stands twice")


def _plain(definition: ExerciseDefinition) -> dict[str, Any]:
    plain = definition.model_dump(mode="json")
    return {**plain, **{name: dict(sorted(plain[name].items())) for name in SORTED}}
