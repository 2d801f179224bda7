"""The first honest figures about a person, from the daily rollup."""

from uuid import UUID

from pydantic import Field

from schemas.base import Schema, UtcDateTime
from schemas.session_logs import Zone


class RegionSums(Schema):
    """Sums and counts of one day and region; a sum of pain counts only the sessions that gave the value."""

    sessions: int
    seconds: int
    exercises: int
    before_sum: int
    before_count: int
    after_sum: int
    after_count: int
    next_morning_sum: int
    next_morning_count: int
    change_sum: int
    change_count: int


class DaySums(RegionSums):
    """The sums of one local day; `region` is empty for the whole day."""

    day: str
    region: str


class ProgressQuery(Schema):
    """Whose figures, over how many local days up to today in the zone of `timezone` (default: of the last session)."""

    person_id: UUID | None = Field(default=None, description="Left out with a person's own token, else required.")
    days: int = Field(default=90, ge=1, le=3660)
    timezone: Zone | None = None


class PainAverage(Schema):
    """Mean pain (NPRS 0-10) over the sessions that gave it, and how many did."""

    mean: float | None
    sessions: int


class RegionProgress(Schema):
    """Pain of one region over the asked days. `change` is the mean of after minus before; below 0 is relief."""

    region: str
    sessions: int
    before: PainAverage
    after: PainAverage
    next_morning: PainAverage
    change: float | None


class DayProgress(Schema):
    """One local day."""

    day: str
    sessions: int
    minutes: float


class Progress(Schema):
    """Counts are exact; a mean says over how many sessions it was made; nothing is guessed from missing values."""

    person_id: UUID
    from_day: str
    to_day: str
    sessions: int
    minutes: float
    exercises: int
    active_days: int
    current_streak_days: int = Field(
        description="Days in a row up to today, or up to yesterday when today has none yet."
    )
    longest_streak_days: int
    last_session_at: UtcDateTime | None
    regions: list[RegionProgress]
    days: list[DayProgress]
