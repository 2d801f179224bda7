"""Simulated people, each of a kind of response, who ask, do what they are told and post how it was; all through the
API, with a clock that the tests move."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from starlette.testclient import TestClient

from api.rules.pain_monitoring import Colour
from tests.signing import Clock

KINDS: Final = ("helped", "worsened", "irregular", "flare", "gap")
BEGIN: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)
EXERCISES_A_DAY: Final = 3
ASKS_EVERY: Final = 7
QUESTION: Final[dict[str, Any]] = {
    "pain_areas": [{"region": "mid_back"}],
    "causes": ["rowing"],
    "person": {"age": 40},
    "limit": 5,
}


@dataclass
class Course:
    """One exercise of one person: how each session was borne, the pain during it, and the dose as last told.

    `since` are the sessions since then; `before_rise` are the dose before it last rose, and the pain until then.
    """

    colours: list[Colour] = field(default_factory=list)
    pains: list[int] = field(default_factory=list)
    work: int | None = None
    since: int = 0
    before_rise: tuple[int, float] | None = None


@dataclass
class Simulated:
    """One person: the pain as it is without exercises, and how the exercises act on it."""

    kind: str
    chance: random.Random
    client: TestClient
    headers: dict[str, str]
    id: str
    clock: Clock
    baseline: float = 4.0
    told: Any = None
    asked_at: datetime | None = None
    courses: dict[str, Course] = field(default_factory=dict)
    pains: list[int] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)
    left_out: set[str] = field(default_factory=set)
    stops: int = 0
    rises: int = 0
    broken: list[str] = field(default_factory=list)

    def live_a_day(self, day: int) -> None:
        """Ask when it is time, exercise when the kind of person does, and post how it was."""
        if not self._exercises(day):
            return
        if self.asked_at is None or self.clock.now - self.asked_at >= timedelta(days=ASKS_EVERY) or self._was_bad():
            self.ask()
        offers = self.told["exercises"][:EXERCISES_A_DAY]
        if offers:
            self._do(offers, day)

    def ask(self) -> None:
        """Ask anew, and look at what became of each dose since the last time."""
        answer = self.client.post("/recommendations", json={**QUESTION, "person_id": self.id}, headers=self.headers)
        assert answer.status_code == 200, answer.text
        self.told, self.asked_at = answer.json(), self.clock.now
        self.stops += self.told["triage"]["disposition"] == "see_clinician"
        self.left_out |= {each["exercise_id"] for each in self.told["excluded"] if each["rule"] == "suspended"}
        for offer in self.told["exercises"]:
            course = self.courses.setdefault(offer["exercise"]["id"], Course())
            if offer["progression"] is not None:
                self.rules[offer["progression"]["rule"]] += 1
            self._look_at(offer, course)

    def _look_at(self, offer: Any, course: Course) -> None:
        """Hold a dose against what the person went through with it."""
        work, name = _work(offer["dosage"]), f"{self.kind} {self.id} {offer['exercise']['id']}"
        since = course.colours[len(course.colours) - course.since :]
        if course.work is not None and work > course.work:
            # Calm breathing hurts nobody here: it may go further for whoever may do nothing else.
            self.rises += offer["exercise"]["kind"] != "breathing"
            if not _earned(course.colours, since):
                self.broken.append(f"{name} rose after {[each.name for each in since]}")
            course.before_rise = course.work, _mean(course.pains[-3:])
        elif course.before_rise is not None and course.since:
            dose, pain = course.before_rise
            if len(course.pains) >= 3 and _mean(course.pains[-3:]) >= pain + 2 and work > dose:
                self.broken.append(f"{name} hurts more than before it rose, and is still above that dose")
        was_red = since[-1:] == [Colour.RED] and len(since) <= 3
        if was_red and course.work is not None and work >= course.work and _can_be_less(offer["dosage"]):
            self.broken.append(f"{name} was not cut after a red session")
        course.work, course.since = work, 0

    def _do(self, offers: list[Any], day: int) -> None:
        before = _score(self.baseline + self.chance.gauss(0, 0.5))
        lasting = sum(self._effect(offer, day) for offer in offers) / len(offers)
        during = _score(before + lasting + self.chance.gauss(0, 0.4))
        morning = _score(before + lasting + self.chance.gauss(0, 0.4))
        exercises = [
            {
                "exercise_id": offer["exercise"]["id"],
                "completion_percent": 100 if self.kind != "irregular" else self.chance.choice([50, 80, 100]),
                "hurt": during >= 8 and self.chance.random() < 0.5,
            }
            for offer in offers
        ]
        self._post(exercises, {"before": before, "during_max": during, "after": during, "next_morning": morning})
        self.baseline = min(10.0, max(0.0, self.baseline + lasting * 0.05))
        self.pains.append(before)
        for exercise in exercises:
            course = self.courses[exercise["exercise_id"]]
            course.colours.append(Colour.RED if exercise["hurt"] else _colour(before, during, morning))
            course.pains.append(during)
            course.since += 1

    def _post(self, exercises: list[Any], pain: dict[str, int]) -> None:
        session = {
            "id": str(uuid4()),
            "person_id": self.id,
            "started_at": self.clock.now.isoformat(),
            "ended_at": (self.clock.now + timedelta(minutes=10)).isoformat(),
            "timezone": "Europe/Madrid",
            "pain": [{"region": "mid_back", **pain}],
            "effort": 4,
            "exercises": exercises,
        }
        posted = self.client.post("/sessions", json=session, headers=self.headers)
        assert posted.status_code == 201, posted.text

    def _exercises(self, day: int) -> bool:
        """Whether the person exercises on this day."""
        if self.kind == "irregular":
            return self.chance.random() < 0.25
        if self.kind == "gap" and 20 <= day % 60 < 20 + 9 + 9 * (day // 60 % 2):
            return False
        return day % 2 == 0

    def _effect(self, offer: Any, day: int) -> float:
        """What one exercise at its dose adds to the pain: harm grows with the dose, help does not."""
        steps = offer["progression"]["steps_up"] if offer["progression"] else 0
        if offer["exercise"]["kind"] == "breathing":
            return 0.0
        match self.kind:
            case "worsened":
                return 0.8 + 0.5 * steps
            case "flare" if 30 <= day % 90 < 40:
                return 3.0
            case "helped":
                return -1.2
        return -0.4

    def _was_bad(self) -> bool:
        return any(course.since and course.colours[-1] is Colour.RED for course in self.courses.values())


def _earned(colours: list[Colour], since: list[Colour]) -> bool:
    """Return whether three good sessions in a row ended since the last word, and no red one came after them."""
    start = len(colours) - len(since)
    for end in range(len(colours), start, -1):
        if colours[end - 1] is Colour.RED:
            return False
        if end >= 3 and all(each is Colour.GREEN for each in colours[end - 3 : end]):
            return True
    return False


def _mean(pains: list[int]) -> float:
    return sum(pains) / len(pains) if pains else 0.0


def _score(pain: float) -> int:
    return min(10, max(0, round(pain)))


def _work(dosage: Any) -> int:
    """Return the seconds, or the repetitions where nothing is held, of a whole day."""
    work: int = dosage["times_per_day"][1]
    for name in ("hold_seconds", "repetitions", "duration_seconds"):
        work *= (dosage[name] or (1, 1))[1]
    return work


def _can_be_less(dosage: Any) -> bool:
    return any((dosage[name] or (1, 1))[1] > 1 for name in ("hold_seconds", "repetitions", "duration_seconds"))


def _colour(before: int, during: int, morning: int) -> Colour:
    """Return the oracle's word for a session, from clinical facts 4.1 alone."""
    if (during > 5 and during > before) or morning >= before + 2:
        return Colour.RED
    return Colour.GREEN if during <= max(2, min(before, 5)) and morning <= max(before, 2) else Colour.AMBER
