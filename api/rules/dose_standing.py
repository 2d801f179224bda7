"""Where an exercise stands for a person, and where all of them do. Source: clinical facts 4.1 and 4.2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

from api.rules.tuning import Numbers
from schemas.progression import DoseChange


class BeforeRise(NamedTuple):
    """What a dose was before it rose, and when that was."""

    at: datetime
    steps_up: int
    cuts: int
    regained: int


class DoseStanding(NamedTuple):
    """Where an exercise stands for a person, and which rule and values led there.

    `greens` and `reds` count those in a row, greens one a day, the last on `green_day`; `cuts` are those not earned
    back, and `regained` the steps by which loaded work is on its way back from the last of them; `hurts` are the
    sessions that hurt and were not made good; `helped` and `worsened` count all sessions. `felt` is the pain during the
    last few, `rises` are the last and those close before it, `least` is the least mean of `felt` since then.
    """

    change: DoseChange = DoseChange.HOLD
    rule: str = "first_session"
    session_id: UUID | None = None
    values: Mapping[str, int] = MappingProxyType({})
    steps_up: int = 0
    cuts: int = 0
    regained: int = 0
    hurts: int = 0
    helped: int = 0
    worsened: int = 0
    greens: int = 0
    green_day: str = ""
    reds: int = 0
    done_at: datetime | None = None
    raised_at: datetime | None = None
    suspended_at: datetime | None = None
    felt: tuple[int, ...] = ()
    rises: tuple[BeforeRise, ...] = ()
    least: float = 0

    def worse_since_rise(self, numbers: Numbers) -> dict[str, int] | None:
        """Return by which means the last few sessions hurt clearly more than the least since the dose rose, where it is
        still up."""
        if not self.rises or fmean(self.felt) - self.least < numbers.worse_since_rise:
            return None
        up = any(
            self.steps_up > each.steps_up or (self.cuts, -self.regained) < (each.cuts, -each.regained)
            for each in self.rises
        )
        return {"latest": round(fmean(self.felt)), "least_since_rise": round(self.least)} if up else None

    def without_rises(self) -> "DoseStanding":
        """The same as it was before the rises of late, and cut at least once."""
        steps_up = min(self.steps_up, *(each.steps_up for each in self.rises))
        cuts = max(self.cuts, *(each.cuts for each in self.rises), 1)
        return self._replace(steps_up=steps_up, cuts=cuts, regained=0, rises=())

    @property
    def was_too_much(self) -> bool:
        """Whether it was red the last time, or has hurt since it last went well three times in a row."""
        return self.reds > 0 or self.hurts > 0

    def helps(self, numbers: Numbers) -> bool:
        """Return True when the pain was clearly less after several sessions with it, and it was red in fewer."""
        return self.helped >= numbers.helped_sessions and self.helped > self.worsened


@dataclass(frozen=True, slots=True)
class History:
    """Where each exercise that was done stands, whether so much was red that everything stops, from when to when
    it ever did, and what was done today when symptoms spread down a limb."""

    exercises: Mapping[str, DoseStanding] = field(default_factory=dict)
    stopped: bool = False
    stops: Sequence[tuple[datetime, datetime]] = ()
    spread_down: frozenset[str] = frozenset()

    def suspended(self, exercise_id: str) -> bool:
        """Return True when an exercise is left out for what it did to this person."""
        standing = self.exercises.get(exercise_id)
        return standing is not None and standing.change is DoseChange.SUSPEND


NO_HISTORY: Final = History()
