"""Session logs in tables: the log, its exercises and its pain, and the daily rollup that is kept with them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, tuple_, update
from sqlmodel import Field, Session, col, select
from uuid_utils.compat import uuid7

from data import daily_progress, people, session_entries
from data.prepared import Prepared
from data.session_entries import SessionExerciseRow
from data.table import TenantTable, choice, digest, one_of
from data.tenancy import tenant_of
from schemas.session_logs import SessionLog, SessionLogCreate, SessionLogFields, SessionLogQuery
from schemas.vocabulary import Spread

class SessionLogRow(TenantTable, table=True):
    """A completed session. A deleted one keeps its key as a tombstone and nothing personal."""

    __tablename__ = "session_log"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        Index(None, "organization_id", "person_id", "started_at", "id"),
        one_of("spread", Spread),
        CheckConstraint("effort BETWEEN 0 AND 10", name="effort"),
        CheckConstraint("ended_at >= started_at", name="span"),
        CheckConstraint("version >= 1", name="version"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID
    started_at: datetime
    ended_at: datetime
    timezone: str
    local_day: str
    title: str | None = None
    spread: str = choice(Spread)
    new_symptoms: list[str] = Field(sa_type=JSON)
    effort: int | None = None
    recommendation_id: UUID | None = None
    program_id: UUID | None = None
    notes: str | None = None
    clock_ahead: bool
    version: int
    created_digest: bytes = digest()
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


_add_log = Prepared(lambda insert: insert(SessionLogRow.__table__).on_conflict_do_nothing())  # type: ignore[attr-defined]


class Outcome(StrEnum):
    """What became of a write."""

    CREATED = "created"
    REPLAYED = "replayed"
    CONFLICT = "conflict"
    DELETED = "deleted"
    CHANGED = "changed"
    STALE = "stale"
    NOT_FOUND = "not_found"
    NO_PERSON = "no_person"


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome, and the session as it now stands where there is one."""

    outcome: Outcome
    log: SessionLog | None = None


def digest_of(body: SessionLogCreate) -> bytes:
    """Return the digest by which a repeated post of the same content is known."""
    return hashlib.sha256(body.model_dump_json(exclude={"id"}).encode()).digest()


def add(session: Session, body: SessionLogCreate, person_id: UUID, now: datetime) -> Written:
    """Store a session once. The same id with the same content is replayed; with other content it is a conflict."""
    if not people.exists(session, person_id):
        return Written(Outcome.NO_PERSON)
    log = _new(body, person_id, now)
    created = digest_of(body)
    if _add_log.run(session, [_log_values(log, created)]) == 0:
        return _replay(session, log.id, created)
    session_entries.add(session, log)
    daily_progress.count(session, person_id, log)
    return Written(Outcome.CREATED, log)


def _new(body: SessionLogCreate, person_id: UUID, now: datetime) -> SessionLog:
    fields = {name: getattr(body, name) for name in SessionLogFields.model_fields}
    return SessionLog.model_construct(
        **fields,
        id=body.id or uuid7(),
        person_id=person_id,
        local_day=local_day(body.started_at, body.timezone),
        clock_ahead=body.ended_at > now,
        version=1,
        created_at=now,
        updated_at=now,
    )


def _replay(session: Session, session_id: UUID, created: bytes) -> Written:
    row = session.get(SessionLogRow, (tenant_of(session), session_id))
    if row is None:
        return Written(Outcome.NOT_FOUND)
    if row.deleted_at is not None:
        return Written(Outcome.DELETED)
    if row.created_digest != created:
        return Written(Outcome.CONFLICT)
    return Written(Outcome.REPLAYED, _shape(session, [row])[0])


def find(session: Session, session_id: UUID) -> SessionLog | None:
    """Return the session, or None when it is unknown or deleted."""
    row = session.get(SessionLogRow, (tenant_of(session), session_id))
    if row is None or row.deleted_at is not None:
        return None
    return _shape(session, [row])[0]


def page(session: Session, query: SessionLogQuery, after: tuple[datetime, UUID] | None) -> list[SessionLog]:
    """Return up to `limit` + 1 sessions, newest first, after the given start and id."""
    start, key = col(SessionLogRow.started_at), col(SessionLogRow.id)
    statement = select(SessionLogRow).where(col(SessionLogRow.deleted_at).is_(None))
    if query.person_id is not None:
        statement = statement.where(SessionLogRow.person_id == query.person_id)
    if query.started_from is not None:
        statement = statement.where(start >= query.started_from)
    if query.started_to is not None:
        statement = statement.where(start < query.started_to)
    if query.exercise_id is not None:
        done = select(SessionExerciseRow.session_id).where(SessionExerciseRow.exercise_id == query.exercise_id)
        statement = statement.where(key.in_(done))
    if after is not None:
        statement = statement.where(tuple_(start, key) < tuple_(*after, types=[start.type, key.type]))
    rows = list(session.exec(statement.order_by(start.desc(), key.desc()).limit(query.limit + 1)))
    return _shape(session, rows)


def change(session: Session, session_id: UUID, version: int, fields: SessionLogFields, now: datetime) -> Written:
    """Replace what can be changed of a session at `version`, and recompute the days that it touches."""
    row = session.get(SessionLogRow, (tenant_of(session), session_id))
    if row is None or row.deleted_at is not None:
        return Written(Outcome.NOT_FOUND)
    before = _shape(session, [row])[0]
    values: dict[str, Any] = {name: getattr(fields, name) for name in _PLAIN}
    values |= {
        "local_day": local_day(fields.started_at, fields.timezone),
        "updated_at": now,
        "clock_ahead": fields.ended_at > now,
        "version": version + 1,
    }
    if not _claim(session, session_id, version, values):
        return Written(Outcome.STALE, before)
    after = before.model_copy(update={**values, "pain": fields.pain, "exercises": fields.exercises})
    session_entries.drop(session, session_id)
    session_entries.add(session, after)
    _recount(session, before.person_id, {before.local_day, after.local_day})
    return Written(Outcome.CHANGED, after)


def remove(session: Session, session_id: UUID, version: int, now: datetime) -> Written:
    """Turn a session at `version` into a tombstone without personal data."""
    row = session.get(SessionLogRow, (tenant_of(session), session_id))
    if row is None or row.deleted_at is not None:
        return Written(Outcome.NOT_FOUND)
    values = {
        "title": None, "notes": None, "new_symptoms": [], "effort": None, "spread": Spread.NONE.value,
        "deleted_at": now, "updated_at": now, "version": version + 1,
    }  # fmt: skip
    if not _claim(session, session_id, version, values):
        return Written(Outcome.STALE, _shape(session, [row])[0])
    session_entries.drop(session, session_id)
    _recount(session, row.person_id, {row.local_day})
    return Written(Outcome.CHANGED)


_PLAIN = (
    "started_at", "ended_at", "timezone", "title", "spread", "new_symptoms", "effort",
    "recommendation_id", "program_id", "notes",
)  # fmt: skip
_STAMPED = ("id", "person_id", "local_day", "clock_ahead", "version", "created_at", "updated_at")


def _claim(session: Session, session_id: UUID, version: int, values: dict[str, Any]) -> bool:
    statement = (
        update(SessionLogRow)
        .where(col(SessionLogRow.id) == session_id, col(SessionLogRow.version) == version)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return session.exec(statement).rowcount == 1


def _recount(session: Session, person_id: UUID, days: set[str]) -> None:
    for day in sorted(days):
        rows = session.exec(
            select(SessionLogRow).where(
                SessionLogRow.person_id == person_id,
                SessionLogRow.local_day == day,
                col(SessionLogRow.deleted_at).is_(None),
            )
        ).all()
        daily_progress.recount(session, person_id, day, _shape(session, rows))


def local_day(instant: datetime, zone: str) -> str:
    """Return the calendar day of the instant in the zone, YYYY-MM-DD."""
    return instant.astimezone(_zone(zone)).date().isoformat()


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _log_values(log: SessionLog, created: bytes) -> dict[str, Any]:
    values = {name: getattr(log, name) for name in (*_PLAIN, *_STAMPED)}
    return {**values, "created_digest": created, "deleted_at": None}


def _shape(session: Session, rows: Sequence[SessionLogRow]) -> list[SessionLog]:
    entries = session_entries.of(session, [row.id for row in rows])
    return [
        SessionLog.model_construct(
            **{name: getattr(row, name) for name in (*_PLAIN, *_STAMPED)},
            exercises=entries[row.id].exercises,
            pain=entries[row.id].pain,
        )
        for row in rows
    ]
