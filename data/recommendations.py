"""What people of an organisation were recommended: the rendered answer with its findings, never their words.

A recommendation is named by its content, so that the same answer to the same person is one row, however often it is
asked for; it keeps the time of the first one. Beside it stands what the person told with the question, and when for the
last time: other rooms go by that, and never read the answer again.
"""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, ForeignKeyConstraint, Index, LargeBinary, Table, Text, delete, func, or_, text
from sqlmodel import Field, Session, col, select

from data import audit, holds
from data.consents import Sharing
from data.prepared import PreparedStatement
from data.table import TenantTable, choice, one_of
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.told import Telling, ToldAt
from schemas.vocabulary import OPEN_TO_EXERCISE, STOPPING, Disposition

_SHARED = text("link_id IS NOT NULL")
RECORD: Final = "recommendation"


class RecommendationRow(TenantTable, table=True):
    """The answer that one person was given: its bytes, compressed, and what led to it in ids.

    `shared_answer` is what links bring of it where sessions or overrides had a part in it: the same without them. It is
    empty where that is not known.
    """

    __tablename__ = "recommendation"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        Index(None, "organization_id", "person_id", "answered_at"),
        Index(None, "organization_id", "link_id", sqlite_where=_SHARED, postgresql_where=_SHARED),
        one_of("disposition", Disposition),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID
    disposition: str = choice()
    flags: list[str] = Field(sa_type=JSON)
    answer: bytes = Field(sa_type=LargeBinary)
    answered_at: datetime
    link_id: UUID | None = None
    told: str = Field(sa_type=Text)
    told_at: datetime
    shared_answer: bytes | None = Field(default=None, sa_type=LargeBinary)


def _add_or_tell(insert: Callable[[Table], Any]) -> Any:
    table: Table = RecommendationRow.__table__  # type: ignore[attr-defined]
    statement = insert(table)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["organization_id", "id"],
        set_={"told": new.told, "told_at": new.told_at, "shared_answer": new.shared_answer},
        where=new.told_at >= table.c.told_at,
    )


_add = PreparedStatement(_add_or_tell)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to keep: its id, the disposition with the ids of its flags, its bytes, what was told for it.

    `shared` are the bytes that stand in for it at clinics; None where nothing but the question made it.
    """

    id: UUID
    disposition: Disposition
    flags: list[str]
    content: bytes
    told: Telling
    shared: bytes | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was kept: when it was given first, and what it was given for was told for the last time."""

    answered: Answered
    answered_at: datetime
    told_at: datetime


def keep(session: Session, person_id: UUID, answered: Answered, hold: holds.Change, now: datetime) -> None:
    """Store what a known person was answered, and place or lift the person's hold with it."""
    _add.run(session, _columns(person_id, answered, now, now))
    audit.note(session, AuditAction.WRITE, RECORD, [person_id])
    match hold:
        case holds.Change.PLACE:
            holds.place(session, person_id, answered.disposition, answered.flags, now)
        case holds.Change.LIFT:
            holds.lift(session, person_id, now)


def all_since(session: Session, person_id: UUID, since: datetime) -> list[Kept]:
    """Return what a person was answered here, or told once more, at `since` or later: all that links may bring."""
    rows = session.exec(
        select(RecommendationRow)
        .where(
            RecommendationRow.person_id == person_id,
            col(RecommendationRow.told_at) >= since,
            col(RecommendationRow.link_id).is_(None),
            or_(col(RecommendationRow.shared_answer).is_(None), col(RecommendationRow.shared_answer) != b""),
        )
        .order_by(col(RecommendationRow.answered_at), col(RecommendationRow.id))
    )
    return [_kept(row) for row in rows]


def put_copy(session: Session, sharing: Sharing, answered: Answered, answered_at: datetime, told_at: datetime) -> None:
    """Store what a link brought of an answer, under its own id; signs that stop everything hold here too."""
    if answered.shared is not None:
        answered = _without_history(answered, answered.shared)
    columns = _columns(sharing.clinic_person_id, answered, answered_at, told_at)
    _add.run(session, {**columns, "link_id": [sharing.link_id]})
    audit.note(session, AuditAction.WRITE, RECORD, [sharing.clinic_person_id])
    if answered.disposition in STOPPING:
        flags, link_id = answered.flags, sharing.link_id
        holds.place(session, sharing.clinic_person_id, answered.disposition, flags, told_at, link_id)


def since_open(session: Session, person_id: UUID, since: datetime) -> list[tuple[Disposition, bytes, datetime]]:
    """Return what a person was answered, here or by a link, from the newest answer on that left them free to exercise:
    the disposition, the bytes, and when it was told for the last time. Everything since then where no answer did."""
    told_at = col(RecommendationRow.told_at)
    mine = (col(RecommendationRow.person_id) == person_id, told_at >= since)
    free = col(RecommendationRow.disposition).in_([each.value for each in OPEN_TO_EXERCISE])
    newest_free = session.exec(select(func.max(told_at)).where(*mine, free)).one()
    later = mine if newest_free is None else (*mine, told_at >= newest_free)
    rows = session.exec(select(RecommendationRow).where(*later))
    return [(Disposition(row.disposition), zlib.decompress(row.answer), row.told_at) for row in rows]


def drop_copies(session: Session, sharing: Sharing) -> None:
    """Delete the answers that a link brought."""
    statement = delete(RecommendationRow).where(col(RecommendationRow.link_id) == sharing.link_id)
    gone = session.exec(statement.execution_options(synchronize_session=False)).rowcount
    audit.note(session, AuditAction.DELETE, RECORD, [sharing.clinic_person_id] * gone)


def find(session: Session, recommendation_id: UUID, whose: UUID | None = None) -> Kept | None:
    """Return an answer as it was given, or None; with `whose` those of other people are not there."""
    row = session.get(RecommendationRow, (tenant_of(session), recommendation_id))
    if row is None or whose not in {None, row.person_id}:
        return None
    audit.note(session, AuditAction.READ, RECORD, [row.person_id])
    return _kept(row)


def told_since(session: Session, person_id: UUID, since: datetime) -> list[ToldAt]:
    """Return all that a person told since then, here or by a link, each with its last time, newest first."""
    last = func.max(col(RecommendationRow.told_at))
    found = session.exec(
        select(RecommendationRow.told, last)
        .where(RecommendationRow.person_id == person_id, col(RecommendationRow.told_at) >= since)
        .group_by(col(RecommendationRow.told))
        .order_by(last.desc(), col(RecommendationRow.told))
    ).all()
    audit.note(session, AuditAction.READ, RECORD, [person_id] * len(found))
    return [ToldAt(Telling.model_validate_json(told), at) for told, at in found]


def _kept(row: RecommendationRow) -> Kept:
    shared = row.shared_answer and zlib.decompress(row.shared_answer)
    told = Telling.model_validate_json(row.told)
    answered = Answered(row.id, Disposition(row.disposition), row.flags, zlib.decompress(row.answer), told, shared)
    return Kept(answered, row.answered_at, row.told_at)


def _without_history(answered: Answered, shared: bytes) -> Answered:
    disposition = Disposition(json.loads(shared)["triage"]["disposition"])
    return replace(answered, disposition=disposition, content=shared, shared=None)


def _columns(person_id: UUID, answered: Answered, answered_at: datetime, told_at: datetime) -> dict[str, list[Any]]:
    return {
        "id": [answered.id],
        "person_id": [person_id],
        "disposition": [answered.disposition.value],
        "flags": [answered.flags],
        "answer": [zlib.compress(answered.content)],
        "answered_at": [answered_at],
        "told": [answered.told.text()],
        "told_at": [told_at],
        "shared_answer": [answered.shared and zlib.compress(answered.shared)],
    }
