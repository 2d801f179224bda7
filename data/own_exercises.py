"""The exercises that an organisation adds for itself: rows with its id, beside the shared catalogue.

Every change raises the organisation's revision. Each revision has a token of its own, as releases have.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field, Session, col, func, select

from data.catalog.documents import dump
from data.releases import EXERCISE, Entry, exercise_in
from data.table import TenantTable
from data.tenancy import tenant_of
from schemas.access import NO_REVISION, OwnRevision
from schemas.exercises import ExerciseDefinition

MOST: Final = 2_000
"""So many exercises of its own an organisation may have."""


class OwnExerciseRow(TenantTable, table=True):
    """An exercise of one organisation: the validated document. A retired one stays as a tombstone."""

    __tablename__ = "own_exercise"

    id: str = Field(primary_key=True)
    document: str = Field(sa_type=Text)
    version: int
    changed_in: int
    changed_at: datetime
    retired_in: int | None = None


class OwnRevisionRow(TenantTable, table=True):
    """Every revision of an organisation's own catalogue; the newest is the one that is served.

    Number 0 is no revision: writers of several processes queue at its row.
    """

    __tablename__ = "own_revision"

    number: int = Field(primary_key=True)
    token: str = Field(max_length=16)


class OwnOutcome(StrEnum):
    """What became of a write."""

    CREATED = "created"
    SAME = "same"
    CHANGED = "changed"
    RETIRED = "retired"
    NOT_FOUND = "not_found"
    GONE = "gone"
    CONFLICT = "conflict"
    STALE = "stale"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class OwnWritten:
    """The outcome, the exercise as it is now with its version, and the revision that a change led to."""

    outcome: OwnOutcome
    definition: ExerciseDefinition | None = None
    version: int = 0
    revision: OwnRevision = NO_REVISION


@dataclass(frozen=True, slots=True)
class Imported:
    """How many exercises an import added, changed and left as they were."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class OwnCatalog:
    """An organisation's own exercises by id, at one revision. `past` maps the token of each revision to its number."""

    revision: int
    exercises: Mapping[str, ExerciseDefinition]
    versions: Mapping[str, int]
    changed_at: Mapping[str, datetime]
    entries: tuple[Entry, ...]
    past: Mapping[str, int]
    token: str


NOTHING: Final = OwnCatalog(0, {}, {}, {}, (), {}, "")


def add(session: Session, definition: ExerciseDefinition, now: datetime) -> OwnWritten:
    """Store an exercise once; the same content again is SAME, other content a CONFLICT, a retired id GONE."""
    _queue(session)
    row = _row(session, definition.id)
    if row is not None:
        if row.retired_in is not None:
            return OwnWritten(OwnOutcome.GONE)
        outcome = OwnOutcome.SAME if row.document == dump(definition) else OwnOutcome.CONFLICT
        return OwnWritten(outcome, exercise_in(row.document), row.version)
    if _count(session) >= MOST:
        return OwnWritten(OwnOutcome.FULL)
    made = _next_revision(session)
    _put(session, None, definition, made.number, now)
    return OwnWritten(OwnOutcome.CREATED, definition, 1, made)


def replace(session: Session, definition: ExerciseDefinition, versions: frozenset[int], now: datetime) -> OwnWritten:
    """Change an exercise that still has one of the versions."""
    _queue(session)
    row = _row(session, definition.id)
    refused = _refused(row, versions)
    if row is None or refused is not None:
        return refused or OwnWritten(OwnOutcome.NOT_FOUND)
    if row.document == dump(definition):
        return OwnWritten(OwnOutcome.SAME, definition, row.version)
    made = _next_revision(session)
    _put(session, row, definition, made.number, now)
    return OwnWritten(OwnOutcome.CHANGED, definition, row.version, made)


def retire(session: Session, exercise_id: str, versions: frozenset[int], now: datetime) -> OwnWritten:
    """Retire an exercise that still has one of the versions; its id is never given to another."""
    _queue(session)
    row = _row(session, exercise_id)
    refused = _refused(row, versions)
    if row is None or refused is not None:
        return refused or OwnWritten(OwnOutcome.NOT_FOUND)
    made = _next_revision(session)
    row.retired_in, row.changed_in, row.changed_at = made.number, made.number, now
    row.version += 1
    return OwnWritten(OwnOutcome.RETIRED, revision=made)


def put_all(session: Session, definitions: Sequence[ExerciseDefinition], now: datetime) -> Imported | None:
    """Store all exercises or none, each as given; None when they are too many. What is there already stays as it is.

    A retired one that is given again comes back.
    """
    _queue(session)
    known = {row.id: row for row in session.exec(select(OwnExerciseRow))}
    fresh = [item for item in definitions if item.id not in known]
    changed = [
        item
        for item in definitions
        if item.id in known and (known[item.id].retired_in is not None or known[item.id].document != dump(item))
    ]
    kept = {row.id for row in known.values() if row.retired_in is None}
    if len(kept | {item.id for item in definitions}) > MOST:
        return None
    if fresh or changed:
        number = _next_revision(session).number
        for item in (*fresh, *changed):
            _put(session, known.get(item.id), item, number, now)
    return Imported(len(fresh), len(changed), len(definitions) - len(fresh) - len(changed))


def find(session: Session, exercise_id: str) -> OwnWritten:
    """Return an exercise of the organisation with its version, NOT_FOUND or GONE."""
    row = _row(session, exercise_id)
    if row is None:
        return OwnWritten(OwnOutcome.NOT_FOUND)
    if row.retired_in is not None:
        return OwnWritten(OwnOutcome.GONE)
    return OwnWritten(OwnOutcome.SAME, exercise_in(row.document), row.version)


def newest(session: Session, organization_id: UUID) -> OwnRevision:
    """Return an organisation's newest revision, number 0 before its first exercise."""
    found = session.exec(
        select(OwnRevisionRow.number, OwnRevisionRow.token)
        .where(OwnRevisionRow.organization_id == organization_id)
        .order_by(col(OwnRevisionRow.number).desc())
        .limit(1)
    ).one_or_none()
    return NO_REVISION if found is None else OwnRevision(*found)


def drew(session: Session, token: str) -> bool:
    """Return True when a revision of the organisation has this token."""
    return session.exec(select(OwnRevisionRow.number).where(OwnRevisionRow.token == token)).first() is not None


def read(session: Session) -> OwnCatalog:
    """Return everything that the organisation has of its own."""
    drawn = session.exec(select(OwnRevisionRow.number, OwnRevisionRow.token).where(col(OwnRevisionRow.number) > 0))
    past = {token: number for number, token in drawn}
    if not past:
        return NOTHING
    rows = session.exec(select(OwnExerciseRow).order_by(col(OwnExerciseRow.id))).all()
    present = [row for row in rows if row.retired_in is None]
    token, number = max(past.items(), key=lambda pair: pair[1])
    return OwnCatalog(
        revision=number,
        exercises={row.id: exercise_in(row.document) for row in present},
        versions={row.id: row.version for row in present},
        changed_at={row.id: row.changed_at for row in present},
        entries=tuple(Entry(EXERCISE, row.id, row.changed_in, row.retired_in is not None) for row in rows),
        past=past,
        token=token,
    )


def _row(session: Session, exercise_id: str) -> OwnExerciseRow | None:
    return session.get(OwnExerciseRow, (tenant_of(session), exercise_id))


def _refused(row: OwnExerciseRow | None, versions: frozenset[int]) -> OwnWritten | None:
    if row is None:
        return OwnWritten(OwnOutcome.NOT_FOUND)
    if row.retired_in is not None:
        return OwnWritten(OwnOutcome.GONE)
    if row.version not in versions:
        return OwnWritten(OwnOutcome.STALE, exercise_in(row.document), row.version)
    return None


def _put(
    session: Session, row: OwnExerciseRow | None, definition: ExerciseDefinition, number: int, now: datetime
) -> None:
    document = dump(definition)
    if row is None:
        session.add(
            OwnExerciseRow(
                organization_id=tenant_of(session),
                id=definition.id,
                document=document,
                version=1,
                changed_in=number,
                changed_at=now,
            )
        )
        return
    row.document, row.changed_in, row.changed_at, row.retired_in = document, number, now, None
    row.version += 1


def _count(session: Session) -> int:
    present = select(func.count()).select_from(OwnExerciseRow).where(col(OwnExerciseRow.retired_in).is_(None))
    return session.exec(present).one()


def _queue(session: Session) -> None:
    """Wait until no other process is writing for the organisation; SQLite has one writer anyhow."""
    place = select(OwnRevisionRow).where(OwnRevisionRow.number == 0).with_for_update()
    if session.exec(place).one_or_none() is None:
        # Two that come here first at the same time: one of them fails, is run again, and finds the row.
        session.add(OwnRevisionRow(organization_id=tenant_of(session), number=0, token=""))
        session.flush()


def _next_revision(session: Session) -> OwnRevision:
    made = OwnRevision(newest(session, tenant_of(session)).number + 1, secrets.token_hex(8))
    session.add(OwnRevisionRow(organization_id=tenant_of(session), number=made.number, token=made.token))
    session.flush()
    return made
