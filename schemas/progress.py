"""Honest figures about a person: counts, streaks, pain with its course, what helps, scores of function."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from schemas.base import Schema, UtcDateTime
from schemas.function_scores import Instrument
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


class DayStart(Schema):
    """When the first session of a day began, and the least offset from UTC, in minutes, of the places of its sessions.

    None where it is not known, and where only one region is counted.
    """

    first_at: datetime | None = None
    offset_least: int | None = None


class DaySums(RegionSums):
    """The sums of one local day; `region` is empty for the whole day."""

    day: str
    region: str


@dataclass(frozen=True, slots=True)
class ActiveDay:
    """A local day with sessions, with what `DayStart` says of it."""

    day: date
    first_at: datetime | None = None
    offset_least: int | None = None


class ProgressQuery(Schema):
    """Whose figures, over how many local days up to today in the zone of `timezone` (default: of the last session)."""

    person_id: UUID | None = Field(default=None, description="Left out with a person's own token, else required.")
    days: int = Field(default=90, ge=1, le=3660)
    timezone: Zone | None = None


class ChartTheme(StrEnum):
    """On what the chart is shown."""

    LIGHT = "light"
    DARK = "dark"


class ChartQuery(ProgressQuery):
    """Whose chart, over how many local days, on light or dark ground."""

    theme: ChartTheme = ChartTheme.LIGHT


class PainAverage(Schema):
    """Mean pain (NPRS 0-10) over the sessions that gave it, how many did, and how it goes."""

    mean: float | None
    sessions: int
    per_week: float | None = Field(
        description="The robust trend (Theil-Sen) in points a week, below 0 is relief; null on fewer than three days."
    )


class Course(StrEnum):
    """What became of pain or function. `too_few`: not enough days or scores to say."""

    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    WORSE = "worse"
    TOO_FEW = "too_few"


class MeaningfulChange(Schema):
    """From the first days or scores to the newest: `least` points are needed for a change to matter, which depends on
    where it began."""

    baseline: float | None
    recent: float | None
    change: float | None
    least: float | None
    course: Course


class PainDay(Schema):
    """Mean pain of one region on one local day; null where no session of the day gave it."""

    day: str
    before: float | None
    after: float | None
    next_morning: float | None


class RegionProgress(Schema):
    """Pain of one region over the asked days. `change` is the mean of after minus before; below 0 is relief.

    `course` compares the pain before sessions on the first days that gave it with that on the newest.
    """

    region: str
    sessions: int
    before: PainAverage
    after: PainAverage
    next_morning: PainAverage
    change: float | None
    course: MeaningfulChange
    steady: bool | None = Field(
        description="False where the trend of the pain before sessions (`before.per_week`) does not bear out the "
        "course: it went up and down, or changed all at once. Null on too few days."
    )
    days: list[PainDay]


class Effect(StrEnum):
    """How pain went with an exercise: exercises of one session share its pain, so this is no proof of a cause."""

    HELPS = "helps"
    HURTS = "hurts"
    UNCLEAR = "unclear"


class ExerciseProgress(Schema):
    """One exercise over the newest sessions of the asked days, up to 300 of them.

    `change` is the mean of after minus before over `known` sessions; pain was less in `eased` of them, and more, or
    much more the next morning, in `worsened`. `hurt` counts the sessions in which it was marked so.
    """

    exercise_id: str
    sessions: int
    known: int
    change: float | None
    eased: int
    worsened: int
    hurt: int
    effect: Effect


class Gap(Schema):
    """A week or more without a session, from the first such day to the last; `ongoing` when it lasts to today."""

    from_day: str
    to_day: str
    days: int
    ongoing: bool


class ScoreDay(Schema):
    """One score of function: the mean of its three items."""

    day: str
    mean: float


class FunctionProgress(Schema):
    """The scores of one instrument in the asked days; those of `psfs` about the same activities as the newest.

    More is better with `psfs`, less is better with `peg`.
    """

    instrument: Instrument
    course: MeaningfulChange
    scores: list[ScoreDay]


class DayProgress(Schema):
    """One local day."""

    day: str
    sessions: int
    minutes: float


class WeekAdherence(Schema):
    """One week, from Monday or from the first of the asked days: what was due in it, and what of it was done."""

    from_day: str
    due: int
    done: int


class Adherence(Schema):
    """What was due by the person's programs in the asked days, and what of it was done, by exercise and day.

    Nothing is due on the days of a hold, nor after three bad sessions within a week until they are two weeks past; nor
    is what the program's conditions forbid, or what is left out since it went badly twice. An exercise counts as done
    when a session of that local day has it, unless it tells that none of it was done.
    """

    due: int
    done: int
    percent: int
    days_due: int
    weeks: list[WeekAdherence] = Field(description="The weeks in which something was due; today's is not over yet.")


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
        description="Days in a row up to today, or up to yesterday when today has none yet. A day that was skipped by "
        "flying east is not missed."
    )
    longest_streak_days: int
    last_session_at: UtcDateTime | None
    regions: list[RegionProgress]
    days: list[DayProgress]
    gaps: list[Gap]
    exercises_done: list[ExerciseProgress] = Field(description="What was done most first.")
    function: list[FunctionProgress]
    adherence: Adherence | None = Field(
        description="Null when no program asked for anything in these days; also when nobody can tell what was done: "
        "before the first session is known, and where a link brings figures of these days without their sessions."
    )
