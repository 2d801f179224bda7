"""Function scores: what a person answered to a questionnaire, as numbers. Once stored they stay as they are, until they
are deleted."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field, Session, col, select
from uuid_utils.compat import uuid7

from data import audit, person_rows, session_logs
from data.prepared import PreparedStatement
from data.table import TenantTable, choice, digest, one_of
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.function_scores import ITEMS, FunctionScore, FunctionScoreCreate, FunctionScoreQuery, Instrument


class FunctionScoreRow(TenantTable, table=True):
    """One answered questionnaire: three items, and the ids of the three activities where the person chose them. A
    deleted one keeps its key as a tombstone and nothing personal."""

    __tablename__ = "function_score"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        Index(None, "organization_id", "person_id", "id"),
        one_of("instrument", Instrument),
        CheckConstraint("first BETWEEN 0 AND 10", name="first"),
        CheckConstraint("second BETWEEN 0 AND 10", name="second"),
        CheckConstraint("third BETWEEN 0 AND 10", name="third"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID
    instrument: str = choice()
    first: int
    second: int
    third: int
    activities: list[str] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    answered_at: datetime
    timezone: str
    local_day: str
    created_digest: bytes = digest()
    created_at: datetime
    deleted_at: datetime | None = None


RECORD: Final = "function_score"
EMPTIED: Final[Mapping[str, Any]] = MappingProxyType(
    {"first": 0, "second": 0, "third": 0, "activities": None, "created_digest": b""}
)
"""What a tombstone holds where a score has something personal."""
_add = PreparedStatement(lambda insert: insert(FunctionScoreRow.__table__).on_conflict_do_nothing())  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class AddedScore:
    """The score as stored, None for an unknown person; `conflict` when the id already means another score, `deleted`
    when it meant one that is gone."""

    score: FunctionScore | None
    created: bool = False
    conflict: bool = False
    deleted: bool = False


def add(session: Session, body: FunctionScoreCreate, person_id: UUID, now: datetime) -> AddedScore:
    """Store a score once. The same id with the same content is replayed; with other content it is a conflict."""
    person = person_rows.known(session, person_id)
    if person is None:
        return AddedScore(None)
    content = body.model_dump_json(exclude={"id", "person_id"}).encode()
    created = hashlib.sha256(person_id.bytes + content).digest()
    first, second, third = body.items
    row: dict[str, Any] = {
        "id": body.id or uuid7(),
        "person_id": person_id,
        "instrument": body.instrument.value,
        "first": first,
        "second": second,
        "third": third,
        "activities": None if body.activities is None else [str(activity) for activity in body.activities],
        "answered_at": body.answered_at,
        "timezone": body.timezone,
        "local_day": session_logs.local_day(body.answered_at, body.timezone),
        "created_digest": created,
        "created_at": now,
    }
    if _add.run(session, {name: [value] for name, value in row.items()}):
        audit.write(session, AuditAction.WRITE, RECORD, {person.pseudonym: 1})
        return AddedScore(_shape(FunctionScoreRow(**row)), created=True)
    stored = _row(session, row["id"], person_id)
    if stored is None:
        return AddedScore(None, conflict=True)
    if stored.deleted_at is not None:
        return AddedScore(None, deleted=True)
    if stored.created_digest != created:
        return AddedScore(None, conflict=True)
    note_read(session, [person_id])
    return AddedScore(_shape(stored))


def remove(session: Session, score_id: UUID, now: datetime, whose: UUID | None = None) -> bool:
    """Turn a score into a tombstone; False when it is unknown or of another person than `whose`."""
    row = _row(session, score_id, whose)
    if row is None:
        return False
    if row.deleted_at is None:
        for name, value in (*EMPTIED.items(), ("deleted_at", now)):
            setattr(row, name, value)
        audit.note(session, AuditAction.DELETE, RECORD, [row.person_id])
    return True


def find(session: Session, score_id: UUID, whose: UUID | None = None) -> FunctionScore | None:
    """Return the score, or None when it is unknown or of another person than `whose`."""
    row = _row(session, score_id, whose)
    if row is None or row.deleted_at is not None:
        return None
    note_read(session, [row.person_id])
    return _shape(row)


def page(session: Session, person_id: UUID, query: FunctionScoreQuery, after: UUID | None) -> list[FunctionScore]:
    """Return up to `limit` + 1 scores of a person after the given id, in the order of their ids."""
    key = col(FunctionScoreRow.id)
    statement = select(FunctionScoreRow).where(
        FunctionScoreRow.person_id == person_id, col(FunctionScoreRow.deleted_at).is_(None)
    )
    if query.instrument is not None:
        statement = statement.where(FunctionScoreRow.instrument == query.instrument.value)
    if after is not None:
        statement = statement.where(key > after)
    rows = session.exec(statement.order_by(key).limit(query.limit + 1)).all()
    note_read(session, [row.person_id for row in rows])
    return [_shape(row) for row in rows]


SHOWN: Final = (
    "id", "person_id", "instrument", "first", "second", "third", "activities", "answered_at", "timezone", "local_day",
    "created_at",
)  # fmt: skip


def note_read(session: Session, person_ids: Sequence[UUID]) -> None:
    """Tell the audit log that scores of these people were read, each named as often as scores of theirs were."""
    audit.note(session, AuditAction.READ, RECORD, person_ids)


def shaped(rows: Sequence[tuple[Any, ...]]) -> list[FunctionScore]:
    """Return rows with the columns of `SHOWN` as scores, the newest answered first."""
    scores = [_shape(FunctionScoreRow(**dict(zip(SHOWN, row, strict=True)))) for row in rows]
    return sorted(scores, key=lambda score: (score.answered_at, score.id), reverse=True)


def _row(session: Session, score_id: UUID, whose: UUID | None) -> FunctionScoreRow | None:
    row = session.get(FunctionScoreRow, (tenant_of(session), score_id))
    return None if row is None or whose not in {None, row.person_id} else row


def _shape(row: FunctionScoreRow) -> FunctionScore:
    items = [row.first, row.second, row.third]
    same: dict[str, Any] = {
        name: getattr(row, name) for name in ("id", "person_id", "answered_at", "timezone", "local_day", "created_at")
    }
    return FunctionScore(
        **same,
        instrument=Instrument(row.instrument),
        items=items,
        activities=None if row.activities is None else [UUID(activity) for activity in row.activities],
        mean=round(sum(items) / ITEMS, 2),
    )
