"""The audit log: who did what with whose data, by pseudonym. Triggers of the database refuse to change or delete it.

What a unit of work writes is noted in its own transaction. What it reads is handed to `ReadTrail`, which stores it in
groups. A person's pseudonym is random and stands in the person's row only: with that row goes all that leads back.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, delete, tuple_
from sqlmodel import Field, Session, col, select
from uuid_utils.compat import uuid7

from data.person_rows import pseudonyms
from data.prepared import PreparedStatement
from data.table import Table, TenantTable, choice, one_of
from data.tenancy import ACTOR, NOTES
from data.tenant_binds import SYSTEM_ONLY
from schemas.audit import SYSTEM_ACTOR, Actor, ActorKind, AuditAction, AuditEvent, AuditQuery

MOST_AT_ONCE: Final = 5_000


class AuditEventRow(TenantTable, table=True):
    """One event. It has no foreign key: it outlives whom and what it is about."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index(None, "organization_id", "subject", "id"),
        one_of("actor_kind", ActorKind),
        one_of("action", AuditAction),
        CheckConstraint("count >= 1", name="count"),
    )

    id: UUID = Field(primary_key=True)
    at: datetime
    actor_kind: str = choice()
    actor_id: UUID | None = None
    action: str = choice()
    record: str
    subject: UUID | None = None
    count: int


class HousekeepingRow(Table, table=True):
    """The one row about the server's own chores: when they last ran, and which audit events may go just now.

    The triggers let an event go only when it is older than `audit_open_before`, which is set inside the transaction
    that deletes and is empty again at its end.
    """

    __tablename__ = "housekeeping"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"), {"info": {SYSTEM_ONLY: True}})

    id: int = Field(primary_key=True)
    last_run_at: datetime | None = None
    audit_open_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadNote:
    """What was read of one person, and by whom; the person is turned into the pseudonym when it is stored."""

    actor: Actor
    at: datetime
    action: AuditAction
    record: str
    person_id: UUID
    count: int


_add = PreparedStatement(lambda insert: insert(AuditEventRow.__table__))  # type: ignore[attr-defined]


def note(session: Session, action: AuditAction, record: str, person_ids: Iterable[UUID]) -> None:
    """Note what a unit of work does with the data of people, each named as often as records of theirs are touched."""
    counts = Counter(person_ids)
    collected = session.info.get(NOTES)
    if collected is not None:
        now, actor = datetime.now(UTC), session.info.get(ACTOR, SYSTEM_ACTOR)
        collected += [ReadNote(actor, now, action, record, person_id, count) for person_id, count in counts.items()]
    elif counts:
        known = pseudonyms(session, counts)
        write(session, action, record, {known[person]: count for person, count in counts.items() if person in known})


def write(
    session: Session, action: AuditAction, record: str, subjects: Mapping[UUID, int], actor: Actor | None = None
) -> None:
    """Store what is done with so many records of people, by pseudonym, in the transaction of the unit of work."""
    by, many = actor or session.info.get(ACTOR, SYSTEM_ACTOR), len(subjects)
    _add.run(
        session,
        {
            "id": [uuid7() for _ in subjects],
            "at": [datetime.now(UTC)] * many,
            "actor_kind": [by.kind.value] * many,
            "actor_id": [by.id] * many,
            "action": [action.value] * many,
            "record": [record] * many,
            "subject": list(subjects),
            "count": list(subjects.values()),
        },
    )


def by_themselves(session: Session, action: AuditAction, record: str, person_id: UUID) -> None:
    """Store what a person does who is only just found out to be that person."""
    for pseudonym in pseudonyms(session, [person_id]).values():
        write(session, action, record, {pseudonym: 1}, Actor(ActorKind.PERSON, pseudonym))


def store(session: Session, notes: Sequence[ReadNote]) -> None:
    """Store what was read. Of somebody who was erased meanwhile it is told without a subject."""
    known = pseudonyms(session, {note.person_id for note in notes})
    _add.run(
        session,
        {
            "id": [uuid7() for _ in notes],
            "at": [note.at for note in notes],
            "actor_kind": [note.actor.kind.value for note in notes],
            "actor_id": [note.actor.id for note in notes],
            "action": [note.action.value for note in notes],
            "record": [note.record for note in notes],
            "subject": [known.get(note.person_id) for note in notes],
            "count": [note.count for note in notes],
        },
    )


def page(session: Session, query: AuditQuery, after: UUID | None) -> list[AuditEvent]:
    """Return up to `limit` + 1 events after the given id, oldest first; none about a person who is not there."""
    subject = query.subject
    if query.person_id is not None:
        about = pseudonyms(session, [query.person_id]).get(query.person_id)
        if about is None or subject not in {None, about}:
            return []
        subject = about
    asked = {"subject": subject, "actor_id": query.actor_id, "record": query.record, "action": query.action}
    statement = select(AuditEventRow).order_by(col(AuditEventRow.id)).limit(query.limit + 1)
    for name, value in asked.items():
        if value is not None:
            statement = statement.where(getattr(AuditEventRow, name) == value)
    if query.since is not None:
        statement = statement.where(col(AuditEventRow.at) >= query.since)
    if query.until is not None:
        statement = statement.where(col(AuditEventRow.at) < query.until)
    if after is not None:
        statement = statement.where(col(AuditEventRow.id) > after)
    return [_shape(row) for row in session.exec(statement)]


def forget(session: Session, before: datetime, most: int = MOST_AT_ONCE) -> int:
    """Delete some events of all organisations from before the instant; returns how many. For the system's door."""
    key = tuple_(col(AuditEventRow.organization_id), col(AuditEventRow.id))
    old = select(AuditEventRow.organization_id, AuditEventRow.id).where(AuditEventRow.at < before).limit(most)
    chores = _chores(session)
    chores.audit_open_before = before
    session.flush()
    gone = session.exec(delete(AuditEventRow).where(key.in_(old))).rowcount
    chores.audit_open_before = None
    session.flush()
    return int(gone)


def begin_chores(session: Session, now: datetime, due: datetime) -> bool:
    """Return True to the one process that is to do the chores: none has since `due`. For the system's door."""
    chores = _chores(session)
    if chores.last_run_at is not None and chores.last_run_at > due:
        return False
    chores.last_run_at = now
    return True


def _chores(session: Session) -> HousekeepingRow:
    row = session.exec(select(HousekeepingRow).with_for_update()).one_or_none()
    if row is None:
        row = HousekeepingRow(id=1)
        session.add(row)
        session.flush()
    return row


def _shape(row: AuditEventRow) -> AuditEvent:
    return AuditEvent(
        id=row.id,
        at=row.at,
        actor_kind=ActorKind(row.actor_kind),
        actor_id=row.actor_id,
        action=AuditAction(row.action),
        record=row.record,
        subject=row.subject,
        count=row.count,
    )
