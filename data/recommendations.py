"""What people of an organisation were recommended: the rendered answer with its findings, never their words.

A recommendation is named by its content, so that the same answer to the same person is one row, however often it is
asked for; it keeps the time of the first one.
"""

import json
import zlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, ForeignKeyConstraint, Index, LargeBinary, delete, or_, text
from sqlmodel import Field, Session, col, select

from data import audit, holds
from data.consents import Sharing
from data.prepared import PreparedStatement
from data.table import TenantTable, choice, one_of
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.vocabulary import STOPPING, Disposition

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
    shared_answer: bytes | None = Field(default=None, sa_type=LargeBinary)


_add = PreparedStatement(
    lambda insert: insert(RecommendationRow.__table__).on_conflict_do_nothing()  # type: ignore[attr-defined]
)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to keep: its id, the disposition with the ids of its flags, its bytes.

    `shared` are the bytes that stand in for it at clinics; None where nothing but the question made it.
    """

    id: UUID
    disposition: Disposition
    flags: list[str]
    content: bytes
    shared: bytes | None = None


def keep(session: Session, person_id: UUID, answered: Answered, hold: holds.Change, now: datetime) -> None:
    """Store what a known person was answered, and place or lift the person's hold with it."""
    _add.run(session, _columns(person_id, answered, now))
    audit.note(session, AuditAction.WRITE, RECORD, [person_id])
    match hold:
        case holds.Change.PLACE:
            holds.place(session, person_id, answered.disposition, answered.flags, now)
        case holds.Change.LIFT:
            holds.lift(session, person_id, now)


def all_since(session: Session, person_id: UUID, since: datetime) -> list[tuple[Answered, datetime]]:
    """Return what a person was answered here at `since` or later, and when: all that links may bring."""
    rows = session.exec(
        select(RecommendationRow)
        .where(
            RecommendationRow.person_id == person_id,
            col(RecommendationRow.answered_at) >= since,
            col(RecommendationRow.link_id).is_(None),
            or_(col(RecommendationRow.shared_answer).is_(None), col(RecommendationRow.shared_answer) != b""),
        )
        .order_by(col(RecommendationRow.answered_at), col(RecommendationRow.id))
    )
    return [
        (
            Answered(
                row.id,
                Disposition(row.disposition),
                row.flags,
                zlib.decompress(row.answer),
                row.shared_answer and zlib.decompress(row.shared_answer),
            ),
            row.answered_at,
        )
        for row in rows
    ]


def put_copy(session: Session, sharing: Sharing, answered: Answered, answered_at: datetime) -> None:
    """Store what a link brought of an answer, under its own id; signs that stop everything hold here too."""
    if answered.shared is not None:
        answered = _without_history(answered, answered.shared)
    columns = _columns(sharing.clinic_person_id, answered, answered_at)
    _add.run(session, {**columns, "link_id": [sharing.link_id]})
    audit.note(session, AuditAction.WRITE, RECORD, [sharing.clinic_person_id])
    if answered.disposition in STOPPING:
        flags, link_id = answered.flags, sharing.link_id
        holds.place(session, sharing.clinic_person_id, answered.disposition, flags, answered_at, link_id)


def drop_copies(session: Session, sharing: Sharing) -> None:
    """Delete the answers that a link brought."""
    statement = delete(RecommendationRow).where(col(RecommendationRow.link_id) == sharing.link_id)
    gone = session.exec(statement.execution_options(synchronize_session=False)).rowcount
    audit.note(session, AuditAction.DELETE, RECORD, [sharing.clinic_person_id] * gone)


def find(session: Session, recommendation_id: UUID, whose: UUID | None = None) -> bytes | None:
    """Return the bytes of an answer as they were given, or None; with `whose` those of other people are not there."""
    row = session.get(RecommendationRow, (tenant_of(session), recommendation_id))
    if row is None or whose not in {None, row.person_id}:
        return None
    audit.note(session, AuditAction.READ, RECORD, [row.person_id])
    return zlib.decompress(row.answer)


def newest(session: Session, person_id: UUID, since: datetime, most: int) -> list[bytes]:
    """Return the bytes of the newest answers, at most `most`, of a person since then, here or by a link."""
    found = session.exec(
        select(RecommendationRow.answer)
        .where(RecommendationRow.person_id == person_id, col(RecommendationRow.answered_at) >= since)
        .order_by(col(RecommendationRow.answered_at).desc(), col(RecommendationRow.id).desc())
        .limit(most)
    ).all()
    audit.note(session, AuditAction.READ, RECORD, [person_id] * len(found))
    return [zlib.decompress(answer) for answer in found]


def _without_history(answered: Answered, shared: bytes) -> Answered:
    disposition = Disposition(json.loads(shared)["triage"]["disposition"])
    return replace(answered, disposition=disposition, content=shared, shared=None)


def _columns(person_id: UUID, answered: Answered, answered_at: datetime) -> dict[str, list[Any]]:
    return {
        "id": [answered.id],
        "person_id": [person_id],
        "disposition": [answered.disposition.value],
        "flags": [answered.flags],
        "answer": [zlib.compress(answered.content)],
        "answered_at": [answered_at],
        "shared_answer": [answered.shared and zlib.compress(answered.shared)],
    }
