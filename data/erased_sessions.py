"""The sessions of people who were erased, for those who follow the changes: that they are gone, and nothing else."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, Session, col, select

from data.table import TenantTable, big_integer
from data.tenancy import tenant_of


class ErasedSessionRow(TenantTable, table=True):
    """A session that is gone with its person, and its place in the order of changes. The id is random, and leads to
    nobody."""

    __tablename__ = "erased_session"
    __table_args__ = (Index(None, "organization_id", "sequence", unique=True),)

    id: UUID = Field(primary_key=True)
    sequence: int = big_integer()


def bury(session: Session, session_ids: Sequence[UUID], numbers: Sequence[int]) -> None:
    """Write down that the sessions are gone, each under its number."""
    for session_id, number in zip(session_ids, numbers, strict=True):
        session.add(ErasedSessionRow(organization_id=tenant_of(session), id=session_id, sequence=number))
    session.flush()


def since(session: Session, number: int, limit: int) -> Sequence[ErasedSessionRow]:
    """Return the next sessions that are gone, in the order of changes; for units of work only."""
    sequence = col(ErasedSessionRow.sequence)
    return session.exec(select(ErasedSessionRow).where(sequence > number).order_by(sequence).limit(limit)).all()
