"""The table of people, and the pseudonym under which the audit log knows each of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    Uuid,
    bindparam,
    false,
    true,
    tuple_,
)
from sqlmodel import Field, Session, col, select

from data.prepared import PreparedStatement
from data.table import TenantTable
from data.tenancy import tenant_of

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
    # Whether a link of the person stands: looked up with every session that is posted, so it is kept here.
    linked: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """What a write must know of its person: under which name the audit log knows them, and whether they have links."""

    pseudonym: UUID
    linked: bool


_known = PreparedStatement(
    lambda _: select(col(PersonRow.pseudonym), col(PersonRow.linked)).where(
        col(PersonRow.organization_id) == bindparam("organization_id"), col(PersonRow.id) == bindparam("id")
    )
)


def exists(session: Session, person_id: UUID) -> bool:
    """Return True when the organisation knows this person."""
    return _known.exists(session, id=person_id)


def known(session: Session, person_id: UUID) -> KnownPerson | None:
    """Return what a write must know of the person, None when the organisation does not know them."""
    found = _known.found(session, id=person_id)
    if found is None:
        return None
    # One driver hands over the id and the truth, the other its digits and a number.
    pseudonym, linked = found
    return KnownPerson(UUID(pseudonym) if isinstance(pseudonym, str) else pseudonym, bool(linked))


def set_linked(session: Session, person_id: UUID, *, linked: bool) -> None:
    """Write down whether the person has links that stand."""
    row = session.get(PersonRow, (tenant_of(session), person_id))
    if row is not None:
        row.linked = linked


def hold(session: Session, person_id: UUID) -> bool:
    """Keep everybody else from the person until the commit; False when the organisation does not know them."""
    held = select(PersonRow.id).where(PersonRow.id == person_id).with_for_update()
    return session.exec(held).one_or_none() is not None


def known_among(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, KnownPerson]:
    """Return what a write must know of the people that there are."""
    wanted: list[UUID] = list(person_ids)
    found: dict[UUID, KnownPerson] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = session.exec(
            select(PersonRow.id, PersonRow.pseudonym, PersonRow.linked).where(
                col(PersonRow.id).in_(wanted[start : start + CHUNK])
            )
        )
        found.update({person_id: KnownPerson(pseudonym, linked) for person_id, pseudonym, linked in rows})
    return found


def pseudonyms(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the pseudonyms of the people that there are."""
    return {person_id: person.pseudonym for person_id, person in known_among(session, person_ids).items()}


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
