"""What a large table costs: the progress of one person with 5,000 sessions among 10,000 and among 1,000,000, and the
attention list of 10,000 people, on both databases.

Takes some minutes to fill, so it runs only when it is named.
"""

import random
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from uuid import UUID

from figures import Figure, same_round_ratio
from servers import Server, database_settings, limber, new_database
from sqlmodel import Session, select
from uuid_utils.compat import uuid7

from data import people, program_writes, session_changes, session_rows
from data.access import OrganizationRow
from data.database import Database
from schemas.people import PersonCreate
from schemas.programs import ProgramCreate, ProgramMaker, ProgramPlan
from schemas.session_logs import ExerciseLog, PainLog, SessionLog
from schemas.vocabulary import Spread
from tests.own_postgres import own_postgres

THEIRS = 5_000
SMALL, LARGE = 10_000, 1_000_000
PEOPLE = 10_000
AT_ONCE = 1_000
ROUNDS = 60
ZONE = "Europe/Madrid"
EXERCISES = ("standing-mid-back-reach", "cat-cow", "bird-dog")


def run(folder: Path) -> list[Figure]:
    """Return the figures of both databases."""
    figures = _of("SQLite", folder / "small.db", folder / "large.db")
    with own_postgres() as small, own_postgres() as large:
        figures += _of("PostgreSQL", small.url, large.url)
    return figures


def _of(name: str, small: Path | str, large: Path | str) -> list[Figure]:
    with ExitStack() as stack:
        one, other = (
            _Filled(stack, database, sessions, people)
            for database, sessions, people in ((small, SMALL, 50), (large, LARGE, PEOPLE))
        )
        first = _seconds(other.server, "/people?sort=attention&limit=50", other.headers)
        quick, slow, listed = [], [], []
        for _ in range(ROUNDS):
            quick.append(_seconds(one.server, one.progress, one.headers))
            slow.append(_seconds(other.server, other.progress, other.headers))
            listed.append(_seconds(other.server, "/people?sort=attention&limit=50", other.headers))
    ratio = same_round_ratio(slow, quick)
    what = f"{name}: progress of {THEIRS:,} sessions among {LARGE:,}"
    note = f"best {min(slow) * 1e3:.0f} and {min(quick) * 1e3:.0f} ms"
    milliseconds = [median(times) * 1e3 for times in (slow, quick, listed)]
    people = f"{name}: attention list of {PEOPLE:,} people"
    return [
        Figure("growth", what, "ms", milliseconds[0], milliseconds[1], ratio, target=1.5, at_most=True, note=note),
        Figure("growth", people, "ms", milliseconds[2], target=100, at_most=True, note=f"best {min(listed) * 1e3:.0f}"),
        Figure("growth", f"{people}, the first after all changed", "s", first),
    ]


class _Filled:
    """A server on a database with so many sessions, and how the one person's progress is asked for."""

    def __init__(self, stack: ExitStack, database: Path | str, sessions: int, people: int) -> None:
        self.headers = {"Authorization": f"Bearer {new_database(database)}"}
        person_id = _fill(database_settings(database)["LIMBER_DATABASE_URL"], sessions, people)
        self.progress = f"/progress?person_id={person_id}&days=365"
        self.server: Server = stack.enter_context(limber(database))


def _seconds(server: Server, target: str, headers: dict[str, str]) -> float:
    began = time.perf_counter()
    answer = server.get(target, headers)
    if answer.status != 200:
        raise RuntimeError(f"{target} was answered with {answer.status}")
    return time.perf_counter() - began


def _fill(url: str, sessions: int, people_count: int) -> UUID:
    """Store one person with a program and `THEIRS` sessions, and others with the rest; return the person's id."""
    database = Database(url)
    database.open()
    began, now = time.perf_counter(), datetime.now(UTC)
    try:
        (organization,) = database.system.read_now(lambda session: session.exec(select(OrganizationRow.id)).all())
        doors = database.bound_to(organization)
        crowd = []
        for number in range(people_count):
            added = doors.write_now(people.add, PersonCreate(external_id=f"person-{number}"), now)
            crowd.append(added.person.id)
        _program(doors, crowd[0], now)
        bodies = _sessions(crowd, sessions, now)
        while some := [body for _, body in zip(range(AT_ONCE), bodies, strict=False)]:
            doors.write_now(_store, some, now)
    finally:
        database.close()
    print(f"{sessions:,} sessions stored in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    return crowd[0]


def _program(doors: object, person_id: UUID, now: datetime) -> None:
    items = [{"exercise_id": key} for key in EXERCISES]
    starts_on = (now - timedelta(days=300)).date()
    body = ProgramCreate.model_validate({"starts_on": str(starts_on), "phases": [{"items": items}], "timezone": ZONE})
    plan = ProgramPlan(starts_on=body.starts_on, ends_on=None, phases=body.phases or [])
    doors.write_now(program_writes.add, body, plan, person_id, ProgramMaker.ORGANIZATION, now)


def _store(session: Session, bodies: list[SessionLog], now: datetime) -> None:
    numbers = session_changes.take(session, len(bodies))
    session_rows.insert(session, bodies, [bytes(32)] * len(bodies), numbers)
    session_rows.complete(session, bodies, now)


def _sessions(crowd: list[UUID], sessions: int, now: datetime) -> Iterator[SessionLog]:
    """Yield the sessions of all people mixed, in the order of time, as a server would have met them."""
    chance = random.Random(sessions)
    whose = [crowd[0]] * THEIRS + [crowd[1 + number % (len(crowd) - 1)] for number in range(sessions - THEIRS)]
    chance.shuffle(whose)
    for number, person_id in enumerate(whose):
        at = now - timedelta(days=400) * (1 - number / sessions)
        before, after = chance.randint(2, 7), chance.randint(1, 6)
        yield SessionLog.model_construct(
            id=uuid7(),
            person_id=person_id,
            started_at=at,
            ended_at=at + timedelta(minutes=12),
            timezone=ZONE,
            local_day=at.date().isoformat(),
            title=None,
            spread=Spread.NONE,
            new_symptoms=[],
            effort=3,
            recommendation_id=None,
            program_id=None,
            notes=None,
            clock_ahead=False,
            version=1,
            created_at=at,
            updated_at=at,
            link_id=None,
            triage=None,
            pain=[PainLog(region="mid_back", before=before, during_max=before, after=after)],
            exercises=[ExerciseLog(exercise_id=key) for key in EXERCISES],
        )
