"""What a link brought to a clinic: copies of a person's sessions, which every room of the clinic then shows, and the
clinic's own note of the link. These units stand in the clinic; what they write comes and goes with the link.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field, Session, col, select
from uuid_utils.compat import uuid7

from data import audit, session_changes, session_entries, session_logs, session_rows, session_writes
from data.consents import Sharing
from data.session_logs import SessionLogRow
from data.session_writes import RECORD, Outcome, SignsHeard
from data.table import TenantTable
from data.tenancy import tenant_of
from data.versions import ANY
from schemas.audit import AuditAction
from schemas.base import PageQuery
from schemas.links import IncomingLink
from schemas.session_logs import SessionLog, SessionLogUpdate
from schemas.vocabulary import Spread


class IncomingLinkRow(TenantTable, table=True):
    """A link as the clinic holds it, for as long as it stands: to whom it leads, whence, and what it covers."""

    __tablename__ = "incoming_link"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        Index(None, "organization_id", "person_id", "id"),
        CheckConstraint("origin_organization_id <> organization_id", name="origin"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID
    origin_organization_id: UUID
    origin_person_id: UUID
    sessions: bool
    progress: bool
    recommendations: bool
    covers_from: datetime
    covers_until: datetime | None = None
    created_at: datetime


LINK: Final = "link"
_TOLD = ("sessions", "progress", "recommendations", "covers_from", "covers_until")


def note(session: Session, sharing: Sharing, origin: UUID, now: datetime) -> None:
    """Write down what a link covers now, from which organisation it comes."""
    told: dict[str, Any] = {name: getattr(sharing, name) for name in _TOLD}
    row = session.get(IncomingLinkRow, (tenant_of(session), sharing.link_id))
    if row is None:
        row = IncomingLinkRow(
            organization_id=tenant_of(session),
            id=sharing.link_id,
            person_id=sharing.clinic_person_id,
            origin_organization_id=origin,
            origin_person_id=sharing.person_id,
            created_at=now,
            **told,
        )
        session.add(row)
    for name, value in told.items():
        setattr(row, name, value)
    session.flush()
    audit.note(session, AuditAction.WRITE, LINK, [sharing.clinic_person_id])


def forget(session: Session, sharing: Sharing) -> None:
    """Delete the clinic's note of a link that ended."""
    row = session.get(IncomingLinkRow, (tenant_of(session), sharing.link_id))
    if row is not None:
        session.delete(row)
        session.flush()
        audit.note(session, AuditAction.DELETE, LINK, [sharing.clinic_person_id])


def page(session: Session, person_id: UUID, query: PageQuery, after: UUID | None) -> list[IncomingLink]:
    """Return up to `limit` + 1 links of the clinic's person after the given id, oldest first."""
    statement = select(IncomingLinkRow).where(IncomingLinkRow.person_id == person_id)
    if after is not None:
        statement = statement.where(col(IncomingLinkRow.id) > after)
    rows = session.exec(statement.order_by(col(IncomingLinkRow.id)).limit(query.limit + 1)).all()
    audit.note(session, AuditAction.READ, LINK, [row.person_id for row in rows])
    return [
        IncomingLink.model_construct(**{name: getattr(row, name) for name in IncomingLink.model_fields}) for row in rows
    ]


def origins(session: Session, person_id: UUID) -> list[tuple[UUID, UUID, UUID]]:
    """Return the organisation, person and id of each link that leads to the clinic's person."""
    rows = session.exec(select(IncomingLinkRow).where(IncomingLinkRow.person_id == person_id)).all()
    return [(row.origin_organization_id, row.origin_person_id, row.id) for row in rows]


def copies(session: Session, link_id: UUID) -> dict[UUID, UUID]:
    """Return the ids of the link's copies by the ids of what they are copies of."""
    found = session.exec(
        select(SessionLogRow.source_id, SessionLogRow.id).where(SessionLogRow.link_id == link_id)
    ).all()
    return {source: copy for source, copy in found if source is not None}


def holds_copy(session: Session, link_id: UUID, source_id: UUID) -> bool:
    """Return True when the link has a copy of this session."""
    statement = select(SessionLogRow.id).where(SessionLogRow.link_id == link_id, SessionLogRow.source_id == source_id)
    return session.exec(statement).first() is not None


def put(session: Session, sharing: Sharing, logs: Sequence[SessionLog], now: datetime) -> None:
    """Store copies of sessions, each under an id of its own."""
    numbers = session_changes.take(session, max(1, len(logs)))
    made = [copied(sharing, log, now) for log in logs]
    session_rows.insert_copies(session, made, [log.id for log in logs], numbers[: len(logs)])
    session_rows.complete(session, made, now)
    audit.note(session, AuditAction.WRITE, RECORD, [log.person_id for log in made])


def copied(sharing: Sharing, log: SessionLog, now: datetime) -> SessionLog:
    """Return the session as it is told to the clinic."""
    new: dict[str, Any] = {"id": uuid7(), "person_id": sharing.clinic_person_id, "link_id": sharing.link_id}
    return log.model_copy(update={**new, "version": 1, "created_at": now, "updated_at": now})


def rewrite(session: Session, sharing: Sharing, log: SessionLog, now: datetime) -> None:
    """Bring the copy of a session up to date."""
    copy = session.exec(
        select(SessionLogRow).where(SessionLogRow.link_id == sharing.link_id, SessionLogRow.source_id == log.id)
    ).one()
    names = set(SessionLogUpdate.model_fields)
    patch = SessionLogUpdate.model_construct(names, **{name: getattr(log, name) for name in names})
    heard = SignsHeard(copy.version, log.triage)
    written = session_writes.change(session, copy.id, frozenset({ANY}), patch, now, heard, link_id=sharing.link_id)
    if written.outcome is not Outcome.CHANGED:
        raise LookupError(f"the copy could not follow: {written.outcome}")


def drop(session: Session, sharing: Sharing, sources: Collection[UUID], now: datetime) -> None:
    """Turn copies into tombstones that hold nothing of the person's, and make the figures anew without them."""
    if not sources:
        return
    session_changes.take(session)
    statement = select(SessionLogRow).where(SessionLogRow.link_id == sharing.link_id)
    if len(sources) == 1:
        statement = statement.where(col(SessionLogRow.source_id).in_(sources))
    gone = [row for row in session.exec(statement) if row.source_id in sources]
    days = {row.local_day for row in gone}
    for row, number in zip(gone, session_changes.take(session, len(gone)), strict=True):
        for name, value in emptied(now).items():
            setattr(row, name, value)
        row.sequence, row.version = number, row.version + 1
    session.flush()
    session_entries.drop(session, [row.id for row in gone])
    session_rows.recount(session, sharing.clinic_person_id, days)
    audit.note(session, AuditAction.DELETE, RECORD, [row.person_id for row in gone])


def emptied(now: datetime) -> dict[str, Any]:
    """Return what the tombstone of a copy holds: not even when the session was, nor whence it came."""
    nothing = ("title", "notes", "effort", "triage", "recommendation_id", "program_id", "link_id", "source_id")
    when = dict.fromkeys(("started_at", "ended_at", "updated_at", "deleted_at", "created_at"), now)
    where = {"timezone": "UTC", "local_day": session_logs.local_day(now, "UTC"), "clock_ahead": False}
    return {**dict.fromkeys(nothing), **when, **where, "new_symptoms": [], "spread": Spread.NONE.value}
