"""The ledger of erasures: which ids never come back. It holds digests, so that only whoever knows an id can ask for it.

Digests are of random ids. A digest of anything that could be guessed, such as an organisation's own id for a person,
would give away who it was.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select
from uuid_utils.compat import uuid7

from data.table import TenantTable, digest
from data.tenancy import tenant_of
from schemas.people import Erasure, LedgerEntry


class ErasureRow(TenantTable, table=True):
    """A person who was erased. `remains_gone_at` is when the last of their bytes had left the database's files."""

    __tablename__ = "erasure"

    person_digest: bytes = digest(primary_key=True)
    id: UUID
    erased_at: datetime
    remains_gone_at: datetime | None = None


def person_digest(organization_id: UUID, person_id: UUID) -> bytes:
    """Return the digest under which an erased person's id is remembered."""
    return hashlib.sha256(organization_id.bytes + person_id.bytes).digest()


def of_person(session: Session, person_id: UUID) -> Erasure | None:
    """Return the erasure of the person, or None."""
    row = session.get(ErasureRow, (tenant_of(session), person_digest(tenant_of(session), person_id)))
    return None if row is None else _shape(row)


def enter(session: Session, person_id: UUID, now: datetime, *, complete: bool) -> Erasure:
    """Write down that a person is erased; `complete` when no bytes remain in free pages.

    Somebody whom a restored backup had brought back keeps the entry of the first time.
    """
    key = tenant_of(session), person_digest(tenant_of(session), person_id)
    row = session.get(ErasureRow, key)
    if row is None:
        row = ErasureRow(organization_id=key[0], person_digest=key[1], id=uuid7(), erased_at=now)
        session.add(row)
    row.remains_gone_at = now if complete else None
    session.flush()
    return _shape(row)


def unswept(session: Session) -> list[UUID]:
    """Return the erasures whose remains are still in the files. For the system's door."""
    return list(session.exec(select(ErasureRow.id).where(col(ErasureRow.remains_gone_at).is_(None))))


def swept(session: Session, ids: list[UUID], now: datetime) -> None:
    """Write down that the remains of these erasures are gone. For the system's door."""
    session.exec(update(ErasureRow).where(col(ErasureRow.id).in_(ids)).values(remains_gone_at=now))


def ledger(session: Session) -> list[LedgerEntry]:
    """Return all that were erased, of all organisations. For the system's door."""
    return [
        LedgerEntry(
            organization_id=row.organization_id, person_digest=row.person_digest, id=row.id, erased_at=row.erased_at
        )
        for row in session.exec(select(ErasureRow).order_by(col(ErasureRow.erased_at), col(ErasureRow.id)))
    ]


def enter_again(session: Session, entries: Sequence[LedgerEntry]) -> None:
    """Write down erasures that a restored database does not know of. For the system's door."""
    for entry in entries:
        if session.get(ErasureRow, (entry.organization_id, entry.person_digest)) is None:
            session.add(ErasureRow(**entry.model_dump(), remains_gone_at=entry.erased_at))
    session.flush()


def _shape(row: ErasureRow) -> Erasure:
    return Erasure(id=row.id, erased_at=row.erased_at, remains_gone_at=row.remains_gone_at)
