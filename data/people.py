"""An organisation's people."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint, bindparam, false
from sqlmodel import Field, Session, col, select
from uuid_utils.compat import uuid7

from data.prepared import PreparedStatement
from data.table import TenantTable
from data.tenancy import tenant_of
from schemas.people import Person, PersonCreate, PersonQuery


class PersonRow(TenantTable, table=True):
    """A person, known to the organisation by its own id."""

    __tablename__ = "person"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        UniqueConstraint("organization_id", "external_id"),
    )

    id: UUID = Field(primary_key=True)
    external_id: str
    created_at: datetime
    linked: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether a link of the person stands: looked up with every session that is posted, so it is kept here."""


_linked = PreparedStatement(
    lambda _: select(col(PersonRow.linked)).where(
        col(PersonRow.organization_id) == bindparam("organization_id"), col(PersonRow.id) == bindparam("id")
    )
)


@dataclass(frozen=True, slots=True)
class AddedPerson:
    """The person as stored; `conflict` when the id or the external id already means somebody else."""

    person: Person | None
    created: bool
    conflict: bool


def add(session: Session, body: PersonCreate, now: datetime) -> AddedPerson:
    """Store a person once; the same id and external id again give the stored one."""
    by_external = session.exec(select(PersonRow).where(PersonRow.external_id == body.external_id)).one_or_none()
    by_id = session.get(PersonRow, (tenant_of(session), body.id)) if body.id is not None else None
    known = by_external or by_id
    if known is not None:
        same = known.external_id == body.external_id and body.id in {None, known.id}
        return AddedPerson(_shape(known) if same else None, created=False, conflict=not same)
    row = PersonRow(
        organization_id=tenant_of(session), id=body.id or uuid7(), external_id=body.external_id, created_at=now
    )
    session.add(row)
    session.flush()
    return AddedPerson(_shape(row), created=True, conflict=False)


def find(session: Session, person_id: UUID) -> Person | None:
    """Return the person, or None."""
    row = session.get(PersonRow, (tenant_of(session), person_id))
    return None if row is None else _shape(row)


def page(session: Session, query: PersonQuery, after: UUID | None) -> list[Person]:
    """Return up to `limit` + 1 people after the given id, in the order of their ids."""
    statement = select(PersonRow).order_by(col(PersonRow.id)).limit(query.limit + 1)
    if query.external_id is not None:
        statement = statement.where(PersonRow.external_id == query.external_id)
    if after is not None:
        statement = statement.where(col(PersonRow.id) > after)
    return [_shape(row) for row in session.exec(statement)]


def exists(session: Session, person_id: UUID) -> bool:
    """Return True when the organisation knows this person."""
    return _linked.exists(session, id=person_id)


def linked(session: Session, person_id: UUID) -> bool | None:
    """Return True when the person has links that stand, None when the organisation does not know this person."""
    return None if (found := _linked.first(session, id=person_id)) is None else bool(found)


def set_linked(session: Session, person_id: UUID, *, linked: bool) -> None:
    """Write down whether the person has links that stand."""
    row = session.get(PersonRow, (tenant_of(session), person_id))
    if row is not None:
        row.linked = linked


def _shape(row: PersonRow) -> Person:
    return Person(id=row.id, external_id=row.external_id, created_at=row.created_at)
