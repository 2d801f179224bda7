"""Looking anew at people whose sessions changed: what is known of them of late, for the rule that judges it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, func, or_, union_all
from sqlmodel import Session, col, select

from data.attention import PersonAttentionRow
from data.daily_progress import WHOLE_DAY, DailyProgressRow
from data.session_entries import SessionExerciseRow, SessionPainRow
from data.session_logs import SessionLogRow
from data.shared_progress import SharedDayRow
from data.tenancy import tenant_of
from schemas.attention import Concern, RecentPain, RecentPast
from schemas.progress import DaySums
from schemas.vocabulary import Spread

AT_ONCE: Final = 200
COURSE_DAYS: Final = 90
PAIN_DAYS: Final = 28
_FIELDS = tuple(DaySums.model_fields)
_ROLLUPS: Final[tuple[Any, ...]] = (DailyProgressRow, SharedDayRow)

Judge = Callable[[RecentPast], Concern]
"""The rule that says what a past calls for."""


def catch_up(session: Session, judge: Judge, now: datetime) -> bool:
    """Look anew at some of those who are marked; True when there may be more."""
    rows = session.exec(
        select(PersonAttentionRow)
        .where(col(PersonAttentionRow.stale))
        .order_by(col(PersonAttentionRow.person_id))
        .limit(AT_ONCE)
        .with_for_update()
    ).all()
    if not rows:
        return False
    pasts = _pasts(session, [row.person_id for row in rows], now)
    for row in rows:
        concern = judge(pasts[row.person_id])
        rise = concern.rise
        row.stale, row.last_day, row.red_at = False, concern.last_day, concern.red_at
        row.rise_region, row.rise_baseline, row.rise_recent = (
            (None, None, None) if rise is None else (rise.region, rise.baseline, rise.recent)
        )
    session.flush()
    return len(rows) == AT_ONCE


def _pasts(session: Session, people: Sequence[UUID], now: datetime) -> dict[UUID, RecentPast]:
    days = _days(session, people, (now - timedelta(days=COURSE_DAYS)).date().isoformat())
    pain = _pain(session, people, now - timedelta(days=PAIN_DAYS))
    newest = {person: max(day.day for day in days[person]) for person in people if days[person]}
    newest |= _newest(session, [person for person in people if person not in newest])
    return {person: RecentPast(days[person], pain[person], newest.get(person)) for person in people}


def _days(session: Session, people: Sequence[UUID], since: str) -> dict[UUID, list[DaySums]]:
    found: dict[UUID, list[DaySums]] = {person: [] for person in people}
    for person, *values in session.execute(
        union_all(*(
            _of(session, row, people, row.person_id, *(getattr(row, name) for name in _FIELDS)).where(row.day >= since)
            for row in _ROLLUPS
        ))
    ):  # fmt: skip
        found[person].append(DaySums.model_construct(**dict(zip(_FIELDS, values, strict=True))))
    for days in found.values():
        days.sort(key=lambda day: (day.day, day.region))
    return found


def _newest(session: Session, people: Sequence[UUID]) -> dict[UUID, str]:
    """Return the last day of those who did nothing for long."""
    if not people:
        return {}
    found: dict[UUID, str] = {}
    for row in _ROLLUPS:
        last = _of(session, row, people, row.person_id, func.max(row.day)).where(row.region == WHOLE_DAY)
        for person, day in session.execute(last.group_by(row.person_id)):
            found[person] = max(day, found.get(person, ""))
    return found


def _pain(session: Session, people: Sequence[UUID], since: datetime) -> dict[UUID, list[RecentPain]]:
    tenant, log, pain = tenant_of(session), SessionLogRow, SessionPainRow
    hurt, during = _exercises(session, people, since)
    found: dict[UUID, list[RecentPain]] = {person: [] for person in people}
    what: list[Any] = [log.person_id, log.id, log.started_at, log.spread]
    felt: list[Any] = [pain.position, pain.before, pain.during_max, pain.next_morning]
    rows = session.execute(
        select(*what, *felt)
        .select_from(log)
        .outerjoin(pain, and_(col(pain.organization_id) == tenant, col(pain.session_id) == col(log.id)))
        .where(col(log.organization_id) == tenant, *_recent(people, since))
    )
    for person, session_id, started_at, spread, *place in rows:
        marked, most = session_id in hurt, during.get(session_id)
        found[person].append(RecentPain(session_id, started_at, Spread(spread), marked, most, *place))
    return found


def _exercises(session: Session, people: Sequence[UUID], since: datetime) -> tuple[set[UUID], dict[UUID, int]]:
    """Return the recent sessions with an exercise that was marked as hurting, and the most pain during one."""
    tenant, log, done = tenant_of(session), SessionLogRow, SessionExerciseRow
    rows = session.execute(
        select(done.session_id, done.hurt, done.pain_during)
        .select_from(log)
        .join(done, and_(col(done.organization_id) == tenant, col(done.session_id) == col(log.id)))
        .where(col(log.organization_id) == tenant, *_recent(people, since))
        .where(or_(col(done.hurt), col(done.pain_during).is_not(None)))
    ).all()
    during: dict[UUID, int] = {}
    for session_id, _, value in rows:
        if value is not None:
            during[session_id] = max(value, during.get(session_id, 0))
    return {session_id for session_id, hurt, _ in rows if hurt}, during


def _recent(people: Sequence[UUID], since: datetime) -> tuple[Any, ...]:
    log = SessionLogRow
    return col(log.person_id).in_(people), col(log.started_at) >= since, col(log.deleted_at).is_(None)


def _of(session: Session, row: Any, people: Sequence[UUID], *columns: Any) -> Any:
    return select(*columns).where(row.organization_id == tenant_of(session), row.person_id.in_(people))
