"""Looking anew at people whose sessions changed: what is known of them of late, for the rule that judges it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, func, or_, union_all
from sqlmodel import Session, col, select

from data import program_adherence
from data.attention import PersonAttentionRow
from data.daily_progress import WHOLE_DAY, DailyProgressRow
from data.session_entries import SessionExerciseRow, SessionPainRow
from data.session_logs import SessionLogRow
from data.shared_progress import SharedDayRow
from data.tenancy import tenant_of
from schemas.attention import Concern, RecentPain, RecentPast
from schemas.program_days import DayAdherence
from schemas.vocabulary import Spread

AT_ONCE: Final = 100
COURSE_DAYS: Final = 90
PAIN_DAYS: Final = 28
AHEAD: Final = timedelta(days=56)
"""So far is looked ahead: whoever does nothing from now on is behind by then, unless the program is over."""
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
        row.stale, row.last_day, row.red_at, row.hurt_at = False, concern.last_day, concern.red_at, concern.hurt_at
        first, last = (None, None) if concern.low is None else concern.low
        row.low_from = None if first is None else first.isoformat()
        row.low_until = None if last is None else last.isoformat()
        row.rise_region, row.rise_baseline, row.rise_recent = (
            (None, None, None) if rise is None else (rise.region, rise.baseline, rise.recent)
        )
    session.flush()
    return len(rows) == AT_ONCE


def _pasts(session: Session, people: Sequence[UUID], now: datetime) -> dict[UUID, RecentPast]:
    before = _before(session, people, (now - timedelta(days=COURSE_DAYS)).date().isoformat())
    pain = _pain(session, people, now - timedelta(days=PAIN_DAYS))
    newest, due = _newest(session, people), _due(session, people, now.date())
    return {
        person: RecentPast(before[person], pain[person], newest.get(person), due.get(person, ()), now.date())
        for person in people
    }


def _before(session: Session, people: Sequence[UUID], since: str) -> dict[UUID, dict[str, list[float]]]:
    """Return the mean pain before the sessions of each day by region, in the order of the days."""
    sums: dict[tuple[UUID, str, str], tuple[int, int]] = {}
    for person, day, region, total, count in session.execute(
        union_all(*(
            _of(session, row, people, row.person_id, row.day, row.region, row.before_sum, row.before_count)
            .where(row.day >= since, row.region != WHOLE_DAY, row.before_count > 0)
            for row in _ROLLUPS
        ))
    ):  # fmt: skip
        summed, counted = sums.get((person, day, region), (0, 0))
        sums[person, day, region] = summed + total, counted + count
    found: dict[UUID, dict[str, list[float]]] = {person: {} for person in people}
    for person, day, region in sorted(sums, key=lambda key: key[1:]):
        total, count = sums[person, day, region]
        found[person].setdefault(region, []).append(total / count)
    return found


def _newest(session: Session, people: Sequence[UUID]) -> dict[UUID, str]:
    """Return the last day on which each person did something."""
    found: dict[UUID, str] = {}
    for row in _ROLLUPS:
        last = _of(session, row, people, row.person_id, func.max(row.day)).where(row.region == WHOLE_DAY)
        for person, day in session.execute(last.group_by(row.person_id)):
            found[person] = max(day, found.get(person, ""))
    return found


def _due(session: Session, people: Sequence[UUID], today: date) -> dict[UUID, list[DayAdherence]]:
    """Return what programs ask for from some weeks ago on, until long after the last of them began."""
    rows: dict[UUID, list[Any]] = {}
    for row in session.execute(program_adherence.versions(session, people)):
        rows.setdefault(row[0], []).append(row)
    if not rows:
        return {}
    done: dict[UUID, list[Any]] = {}
    from_day = today - timedelta(days=PAIN_DAYS)
    for row in session.execute(program_adherence.done(session, list(rows), from_day, today + timedelta(days=1))):
        done.setdefault(row[0], []).append(row)
    found = {}
    for person, mine in rows.items():
        stood = program_adherence.in_force(mine, from_day, "UTC")
        plans = session.execute(program_adherence.plans(session, stood)).all()
        to_day = program_adherence.last_start(plans, today) + AHEAD
        found[person] = program_adherence.counted(stood, plans, done.get(person, ()), from_day, to_day)
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
