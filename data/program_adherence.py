"""What was due by people's programs on each local day, and what of it was done: counted from plans and sessions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_
from sqlmodel import Session, col, select

from data import audit, session_entries
from data.programs import RECORD, ProgramRow, ProgramVersionRow
from data.session_entries import SessionExerciseRow
from data.session_logs import SessionLogRow
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.program_days import Asks, DayAdherence, plan_of
from schemas.programs import ProgramPlan

ANY_ZONE: Final = timedelta(hours=26)
"""By how much a local day may lie off the same day in UTC, whatever the zone."""

PLAN: Final[tuple[Any, ...]] = (
    ProgramRow.person_id,
    ProgramRow.id,
    ProgramVersionRow.version,
    ProgramVersionRow.plan,
    ProgramVersionRow.made_at,
)
DONE: Final[tuple[Any, ...]] = (
    SessionLogRow.person_id,
    SessionLogRow.local_day,
    SessionExerciseRow.exercise_id,
    SessionLogRow.program_id,
)


@dataclass(frozen=True, slots=True)
class _Version:
    """A plan, and from which local day on it was in force."""

    since: date
    plan: ProgramPlan


def plans(session: Session, people: Sequence[UUID], columns: Sequence[Any] = PLAN) -> Any:
    """Return the statement for every version of people's programs; it may stand inside another one."""
    theirs = and_(
        col(ProgramVersionRow.organization_id) == tenant_of(session),
        col(ProgramVersionRow.program_id) == col(ProgramRow.id),
    )
    mine = and_(col(ProgramRow.organization_id) == tenant_of(session), col(ProgramRow.person_id).in_(people))
    return (
        select(*columns)
        .select_from(ProgramRow)
        .join(ProgramVersionRow, theirs)
        .where(mine, col(ProgramRow.deleted_at).is_(None))
    )


def done(session: Session, people: Sequence[UUID], from_day: date, to_day: date, columns: Sequence[Any] = DONE) -> Any:
    """Return the statement for what people did on each local day of [from_day, to_day]; it may stand inside another."""
    day, started = col(SessionLogRow.local_day), col(SessionLogRow.started_at)
    entries = and_(
        col(SessionExerciseRow.organization_id) == tenant_of(session),
        col(SessionExerciseRow.session_id) == col(SessionLogRow.id),
    )
    return (
        select(*columns)
        .select_from(SessionLogRow)
        .join(SessionExerciseRow, entries)
        .where(
            col(SessionLogRow.organization_id) == tenant_of(session),
            col(SessionLogRow.person_id).in_(people),
            col(SessionLogRow.deleted_at).is_(None),
            # There is an index by start, none by local day.
            started >= datetime.combine(from_day, time(), UTC) - ANY_ZONE,
            started < datetime.combine(to_day, time(), UTC) + timedelta(days=1) + ANY_ZONE,
            day >= from_day.isoformat(),
            day <= to_day.isoformat(),
            session_entries.was_done(),
        )
        .distinct()
    )


def counted(
    plan_rows: Iterable[Sequence[Any]],
    done_rows: Iterable[Sequence[Any]],
    from_day: date,
    to_day: date,
    zone: str,
    held_rows: Iterable[Sequence[Any]] = (),
    asks: Asks | None = None,
) -> list[DayAdherence]:
    """Return each local day of [from_day, to_day] on which something was due, with how much of it was done.

    The rows are of one person, as `plans`, `done` and `holds.spans` give them. A day is counted by the version of a
    program that stood at its end, in the person's zone. An exercise is done when a session of that local day has it,
    unless the session names another program of the person. Two programs that ask for the same on the same day count it
    twice. Nothing is due on a day of a hold, nor what the rule `asks` leaves out: who obeys has missed nothing.
    """
    where = ZoneInfo(zone)
    programs, held = _versions(plan_rows, where), _held(held_rows, where)
    by_day: dict[str, list[tuple[str, UUID | None]]] = {}
    for _, local_day, exercise_id, program_id in done_rows:
        # Phones are offline for long: what they name may be deleted by now.
        named = program_id if program_id in programs else None
        by_day.setdefault(local_day, []).append((exercise_id, named))
    days = (from_day + timedelta(days=number) for number in range((to_day - from_day).days + 1))
    open_days = (day for day in days if not any(first <= day <= last for first, last in held))
    each = (_of_day(day, programs, by_day.get(day.isoformat(), ()), asks) for day in open_days)
    return [day for day in each if day.due]


def last_start(plan_rows: Iterable[Sequence[Any]], today: date) -> date:
    """Return the day on which the last of the programs begins, today when all have begun; a year ahead at most."""
    starts = (date.fromisoformat(str(plan["starts_on"])) for _, _, _, plan, _ in plan_rows)
    return min(max(today, *starts), today + timedelta(days=366))


def note_read(session: Session, person_id: UUID) -> None:
    """Tell the audit log that what a person's programs asked for was read."""
    audit.note(session, AuditAction.READ, RECORD, [person_id])


def _of_day(
    day: date, programs: Mapping[UUID, Sequence[_Version]], done: Iterable[tuple[str, UUID | None]], asks: Asks | None
) -> DayAdherence:
    due = achieved = 0
    for program_id, versions in programs.items():
        mine = {exercise_id for exercise_id, named in done if named in {None, program_id}}
        plan = _in_force(versions, day)
        named_today = {item.exercise_id for item in plan_of(plan, day).items}
        asked = {exercise_id for exercise_id in named_today if asks is None or asks(plan, day, exercise_id)}
        due, achieved = due + len(asked), achieved + len(asked & mine)
    return DayAdherence(day, due, achieved)


def _held(rows: Iterable[Sequence[Any]], zone: ZoneInfo) -> list[tuple[date, date]]:
    return [
        (placed_at.astimezone(zone).date(), date.max if lifted_at is None else lifted_at.astimezone(zone).date())
        for _, placed_at, lifted_at in rows
    ]


def _in_force(versions: Sequence[_Version], day: date) -> ProgramPlan:
    # Before the first version was made, the program may have been on paper.
    return next((each.plan for each in reversed(versions) if each.since <= day), versions[0].plan)


def _versions(rows: Iterable[Sequence[Any]], zone: ZoneInfo) -> dict[UUID, list[_Version]]:
    found: dict[UUID, list[_Version]] = {}
    for _, program_id, _, plan, made_at in sorted(rows, key=lambda row: (row[1], row[2])):
        since = made_at.astimezone(zone).date()
        found.setdefault(program_id, []).append(_Version(since, ProgramPlan.model_validate(plan)))
    return found
