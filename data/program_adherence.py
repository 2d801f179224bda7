"""What was due by people's programs on each local day, and what of it was done: counted from plans and sessions."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Text, and_, cast, false, or_
from sqlmodel import Session, col, select

from data import audit, session_entries
from data.programs import RECORD, ProgramRow, ProgramVersionRow
from data.session_entries import SessionExerciseRow
from data.session_logs import SessionLogRow
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.program_days import Asks, DayAdherence, plan_of
from schemas.programs import ProgramItem, ProgramPhase, ProgramPlan, ProgramState

ANY_ZONE: Final = timedelta(hours=26)
"""By how much a local day may lie off the same day in UTC, whatever the zone."""

MOST_PLANS: Final = 500
"""So many plans of a person are read at once, the newest: each may be large, and nobody changes programs so often."""

VERSION: Final[tuple[Any, ...]] = (
    ProgramRow.person_id,
    ProgramRow.id,
    ProgramVersionRow.version,
    ProgramVersionRow.made_at,
)
# As text, because PostgreSQL compares no JSON, and so finds no distinct rows beside it.
PLAN: Final[tuple[Any, ...]] = (
    ProgramVersionRow.program_id,
    ProgramVersionRow.version,
    cast(ProgramVersionRow.plan, Text),
)
DONE: Final[tuple[Any, ...]] = (
    SessionLogRow.person_id,
    SessionLogRow.local_day,
    SessionExerciseRow.exercise_id,
    SessionLogRow.program_id,
)


@dataclass(frozen=True, slots=True)
class Stood:
    """A version of a program, and from which local day on it was in force."""

    person_id: UUID
    program_id: UUID
    version: int
    since: date


@dataclass(frozen=True, slots=True)
class InForce:
    """A plan, and from which local day on it was in force."""

    since: date
    plan: ProgramPlan


Programs = Mapping[UUID, Sequence[InForce]]
"""What each program said, the oldest plan first."""


def versions(session: Session, people: Sequence[UUID], columns: Sequence[Any] = VERSION) -> Any:
    """Return the statement for every version of people's programs, without what it says; it may stand inside another
    one."""
    theirs = and_(
        col(ProgramVersionRow.organization_id) == tenant_of(session),
        col(ProgramVersionRow.program_id) == col(ProgramRow.id),
    )
    mine = and_(col(ProgramRow.organization_id) == tenant_of(session), col(ProgramRow.person_id).in_(people))
    return (
        select(*columns)
        .select_from(ProgramRow)
        # Every program has versions. An outer join makes SQLite begin with the programs of these few people.
        .outerjoin(ProgramVersionRow, theirs)
        .where(mine, col(ProgramRow.deleted_at).is_(None))
    )


def in_force(version_rows: Iterable[Sequence[Any]], from_day: date, zone: str) -> list[Stood]:
    """Return which versions of one person stood at the end of a local day since `from_day`, at most `MOST_PLANS`.

    The rows are as `versions` gives them. Of the versions of a day the last one counts.
    """
    there, last = ZoneInfo(zone), dict[tuple[UUID, date], Stood]()
    for person_id, program_id, version, made_at in sorted(version_rows, key=lambda row: (row[1], row[2])):
        # What stood when the first day ended is as good as made on that day.
        since = max(made_at.astimezone(there).date(), from_day)
        last[program_id, since] = Stood(person_id, program_id, version, since)
    return sorted(last.values(), key=lambda stood: stood.since, reverse=True)[:MOST_PLANS]


def plans(session: Session, stood: Iterable[Stood], columns: Sequence[Any] = PLAN) -> Any:
    """Return the statement for what these versions say; it may stand inside another one."""
    numbers: dict[UUID, list[int]] = {}
    for each in stood:
        numbers.setdefault(each.program_id, []).append(each.version)
    mine = (
        and_(col(ProgramVersionRow.program_id) == program_id, col(ProgramVersionRow.version).in_(named))
        for program_id, named in numbers.items()
    )
    return select(*columns).where(col(ProgramVersionRow.organization_id) == tenant_of(session), or_(false(), *mine))


def told(stood: Iterable[Stood], plan_rows: Iterable[Sequence[Any]]) -> Programs:
    """Return the programs by what these versions of them say; the rows are as `plans` gives them."""
    said = {(program_id, version): plan for program_id, version, plan in plan_rows}
    found: dict[UUID, list[InForce]] = {}
    for each in sorted(stood, key=lambda each: each.since):
        content = said.get((each.program_id, each.version))
        if content is not None:
            found.setdefault(each.program_id, []).append(InForce(each.since, _plan(content)))
    return found


def done(session: Session, people: Sequence[UUID], from_day: date, to_day: date, columns: Sequence[Any] = DONE) -> Any:
    """Return the statement for what people did on each local day of [from_day, to_day]; it may stand inside another."""
    day, started = col(SessionLogRow.local_day), col(SessionLogRow.started_at)
    entries = and_(
        col(SessionExerciseRow.organization_id) == tenant_of(session),
        col(SessionExerciseRow.session_id) == col(SessionLogRow.id),
        session_entries.was_done(),
    )
    return (
        select(*columns)
        .select_from(SessionLogRow)
        # An outer join makes SQLite begin with the few sessions. One in which nothing was done adds an empty row.
        .outerjoin(SessionExerciseRow, entries)
        .where(
            col(SessionLogRow.organization_id) == tenant_of(session),
            col(SessionLogRow.person_id).in_(people),
            col(SessionLogRow.deleted_at).is_(None),
            # There is an index by start, none by local day.
            started >= datetime.combine(from_day, time(), UTC) - ANY_ZONE,
            started < datetime.combine(to_day, time(), UTC) + timedelta(days=1) + ANY_ZONE,
            day >= from_day.isoformat(),
            day <= to_day.isoformat(),
        )
        .distinct()
    )


def counted(
    programs: Programs,
    done_rows: Iterable[Sequence[Any]],
    from_day: date,
    to_day: date,
    held: Sequence[tuple[date, date]] = (),
    asks: Asks | None = None,
) -> list[DayAdherence]:
    """Return each local day of [from_day, to_day] on which something was due, with how much of it was done.

    The rows are of one person, as `done` gives them, and `held` the days of their holds. A day is counted by the
    version of a program that stood at its end, in the person's zone. An exercise is done when a session of that local
    day has it, unless the session names another program of the person. Two programs that ask for the same on the same
    day count it twice. Nothing is due on a day of a hold, nor what the rule `asks` leaves out: who obeys has missed
    nothing.
    """
    by_day: dict[str, list[tuple[str, UUID | None]]] = {}
    for _, local_day, exercise_id, program_id in done_rows:
        # Phones are offline for long: what they name may be deleted by now.
        named = program_id if program_id in programs else None
        by_day.setdefault(local_day, []).append((exercise_id, named))
    days = (from_day + timedelta(days=number) for number in range((to_day - from_day).days + 1))
    open_days = (day for day in days if not any(first <= day <= last for first, last in held))
    each = (_of_day(day, programs, by_day.get(day.isoformat(), ()), asks) for day in open_days)
    return [day for day in each if day.due]


def held_days(rows: Iterable[Sequence[Any]], zone: str) -> list[tuple[date, date]]:
    """Return the first and the last local day of each hold; the rows are as `holds.spans` gives them."""
    there = ZoneInfo(zone)
    return [
        (placed_at.astimezone(there).date(), date.max if lifted_at is None else lifted_at.astimezone(there).date())
        for _, placed_at, lifted_at in rows
    ]


def last_start(programs: Programs, today: date) -> date:
    """Return the day on which the last of the programs begins, today when all have begun; a year ahead at most."""
    starts = (version.plan.starts_on for versions in programs.values() for version in versions)
    return min(max(today, *starts), today + timedelta(days=366))


def note_read(session: Session, person_id: UUID) -> None:
    """Tell the audit log that what a person's programs asked for was read."""
    audit.note(session, AuditAction.READ, RECORD, [person_id])


def _of_day(day: date, programs: Programs, done: Iterable[tuple[str, UUID | None]], asks: Asks | None) -> DayAdherence:
    due = achieved = 0
    for program_id, versions in programs.items():
        mine = {exercise_id for exercise_id, named in done if named in {None, program_id}}
        plan = _in_force(versions, day)
        named_today = {item.exercise_id for item in plan_of(plan, day).items}
        asked = {exercise_id for exercise_id in named_today if asks is None or asks(plan, day, exercise_id)}
        due, achieved = due + len(asked), achieved + len(asked & mine)
    return DayAdherence(day, due, achieved)


def _in_force(versions: Sequence[InForce], day: date) -> ProgramPlan:
    # Before the first version was made, the program may have been on paper.
    return next((each.plan for each in reversed(versions) if each.since <= day), versions[0].plan)


def _plan(content: str) -> ProgramPlan:
    """Return what matters of a plan that was checked when it was stored: checking it again takes far longer."""
    said = json.loads(content)
    phases = [
        ProgramPhase.model_construct(
            weeks=phase["weeks"],
            items=[
                ProgramItem.model_construct(exercise_id=item["exercise_id"], days_of_week=item["days_of_week"])
                for item in phase["items"]
            ],
        )
        for phase in said["phases"]
    ]
    return ProgramPlan.model_construct(
        starts_on=date.fromisoformat(said["starts_on"]),
        ends_on=_day(said["ends_on"]),
        paused_on=_day(said["paused_on"]),
        days_paused=said["days_paused"],
        state=ProgramState(said["state"]),
        conditions=said["conditions"],
        cleared=said["cleared"],
        phases=phases,
    )


def _day(said: str | None) -> date | None:
    return None if said is None else date.fromisoformat(said)
