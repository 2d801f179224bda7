"""Who needs a look first, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from schemas.base import Schema, UtcDateTime
from schemas.program_days import DayAdherence
from schemas.programs import LocalDay
from schemas.vocabulary import Disposition, Spread


class AttentionReason(StrEnum):
    """Why somebody should look, the gravest first: on hold for a sign of danger; three bad sessions within a week; an
    exercise marked as hurting within two weeks; pain that rose by a meaningful change; less than half done of what
    programs asked for in two weeks; no session for two weeks."""

    ON_HOLD = "on_hold"
    RED_SESSIONS = "red_sessions"
    EXERCISE_HURT = "exercise_hurt"
    PAIN_RISING = "pain_rising"
    LOW_ADHERENCE = "low_adherence"
    NOTHING_FOR_LONG = "nothing_for_long"


class PainRise(Schema):
    """Where pain rose to the newest days: from the first of the last 90, or from the best of late."""

    region: str
    baseline: float
    recent: float


class Attention(Schema):
    """The reasons, the gravest first, and the values that they rest on; none: nothing calls for a look."""

    reasons: list[AttentionReason]
    hold: Disposition | None
    red_at: UtcDateTime | None
    hurt_at: UtcDateTime | None = Field(description="When the newest session was that marked an exercise as hurting.")
    rise: PainRise | None
    low_adherence_since: LocalDay | None = Field(
        description="Since when less than half is done of what was due in the two weeks before; found two weeks back."
    )
    last_day: str | None


@dataclass(frozen=True, slots=True)
class RecentPain:
    """The pain of one place around one recent session, or the session alone; `hurt` when an exercise was marked so."""

    session_id: UUID
    started_at: datetime
    spread: Spread
    hurt: bool
    during: int | None
    place: int | None = None
    before: int | None = None
    during_max: int | None = None
    after: int | None = None
    next_morning: int | None = None


@dataclass(frozen=True, slots=True)
class RecentPast:
    """What is known of a person of late: the mean pain before sessions of each day by region, in the order of the days;
    the pain around sessions; what programs ask for, over days past and to come; the day it is; the newest day of all.
    """

    before: Mapping[str, Sequence[float]]
    pain: Sequence[RecentPain]
    last_day: str | None
    due: Sequence[DayAdherence]
    today: date


@dataclass(frozen=True, slots=True)
class Concern:
    """What a person's sessions and programs call for, whoever looks and whenever: as long as nothing is added, too
    little is done from the first day of `low` on, and before its last."""

    last_day: str | None
    red_at: datetime | None
    hurt_at: datetime | None
    rise: PainRise | None
    low: tuple[date, date | None] | None
