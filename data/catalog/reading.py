"""Reads the TOML files of a catalogue folder into validated documents, with the line that each stands on."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from data.catalog.documents import KINDS, CatalogDocument, where
from schemas.base import Document
from schemas.lexicon import Concept, EmergencyWord
from schemas.translations import Translation

FILES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "regions": "region",
        "muscles": "muscle",
        "equipment": "equipment",
        "causes": "cause",
        "properties": "property",
        "stop_rules": "stop_rule",
        "kinds": "kind",
        "topics": "topic",
        "nicknames": "nickname",
        "answers": "answers",
        "conditions": "condition",
        "red_flags": "red_flag",
        "questions": "question",
        "alarms": "alarm",
        "told_conditions": "told_conditions",
        "emergency_numbers": "numbers",
    }
)
"""File name without `.toml` -> the kind, which is also the name of its tables."""

TRANSLATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "exercises": "exercise",
        "kinds": "kind",
        "regions": "region",
        "muscles": "muscle",
        "equipment": "equipment",
        "causes": "cause",
        "conditions": "condition",
    }
)
"""File name of a translation without `.toml` -> the kind of what it translates."""

EMERGENCY_WORDS: Final = "emergency_words"
TUNING: Final = "tuning"


@dataclass(slots=True)
class FolderReading:
    """What a folder holds: the valid documents in file order, and everything that is wrong with the others."""

    documents: list[CatalogDocument] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """A TOML file: its path, its text and what it says."""

    path: Path
    text: str
    content: dict[str, Any]


def read_folder(folder: Path) -> FolderReading:
    """Return every document of the folder; a file that is missing has no documents."""
    reading = FolderReading()
    if not folder.is_dir():
        reading.findings.append(f"{folder.name}: there is no such folder")
        return reading
    for path in sorted(folder.glob("*.toml")):
        _read_vocabulary(path, reading)
    for path in sorted((folder / "exercises").glob("*.toml")):
        _read_exercise(path, reading)
    for path in sorted((folder / "lexicon").glob("*.toml")):
        _read_lexicon(path, reading)
    for path in sorted((folder / "translations").glob("*/*.toml")):
        _read_translations(path, reading)
    reading.documents = _merge_concepts(reading)
    return reading


def _read_vocabulary(path: Path, reading: FolderReading) -> None:
    source = _open(path, reading)
    if source is None:
        return
    if path.stem == TUNING:
        document = _validated(source, "tuning", TUNING, source.content, 1, reading)
        if document is not None:
            reading.documents.append(CatalogDocument("tuning", TUNING, document, path, 1))
        return
    if path.stem not in FILES:
        reading.findings.append(f"{where(path)}: it is not a file of the catalogue")
        return
    kind = FILES[path.stem]
    _read_tables(source, kind, kind, reading)


def _read_exercise(path: Path, reading: FolderReading) -> None:
    source = _open(path, reading)
    if source is None:
        return
    line = line_of(source.text, r"id\s*=", 1)
    document = _validated(source, "exercise", path.stem, source.content, 1, reading)
    if document is None:
        return
    found = CatalogDocument("exercise", source.content["id"], document, path, line)
    if found.id != path.stem:
        reading.findings.append(f"{found.place}: the file name differs from the id")
    reading.documents.append(found)


def _read_lexicon(path: Path, reading: FolderReading) -> None:
    source = _open(path, reading)
    if source is None:
        return
    if path.stem == EMERGENCY_WORDS:
        _read_tables(source, "word", "emergency_word", reading)
    else:
        _read_tables(source, "concept", "concept", reading)


def _read_translations(path: Path, reading: FolderReading) -> None:
    source = _open(path, reading)
    if source is None:
        return
    table = TRANSLATIONS.get(path.stem)
    if table is None:
        reading.findings.append(f"{where(path)}: it is not a file of translations")
        return
    said = {"language": path.parent.name, "of": table}
    _read_tables(source, table, "translation", reading, said)


def _open(path: Path, reading: FolderReading) -> Source | None:
    try:
        text = path.read_text(encoding="utf-8")
        return Source(path, text, tomllib.loads(text))
    except UnicodeDecodeError:
        reading.findings.append(f"{where(path)}: it is not UTF-8 text")
    except tomllib.TOMLDecodeError as error:
        reading.findings.append(f"{where(path)}: not valid TOML: {error}")
    return None


def _read_tables(
    source: Source, table: str, kind: str, reading: FolderReading, said: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Read the [[table]]s of a file as documents of the kind; `said` holds for each of them."""
    for name in source.content:
        if name != table:
            reading.findings.append(f"{where(source.path)}: {name} does not belong here, only [[{table}]] does")
    entries = source.content.get(table, [])
    if not isinstance(entries, list):
        reading.findings.append(f"{where(source.path)}: write [[{table}]] with two brackets")
        return
    headers = [
        number
        for number, text in enumerate(source.text.splitlines(), start=1)
        if re.match(rf"\s*\[\[\s*{table}\s*\]\]", text)
    ]
    counts: dict[str, int] = {}
    for index, entry in enumerate(entries):
        line = headers[index] if len(headers) == len(entries) else None
        stated = {**entry, **said} if isinstance(entry, dict) else entry
        document = _validated(source, kind, _name(entry), stated, line, reading)
        if document is not None:
            identity = _identity(document, counts)
            reading.documents.append(CatalogDocument(kind, identity, document, source.path, line))


WORD_SET = "set"


def _identity(document: Document, counts: dict[str, int]) -> str:
    if isinstance(document, EmergencyWord):
        counts[document.language] = counts.get(document.language, 0) + 1
        return f"{document.language}-{counts[document.language]:03d}"
    if isinstance(document, Translation):
        return f"{document.language}.{document.of}.{document.id}"
    if isinstance(document, Concept) and document.kind == WORD_SET:
        # A set of words is named by phrases only, so it may share its name with the sign that it helps to find.
        return f"{WORD_SET}.{document.id}"
    return str(getattr(document, "country", None) or document.id)  # type: ignore[attr-defined]


def _name(entry: object) -> str:
    if not isinstance(entry, dict):
        return "?"
    return str(entry.get("id") or entry.get("country") or entry.get("phrase") or "?")


def _validated(
    source: Source, kind: str, name: str, entry: object, line: int | None, reading: FolderReading
) -> Document | None:
    try:
        return KINDS[kind].model_validate(entry)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            field_name = str(fault["loc"][0]) if fault["loc"] else ""
            at = line_of(source.text, rf"\[*\s*{re.escape(field_name)}\b", line) if field_name else line
            path = ".".join(str(part) for part in fault["loc"])
            detail = f"{path}: {fault['msg']}" if path else fault["msg"]
            reading.findings.append(f"{where(source.path, at)}: {kind} {name}: {detail}")
        return None


def line_of(text: str, pattern: str, start: int | None) -> int | None:
    """Return the first line at or after `start` that begins with the pattern, before the next [[table]]; else start."""
    if start is None:
        return None
    for number, content in enumerate(text.splitlines(), start=1):
        if number > start and content.lstrip().startswith("[[") and start > 1:
            break
        if number >= start and re.match(rf"\s*{pattern}", content):
            return number
    return start


def _merge_concepts(reading: FolderReading) -> list[CatalogDocument]:
    merged: dict[str, CatalogDocument] = {}
    others: list[CatalogDocument] = []
    files: set[tuple[str, Path]] = set()
    for found in reading.documents:
        if not isinstance(found.document, Concept):
            others.append(found)
            continue
        first = merged.setdefault(found.id, found)
        if (found.id, found.path) in files:
            reading.findings.append(f"{found.place}: it stands twice in this file")
        files.add((found.id, found.path))
        if first is not found:
            merged[found.id] = _joined(first, found, reading)
    return [*others, *merged.values()]


def _joined(first: CatalogDocument, second: CatalogDocument, reading: FolderReading) -> CatalogDocument:
    one, two = first.document, second.document
    if not isinstance(one, Concept) or not isinstance(two, Concept):
        raise TypeError("only concepts are joined")
    if one.kind != two.kind:
        reading.findings.append(f"{second.place}: its kind is {two.kind}, but {where(first.path)} says {one.kind}")
    changes: dict[str, object] = {
        "phrases": list(dict.fromkeys([*one.phrases, *two.phrases])),
        "never": list(dict.fromkeys([*one.never, *two.never])),
    }
    for name in sorted(two.model_fields_set - {"id", "kind", *changes}):
        if name in one.model_fields_set and getattr(one, name) != getattr(two, name):
            reading.findings.append(f"{second.place}: {name} differs from {where(first.path, first.line)}")
        changes[name] = getattr(two, name)
    return CatalogDocument("concept", first.id, one.model_copy(update=changes), first.path, first.line)
