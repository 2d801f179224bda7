"""Links of an organisation's people to clinics, and the record of what they consented to.

Both belong to the person's own organisation. The record is only ever added to: the newest entry of a link governs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, Session, col, select
from uuid_utils.compat import uuid7

from data import audit
from data.table import TenantTable, choice, digest, one_of
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.base import PageQuery
from schemas.links import Consent, ConsentAct, ConsentRecord, Link

_STANDS = text("withdrawn_at IS NULL")


class PersonLinkRow(TenantTable, table=True):
    """A link of one person to one of a clinic's people, whom it forgets when it ends. `version` is the number of the
    newest consent record."""

    __tablename__ = "person_link"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        UniqueConstraint("organization_id", "code_digest"),
        Index(
            None, "organization_id", "person_id", "clinic_id", unique=True, sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        CheckConstraint("clinic_id <> organization_id", name="clinic"),
        CheckConstraint("(withdrawn_at IS NULL) = (clinic_person_id IS NOT NULL)", name="stands"),
        CheckConstraint("version >= 1", name="version"),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    person_id: UUID
    clinic_id: UUID
    clinic_name: str
    clinic_person_id: UUID | None = None
    code_digest: bytes = digest()
    body_digest: bytes = digest()
    version: int
    created_at: datetime
    withdrawn_at: datetime | None = None


class ConsentRow(TenantTable, table=True):
    """One entry of the record of consents. The database refuses to change one."""

    __tablename__ = "consent"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "link_id"], ["person_link.organization_id", "person_link.id"]),
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        UniqueConstraint("organization_id", "link_id", "number"),
        Index(None, "organization_id", "person_id", "id"),
        one_of("act", ConsentAct),
        CheckConstraint("covers_until > covers_from", name="span"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID
    link_id: UUID
    number: int
    act: str = choice()
    sessions: bool
    progress: bool
    recommendations: bool
    covers_from: datetime | None = None
    covers_until: datetime | None = None
    wording: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Sharing:
    """A link that stands: where it leads, and what it shares of which time."""

    link_id: UUID
    person_id: UUID
    clinic_id: UUID
    clinic_person_id: UUID
    sessions: bool
    progress: bool
    recommendations: bool
    covers_from: datetime
    covers_until: datetime | None

    @property
    def figures_only(self) -> bool:
        """True when the daily figures are shared without the sessions that they are made from."""
        return self.progress and not self.sessions

    def covers(self, started_at: datetime, ended_at: datetime) -> bool:
        """Return True when all of the span lies in the time consented to: nothing before, nothing after."""
        return started_at >= self.covers_from and (self.covers_until is None or ended_at <= self.covers_until)


def record(session: Session, link: PersonLinkRow, act: ConsentAct, consent: Consent | None, now: datetime) -> None:
    """Add an entry to the record of a link, which is the newest from now on. Without `consent` nothing is shared."""
    session.add(
        ConsentRow(
            organization_id=link.organization_id,
            id=uuid7(),
            person_id=link.person_id,
            link_id=link.id,
            number=link.version,
            act=act.value,
            sessions=consent is not None and consent.sessions,
            progress=consent is not None and consent.progress,
            recommendations=consent is not None and consent.recommendations,
            covers_from=None if consent is None else consent.covers_from,
            covers_until=None if consent is None else consent.covers_until,
            wording="" if consent is None else consent.wording,
            recorded_at=now,
        )
    )
    session.flush()


def standing(session: Session, person_id: UUID) -> list[Sharing]:
    """Return the links of the person that stand, with the consents that govern them, in the order of their clinics."""
    # Whoever writes to several clinics takes their counters in one order.
    statement = _with_newest().where(PersonLinkRow.person_id == person_id, col(PersonLinkRow.withdrawn_at).is_(None))
    return [_sharing(*found) for found in session.exec(statement.order_by(col(PersonLinkRow.clinic_id)))]


def one(session: Session, person_id: UUID, link_id: UUID) -> tuple[PersonLinkRow, Sharing] | None:
    """Return the row of a link of the person that stands, with what it shares, or None; for units of work only."""
    found = session.exec(
        _with_newest().where(
            PersonLinkRow.id == link_id,
            PersonLinkRow.person_id == person_id,
            col(PersonLinkRow.withdrawn_at).is_(None),
        )
    ).one_or_none()
    return None if found is None else (found[0], _sharing(*found))


def page(session: Session, person_id: UUID, query: PageQuery, after: UUID | None) -> list[Link]:
    """Return up to `limit` + 1 links of the person after the given id, oldest first, those that ended too."""
    statement = select(PersonLinkRow).where(PersonLinkRow.person_id == person_id)
    if after is not None:
        statement = statement.where(col(PersonLinkRow.id) > after)
    rows = session.exec(statement.order_by(col(PersonLinkRow.id)).limit(query.limit + 1)).all()
    audit.note(session, AuditAction.READ, "link", [row.person_id for row in rows])
    return shaped(session, rows)


def find(session: Session, person_id: UUID, link_id: UUID) -> Link | None:
    """Return a link of the person, also one that ended, or None."""
    row = session.get(PersonLinkRow, (tenant_of(session), link_id))
    if row is None or row.person_id != person_id:
        return None
    audit.note(session, AuditAction.READ, "link", [person_id])
    return shaped(session, [row])[0]


def shaped(session: Session, rows: Sequence[PersonLinkRow]) -> list[Link]:
    """Return the rows as links, each with the last consent that was given."""
    given = session.exec(
        select(ConsentRow)
        .where(col(ConsentRow.link_id).in_([row.id for row in rows]), col(ConsentRow.covers_from).is_not(None))
        .order_by(col(ConsentRow.link_id), col(ConsentRow.number))
    )
    last = {consent.link_id: consent for consent in given}
    return [
        Link(
            id=row.id,
            organization_id=row.clinic_id,
            organization_name=row.clinic_name,
            consent=Consent.model_validate({name: getattr(last[row.id], name) for name in Consent.model_fields}),
            version=row.version,
            created_at=row.created_at,
            withdrawn_at=row.withdrawn_at,
        )
        for row in rows
    ]


def record_page(session: Session, person_id: UUID, query: PageQuery, after: UUID | None) -> list[ConsentRecord]:
    """Return up to `limit` + 1 entries of the person's record after the given id, oldest first."""
    statement = (
        select(ConsentRow, PersonLinkRow)
        .join(
            PersonLinkRow,
            (col(PersonLinkRow.organization_id) == ConsentRow.organization_id)
            & (col(PersonLinkRow.id) == ConsentRow.link_id),
        )
        .where(ConsentRow.person_id == person_id)
    )
    if after is not None:
        statement = statement.where(col(ConsentRow.id) > after)
    found = session.exec(statement.order_by(col(ConsentRow.id)).limit(query.limit + 1)).all()
    audit.note(session, AuditAction.READ, "consent", [consent.person_id for consent, _ in found])
    return [_entry(consent, link) for consent, link in found]


def _with_newest() -> Any:
    return select(PersonLinkRow, ConsentRow).join(
        ConsentRow,
        (col(ConsentRow.organization_id) == PersonLinkRow.organization_id)
        & (col(ConsentRow.link_id) == PersonLinkRow.id)
        & (col(ConsentRow.number) == PersonLinkRow.version),
    )


def _sharing(link: PersonLinkRow, consent: ConsentRow) -> Sharing:
    if link.clinic_person_id is None:
        raise LookupError("the link has ended")
    return Sharing(
        link_id=link.id,
        person_id=link.person_id,
        clinic_id=link.clinic_id,
        clinic_person_id=link.clinic_person_id,
        sessions=consent.sessions,
        progress=consent.progress,
        recommendations=consent.recommendations,
        covers_from=consent.covers_from or link.created_at,
        covers_until=consent.covers_until,
    )


def _entry(consent: ConsentRow, link: PersonLinkRow) -> ConsentRecord:
    return ConsentRecord(
        id=consent.id,
        link_id=link.id,
        organization_id=link.clinic_id,
        organization_name=link.clinic_name,
        act=ConsentAct(consent.act),
        sessions=consent.sessions,
        progress=consent.progress,
        recommendations=consent.recommendations,
        covers_from=consent.covers_from,
        covers_until=consent.covers_until,
        wording=consent.wording,
        recorded_at=consent.recorded_at,
    )
