"""What the benchmarks ask and post: made from the vocabulary that the server publishes, the same in every run."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from urllib.parse import urlencode

from servers import Server
from uuid_utils.compat import uuid7

SEED = 20_261_122
PEOPLE = 20
DAYS = 30
ENTRIES = 6
QUALITIES = (
    "sore",
    "stiff",
    "tight",
    "aching",
    "dull pain",
    "pulling",
    "a bit sore",
    "tense",
    "really stiff",
    "sore and tight",
)
AREAS = (
    "between my shoulder blades",
    "in my lower back",
    "at the back of my neck",
    "in my left hip",
    "behind my right knee",
    "in my calves",
    "across my shoulders",
    "in my right wrist",
    "in my hamstrings",
    "in my upper back",
    "in my glutes",
    "around my left ankle",
)
CAUSES = (
    "after rowing",
    "after heavy rows",
    "from sitting at a desk all day",
    "since I slept badly",
    "after a long run",
    "after gardening",
    "from looking at my phone",
    "after a long drive",
    "after deadlifts",
    "since yesterday's training",
    "from carrying my toddler",
)
TAILS = (
    "",
    ", no chest pain",
    ", it eases when I move",
    ", worse in the morning",
    ", I am 34",
    ", better than last week",
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Ids that filters and sessions may name."""

    exercises: list[str]
    choices: dict[str, list[str]]


def vocabulary(server: Server) -> Vocabulary:
    """Return what the server's catalogue offers."""
    items = json.loads(server.get("/exercises?limit=200").body)["items"]
    conditions = json.loads(server.get("/conditions").body)["items"]
    choices = {
        "region": {region for item in items for region in item["regions"]},
        "muscle": {muscle for item in items for muscle in item["muscles"]["primary"]},
        "kind": {item["kind"] for item in items},
        "position": {item["position"] for item in items},
        "level": {str(item["level"]) for item in items},
        "avoid": {name for item in items for name in item["properties"]},
        "permitted_with": {condition["id"] for condition in conditions},
    }
    return Vocabulary(sorted(item["id"] for item in items), {name: sorted(found) for name, found in choices.items()})


def list_targets(vocabulary: Vocabulary, count: int) -> list[str]:
    """Return `count` different, valid filters of the list of exercises, with two to four parameters."""
    chosen = random.Random(SEED)
    found: dict[str, None] = {}
    names = sorted(vocabulary.choices)
    while len(found) < count:
        pairs = [
            (name, value)
            for name in sorted(chosen.sample(names, chosen.choice((1, 1, 2, 3))))
            for value in sorted(chosen.sample(vocabulary.choices[name], chosen.choice((1, 1, 2))))
        ]
        pairs += [("max_minutes", str(chosen.randint(2, 240))), ("limit", str(chosen.randint(15, 25)))]
        found[f"/exercises?{urlencode(pairs)}"] = None
    return list(found)


def questions() -> Iterator[bytes]:
    """Yield questions in people's words, each once, in mixed order."""
    texts = [
        f"{quality} {area} {cause}{tail}" for quality, area, cause, tail in product(QUALITIES, AREAS, CAUSES, TAILS)
    ]
    random.Random(SEED).shuffle(texts)
    for number, text in enumerate(texts):
        question = {"text": text, "person": {"age": 20 + number % 50}, "limit": 5, "max_minutes": 5 + number % 20}
        yield json.dumps(question).encode()


class Sessions:
    """Session posts of some people over some days, each with an id of its own."""

    def __init__(self, people: list[str], vocabulary: Vocabulary) -> None:
        chosen = random.Random(SEED)
        regions = vocabulary.choices["region"]
        self._shapes = [
            json.dumps(
                _session(person, day, chosen.sample(vocabulary.exercises, ENTRIES), chosen.sample(regions, 2)),
                separators=(",", ":"),
            ).encode()
            for person in people
            for day in range(DAYS)
        ]
        chosen.shuffle(self._shapes)

    def bodies(self, count: int) -> list[bytes]:
        """Return `count` bodies that were never sent."""
        shapes = self._shapes
        return [shapes[n % len(shapes)].replace(b"ID", str(uuid7()).encode(), 1) for n in range(count)]

    def batches(self, count: int, size: int = 500) -> list[bytes]:
        """Return `count` batches of sessions that were never sent."""
        return [b'{"sessions":[' + b",".join(self.bodies(size)) + b"]}" for _ in range(count)]


def _session(person: str, day: int, exercises: list[str], regions: list[str]) -> dict[str, object]:
    start = datetime(2026, 9, 1, 7, 30, tzinfo=UTC) + timedelta(days=day)
    return {
        "id": "ID",
        "person_id": person,
        "started_at": start.isoformat(),
        "ended_at": (start + timedelta(minutes=9)).isoformat(),
        "timezone": "Europe/Madrid",
        "title": "Morning routine",
        "pain": [
            {"region": regions[0], "side": "left", "before": 5, "during_max": 4, "after": 3},
            {"region": regions[1], "side": "right", "before": 3, "during_max": 3, "after": 2, "next_morning": 2},
        ],
        "effort": 3,
        "exercises": [
            {"exercise_id": exercise, "side": "both", "sets": 1, "repetitions": 3, "hold_seconds": 15,
             "completion_percent": 100, "difficulty": "right", "pain_during": 2, "hurt": False}
            for exercise in exercises
        ],
    }  # fmt: skip


def make_people(server: Server, headers: dict[str, str]) -> list[str]:
    """Add people over HTTP and return their ids."""
    answers = [server.post("/people", b'{"external_id": "bench-%d"}' % number, headers) for number in range(PEOPLE)]
    return [json.loads(answer.body)["id"] for answer in answers]
