"""What each person's sessions and programs call for, kept beside them and made anew when they changed.

A session or a program that is stored only marks its person. Whoever is marked is looked at anew before the list is
read, so that storing a session stays cheap and the list is never behind.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, null, text
from sqlmodel import Field, Session, col, select

from data.prepared import PreparedStatement
from data.table import TenantTable

_STALE = text("stale")
AT_ONCE: Final = 20


class PersonAttentionRow(TenantTable, table=True):
    """What the sessions of one person call for; `stale`, and nothing else, when they changed since it was made."""

    __tablename__ = "person_attention"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        Index(None, "organization_id", "person_id", sqlite_where=_STALE, postgresql_where=_STALE),
    )

    person_id: UUID = Field(primary_key=True)
    stale: bool
    last_day: str | None = None
    red_at: datetime | None = None
    hurt_at: datetime | None = None
    rise_region: str | None = None
    rise_baseline: float | None = None
    rise_recent: float | None = None
    low_from: str | None = None
    low_until: str | None = None


_MADE = ("last_day", "red_at", "hurt_at", "rise_region", "rise_baseline", "rise_recent", "low_from", "low_until")


def _mark(insert: Any) -> Any:
    table = PersonAttentionRow.__table__  # type: ignore[attr-defined]
    # What was made of sessions goes with them: one that is withdrawn must not be told by what it led to.
    bare = {"stale": True, **dict.fromkeys(_MADE, null())}
    return insert(table).on_conflict_do_update(
        index_elements=["organization_id", "person_id"], set_=bare, where=table.c.stale.is_(False)
    )


_mark_stale = PreparedStatement(_mark)


def mark(session: Session, person_ids: Collection[UUID]) -> None:
    """Have what these people's sessions call for made anew before somebody looks."""
    # In one order, so that two servers never wait for each other.
    people = sorted(set(person_ids))
    _mark_stale.run(session, {"person_id": people, "stale": [True] * len(people)})


def behind(session: Session) -> list[UUID]:
    """Return some organisations with people who are marked. For the system's door."""
    stale = select(PersonAttentionRow.organization_id).where(col(PersonAttentionRow.stale)).distinct()
    return list(session.exec(stale.limit(AT_ONCE)).all())


def is_behind(session: Session) -> bool:
    """Return True when somebody is marked."""
    stale = select(PersonAttentionRow.person_id).where(col(PersonAttentionRow.stale)).limit(1)
    return session.exec(stale).first() is not None
