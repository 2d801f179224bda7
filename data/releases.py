"""The catalogue in tables: one release of documents, exercises with the columns that are filtered on, tombstones.

Everything carries the number of the release that changed it last, so that clients can follow by cursors. Each release
has a token of its own: a restored backup counts the same numbers again, but never draws the same tokens.
"""

import secrets
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field, Session, col, select

from data.catalog.documents import CatalogDocument, dump, parse
from data.catalog.loader import Piece, assemble
from data.table import Table, choice, one_of
from schemas.base import Document
from schemas.catalog import Catalog, Lexicon, ReleaseStamp, RuleSet, Tuning
from schemas.exercises import ExerciseDefinition, StopRule
from schemas.vocabulary import Kind, Position

EXERCISE = "exercise"
STATED = tuple(position for position in Position if position is not Position.UNSTATED)
"""Only imported exercises, which belong to an organisation, may leave their position open."""


Keep = Callable[[ExerciseDefinition, datetime, Mapping[str, StopRule]], ExerciseDefinition]


def _whole(definition: ExerciseDefinition, _changed_at: datetime, _rules: Mapping[str, StopRule]) -> ExerciseDefinition:
    return definition


class ReleaseRow(Table, table=True):
    """The one release that is served now; `number` counts the loads that changed something."""

    __tablename__ = "catalog_release"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: int = Field(primary_key=True, default=1)
    number: int
    catalog_hash: str
    ruleset_hash: str
    loaded_at: datetime


class PastReleaseRow(Table, table=True):
    """Every release that this database ever served, the present one too."""

    __tablename__ = "catalog_past_release"

    number: int = Field(primary_key=True)
    token: str = Field(max_length=16)


class DocumentRow(Table, table=True):
    """A document of the vocabulary, the rules or the lexicon, as canonical JSON. One that left is empty."""

    __tablename__ = "catalog_document"

    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    document: str = Field(sa_type=Text)
    changed_in: int


class ExerciseRow(Table, table=True):
    """A shared exercise: the validated document and what is filtered on. A retired one stays as a tombstone."""

    __tablename__ = "exercise"
    __table_args__ = (
        one_of("kind", Kind),
        one_of("position", STATED),
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
    )

    id: str = Field(primary_key=True)
    kind: str = choice()
    position: str = choice()
    level: int
    document: str = Field(sa_type=Text)
    changed_in: int
    changed_at: datetime
    retired_in: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of the catalogue, there or removed, and the number of the release that changed it last."""

    kind: str
    id: str
    changed_in: int
    removed: bool


@dataclass(frozen=True, slots=True)
class Release:
    """Everything that one release holds, ready for the rules.

    `past` maps the token of each release to its number.
    """

    number: int
    loaded_at: datetime
    stamp: ReleaseStamp
    catalog: Catalog
    rules: RuleSet
    lexicon: Lexicon
    retired: frozenset[str]
    changed_at: Mapping[str, datetime]
    entries: tuple[Entry, ...]
    past: Mapping[str, int]
    token: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did."""

    number: int
    changed: bool
    added: int
    updated: int
    retired: int


def load(session: Session, documents: Iterable[CatalogDocument], now: datetime) -> Loaded:
    """Make the documents the served release, in this transaction; exercises that left become tombstones."""
    documents = list(documents)
    catalog, rules, _ = assemble((item.kind, item.id, item.document) for item in documents)
    current = session.get(ReleaseRow, 1)
    if current is not None and (current.catalog_hash, current.ruleset_hash) == (catalog.hash, rules.hash):
        return Loaded(current.number, changed=False, added=0, updated=0, retired=0)
    number = 1 if current is None else current.number + 1
    counts = _load_exercises(session, list(catalog.exercises.values()), number, now)
    _load_documents(session, [item for item in documents if item.kind != EXERCISE], number)
    session.add(PastReleaseRow(number=number, token=secrets.token_hex(8)))
    if current is None:
        current = ReleaseRow(number=0, catalog_hash="", ruleset_hash="", loaded_at=now)
        session.add(current)
    current.number, current.loaded_at = number, now
    current.catalog_hash, current.ruleset_hash = catalog.hash, rules.hash
    session.flush()
    return Loaded(number, True, *counts)


def _load_exercises(
    session: Session, exercises: list[ExerciseDefinition], number: int, now: datetime
) -> tuple[int, int, int]:
    known = {row.id: row for row in session.exec(select(ExerciseRow))}
    added = updated = retired = 0
    for exercise in exercises:
        row, document = known.get(exercise.id), dump(exercise)
        if row is not None and row.document == document and row.retired_in is None:
            continue
        if row is None:
            row = ExerciseRow(id=exercise.id, kind="", position="", level=1, document="", changed_in=0, changed_at=now)
            session.add(row)
            added += 1
        else:
            updated += 1
        row.kind, row.position, row.level = exercise.kind.value, exercise.position.value, exercise.level
        row.document, row.changed_in, row.changed_at, row.retired_in = document, number, now, None
    present = {exercise.id for exercise in exercises}
    for row in known.values():
        if row.id not in present and row.retired_in is None:
            row.retired_in, row.changed_in, row.changed_at = number, number, now
            retired += 1
    return added, updated, retired


def _load_documents(session: Session, documents: list[CatalogDocument], number: int) -> None:
    known = {(row.kind, row.id): row for row in session.exec(select(DocumentRow))}
    for item in documents:
        row, document = known.pop((item.kind, item.id), None), dump(item.document)
        if row is None:
            row = DocumentRow(kind=item.kind, id=item.id, document="", changed_in=number)
            session.add(row)
        if row.document != document:
            row.document, row.changed_in = document, number
    for row in known.values():
        if row.document:
            row.document, row.changed_in = "", number


def number(session: Session) -> int:
    """Return the number of the served release, 0 before the first load."""
    return session.exec(select(ReleaseRow.number)).one_or_none() or 0


def tuning(session: Session) -> Tuning | None:
    """Return the thresholds of the served release, None before the first load."""
    found = session.exec(select(DocumentRow.document).where(DocumentRow.kind == "tuning")).first()
    return Tuning.model_validate_json(found) if found else None


def token(session: Session) -> str:
    """Return the token of the served release, empty before the first load."""
    served = select(PastReleaseRow.token).join(ReleaseRow, col(ReleaseRow.number) == col(PastReleaseRow.number))
    return session.exec(served).one_or_none() or ""


def drew(session: Session, token: str) -> bool:
    """Return True when a release of this database has this token."""
    return session.exec(select(PastReleaseRow.number).where(PastReleaseRow.token == token)).first() is not None


def read(session: Session, keep: Keep = _whole) -> Release | None:
    """Return the served release, assembled; None before the first load.

    `keep` is handed each exercise, when it changed and the stop rules, and returns what is to be held of it.
    """
    row = session.get(ReleaseRow, 1)
    if row is None:
        return None
    pieces, others = _read_documents(session)
    rules_to_stop = {id_: found for _, id_, found in pieces if isinstance(found, StopRule)}
    entries, changed_at = [], {}
    for exercise in session.exec(select(ExerciseRow).order_by(col(ExerciseRow.id)).execution_options(yield_per=100)):
        entries.append(Entry(EXERCISE, exercise.id, exercise.changed_in, exercise.retired_in is not None))
        changed_at[exercise.id] = exercise.changed_at
        if exercise.retired_in is None:
            definition = exercise_in(exercise.document)
            pieces.append((EXERCISE, exercise.id, keep(definition, exercise.changed_at, rules_to_stop)))
    entries += others
    stamp = ReleaseStamp(catalog=row.catalog_hash, ruleset=row.ruleset_hash)
    catalog, rules, lexicon = assemble(pieces, stamp)
    return Release(
        number=row.number,
        loaded_at=row.loaded_at,
        stamp=stamp,
        catalog=catalog,
        rules=rules,
        lexicon=lexicon,
        retired=frozenset(entry.id for entry in entries if entry.kind == EXERCISE and entry.removed),
        changed_at=changed_at,
        entries=tuple(entries),
        past={drawn: number for number, drawn in session.exec(select(PastReleaseRow.number, PastReleaseRow.token))},
        token=token(session),
    )


def _read_documents(session: Session) -> tuple[list[Piece], list[Entry]]:
    """Return all documents but the exercises, one by one out of their rows: the rows are long and needed no more."""
    pieces: list[Piece] = []
    entries: list[Entry] = []
    columns = select(DocumentRow.kind, DocumentRow.id, DocumentRow.document, DocumentRow.changed_in)
    ordered = columns.order_by(col(DocumentRow.kind), col(DocumentRow.id)).execution_options(yield_per=50)
    for kind, id_, document, changed_in in session.exec(ordered):
        entries.append(Entry(sys.intern(kind), id_, changed_in, not document))
        if document:
            pieces.append((kind, id_, parse(kind, document)))
    return pieces, entries


def exercise_in(document: str) -> ExerciseDefinition:
    """Return the exercise that a row holds."""
    definition = parse(EXERCISE, document)
    if not isinstance(definition, ExerciseDefinition):
        raise TypeError("an exercise was expected")
    return definition


def by_kind(release: Release) -> dict[str, Mapping[str, Document]]:
    """Return the documents of a release by kind and id: all but translations and emergency words."""
    catalog, rules = release.catalog, release.rules
    return {
        EXERCISE: catalog.exercises,
        "region": catalog.regions,
        "muscle": catalog.muscles,
        "equipment": catalog.equipment,
        "cause": catalog.causes,
        "property": catalog.properties,
        "stop_rule": catalog.stop_rules,
        "kind": catalog.kinds,
        "topic": catalog.topics,
        "nickname": catalog.nicknames,
        "condition": rules.conditions,
        "red_flag": rules.red_flags,
        "question": rules.questions,
        "numbers": rules.numbers,
        "tuning": {"tuning": rules.tuning},
        "concept": release.lexicon.concepts,
    }


def documents_of(release: Release) -> list[CatalogDocument]:
    """Return the documents of a release that checks ask about; they come from no file."""
    nowhere, held = Path(), by_kind(release)
    return [CatalogDocument(kind, id_, found, nowhere) for kind, each in held.items() for id_, found in each.items()]
