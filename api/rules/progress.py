"""Figures about a person from the daily rollup: counts, streaks in local days, gaps, pain by region with its course."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from api.rules.courses import Point, is_steady, pain_course, per_week, score_course
from api.rules.effects import effects
from api.rules.tuning import Numbers
from schemas.function_scores import FunctionScore, Instrument
from schemas.program_days import DayAdherence
from schemas.progress import (
    ActiveDay,
    Adherence,
    DayProgress,
    DaySums,
    FunctionProgress,
    Gap,
    PainAverage,
    PainDay,
    Progress,
    RegionProgress,
    ScoreDay,
    WeekAdherence,
)
from schemas.session_logs import SessionLog

DAY: Final = timedelta(days=1)
MEASURES: Final = ("before", "after", "next_morning")


@dataclass(frozen=True, slots=True)
class Span:
    """The asked days, both included, and the person they are asked about. The last one is today, as it is `now`."""

    person_id: UUID
    from_day: date
    to_day: date
    now: datetime | None = None

    @property
    def today(self) -> ActiveDay:
        """Today as the day of something that begins now."""
        return ActiveDay(self.to_day, self.now)


@dataclass(frozen=True, slots=True)
class ProgressFacts:
    """What is known of the person. `active_days` are all there ever were, in order; the rest is of the asked days."""

    days: Sequence[DaySums] = ()
    active_days: Sequence[ActiveDay] = ()
    last_session_at: datetime | None = None
    sessions: Sequence[SessionLog] = ()
    scores: Sequence[FunctionScore] = ()
    program_days: Sequence[DayAdherence] = ()


def summarise(span: Span, facts: ProgressFacts, numbers: Numbers) -> Progress:
    """Return the figures of the span; the streaks look at all active days that have come."""
    whole = [day for day in facts.days if not day.region]
    active = [day for day in facts.active_days if _has_come(day, span.today)]
    current, longest = streaks(active, span.today)
    regions: dict[str, list[DaySums]] = {}
    for day in facts.days:
        regions.setdefault(day.region, []).append(day)
    return Progress(
        person_id=span.person_id,
        from_day=span.from_day.isoformat(),
        to_day=span.to_day.isoformat(),
        sessions=sum(day.sessions for day in whole),
        minutes=_minutes(sum(day.seconds for day in whole)),
        exercises=sum(day.exercises for day in whole),
        active_days=sum(1 for day in whole if day.sessions),
        current_streak_days=current,
        longest_streak_days=longest,
        last_session_at=facts.last_session_at,
        regions=[_region(name, regions[name], numbers) for name in sorted(regions) if name],
        days=[DayProgress(day=day.day, sessions=day.sessions, minutes=_minutes(day.seconds)) for day in whole],
        gaps=gaps(active, span, round(numbers.missed_days)),
        exercises_done=effects(facts.sessions, numbers),
        function=functions(facts.scores, span, numbers),
        adherence=adherence_of(facts.program_days, span),
    )


def adherence_of(days: Sequence[DayAdherence], span: Span) -> Adherence | None:
    """Return how much of what was due was done; None when nothing was due."""
    due, done = sum(day.due for day in days), sum(day.done for day in days)
    if not due:
        return None
    percent = round(100 * done / due)
    return Adherence(due=due, done=done, percent=percent, days_due=len(days), weeks=_weeks(days, span))


def _weeks(days: Sequence[DayAdherence], span: Span) -> list[WeekAdherence]:
    weeks: dict[date, list[DayAdherence]] = {}
    for each in days:
        weeks.setdefault(max(span.from_day, each.day - each.day.weekday() * DAY), []).append(each)
    return [
        WeekAdherence(
            from_day=first.isoformat(), due=sum(each.due for each in inside), done=sum(each.done for each in inside)
        )
        for first, inside in weeks.items()
    ]


def streaks(active: Sequence[ActiveDay], today: ActiveDay) -> tuple[int, int]:
    """Return the current and the longest run of days. A day that is not over yet does not break a streak."""
    longest = run = 0
    for day, following in _steps(active, today):
        run += 1
        longest = max(longest, run)
        if following - day > DAY:
            run = 0
    return run, longest


def gaps(active: Sequence[ActiveDay], span: Span, least: int) -> list[Gap]:
    """Return the runs of at least `least` days without a session that touch the span, each in its whole length.

    Before the first session there is no gap, and today is not over yet.
    """
    found = []
    for last, following in _steps(active, span.today):
        from_day, to_day = last + DAY, following - DAY
        days = (to_day - from_day).days + 1
        ongoing = last == active[-1].day
        if days >= least and to_day >= span.from_day:
            found.append(Gap(from_day=from_day.isoformat(), to_day=to_day.isoformat(), days=days, ongoing=ongoing))
    return found


def _has_come(day: ActiveDay, today: ActiveDay) -> bool:
    """Return True for a day up to today, and for one that began elsewhere, where the calendar is ahead."""
    begun = day.first_at is not None and today.first_at is not None and day.first_at <= today.first_at
    return begun or day.day <= today.day


def _steps(active: Sequence[ActiveDay], today: ActiveDay) -> Iterator[tuple[date, date]]:
    """Yield each active day with the next one, the last with today, as it is seen from there.

    Whoever flies east skips a day of the calendar and yet misses none: the next day is that of the westernmost clock
    of the day before it, where this clock is behind.
    """
    for day, following in pairwise([*active, today]):
        yield day.day, _seen(following, day.offset_least)


def _seen(day: ActiveDay, offset: int | None) -> date:
    if offset is None or day.first_at is None:
        return day.day
    return min(day.day, (day.first_at.astimezone(UTC) + timedelta(minutes=offset)).date())


def functions(scores: Sequence[FunctionScore], span: Span, numbers: Numbers) -> list[FunctionProgress]:
    """Return the course of each instrument that was answered in the span."""
    least: dict[Instrument, Callable[[float], float]] = {
        Instrument.PSFS: lambda _: numbers.psfs_change,
        Instrument.PEG: lambda first: max(numbers.peg_change_share * first, numbers.peg_change_least),
    }
    inside = [
        score
        for score in sorted(scores, key=lambda score: (score.answered_at, score.id))
        if span.from_day.isoformat() <= score.local_day <= span.to_day.isoformat()
    ]
    found = []
    for instrument in Instrument:
        mine = [score for score in inside if score.instrument is instrument]
        alike = [score for score in mine if set(score.activities or ()) == set(mine[-1].activities or ())]
        if alike:
            means, below = [score.mean for score in alike], instrument is Instrument.PEG
            course = score_course(means, least[instrument](means[0]), better_below=below)
            days = [ScoreDay(day=score.local_day, mean=score.mean) for score in alike]
            found.append(FunctionProgress(instrument=instrument, course=course, scores=days))
    return found


def _region(name: str, days: Sequence[DaySums], numbers: Numbers) -> RegionProgress:
    changes = sum(day.change_count for day in days)
    change = sum(day.change_sum for day in days)
    points = {measure: _points(days, measure) for measure in MEASURES}
    slopes = {measure: per_week(points[measure]) for measure in MEASURES}
    averages = {measure: _average(days, measure, slopes[measure]) for measure in MEASURES}
    course = pain_course([mean for _, mean in points["before"]], numbers)
    return RegionProgress(
        region=name,
        sessions=sum(day.sessions for day in days),
        **averages,
        change=round(change / changes, 2) if changes else None,
        course=course,
        steady=is_steady(course, points["before"], slopes["before"], numbers),
        days=[PainDay(day=day.day, **{measure: _rounded(_mean(day, measure)) for measure in MEASURES}) for day in days],
    )


def _average(days: Sequence[DaySums], measure: str, slope: float | None) -> PainAverage:
    total = sum(getattr(day, f"{measure}_sum") for day in days)
    count = sum(getattr(day, f"{measure}_count") for day in days)
    return PainAverage(mean=round(total / count, 2) if count else None, sessions=count, per_week=_rounded(slope))


def _points(days: Sequence[DaySums], measure: str) -> list[Point]:
    return [(date.fromisoformat(day.day), mean) for day in days if (mean := _mean(day, measure)) is not None]


def _mean(day: DaySums, measure: str) -> float | None:
    count = getattr(day, f"{measure}_count")
    return getattr(day, f"{measure}_sum") / count if count else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2) + 0.0


def _minutes(seconds: int) -> float:
    return round(seconds / 60, 1)
