"""The columns of a table of exercises: one for each field, named by its path, and how a cell says its value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.interop.cells import joined, pairs, parted, range_cell, range_of
from schemas.exercises import ExerciseDefinition
from schemas.vocabulary import Audience

MISSING: Final = object()
"""What a cell says that leaves its field to its default."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the path of its field, joined by dots, and how a value becomes a cell and a cell a value."""

    name: str
    cell: Callable[[Any], str]
    value: Callable[[str], Any]

    @property
    def path(self) -> tuple[str, ...]:
        """The field inside an exercise."""
        return tuple(self.name.split("."))


def _text(name: str) -> Column:
    return Column(name, str, str)


def _filled(name: str) -> Column:
    return Column(name, lambda value: "" if value is None else str(value), lambda cell: cell.strip() or MISSING)


def _yes_no(name: str) -> Column:
    return Column(name, lambda value: "true" if value else "false", lambda cell: cell.strip().lower() or MISSING)


def _list(name: str) -> Column:
    return Column(name, joined, parted)


def _range(name: str) -> Column:
    return Column(name, range_cell, lambda cell: range_of(cell) if cell.strip() else MISSING)


def _weights(cell: str) -> dict[str, str]:
    found = pairs(cell)
    if len(dict(found)) < len(found):
        raise ValueError("a region stands twice")
    return {name: weight.strip() for name, weight in found}


def _weights_cell(regions: Mapping[str, float]) -> str:
    return joined(f"{name}:{weight!r}" for name, weight in sorted(regions.items()))


def _notes(cell: str) -> list[dict[str, str]]:
    return [{"code": code, "text": text} for code, text in pairs(cell)]


def _notes_cell(notes: list[dict[str, str]]) -> str:
    return joined(f"{note['code']}: {note['text']}" for note in notes)


def _dosage() -> tuple[Column, ...]:
    return tuple(
        make(f"dosage.{audience}.{name}")
        for audience in Audience
        for name, make in (
            ("hold_seconds", _range),
            ("repetitions", _range),
            ("duration_seconds", _range),
            ("repetition_seconds", _filled),
            ("sets", _range),
            ("rest_seconds", _filled),
            ("times_per_day", _range),
            ("days_per_week", _range),
            ("per_side", _yes_no),
        )
    )


COLUMNS: Final = (
    _text("id"),
    _text("name"),
    _list("aliases"),
    _list("lay_words"),
    _text("summary"),
    _text("setup"),
    _list("steps"),
    _list("cues"),
    _list("mistakes"),
    _text("feel"),
    _text("breathing"),
    _list("stop_if"),
    _text("kind"),
    Column("regions", _weights_cell, _weights),
    _list("muscles.primary"),
    _list("muscles.secondary"),
    _list("movements"),
    _text("position"),
    _list("equipment"),
    _list("equipment_optional"),
    _text("space"),
    _filled("level"),
    _list("easier"),
    _list("harder"),
    _list("properties"),
    _yes_no("properties_known"),
    *_dosage(),
    _list("causes"),
    _list("conditions"),
    _list("symptoms"),
    _list("contraindicated_with"),
    _list("cautioned_with"),
    Column("contraindication_notes", _notes_cell, _notes),
    _text("evidence"),
    _text("source"),
    _text("reviewed_by"),
    _filled("reviewed_on"),
    _text("reviewed_text"),
    _filled("device.healthkit"),
    _filled("device.health_connect_segment"),
    _text("licence"),
    _filled("revised_on"),
)
"""Every field of an exercise, in the order in which they are written."""

NEEDED: Final = frozenset(name for name, field in ExerciseDefinition.model_fields.items() if field.is_required())
"""The fields of an exercise that have no default."""
