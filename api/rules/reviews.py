"""A look at whether it helps at all: the pain before sessions in the first week beside that of the last one.

Source: clinical facts 4.2, rule 7, and 4.3.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

from api.rules.pain_monitoring import WEEK
from api.rules.progression import Past
from api.rules.tuning import Numbers
from schemas.session_logs import SessionLog


class ReviewOutcome(StrEnum):
    """What became of the pain."""

    BETTER = "better"
    UNCHANGED = "unchanged"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class PainReview:
    """How the pain went in so many weeks: the median before sessions of the first week and of the last."""

    weeks: int
    first: float
    last: float
    outcome: ReviewOutcome

    def calls_for_a_clinician(self, numbers: Numbers) -> bool:
        """Return True when it got worse, or no better for long."""
        return self.outcome is ReviewOutcome.WORSE or (
            self.outcome is ReviewOutcome.UNCHANGED and self.weeks >= numbers.review_unchanged_weeks
        )


def review_of(past: Past, regions: Collection[str], numbers: Numbers) -> PainReview | None:
    """Return the review of the pain in some regions, of all that were told when none of them was.

    None in the first weeks, and when the first or the last of them tells of no pain.
    """
    logs = [log for log in past.logs if log.started_at <= past.now]
    if not logs:
        return None
    begin = min(log.started_at for log in logs)
    weeks = (past.now - begin) // WEEK
    first = _pains((log for log in logs if log.started_at - begin < WEEK), regions)
    last = _pains((log for log in logs if past.now - log.started_at < timedelta(days=numbers.missed_days)), regions)
    if weeks < numbers.review_from_weeks or not first or not last:
        return None
    was, now = median(first), median(last)
    return PainReview(weeks, was, now, _outcome(was, now, numbers))


def calling(past: Past, regions: Collection[str], numbers: Numbers) -> list[tuple[datetime, datetime]]:
    """Return the weeks, each from when until when, in which the review called for a clinician; the last ends now."""
    begin = min((log.started_at for log in past.logs if log.started_at <= past.now), default=past.now)
    weeks = range(round(numbers.review_from_weeks), (past.now - begin) // WEEK + 1)
    marks = [*(begin + week * WEEK for week in weeks), past.now]
    reviews = [review_of(Past(past.logs, mark), regions, numbers) for mark in marks]
    called = [review is not None and review.calls_for_a_clinician(numbers) for review in reviews]
    return [each for each, calls in zip(pairwise(marks), pairwise(called), strict=True) if any(calls)]


def told(review: PainReview | None, numbers: Numbers, texts: Mapping[str, str]) -> list[str]:
    """Return what a person is told of it: something when a clinician should look at them."""
    if review is None or not review.calls_for_a_clinician(numbers):
        return []
    facts = {"weeks": review.weeks, "first": f"{review.first:g}", "last": f"{review.last:g}"}
    return [texts[f"education_review_{review.outcome}"].format(**facts)]


def _outcome(was: float, now: float, numbers: Numbers) -> ReviewOutcome:
    if now - was >= numbers.meaningful_points:
        return ReviewOutcome.WORSE
    fell = was - now
    if fell > 0 and (fell >= numbers.meaningful_points or fell >= numbers.meaningful_share * was):
        return ReviewOutcome.BETTER
    # Who had no pain and has none still is not waiting for it to get better.
    return ReviewOutcome.BETTER if now <= numbers.green_pain_most and now <= was else ReviewOutcome.UNCHANGED


def _pains(logs: Iterable[SessionLog], regions: Collection[str]) -> list[int]:
    told_of = [pain for log in logs for pain in log.pain if pain.before is not None]
    near = [pain for pain in told_of if pain.region in regions] or told_of
    return [pain.before for pain in near if pain.before is not None]
