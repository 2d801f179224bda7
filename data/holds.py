"""After an emergency or urgent triage a person is on hold: no exercises until a new screen or a clinician's word.

The signs may stand in a question or in a session that was completed days ago: that too holds from then on, however old
it is, because a device's clock may be wrong and a hold costs one screen.

Only the ids of the flags are kept, never words.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint
from sqlmodel import Field, Session

from data import people
from data.table import TenantTable, choice
from data.tenancy import tenant_of
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
    """Return the person's hold; None for an unknown person."""
    row = session.get(PersonHoldRow, (tenant_of(session), person_id))
    if row is not None:
        return Held(None if row.lifted_at is not None else list(row.flags))
    return Held(None) if people.exists(session, person_id) else None


def place(session: Session, person_id: UUID, disposition: Disposition, flags: list[str], observed_at: datetime) -> None:
    """Put the person on hold for what was observed then.

    A newer observation replaces the hold that stands, an older one adds to it. What was observed before a hold was
    lifted holds nobody again: the screen that lifted it is the newer word.
    """
    row = session.get(PersonHoldRow, (tenant_of(session), person_id))
    if row is None:
        row = PersonHoldRow(
            organization_id=tenant_of(session), person_id=person_id, disposition="", flags=[], placed_at=observed_at
        )
        session.add(row)
    elif row.lifted_at is not None and observed_at < row.lifted_at:
        return
    elif row.lifted_at is None and observed_at < row.placed_at:
        row.flags = sorted({*row.flags, *flags})
        return
    row.disposition, row.flags, row.placed_at, row.lifted_at = disposition.value, flags, observed_at, None


def lift(session: Session, person_id: UUID, now: datetime) -> None:
    """End the person's hold; when is kept, what for is not."""
    row = session.get(PersonHoldRow, (tenant_of(session), person_id))
    if row is not None:
        row.flags, row.lifted_at = [], now
