"""Looking for stored sessions that could not be answered: rows that somebody changed past the checks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import func
from sqlalchemy.exc import StatementError
from sqlmodel import Session, col, select

from data.access import OrganizationRow
from data.session_logs import SessionLogRow, shaped
from schemas.session_logs import SessionLog

CHUNK: Final = 500
UNREADABLE: Final = (ValueError, TypeError, LookupError, StatementError)


class FaultyRow(NamedTuple):
    """A session that cannot be answered, and the fields that are to blame; none when it cannot even be read."""

    session_id: UUID
    fields: tuple[str, ...]


def organizations(session: Session) -> list[UUID]:
    """Return the ids of all organisations."""
    return list(session.exec(select(OrganizationRow.id)))


def newest(session: Session) -> datetime | None:
    """Return when the newest session of all was stored or changed."""
    return session.exec(select(func.max(col(SessionLogRow.updated_at)))).one()


def chunk(session: Session, after: UUID | None) -> tuple[list[FaultyRow], UUID | None]:
    """Return the faulty among the tenant's next 500 sessions, and the id to go on after; None when that was all."""
    key = col(SessionLogRow.id)
    statement = select(key).where(col(SessionLogRow.deleted_at).is_(None)).order_by(key).limit(CHUNK)
    ids = session.exec(statement if after is None else statement.where(key > after)).all()
    try:
        faulty = _faulty(session, ids)
    except UNREADABLE:
        faulty = [fault for id_ in ids for fault in _faulty_alone(session, id_)]
    return faulty, ids[-1] if len(ids) == CHUNK else None


def _faulty(session: Session, ids: Sequence[UUID]) -> list[FaultyRow]:
    rows = session.exec(select(SessionLogRow).where(col(SessionLogRow.id).in_(ids))).all()
    return [fault for log in shaped(session, rows) if (fault := _judged(log)) is not None]


def _faulty_alone(session: Session, session_id: UUID) -> list[FaultyRow]:
    try:
        return _faulty(session, [session_id])
    except UNREADABLE:
        return [FaultyRow(session_id, ())]


def _judged(log: SessionLog) -> FaultyRow | None:
    try:
        SessionLog.model_validate(log.model_dump(warnings=False))
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        return FaultyRow(log.id, tuple(sorted({"/".join(map(str, fault["loc"])) for fault in faults})))
    return None
