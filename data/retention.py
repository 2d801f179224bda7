"""Forgetting by age: what people did who have done nothing for long. They stay known, and so do their holds."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, delete, exists, literal, or_, true
from sqlmodel import Session, col, select

from data import (
    adverse_events,
    audit,
    person_rows,
    programs,
    session_changes,
    session_entries,
    shared_sessions,
    sharing,
)
from data.attention import PersonAttentionRow
from data.daily_progress import DailyProgressRow
from data.function_scores import FunctionScoreRow
from data.overrides import OverrideRow
from data.person_rows import PersonKey, PersonRow, hold
from data.programs import ProgramRow
from data.recommendations import RecommendationRow
from data.session_logs import EMPTIED, SessionLogRow
from data.shared_progress import SharedDayRow
from data.tenancy import tenant_of
from schemas.audit import AuditAction

AT_ONCE: Final = 200


def inactive(session: Session, before: datetime, after: PersonKey | None) -> list[PersonKey]:
    """Return some people behind `after` who have something to forget and did nothing since `before`.

    For the system's door.
    """
    due = _due(col(PersonRow.organization_id), col(PersonRow.id), before)
    return person_rows.some(session, after, AT_ONCE, due)


def expire(session: Session, person_id: UUID, before: datetime, now: datetime) -> bool:
    """Forget what a person did; False when there is nothing, or something new. Sessions and programs become
    tombstones.

    What links brought of it to clinics is forgotten there too.
    """
    session_changes.take(session)
    if not hold(session, person_id) or not _is_due(session, person_id, before):
        return False
    audit.note(session, AuditAction.EXPIRE, "history", [person_id])
    sharing.expire(session, person_id, now)
    _empty_sessions(session, person_id, now)
    programs.forget(session, person_id, now)
    adverse_events.forget(session, person_id)
    for row in (RecommendationRow, DailyProgressRow, SharedDayRow, FunctionScoreRow, PersonAttentionRow):
        session.exec(delete(row).where(col(row.person_id) == person_id))
    return True


def _empty_sessions(session: Session, person_id: UUID, now: datetime) -> None:
    rows = session.exec(
        select(SessionLogRow).where(SessionLogRow.person_id == person_id, col(SessionLogRow.deleted_at).is_(None))
    ).all()
    numbers = session_changes.take(session, max(1, len(rows)))
    for row, number in zip(rows, numbers, strict=False):
        # A copy leaves its link: should the person change the session once more, it is copied anew.
        for name, value in (EMPTIED if row.link_id is None else shared_sessions.emptied(now)).items():
            setattr(row, name, value)
        row.deleted_at, row.updated_at, row.sequence, row.version = now, now, number, row.version + 1
    session_entries.drop(session, [row.id for row in rows])


def _due(organization_id: Any, person_id: Any, before: datetime) -> ColumnElement[bool]:
    done = [
        (and_(col(row.organization_id) == organization_id, col(row.person_id) == person_id), at)
        for row, at in (
            (SessionLogRow, SessionLogRow.started_at),
            (RecommendationRow, RecommendationRow.told_at),
            (ProgramRow, ProgramRow.updated_at),
            (FunctionScoreRow, FunctionScoreRow.created_at),
            (OverrideRow, OverrideRow.created_at),
        )
    ]
    logs, programs_there = col(SessionLogRow.deleted_at).is_(None), col(ProgramRow.deleted_at).is_(None)
    # Overrides stay as records until the person is erased: they are something done, and nothing to forget.
    there = (logs, true(), programs_there, true())
    anything = or_(*(exists().where(theirs, which) for (theirs, _), which in zip(done, there, strict=False)))
    return and_(anything, *(~exists().where(theirs, col(at) >= before) for theirs, at in done))


def _is_due(session: Session, person_id: UUID, before: datetime) -> bool:
    due = _due(literal(tenant_of(session), Uuid()), literal(person_id, Uuid()), before)
    return session.exec(select(PersonRow.id).where(PersonRow.id == person_id, due)).first() is not None
