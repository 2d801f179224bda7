"""What people of an organisation were recommended: the rendered answer with its findings, never their words.

A recommendation is named by its content, so that the same answer to the same person is one row, however often it is
asked for; it keeps the time of the first one.
"""

import zlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKeyConstraint, Index, LargeBinary
from sqlmodel import Field, Session

from data import holds
from data.prepared import PreparedStatement
from data.table import TenantTable, choice, one_of
from data.tenancy import tenant_of
from schemas.vocabulary import Disposition


class RecommendationRow(TenantTable, table=True):
    """The answer that one person was given: its bytes, compressed, and what led to it in ids."""

    __tablename__ = "recommendation"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        Index(None, "organization_id", "person_id", "answered_at"),
        one_of("disposition", Disposition),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID
    disposition: str = choice()
    flags: list[str] = Field(sa_type=JSON)
    answer: bytes = Field(sa_type=LargeBinary)
    answered_at: datetime


_add = PreparedStatement(
    lambda insert: insert(RecommendationRow.__table__).on_conflict_do_nothing()  # type: ignore[attr-defined]
)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to keep: its id, the disposition with the ids of its flags, its bytes."""

    id: UUID
    disposition: Disposition
    flags: list[str]
    content: bytes


def keep(session: Session, person_id: UUID, answered: Answered, hold: holds.Change, now: datetime) -> None:
    """Store what a known person was answered, and place or lift the person's hold with it."""
    _add.run(
        session,
        {
            "id": [answered.id],
            "person_id": [person_id],
            "disposition": [answered.disposition.value],
            "flags": [answered.flags],
            "answer": [zlib.compress(answered.content)],
            "answered_at": [now],
        },
    )
    match hold:
        case holds.Change.PLACE:
            holds.place(session, person_id, answered.disposition, answered.flags, now)
        case holds.Change.LIFT:
            holds.lift(session, person_id, now)


def find(session: Session, recommendation_id: UUID, whose: UUID | None = None) -> bytes | None:
    """Return the bytes of an answer as they were given, or None; with `whose` those of other people are not there."""
    row = session.get(RecommendationRow, (tenant_of(session), recommendation_id))
    return None if row is None or whose not in {None, row.person_id} else zlib.decompress(row.answer)
