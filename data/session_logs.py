"""Session logs in tables: the log, its exercises and its pain, and the daily rollup that is kept with them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, Uuid, text, tuple_
from sqlmodel import Field, Session, col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from data import audit, session_entries
from data.session_entries import CHUNK, SessionExerciseRow
from data.table import TenantTable, big_integer, choice, digest, one_of
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.session_logs import SessionLog, SessionLogQuery
from schemas.session_triage import SessionSigns, SessionTriage
from schemas.vocabulary import Spread

_NONE, _MINUTE = timedelta(), timedelta(minutes=1)
_SHARED = text("link_id IS NOT NULL")


class SessionLogRow(TenantTable, table=True):
    """A completed session. A deleted one keeps its key as a tombstone and nothing personal."""

    __tablename__ = "session_log"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        Index(None, "organization_id", "person_id", "started_at", "id"),
        Index(None, "organization_id", "person_id", "sequence"),
        Index(None, "organization_id", "sequence", unique=True),
        Index(
            None, "organization_id", "link_id", "source_id", unique=True, sqlite_where=_SHARED, postgresql_where=_SHARED
        ),
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
    sequence: int = big_integer()
    triage: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    link_id: UUID | None = None
    source_id: UUID | None = None


MOST_OF_LATE = 300
_SIGNS = set(SessionSigns.model_fields)
CHANGEABLE = (
    "started_at", "ended_at", "timezone", "title", "spread", "new_symptoms", "effort",
    "recommendation_id", "program_id", "notes",
)  # fmt: skip
EMPTIED: Final[Mapping[str, Any]] = MappingProxyType(
    {"title": None, "notes": None, "new_symptoms": [], "effort": None, "triage": None, "spread": Spread.NONE.value}
)
"""What a tombstone holds where a session has something personal."""
STAMPED = ("id", "person_id", "local_day", "clock_ahead", "version", "created_at", "updated_at", "link_id")


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
    row = stored(session, session_id, whose)
    return None if row is None or row.deleted_at is not None else row


def stored(session: Session, session_id: UUID, whose: UUID | None = None) -> SessionLogRow | None:
    """Return the row of a session or its tombstone, or None; for units of work only.

    With `whose` those of other people are not there.
    """
    row = session.get(SessionLogRow, (tenant_of(session), session_id))
    return None if row is None or whose not in {None, row.person_id} else row


def page(
    session: Session, query: SessionLogQuery, after: tuple[datetime, UUID] | None, whose: UUID | None = None
) -> list[SessionLog]:
    """Return up to `limit` + 1 sessions, newest first, after the given start and id; with `whose` only theirs."""
    start, key = col(SessionLogRow.started_at), col(SessionLogRow.id)
    statement = select(SessionLogRow).where(col(SessionLogRow.deleted_at).is_(None))
    for person in {query.person_id, whose} - {None}:
        statement = statement.where(SessionLogRow.person_id == person)
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


def following(
    session: Session, person_id: UUID | None, after: UUID | None, limit: int, whose: UUID | None = None
) -> list[SessionLog]:
    """Return up to `limit` sessions of one person or all, after the given id, in the order of their ids.

    With `whose` only theirs are there.
    """
    key = col(SessionLogRow.id)
    statement = select(SessionLogRow).where(col(SessionLogRow.deleted_at).is_(None)).order_by(key).limit(limit)
    for person in {person_id, whose} - {None}:
        statement = statement.where(SessionLogRow.person_id == person)
    if after is not None:
        statement = statement.where(key > after)
    rows = session.exec(statement).all()
    audit.note(session, AuditAction.READ, "session", [row.person_id for row in rows])
    return shaped(session, rows)


def ids_of(session: Session, person_id: UUID) -> Sequence[UUID]:
    """Return the ids of a person's sessions and of their tombstones."""
    return session.exec(select(SessionLogRow.id).where(SessionLogRow.person_id == person_id)).all()


def taken(session: Session, ids: Sequence[UUID]) -> set[UUID]:
    """Return which of the ids are those of sessions or of their tombstones."""
    found: set[UUID] = set()
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        found.update(session.exec(select(SessionLogRow.id).where(col(SessionLogRow.id).in_(chunk))))
    return found


def all_since(session: Session, person_id: UUID, since: datetime) -> list[SessionLog]:
    """Return every session of a person that started at `since` or later, in the order in which they started."""
    rows = session.exec(
        select(SessionLogRow)
        .where(
            SessionLogRow.person_id == person_id,
            col(SessionLogRow.started_at) >= since,
            col(SessionLogRow.deleted_at).is_(None),
        )
        .order_by(col(SessionLogRow.started_at), col(SessionLogRow.id))
    ).all()
    return shaped(session, rows)


def of_days(session: Session, person_id: UUID, days: Sequence[str]) -> list[SessionLog]:
    """Return a person's sessions of some local days."""
    rows = session.exec(
        select(SessionLogRow).where(
            SessionLogRow.person_id == person_id,
            col(SessionLogRow.local_day).in_(days),
            col(SessionLogRow.deleted_at).is_(None),
        )
    ).all()
    return shaped(session, rows)


def newest_first(session: Session, person_id: UUID) -> Any:
    """Return the statement for a person's sessions, the newest first; it may stand inside another one."""
    log = SessionLogRow
    return (
        select(log)
        .where(col(log.organization_id) == tenant_of(session), col(log.person_id) == person_id)
        .where(col(log.deleted_at).is_(None))
        .order_by(col(log.started_at).desc(), col(log.id).desc())
    )


def of_late(session: Session, person_id: UUID, since: datetime) -> list[SessionLog]:
    """Return a person's sessions that started at `since` or later, the newest `MOST_OF_LATE`, newest first."""
    late = newest_first(session, person_id).where(col(SessionLogRow.started_at) >= since)
    return shaped(session, session.exec(late.limit(MOST_OF_LATE)).all())


def newest_zone(session: Session, person_id: UUID) -> str | None:
    """Return the time zone of a person's newest session, None before the first."""
    zones = newest_first(session, person_id).with_only_columns(col(SessionLogRow.timezone))
    return session.execute(zones.limit(1)).scalars().first()


def local_day(instant: datetime, zone: str) -> str:
    """Return the calendar day of the instant in the zone, YYYY-MM-DD."""
    return instant.astimezone(_zone(zone)).date().isoformat()


def offset(instant: datetime, zone: str) -> int:
    """Return by how many whole minutes the clocks of the zone are ahead of UTC then."""
    return (instant.astimezone(_zone(zone)).utcoffset() or _NONE) // _MINUTE


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
            triage=_triage(row),
        )
        for row in rows
    ]


def columns(logs: Sequence[SessionLog], digests: Sequence[bytes], numbers: Sequence[int]) -> dict[str, Sequence[Any]]:
    """Return the sessions as columns of rows, with the digests of their bodies and their places in the order."""
    found: dict[str, Sequence[Any]] = {name: [getattr(log, name) for log in logs] for name in (*CHANGEABLE, *STAMPED)}
    found["spread"] = [str(log.spread) for log in logs]
    found["triage"] = [signs(log.triage) for log in logs]
    return {**found, "created_digest": digests, "sequence": numbers}


def signs(triage: SessionTriage | None) -> dict[str, Any] | None:
    """Return the triage as it is stored."""
    return None if triage is None else triage.model_dump(mode="json", include=_SIGNS)


def _triage(row: SessionLogRow) -> SessionTriage | None:
    if row.triage is None:
        return None
    return SessionTriage.model_validate({**row.triage, "observed_at": row.ended_at})
