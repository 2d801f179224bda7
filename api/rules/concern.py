"""What a person's sessions of late call for: somebody's look, and why.

Source: clinical facts 4.2, rules 2 (three bad sessions within a week) and 7 (worse by a meaningful change).
"""

from collections.abc import Sequence
from datetime import datetime

from api.rules.courses import pain_course
from api.rules.pain_monitoring import Colour, closing, colour_of
from api.rules.tuning import Numbers
from schemas.attention import Concern, PainRise, RecentPain, RecentPast
from schemas.progress import Course, DaySums
from schemas.session_logs import PainLog
from schemas.vocabulary import Spread


def concern_of(past: RecentPast, numbers: Numbers) -> Concern:
    """Return what the person's sessions call for; nothing in it depends on when somebody looks."""
    return Concern(last_day=past.last_day, red_at=_red_at(past.pain, numbers), rise=_rise(past.days, numbers))


def _red_at(pain: Sequence[RecentPain], numbers: Numbers) -> datetime | None:
    """Return when the newest session was that made so many bad ones within a week; None when none did."""
    red = {row.session_id: row.started_at for row in pain if _is_red(row, numbers)}
    return max(closing(sorted(red.values()), numbers), default=None)


def _is_red(row: RecentPain, numbers: Numbers) -> bool:
    if row.hurt or row.spread is Spread.DOWN_LIMB:
        return True
    if row.place is None:
        return False
    pain = PainLog.model_construct(
        region="", before=row.before, during_max=row.during_max, after=None, next_morning=row.next_morning
    )
    return colour_of(pain, row.during, row.spread, False, numbers)[0] is Colour.RED


def _rise(days: Sequence[DaySums], numbers: Numbers) -> PainRise | None:
    """Return where pain rose most by a change that matters."""
    before: dict[str, list[float]] = {}
    for day in days:
        if day.region and day.before_count:
            before.setdefault(day.region, []).append(day.before_sum / day.before_count)
    worst: tuple[float, PainRise] | None = None
    for region in sorted(before):
        found = pain_course(before[region], numbers)
        if found.course is not Course.WORSE or found.baseline is None or found.recent is None:
            continue
        rise = found.recent - found.baseline
        if worst is None or rise > worst[0]:
            worst = rise, PainRise(region=region, baseline=found.baseline, recent=found.recent)
    return None if worst is None else worst[1]
