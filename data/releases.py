"""The catalogue in tables: one release of documents, exercises with the columns that are filtered on, tombstones."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field, Session, col, select

from data.catalog.documents import CatalogDocument, dump, parse
from data.catalog.loader import assemble
from data.table import Table, choice, one_of
from schemas.catalog import Catalog, Lexicon, ReleaseStamp, RuleSet
from schemas.exercises import ExerciseDefinition
from schemas.vocabulary import Kind, Position

EXERCISE = "exercise"


class ReleaseRow(Table, table=True):
    """The one release that is served now; `number` counts the loads that changed something."""

    __tablename__ = "catalog_release"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: int = Field(primary_key=True, default=1)
    number: int
    catalog_hash: str
    ruleset_hash: str
    loaded_at: datetime


class DocumentRow(Table, table=True):
    """A document of the vocabulary, the rules or the lexicon, as canonical JSON."""

    __tablename__ = "catalog_document"

    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    document: str = Field(sa_type=Text)


class ExerciseRow(Table, table=True):
    """A shared exercise: the validated document and what is filtered on. A retired one stays as a tombstone."""

    __tablename__ = "exercise"
    __table_args__ = (
        one_of("kind", Kind),
        one_of("position", Position),
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
class Release:
    """Everything that one release holds, ready for the rules."""

    number: int
    loaded_at: datetime
    stamp: ReleaseStamp
    catalog: Catalog
    rules: RuleSet
    lexicon: Lexicon
    retired: frozenset[str]
    changed_at: dict[str, datetime]


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
    _load_documents(session, [item for item in documents if item.kind != EXERCISE])
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


def _load_documents(session: Session, documents: list[CatalogDocument]) -> None:
    known = {(row.kind, row.id): row for row in session.exec(select(DocumentRow))}
    for item in documents:
        row = known.pop((item.kind, item.id), None)
        if row is None:
            session.add(DocumentRow(kind=item.kind, id=item.id, document=dump(item.document)))
        else:
            row.document = dump(item.document)
    for row in known.values():
        session.delete(row)


def number(session: Session) -> int:
    """Return the number of the served release, 0 before the first load."""
    return session.exec(select(ReleaseRow.number)).one_or_none() or 0


def read(session: Session) -> Release | None:
    """Return the served release, assembled; None before the first load."""
    row = session.get(ReleaseRow, 1)
    if row is None:
        return None
    exercises = session.exec(
        select(ExerciseRow.id, ExerciseRow.document, ExerciseRow.retired_in, ExerciseRow.changed_at).order_by(
            col(ExerciseRow.id)
        )
    ).all()
    documents = session.exec(select(DocumentRow.kind, DocumentRow.id, DocumentRow.document)).all()
    catalog, rules, lexicon = assemble(
        [
            *((EXERCISE, id_, parse(EXERCISE, document)) for id_, document, retired, _ in exercises if retired is None),
            *((kind, id_, parse(kind, document)) for kind, id_, document in documents),
        ]
    )
    return Release(
        number=row.number,
        loaded_at=row.loaded_at,
        stamp=ReleaseStamp(catalog=catalog.hash, ruleset=rules.hash),
        catalog=catalog,
        rules=rules,
        lexicon=lexicon,
        retired=frozenset(id_ for id_, _, retired, _ in exercises if retired is not None),
        changed_at={id_: changed for id_, _, _, changed in exercises},
    )
