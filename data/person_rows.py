"""The table of people, and the pseudonym under which the audit log knows each of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, UniqueConstraint, Uuid, bindparam, true, tuple_
from sqlmodel import Field, Session, col, select

from data.prepared import PreparedStatement
from data.table import TenantTable

CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A person of any organisation; for the system's door."""

    organization_id: UUID
    person_id: UUID


class PersonRow(TenantTable, table=True):
    """A person, known to the organisation by its own id."""

    __tablename__ = "person"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        UniqueConstraint("organization_id", "external_id"),
        Index(None, "organization_id", "pseudonym", unique=True),
    )

    id: UUID = Field(primary_key=True)
    external_id: str
    # Random, and nowhere else but in the audit log: when this row goes, nothing leads from there to the person.
    pseudonym: UUID = Field(default_factory=uuid4)
    created_at: datetime


_pseudonym = PreparedStatement(
    lambda _: select(col(PersonRow.pseudonym)).where(
        col(PersonRow.organization_id) == bindparam("organization_id"), col(PersonRow.id) == bindparam("id")
    )
)


def exists(session: Session, person_id: UUID) -> bool:
    """Return True when the organisation knows this person."""
    return _pseudonym.exists(session, id=person_id)


def pseudonym(session: Session, person_id: UUID) -> UUID | None:
    """Return under which name the audit log knows the person, None when the organisation does not know them."""
    found = _pseudonym.found(session, id=person_id)
    # One driver hands over the id, the other its digits.
    return UUID(found) if isinstance(found, str) else found


def hold(session: Session, person_id: UUID) -> bool:
    """Keep everybody else from the person until the commit; False when the organisation does not know them."""
    held = select(PersonRow.id).where(PersonRow.id == person_id).with_for_update()
    return session.exec(held).one_or_none() is not None


def pseudonyms(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the pseudonyms of the people that there are."""
    wanted: list[UUID] = list(person_ids)
    found: dict[UUID, UUID] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = session.exec(
            select(PersonRow.id, PersonRow.pseudonym).where(col(PersonRow.id).in_(wanted[start : start + CHUNK]))
        )
        found.update(dict(rows.all()))
    return found


def some(
    session: Session, after: PersonKey | None, limit: int, which: ColumnElement[bool] | None = None
) -> list[PersonKey]:
    """Return the next people of all organisations behind one of them, those that `which` picks.

    For the system's door.
    """
    organization_id, person_id = col(PersonRow.organization_id), col(PersonRow.id)
    statement = select(PersonRow.organization_id, PersonRow.id).where(true() if which is None else which)
    if after is not None:
        place = tuple_(after.organization_id, after.person_id, types=[Uuid(), Uuid()])
        statement = statement.where(tuple_(organization_id, person_id) > place)
    return [PersonKey(*row) for row in session.exec(statement.order_by(organization_id, person_id).limit(limit))]
