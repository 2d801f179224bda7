"""Looking anew at people whose sessions changed: what is known of them of late, for the rule that judges it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, func, or_, union_all
from sqlmodel import Session, col, select

from data import holds, program_adherence
from data.attention import PersonAttentionRow
from data.daily_progress import WHOLE_DAY, DailyProgressRow
from data.session_entries import SessionExerciseRow, SessionPainRow
from data.session_logs import SessionLogRow
from data.shared_progress import SharedDayRow
from data.tenancy import tenant_of
from schemas.attention import Concern, RecentPain, RecentPast
from schemas.program_days import Asks, DayAdherence
from schemas.vocabulary import Spread

AT_ONCE: Final = 100
COURSE_DAYS: Final = 90
PAIN_DAYS: Final = 28
AHEAD: Final = timedelta(days=56)
"""So far is looked ahead: whoever does nothing from now on is behind by then, unless the program is over."""
_ROLLUPS: Final[tuple[Any, ...]] = (DailyProgressRow, SharedDayRow)

Judge = Callable[[RecentPast], Concern]
"""The rule that says what a past calls for."""


def catch_up(session: Session, judge: Judge, now: datetime, asks: Asks | None = None) -> bool:
    """Look anew at some of those who are marked; True when there may be more. `asks` says what programs ask for."""
    rows = session.exec(
        select(PersonAttentionRow)
        .where(col(PersonAttentionRow.stale))
        .order_by(col(PersonAttentionRow.person_id))
        .limit(AT_ONCE)
        .with_for_update()
    ).all()
    if not rows:
        return False
    pasts = _pasts(session, [row.person_id for row in rows], now, asks)
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


def _pasts(session: Session, people: Sequence[UUID], now: datetime, asks: Asks | None) -> dict[UUID, RecentPast]:
    before = _before(session, people, (now - timedelta(days=COURSE_DAYS)).date().isoformat())
    pain = _pain(session, people, now - timedelta(days=PAIN_DAYS))
    own, shared = (_newest(session, row, people) for row in _ROLLUPS)
    since = (now - timedelta(days=PAIN_DAYS)).date()
    # What was done is known by sessions alone: not before the first, nor where a link brings figures without them.
    seen = [person for person in people if person in own and shared.get(person, "") < since.isoformat()]
    due = _due(session, seen, since, now.date(), asks)
    newest = {person: max(own.get(person, ""), shared.get(person, "")) or None for person in people}
    return {
        person: RecentPast(before[person], pain[person], newest[person], due.get(person, ()), now.date())
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


def _newest(session: Session, row: Any, people: Sequence[UUID]) -> dict[UUID, str]:
    """Return the last day of each person by one of the rollups."""
    last = _of(session, row, people, row.person_id, func.max(row.day)).where(row.region == WHOLE_DAY)
    return dict(session.execute(last.group_by(row.person_id)).all())


def _due(
    session: Session, people: Sequence[UUID], since: date, today: date, asks: Asks | None
) -> dict[UUID, list[DayAdherence]]:
    """Return what programs ask for since then, until long after the last of them began."""
    versions = _by_person(session, program_adherence.versions(session, people))
    if not versions:
        return {}
    mine, until = list(versions), today + timedelta(days=1)
    done = _by_person(session, program_adherence.done(session, mine, since, until))
    kinds = (holds.spans(session, mine, kind, span) for kind, span in enumerate(holds.SPANS))
    held = _by_person(session, union_all(*kinds))
    found = {}
    for person, rows in versions.items():
        stood = program_adherence.in_force(rows, since, "UTC")
        plans = session.execute(program_adherence.plans(session, stood)).all()
        programs = program_adherence.told(stood, plans)
        ends = program_adherence.last_start(programs, today) + AHEAD
        holding = program_adherence.held_days(held.get(person, ()), "UTC")
        found[person] = program_adherence.counted(programs, done.get(person, ()), since, ends, holding, asks)
    return found


def _by_person(session: Session, statement: Any) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in session.execute(statement):
        found.setdefault(row[0], []).append(row)
    return found


def _pain(session: Session, people: Sequence[UUID], since: datetime) -> dict[UUID, list[RecentPain]]:
    tenant, log, pain = tenant_of(session), SessionLogRow, SessionPainRow
    hurt, during = _exercises(session, people, since)
    found: dict[UUID, list[RecentPain]] = {person: [] for person in people}
    what: list[Any] = [log.person_id, log.id, log.started_at, log.spread]
    felt: list[Any] = [pain.position, pain.before, pain.during_max, pain.after, pain.next_morning]
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
    # An outer join, so that SQLite begins with the few sessions and not with every exercise of the organisation.
    rows = session.execute(
        select(done.session_id, done.hurt, done.pain_during)
        .select_from(log)
        .outerjoin(
            done,
            and_(
                col(done.organization_id) == tenant,
                col(done.session_id) == col(log.id),
                or_(col(done.hurt), col(done.pain_during).is_not(None)),
            ),
        )
        .where(col(log.organization_id) == tenant, *_recent(people, since))
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
