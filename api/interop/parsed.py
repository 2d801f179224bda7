"""What a file of exercises was read into: the exercises with their places, the faults, and what was left out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from schemas.exercises import ExerciseDefinition

LONGEST_NAME: Final = 80
MOST_FAILURES: Final = 200
"""A record with more of them is no exercise at all, and naming each would help nobody."""


class FileRefused(Exception):
    """The file as a whole cannot be taken; the message is one line."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the file cannot be taken: the place such as `line 7` or `record 2 (line 31)`, the field, what is wrong."""

    place: str
    field: str
    detail: str

    def __str__(self) -> str:
        return f"{self.place}: {shown(self.field)}: {self.detail}" if self.field else f"{self.place}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Found:
    """An exercise and where it stands in the file."""

    definition: ExerciseDefinition
    place: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A sound record that cannot become an exercise; `reason` is worded so that equal ones can be counted."""

    place: str
    record: str
    reason: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """All that a file holds. With any fault the file is not to be taken."""

    found: tuple[Found, ...]
    faults: tuple[Fault, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def records(self) -> int:
        """How many records the file holds, as far as they could be told apart."""
        return len(self.found) + len(self.left_out)


def text_of(content: bytes) -> str:
    """Return the text of a file, without a byte-order mark. Raises FileRefused when it is empty or no UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefused(f"it is not UTF-8 text: byte {error.start + 1} does not fit") from None
    if not text.strip():
        raise FileRefused("it is empty")
    return text


def shown(name: str) -> str:
    """Return a name from a file as it may be shown on a terminal: printable and short."""
    printable = "".join(character if character.isprintable() else "?" for character in name)
    return printable if len(printable) <= LONGEST_NAME else f"{printable[:LONGEST_NAME]}..."


def failures(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Yield the field, parts joined by dots, and what is wrong with it, for each failure of a validation."""
    if error.error_count() > MOST_FAILURES:
        yield "", f"is no exercise: {error.error_count()} things are wrong with it"
        return
    for failure in error.errors(include_url=False, include_input=False, include_context=False):
        path = ".".join(str(part) for part in failure["loc"] if part != "[key]")
        yield path, failure["msg"].removeprefix("Value error, ")


def told_apart(found: list[Found]) -> Iterator[Fault]:
    """Yield a fault for every exercise whose id stands in the file before."""
    first: dict[str, str] = {}
    for item in found:
        before = first.setdefault(item.definition.id, item.place)
        if before != item.place:
            yield Fault(item.place, "id", f"{item.definition.id} stands in {before} already")
