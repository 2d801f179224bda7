"""Invitations of a clinic to link: one short code for each of its people, kept as a digest, good for one link."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, Session, col, select

from data import audit, person_rows
from data.access import OrganizationRow
from data.table import TenantTable, digest
from data.tenancy import tenant_of
from schemas.audit import AuditAction

LASTS: Final = timedelta(days=7)
LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Those of Crockford's base 32: none looks like another."""

GROUPS: Final = (4, 4, 4)
_MISREAD: Final = str.maketrans("OIL", "011", " -")


class LinkInvitationRow(TenantTable, table=True):
    """The invitation that stands for one person."""

    __tablename__ = "link_invitation"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        UniqueConstraint("code_digest"),
    )

    person_id: UUID = Field(primary_key=True)
    code_digest: bytes = digest()
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Clinic:
    """The organisation that an invitation leads to."""

    id: UUID
    name: str


def new_code() -> str:
    """Return a fresh code of 60 random bits, in groups that can be read aloud."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(length)) for length in GROUPS)


def digest_of(code: str) -> bytes:
    """Return the digest of a code, however it was typed."""
    return hashlib.sha256(code.upper().translate(_MISREAD).encode()).digest()


def invite(session: Session, person_id: UUID, code: str, now: datetime) -> datetime | None:
    """Let the code stand for the person, in the place of an earlier one, and return when it ends; None for an unknown
    person."""
    if not person_rows.exists(session, person_id):
        return None
    row = session.get(LinkInvitationRow, (tenant_of(session), person_id))
    if row is None:
        row = LinkInvitationRow(
            organization_id=tenant_of(session), person_id=person_id, code_digest=b"", expires_at=now
        )
        session.add(row)
    row.code_digest, row.expires_at = digest_of(code), now + LASTS
    audit.note(session, AuditAction.WRITE, "link_invitation", [person_id])
    return row.expires_at


def clinic_inviting(session: Session, code: bytes, now: datetime) -> Clinic | None:
    """Return the organisation of an invitation that stands, or None. For the system's door."""
    found = session.exec(
        select(OrganizationRow)
        .join(LinkInvitationRow, col(LinkInvitationRow.organization_id) == OrganizationRow.id)
        .where(LinkInvitationRow.code_digest == code, col(LinkInvitationRow.expires_at) > now)
    ).one_or_none()
    return None if found is None else Clinic(found.id, found.name)


def claim(session: Session, code: bytes, now: datetime) -> UUID | None:
    """Return whom the invitation stands for, and spend it; None when it does not stand any more."""
    row = session.exec(
        select(LinkInvitationRow)
        .where(LinkInvitationRow.code_digest == code, col(LinkInvitationRow.expires_at) > now)
        .with_for_update()
    ).one_or_none()
    if row is None:
        return None
    person_id = row.person_id
    session.delete(row)
    session.flush()
    return person_id
