"""An organisation's people."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select
from uuid_utils.compat import uuid7

from data import audit, erasures
from data.person_rows import PersonRow
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.people import Person, PersonCreate, PersonQuery


@dataclass(frozen=True, slots=True)
class AddedPerson:
    """The person as stored; `conflict` when the id or the external id already means somebody else, `erased` when the id
    was a person's who is gone."""

    person: Person | None
    created: bool
    conflict: bool
    erased: bool = False


def add(session: Session, body: PersonCreate, now: datetime) -> AddedPerson:
    """Store a person once; the same id and external id again give the stored one."""
    by_external = session.exec(select(PersonRow).where(PersonRow.external_id == body.external_id)).one_or_none()
    by_id = session.get(PersonRow, (tenant_of(session), body.id)) if body.id is not None else None
    known = by_external or by_id
    if known is not None:
        same = known.external_id == body.external_id and body.id in {None, known.id}
        return AddedPerson(_shape(known) if same else None, created=False, conflict=not same)
    if body.id is not None and erasures.of_person(session, body.id) is not None:
        return AddedPerson(None, created=False, conflict=False, erased=True)
    row = PersonRow(
        organization_id=tenant_of(session), id=body.id or uuid7(), external_id=body.external_id, created_at=now
    )
    session.add(row)
    session.flush()
    audit.write(session, AuditAction.WRITE, "person", {row.pseudonym: 1})
    return AddedPerson(_shape(row), created=True, conflict=False)


def known(session: Session, person_id: UUID) -> Person | None:
    """Return the person of a unit of work that tells the audit log itself what it does, or None."""
    row = session.get(PersonRow, (tenant_of(session), person_id))
    return None if row is None else _shape(row)


def find(session: Session, person_id: UUID) -> Person | None:
    """Return the person, or None."""
    row = session.get(PersonRow, (tenant_of(session), person_id))
    if row is None:
        return None
    audit.note(session, AuditAction.READ, "person", [row.id])
    return _shape(row)


def page(session: Session, query: PersonQuery, after: UUID | None) -> list[Person]:
    """Return up to `limit` + 1 people after the given id, in the order of their ids."""
    statement = select(PersonRow).order_by(col(PersonRow.id)).limit(query.limit + 1)
    if query.external_id is not None:
        statement = statement.where(PersonRow.external_id == query.external_id)
    if after is not None:
        statement = statement.where(col(PersonRow.id) > after)
    found = [_shape(row) for row in session.exec(statement)]
    audit.note(session, AuditAction.READ, "person", [person.id for person in found])
    return found


def _shape(row: PersonRow) -> Person:
    return Person(id=row.id, external_id=row.external_id, created_at=row.created_at)
