"""Session logs in tables: the log, its exercises and its pain, and the daily rollup that is kept with them."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, Uuid, tuple_
from sqlmodel import Field, Session, col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from data import audit, session_entries
from data.session_entries import SessionExerciseRow
from data.table import TenantTable, choice, digest, one_of
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.session_logs import SessionLog, SessionLogQuery
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
    spread: str = choice()
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


MOST_OF_LATE = 300
CHANGEABLE = (
    "started_at", "ended_at", "timezone", "title", "spread", "new_symptoms", "effort",
    "recommendation_id", "program_id", "notes",
)  # fmt: skip
STAMPED = ("id", "person_id", "local_day", "clock_ahead", "version", "created_at", "updated_at")


def find(session: Session, session_id: UUID, whose: UUID | None = None) -> SessionLog | None:
    """Return the session, or None when it is unknown, deleted, or of another person than `whose`."""
    row = living(session, session_id, whose)
    if row is None:
        return None
    audit.note(session, AuditAction.READ, "session", [row.person_id])
    return shaped(session, [row])[0]


def living(session: Session, session_id: UUID, whose: UUID | None = None) -> SessionLogRow | None:
    """Return the row of a session that is not deleted, or None; for units of work only.

    With `whose` the sessions of other people are not there.
    """
    row = session.get(SessionLogRow, (tenant_of(session), session_id))
    if row is None or row.deleted_at is not None or whose not in {None, row.person_id}:
        return None
    return row


def page(
    session: Session, query: SessionLogQuery, after: tuple[datetime, UUID] | None, whose: UUID | None = None
) -> list[SessionLog]:
    """Return up to `limit` + 1 sessions, newest first, after the given start and id; with `whose` only theirs."""
    start, key = col(SessionLogRow.started_at), col(SessionLogRow.id)
    statement = select(SessionLogRow).where(col(SessionLogRow.deleted_at).is_(None))
    if whose is not None:
        statement = statement.where(SessionLogRow.person_id == whose)
    if query.person_id is not None:
        statement = statement.where(SessionLogRow.person_id == query.person_id)
    if query.started_from is not None:
        statement = statement.where(start >= query.started_from)
    if query.started_to is not None:
        statement = statement.where(start < query.started_to)
    if query.exercise_id is not None:
        done = select(SessionExerciseRow.session_id).where(
            # The first wall does not reach into subqueries; the second demands the tenant there too.
            SessionExerciseRow.organization_id == tenant_of(session),
            SessionExerciseRow.exercise_id == query.exercise_id,
        )
        statement = statement.where(key.in_(done))
    if after is not None:
        statement = statement.where(tuple_(start, key) < tuple_(*after, types=[UTCDateTime(), Uuid()]))
    rows = session.exec(statement.order_by(start.desc(), key.desc()).limit(query.limit + 1)).all()
    audit.note(session, AuditAction.READ, "session", [row.person_id for row in rows])
    return shaped(session, rows)


def of_day(session: Session, person_id: UUID, day: str) -> list[SessionLog]:
    """Return a person's sessions of one local day."""
    rows = session.exec(
        select(SessionLogRow).where(
            SessionLogRow.person_id == person_id,
            SessionLogRow.local_day == day,
            col(SessionLogRow.deleted_at).is_(None),
        )
    ).all()
    return shaped(session, rows)


def of_late(session: Session, person_id: UUID, since: datetime) -> list[SessionLog]:
    """Return a person's sessions that started at `since` or later, the newest `MOST_OF_LATE`, newest first."""
    rows = session.exec(
        select(SessionLogRow)
        .where(
            SessionLogRow.person_id == person_id,
            col(SessionLogRow.started_at) >= since,
            col(SessionLogRow.deleted_at).is_(None),
        )
        .order_by(col(SessionLogRow.started_at).desc(), col(SessionLogRow.id).desc())
        .limit(MOST_OF_LATE)
    ).all()
    return shaped(session, rows)


def local_day(instant: datetime, zone: str) -> str:
    """Return the calendar day of the instant in the zone, YYYY-MM-DD."""
    return instant.astimezone(_zone(zone)).date().isoformat()


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def shaped(session: Session, rows: Sequence[SessionLogRow]) -> list[SessionLog]:
    """Return the rows as sessions, with their exercises and pain."""
    entries = session_entries.of(session, [row.id for row in rows])
    return [
        SessionLog.model_construct(
            **{name: getattr(row, name) for name in (*CHANGEABLE, *STAMPED)} | {"spread": Spread(row.spread)},
            exercises=entries[row.id].exercises,
            pain=entries[row.id].pain,
        )
        for row in rows
    ]
