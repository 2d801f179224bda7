"""Takes a JSON text apart into its records, each with the line it begins on, without trusting anything in it."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from api.interop.parsed import FileRefused, shown

LONGEST_RECORD: Final = 768 * 1024
"""Characters of one record: several times what an exercise may have over HTTP, and little enough to check it all."""

_SPACE: Final = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """One element of an array: its place among the others from 1, its line, its text, its value.

    `repeated` names the keys that stand twice in one of its objects.
    """

    number: int
    line: int
    text: str
    value: Any
    repeated: tuple[str, ...]

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"record {self.number} (line {self.line})"


class JsonText:
    """A JSON text that is read from its beginning to its end, once. Everything raises FileRefused on a fault."""

    def __init__(self, text: str, most: int) -> None:
        """`most` records may stand in an array."""
        self._text = text
        self._most = most
        self._at = 0
        self._line = 1
        self._lines_until = 0
        self._repeated: list[str] = []
        self._decoder = json.JSONDecoder(object_pairs_hook=self._object, parse_constant=_no_constant)

    def next_is(self, character: str) -> bool:
        """Return whether the next sign is this one; it is not passed."""
        self._skip()
        return self._text.startswith(character, self._at)

    def passes(self, character: str) -> bool:
        """Return whether the next sign is this one, and pass it if so."""
        if not self.next_is(character):
            return False
        self._at += 1
        return True

    def expect(self, character: str) -> None:
        """Pass this sign, which must come next."""
        if not self.passes(character):
            self._refuse(f"{character!r} was expected")

    def value(self) -> Any:
        """Return the value that comes next."""
        self._skip()
        try:
            value, self._at = self._decoder.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            raise FileRefused(f"it is not JSON: {error.msg}, line {error.lineno}, column {error.colno}") from None
        except RecursionError:
            raise FileRefused(f"it is nested too deeply, line {self._line_here()}") from None
        except ValueError as error:
            raise FileRefused(f"it is not JSON: {_short(error)}, line {self._line_here()}") from None
        return value

    def name(self) -> str:
        """Return the name of an object's field, which must come next, and pass its colon."""
        if not self.next_is('"'):
            self._refuse("the name of a field was expected")
        name = str(self.value())
        self.expect(":")
        return name

    def records(self) -> list[JsonRecord]:
        """Return the elements of the array that comes next."""
        found: list[JsonRecord] = []
        self.expect("[")
        if self.passes("]"):
            return found
        while True:
            if len(found) == self._most:
                raise FileRefused(f"it holds more than {self._most} records")
            found.append(self._record(len(found) + 1))
            if self.passes("]"):
                return found
            self.expect(",")

    def end(self) -> None:
        """Make sure that nothing follows."""
        self._skip()
        if self._at < len(self._text):
            self._refuse("something follows after the end")

    def _record(self, number: int) -> JsonRecord:
        self._skip()
        start, line = self._at, self._line_here()
        self._repeated.clear()
        value = self.value()
        if self._at - start > LONGEST_RECORD:
            raise FileRefused(f"record {number} (line {line}) is longer than {LONGEST_RECORD} characters")
        return JsonRecord(number, line, self._text[start : self._at], value, tuple(self._repeated))

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            self._repeated += [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
        return made

    def _skip(self) -> None:
        space = _SPACE.match(self._text, self._at)
        self._at = self._at if space is None else space.end()

    def _line_here(self) -> int:
        self._line += self._text.count("\n", self._lines_until, self._at)
        self._lines_until = self._at
        return self._line

    def _refuse(self, detail: str) -> NoReturn:
        raise FileRefused(f"it is not JSON of this format: {detail}, line {self._line_here()}")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _short(error: ValueError) -> str:
    message = shown(str(error))
    return "a number in it is too long" if "digits" in message else message
