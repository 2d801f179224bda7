"""After an emergency or urgent triage a person is on hold: no exercises until a new screen or a clinician's word.

The signs may stand in a question or in a session that was completed days ago: that too holds from then on, however old
it is, because a device's clock may be wrong and a hold costs one screen.

Only the ids of the flags are kept, never words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint
from sqlmodel import Field, Session, col, select

from data import attention, audit, person_rows
from data.table import TenantTable, choice
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.vocabulary import Disposition


class PersonHoldRow(TenantTable, table=True):
    """The hold of one person."""

    __tablename__ = "person_hold"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        CheckConstraint("disposition = 'emergency' OR disposition = 'urgent'", name="disposition"),
    )

    person_id: UUID = Field(primary_key=True)
    disposition: str = choice()
    flags: list[str] = Field(sa_type=JSON)
    placed_at: datetime
    lifted_at: datetime | None = None


class SharedHoldRow(TenantTable, table=True):
    """The hold that a person's shared sessions and recommendations placed at the clinic; it goes with its link."""

    __tablename__ = "shared_hold"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        CheckConstraint("disposition = 'emergency' OR disposition = 'urgent'", name="disposition"),
    )

    person_id: UUID = Field(primary_key=True)
    link_id: UUID = Field(primary_key=True)
    disposition: str = choice()
    flags: list[str] = Field(sa_type=JSON)
    placed_at: datetime
    lifted_at: datetime | None = None


SPANS: Final[tuple[tuple[Any, ...], ...]] = tuple(
    (row.person_id, row.placed_at, row.lifted_at) for row in (PersonHoldRow, SharedHoldRow)
)
"""Whom each kind of hold held, from when, and until when."""


class Change(StrEnum):
    """What an answer does to the hold of its person."""

    NONE = "none"
    PLACE = "place"
    LIFT = "lift"


@dataclass(frozen=True, slots=True)
class Held:
    """Whether a person is on hold: the ids of the flags that led there, None without a hold."""

    flags: list[str] | None


def of_person(session: Session, person_id: UUID) -> Held | None:
    """Return the person's hold, with what links brought, which is read together with the sessions of late; None for an
    unknown person."""
    rows = _rows(session, person_id)
    if not rows and not person_rows.exists(session, person_id):
        return None
    audit.note(session, AuditAction.READ, "history", [person_id])
    standing = [row for row in rows if row.lifted_at is None]
    return Held(sorted({flag for row in standing for flag in row.flags}) if standing else None)


def stands(session: Session, person_id: UUID) -> bool:
    """Return True while the person is on hold, by the organisation's own signs or by what a link brought."""
    return any(row.lifted_at is None for row in _rows(session, person_id))


def spans(session: Session, people: Sequence[UUID], number: int, columns: Sequence[Any]) -> Any:
    """Return the statement for when holds of the kind `number` of `SPANS` held people; it may stand inside another."""
    row = (PersonHoldRow, SharedHoldRow)[number]
    return select(*columns).where(col(row.organization_id) == tenant_of(session), col(row.person_id).in_(people))


def place(
    session: Session,
    person_id: UUID,
    disposition: Disposition,
    flags: list[str],
    observed_at: datetime,
    link_id: UUID | None = None,
) -> None:
    """Put the person on hold for what was observed then, by what a link brought or by the organisation's own.

    While a hold stands, each observation adds to it, and the graver one says how grave it is. What was observed before
    a hold was lifted holds nobody again: the screen that lifted it is the newer word.
    """
    attention.mark(session, [person_id])
    row = _row(session, person_id, link_id)
    grave, found, at = disposition, set(flags), observed_at
    if row is None:
        row = _new(session, person_id, link_id, observed_at)
        session.add(row)
    elif row.lifted_at is None:
        grave = Disposition.EMERGENCY if Disposition.EMERGENCY in {disposition, row.disposition} else disposition
        found, at = found | {*row.flags}, row.placed_at
    elif observed_at < row.lifted_at:
        return
    row.disposition, row.flags, row.placed_at, row.lifted_at = grave.value, sorted(found), at, None


def lift(session: Session, person_id: UUID, now: datetime) -> None:
    """End the person's holds; when is kept, what for is not."""
    attention.mark(session, [person_id])
    for row in _rows(session, person_id):
        row.flags, row.lifted_at = [], now


def forget_shared(session: Session, person_id: UUID, link_id: UUID, *, keep_lifted: bool) -> None:
    """Delete the hold that a link brought; one that was lifted may stay, and keeps older signs from holding again."""
    row = session.get(SharedHoldRow, (tenant_of(session), person_id, link_id))
    if row is not None and not (keep_lifted and row.lifted_at is not None):
        session.delete(row)
        session.flush()


def _rows(session: Session, person_id: UUID) -> list[PersonHoldRow | SharedHoldRow]:
    own = session.get(PersonHoldRow, (tenant_of(session), person_id))
    shared = session.exec(select(SharedHoldRow).where(SharedHoldRow.person_id == person_id)).all()
    return [*([] if own is None else [own]), *shared]


def _row(session: Session, person_id: UUID, link_id: UUID | None) -> PersonHoldRow | SharedHoldRow | None:
    if link_id is None:
        return session.get(PersonHoldRow, (tenant_of(session), person_id))
    return session.get(SharedHoldRow, (tenant_of(session), person_id, link_id))


def _new(
    session: Session, person_id: UUID, link_id: UUID | None, observed_at: datetime
) -> PersonHoldRow | SharedHoldRow:
    tenant = tenant_of(session)
    if link_id is None:
        return PersonHoldRow(
            organization_id=tenant, person_id=person_id, disposition="", flags=[], placed_at=observed_at
        )
    return SharedHoldRow(
        organization_id=tenant,
        person_id=person_id,
        link_id=link_id,
        disposition="",
        flags=[],
        placed_at=observed_at,
    )
