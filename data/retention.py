"""Forgetting by age: what people did who have done nothing for long. They stay known, and so do their holds."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_
from sqlmodel import Session, col, select

from data import audit, person_rows
from data.daily_progress import DailyProgressRow
from data.person_rows import PersonKey, PersonRow, hold
from data.recommendations import RecommendationRow
from data.session_logs import SessionLogRow
from schemas.audit import AuditAction

AT_ONCE: Final = 200


def inactive(session: Session, before: datetime, after: PersonKey | None) -> list[PersonKey]:
    """Return some people behind `after` who have something to forget and did nothing since `before`.

    For the system's door.
    """
    due = _due(col(PersonRow.organization_id), col(PersonRow.id), before)
    return person_rows.some(session, after, AT_ONCE, due)


def expire(session: Session, person_id: UUID, before: datetime) -> bool:
    """Forget what a person did; False when there is nothing, or something new."""
    if not hold(session, person_id) or not _is_due(session, person_id, before):
        return False
    audit.note(session, AuditAction.EXPIRE, "history", [person_id])
    for row in (SessionLogRow, RecommendationRow, DailyProgressRow):
        session.exec(delete(row).where(col(row.person_id) == person_id))
    return True


def _due(organization_id: Any, person_id: Any, before: datetime) -> ColumnElement[bool]:
    done = [
        (and_(col(row.organization_id) == organization_id, col(row.person_id) == person_id), at)
        for row, at in ((SessionLogRow, SessionLogRow.started_at), (RecommendationRow, RecommendationRow.answered_at))
    ]
    anything = or_(*(exists().where(theirs) for theirs, _ in done))
    return and_(anything, *(~exists().where(theirs, col(at) >= before) for theirs, at in done))


def _is_due(session: Session, person_id: UUID, before: datetime) -> bool:
    def newest(row: Any, at: Any) -> Any:
        return session.exec(select(at).where(row.person_id == person_id).order_by(at.desc()).limit(1)).first()

    found = (
        newest(SessionLogRow, col(SessionLogRow.started_at)),
        newest(RecommendationRow, col(RecommendationRow.answered_at)),
    )
    return any(found) and not any(at is not None and at >= before for at in found)
