"""Who needs a look first, and why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from schemas.base import Schema, UtcDateTime
from schemas.progress import DaySums
from schemas.vocabulary import Disposition, Spread


class AttentionReason(StrEnum):
    """Why somebody should look, the gravest first: on hold for a sign of danger; three bad sessions within a week; pain
    that rose by a meaningful change; no session for two weeks."""

    ON_HOLD = "on_hold"
    RED_SESSIONS = "red_sessions"
    PAIN_RISING = "pain_rising"
    NOTHING_FOR_LONG = "nothing_for_long"


class PainRise(Schema):
    """Where pain rose, from the first days of the last 90 to the newest."""

    region: str
    baseline: float
    recent: float


class Attention(Schema):
    """The reasons, the gravest first, and the values that they rest on; none: nothing calls for a look."""

    reasons: list[AttentionReason]
    hold: Disposition | None
    red_at: UtcDateTime | None
    rise: PainRise | None
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
    next_morning: int | None = None


@dataclass(frozen=True, slots=True)
class RecentPast:
    """What is known of a person of late: the daily sums, the pain around sessions, and the newest day of all."""

    days: list[DaySums]
    pain: list[RecentPain]
    last_day: str | None


@dataclass(frozen=True, slots=True)
class Concern:
    """What a person's sessions call for, whoever looks and whenever."""

    last_day: str | None
    red_at: datetime | None
    rise: PainRise | None
