"""What a person's sessions of late call for: somebody's look, and why.

Source: clinical facts 4.2, rules 2 (three bad sessions within a week) and 7 (worse by a meaningful change); that less
than half done of what was asked for calls for a word is our own choice.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from api.rules.courses import pain_rise
from api.rules.pain_monitoring import session_is_red
from api.rules.progression import stops
from api.rules.tuning import Numbers
from schemas.attention import Concern, PainRise, RecentPain, RecentPast
from schemas.program_days import DayAdherence
from schemas.session_logs import PainLog


def concern_of(past: RecentPast, numbers: Numbers) -> Concern:
    """Return what the person's sessions and programs call for; nothing in it depends on when somebody looks."""
    hurt = [row.started_at for row in past.pain if row.hurt]
    stopped = stops(_reds(past.pain, numbers), numbers)
    asked = [day for day in past.due if not any(begin.date() < day.day <= end.date() for begin, end in stopped)]
    return Concern(
        last_day=past.last_day,
        red_at=max((begin for begin, _ in stopped), default=None),
        hurt_at=max(hurt, default=None),
        rise=_rise(past.before, numbers),
        low=_low(asked, past.today, numbers),
    )


def _reds(pain: Sequence[RecentPain], numbers: Numbers) -> list[datetime]:
    """Return when the bad sessions were, in their order."""
    sessions: dict[UUID, list[RecentPain]] = {}
    for row in pain:
        sessions.setdefault(row.session_id, []).append(row)
    return sorted(rows[0].started_at for rows in sessions.values() if _is_red(rows, numbers))


def _is_red(rows: Sequence[RecentPain], numbers: Numbers) -> bool:
    session = rows[0]
    places = [
        PainLog.model_construct(
            region="", before=row.before, during_max=row.during_max, after=row.after, next_morning=row.next_morning
        )
        for row in rows
        if row.place is not None
    ]
    return session_is_red(places, session.during, session.hurt, session.spread, False, numbers)


def _rise(before: Mapping[str, Sequence[float]], numbers: Numbers) -> PainRise | None:
    """Return where pain rose most by a change that matters."""
    worst: PainRise | None = None
    for region in sorted(before):
        found = pain_rise(before[region], numbers)
        if found is not None and (worst is None or found[1] - found[0] > worst.recent - worst.baseline):
            worst = PainRise(region=region, baseline=found[0], recent=found[1])
    return worst


def _low(due: Sequence[DayAdherence], today: date, numbers: Numbers) -> tuple[date, date | None] | None:
    """Return from which day on too little is done, as long as nothing is added, and until when; None when never.

    A day is judged by the days before it, since it is not over itself. What ended before today is not told.
    """
    if not due:
        return None
    by_day, days = {each.day: each for each in due}, round(numbers.quiet_days)
    begin = max(due[0].day, today - timedelta(days=days))
    found: date | None = None
    for number in range((due[-1].day - begin).days + 1):
        day = begin + timedelta(days=number)
        window = [by_day[each] for back in range(1, days + 1) if (each := day - timedelta(days=back)) in by_day]
        if _is_low(window, numbers):
            found = found or day
        elif found is not None and day > today:
            return found, day
        else:
            found = None
    return None if found is None else (found, None)


def _is_low(window: Sequence[DayAdherence], numbers: Numbers) -> bool:
    enough = len(window) >= numbers.adherence_days_least
    return enough and sum(day.done for day in window) < numbers.adherence_least * sum(day.due for day in window)
