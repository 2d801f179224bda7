"""Overrides in tables: each stays as a record when it has ended, until the person is erased."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field, Session, col, select
from uuid_utils.compat import uuid7

from data import audit, holds, person_rows
from data.table import TenantTable, choice, one_of
from data.tenancy import ACTOR, tenant_of
from schemas.audit import SYSTEM_ACTOR, Actor, ActorKind, AuditAction
from schemas.base import PageQuery
from schemas.overrides import Override, OverrideActor, OverrideCreate, OverrideReason

RECORD: Final = "override"


class OverrideRow(TenantTable, table=True):
    """A clinician's word for one person and one exercise: who, when, why, until when, and who ended it."""

    __tablename__ = "override"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        Index(None, "organization_id", "person_id", "id"),
        one_of("reason", OverrideReason),
        one_of("created_by_kind", ActorKind),
        one_of("ended_by_kind", ActorKind),
        CheckConstraint("until > created_at", name="span"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_kind IS NULL)", name="ended"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID
    exercise_id: str
    conditions: list[str] = Field(sa_type=JSON)
    reason: str = choice()
    until: datetime
    created_at: datetime
    created_by_kind: str = choice()
    created_by_id: UUID | None = None
    ended_at: datetime | None = None
    ended_by_kind: str | None = choice(default=None, nullable=True)
    ended_by_id: UUID | None = None


class OverrideOutcome(StrEnum):
    """What became of a write."""

    CREATED = "created"
    REPLAYED = "replayed"
    CONFLICT = "conflict"
    ENDED = "ended"
    NOT_FOUND = "not_found"
    ON_HOLD = "on_hold"


@dataclass(frozen=True, slots=True)
class OverrideWritten:
    """The outcome, and the override where there is one."""

    outcome: OverrideOutcome
    override: Override | None = None


def posted(session: Session, person_id: UUID, body: OverrideCreate) -> OverrideWritten | None:
    """Return what a post says that was stored already, None when its id is new.

    Read before the body is checked: a retry is answered though its time is over meanwhile.
    """
    row = None if body.id is None else session.get(OverrideRow, (tenant_of(session), body.id))
    if row is None or not person_rows.exists(session, person_id):
        return None
    return _replayed(session, row, person_id, body)


def add(session: Session, person_id: UUID, body: OverrideCreate, now: datetime) -> OverrideWritten:
    """Store an override once; nobody who is on hold for a red flag gets one."""
    if not person_rows.exists(session, person_id):
        return OverrideWritten(OverrideOutcome.NOT_FOUND)
    if (known := posted(session, person_id, body)) is not None:
        return known
    if holds.stands(session, person_id):
        return OverrideWritten(OverrideOutcome.ON_HOLD)
    actor = _actor(session)
    row = OverrideRow(
        organization_id=tenant_of(session),
        id=body.id or uuid7(),
        person_id=person_id,
        exercise_id=body.exercise_id,
        conditions=body.conditions,
        reason=body.reason.value,
        until=body.until,
        created_at=now,
        created_by_kind=actor.kind.value,
        created_by_id=actor.id,
    )
    session.add(row)
    session.flush()
    audit.note(session, AuditAction.WRITE, RECORD, [person_id])
    return OverrideWritten(OverrideOutcome.CREATED, _shape(row))


def end(session: Session, person_id: UUID, override_id: UUID, now: datetime) -> OverrideWritten:
    """End an override; one that was ended before stays as it was."""
    row = _row(session, person_id, override_id)
    if row is None:
        return OverrideWritten(OverrideOutcome.NOT_FOUND)
    if row.ended_at is None:
        actor = _actor(session)
        row.ended_at, row.ended_by_kind, row.ended_by_id = now, actor.kind.value, actor.id
        audit.note(session, AuditAction.DELETE, RECORD, [person_id])
    return OverrideWritten(OverrideOutcome.ENDED)


def find(session: Session, person_id: UUID, override_id: UUID) -> Override | None:
    """Return an override of the person, or None."""
    row = _row(session, person_id, override_id)
    if row is None:
        return None
    audit.note(session, AuditAction.READ, RECORD, [person_id])
    return _shape(row)


def page(session: Session, person_id: UUID, query: PageQuery, after: UUID | None) -> list[Override]:
    """Return up to `limit` + 1 overrides of the person after the given id, in the order of their ids."""
    statement = select(OverrideRow).where(OverrideRow.person_id == person_id)
    if after is not None:
        statement = statement.where(col(OverrideRow.id) > after)
    rows = session.exec(statement.order_by(col(OverrideRow.id)).limit(query.limit + 1)).all()
    audit.note(session, AuditAction.READ, RECORD, [row.person_id for row in rows])
    return [_shape(row) for row in rows]


def standing(session: Session, person_id: UUID, now: datetime) -> list[Override]:
    """Return the person's overrides that count now, oldest first; the caller tells the audit log."""
    rows = session.exec(
        select(OverrideRow)
        .where(
            OverrideRow.person_id == person_id,
            col(OverrideRow.ended_at).is_(None),
            col(OverrideRow.until) > now,
        )
        .order_by(col(OverrideRow.created_at), col(OverrideRow.id))
    ).all()
    return [_shape(row) for row in rows]


def _replayed(session: Session, row: OverrideRow, person_id: UUID, body: OverrideCreate) -> OverrideWritten:
    sent = (person_id, body.exercise_id, body.conditions, body.reason.value, body.until)
    if (row.person_id, row.exercise_id, row.conditions, row.reason, row.until) != sent:
        return OverrideWritten(OverrideOutcome.CONFLICT)
    if row.ended_at is not None:
        return OverrideWritten(OverrideOutcome.ENDED)
    audit.note(session, AuditAction.READ, RECORD, [person_id])
    return OverrideWritten(OverrideOutcome.REPLAYED, _shape(row))


def _row(session: Session, person_id: UUID, override_id: UUID) -> OverrideRow | None:
    row = session.get(OverrideRow, (tenant_of(session), override_id))
    return None if row is None or row.person_id != person_id else row


def _actor(session: Session) -> Actor:
    actor: Actor = session.info.get(ACTOR, SYSTEM_ACTOR)
    return actor


def _shape(row: OverrideRow) -> Override:
    ended_by = row.ended_by_kind and OverrideActor(kind=ActorKind(row.ended_by_kind), id=row.ended_by_id)
    return Override(
        id=row.id,
        person_id=row.person_id,
        exercise_id=row.exercise_id,
        conditions=row.conditions,
        reason=OverrideReason(row.reason),
        until=row.until,
        created_at=row.created_at,
        created_by=OverrideActor(kind=ActorKind(row.created_by_kind), id=row.created_by_id),
        ended_at=row.ended_at,
        ended_by=ended_by or None,
    )
