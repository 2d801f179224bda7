"""What is wrong with an exercise in an editor's eyes, and the line of its file that the editor has to look at."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from data.catalog.documents import CatalogDocument, where
from data.catalog.reading import line_of

_FINDING: Final = re.compile(r"(?P<file>[^:]+)(?::(?P<line>\d+))?: (?P<text>.*)", re.DOTALL)
_OF_A_FIELD: Final = re.compile(r"exercise [^:\s]+: (?P<field>[a-z_]+): (?P<said>.*)", re.DOTALL)
_NEXT_FIELD: Final = re.compile(r"\s*(\[|[A-Za-z_]+\s*=)")
_NEXT_TABLE: Final = re.compile(r"\s*\[")


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong with one field of an exercise, in plain words; `item` is the entry of a list that is meant."""

    field: str
    text: str
    item: str = ""


@dataclass(frozen=True, slots=True, order=True)
class PlacedRemark:
    """A remark with its place, in the order of places; `line` is 1-based, and 0 when only the file is known."""

    file: str
    line: int
    text: str
    field: str = ""

    def __str__(self) -> str:
        """Return the finding as it is shown."""
        place = ":".join([self.file, *([str(self.line)] if self.line else [])])
        return f"{place}: {self.text}" if place else self.text


def located(found: CatalogDocument, remark: Remark, text: str) -> PlacedRemark:
    """Return the remark as a finding in the file of the exercise; `text` is that file's."""
    said = f"{found.kind} {found.id}: {remark.field}: {remark.text}"
    return PlacedRemark(where(found.path), _line(text, remark), said, remark.field)


def relocated(finding: str, texts: Mapping[str, str]) -> PlacedRemark:
    """Return a finding of the cross-check with the line of the field that it speaks of.

    `texts` holds the text of every exercise file by its place, such as `exercises/cat-cow.toml`; what is found in other
    files keeps its line.
    """
    parts = _FINDING.fullmatch(finding)
    if parts is None:
        return PlacedRemark("", 0, finding)
    file, line, text = parts["file"], int(parts["line"] or 0), parts["text"]
    about = _OF_A_FIELD.fullmatch(text)
    if about is None or file not in texts:
        return PlacedRemark(file, line, text)
    remark = Remark(about["field"], about["said"])
    # The cross-check names the id that it stumbled over among its words: the line that holds it is the one to look at.
    items = [word.strip(",;:") for word in about["said"].split()]
    lines = [_line(texts[file], Remark(remark.field, "", item)) for item in items]
    return PlacedRemark(file, max([_line(texts[file], remark), *lines]), text, remark.field)


def _line(text: str, remark: Remark) -> int:
    """Return the line of the item, else of its field, else of the id."""
    name = rf"\s*\[*\s*{re.escape(remark.field)}\s*[\].=]"
    lines = text.splitlines()
    start = line_of(text, name, 1) or 1
    if not lines or not re.match(name, lines[start - 1]):
        return line_of(text, r"id\s*=", 1) or 1
    if not remark.item:
        return start
    is_table = lines[start - 1].lstrip().startswith("[")
    wanted = _written(remark.item)
    for number, line in enumerate(lines[start - 1 :], start=start):
        # A table ends where another begins, a list where another field does.
        if number > start and (_NEXT_TABLE if is_table else _NEXT_FIELD).match(line) and not re.match(name, line):
            break
        if wanted.search(line):
            return number
    return start


def _written(item: str) -> re.Pattern[str]:
    """Return how an entry of a list, or the key of a table, stands in a file."""
    head = re.split(r'["\\]', item)[0]
    # A quotation mark may be written in several ways, so only what precedes it is looked for.
    end = r"[\"']" if head == item else ""
    return re.compile(rf"^\s*{re.escape(item)}\s*=|[\"']{re.escape(head)}{end}")
