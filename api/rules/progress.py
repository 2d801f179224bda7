"""Figures about a person from the daily rollup: counts, streaks in local days, pain by region."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from schemas.progress import DayProgress, DaySums, PainAverage, Progress, RegionProgress


def summarise(
    person_id: UUID,
    from_day: date,
    to_day: date,
    days: Sequence[DaySums],
    active_days: Iterable[str],
    last_session_at: datetime | None,
) -> Progress:
    """Return the figures of [from_day, to_day]; the streaks look at all active days, up to `to_day`."""
    whole = [day for day in days if not day.region]
    active = sorted(parsed for parsed in map(date.fromisoformat, active_days) if parsed <= to_day)
    current, longest = streaks(active, to_day)
    return Progress(
        person_id=person_id,
        from_day=from_day.isoformat(),
        to_day=to_day.isoformat(),
        sessions=sum(day.sessions for day in whole),
        minutes=_minutes(sum(day.seconds for day in whole)),
        exercises=sum(day.exercises for day in whole),
        active_days=sum(1 for day in whole if day.sessions),
        current_streak_days=current,
        longest_streak_days=longest,
        last_session_at=last_session_at,
        regions=[_region(name, days) for name in sorted({day.region for day in days if day.region})],
        days=[DayProgress(day=day.day, sessions=day.sessions, minutes=_minutes(day.seconds)) for day in whole],
    )


def streaks(active: Sequence[date], today: date) -> tuple[int, int]:
    """Return the current and the longest run of days. A day that is not over yet does not break a streak."""
    longest = run = 0
    previous: date | None = None
    for day in active:
        run = run + 1 if previous is not None and day - previous == timedelta(days=1) else 1
        longest = max(longest, run)
        previous = day
    is_current = previous is not None and today - previous <= timedelta(days=1)
    return (run if is_current else 0), longest


def _region(name: str, days: Sequence[DaySums]) -> RegionProgress:
    mine = [day for day in days if day.region == name]
    changes = sum(day.change_count for day in mine)
    change = sum(day.change_sum for day in mine)
    return RegionProgress(
        region=name,
        sessions=sum(day.sessions for day in mine),
        before=_average(sum(day.before_sum for day in mine), sum(day.before_count for day in mine)),
        after=_average(sum(day.after_sum for day in mine), sum(day.after_count for day in mine)),
        next_morning=_average(sum(day.next_morning_sum for day in mine), sum(day.next_morning_count for day in mine)),
        change=round(change / changes, 2) if changes else None,
    )


def _average(total: int, count: int) -> PainAverage:
    return PainAverage(mean=round(total / count, 2) if count else None, sessions=count)


def _minutes(seconds: int) -> float:
    return round(seconds / 60, 1)
