"""What was due by a person's programs on each local day, and what of it was done: counted from plans and sessions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_
from sqlmodel import Session, col, select

from data import audit
from data.programs import RECORD, ProgramRow, ProgramVersionRow
from data.session_entries import SessionExerciseRow
from data.session_logs import SessionLogRow
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.program_days import DayAdherence, plan_of
from schemas.programs import ProgramPlan

ANY_ZONE: Final = timedelta(hours=26)
"""By how much a local day may lie off the same day in UTC, whatever the zone."""


@dataclass(frozen=True, slots=True)
class _Version:
    """A plan, and from which local day on it was in force."""

    since: date
    plan: ProgramPlan


def of_person(session: Session, person_id: UUID, from_day: date, to_day: date, zone: str) -> list[DayAdherence]:
    """Return each local day of [from_day, to_day] on which something was due, with how much of it was done.

    A day is counted by the version of a program that stood at its end, in the person's zone. An exercise is done when a
    session of that local day has it, unless the session names another program. Two programs that ask for the same on
    the same day count it twice. Two queries, whatever the range.
    """
    programs = _versions(session, person_id, ZoneInfo(zone))
    if not programs:
        return []
    done = _done(session, person_id, from_day, to_day)
    audit.note(session, AuditAction.READ, RECORD, [person_id])
    days = [from_day + timedelta(days=number) for number in range((to_day - from_day).days + 1)]
    counted = (_of_day(day, programs, done.get(day.isoformat(), ())) for day in days)
    return [day for day in counted if day.due]


def _of_day(
    day: date, programs: Mapping[UUID, Sequence[_Version]], done: Iterable[tuple[str, UUID | None]]
) -> DayAdherence:
    due = achieved = 0
    for program_id, versions in programs.items():
        mine = {exercise_id for exercise_id, named in done if named in {None, program_id}}
        asked = {item.exercise_id for item in plan_of(_in_force(versions, day), day).items}
        due, achieved = due + len(asked), achieved + len(asked & mine)
    return DayAdherence(day, due, achieved)


def _in_force(versions: Sequence[_Version], day: date) -> ProgramPlan:
    # Before the first version was made, the program may have been on paper.
    return next((each.plan for each in reversed(versions) if each.since <= day), versions[0].plan)


def _versions(session: Session, person_id: UUID, zone: ZoneInfo) -> dict[UUID, list[_Version]]:
    version = col(ProgramVersionRow.version)
    theirs = and_(
        col(ProgramVersionRow.organization_id) == tenant_of(session),
        col(ProgramVersionRow.program_id) == col(ProgramRow.id),
    )
    rows = session.exec(
        select(ProgramRow.id, ProgramVersionRow.plan, ProgramVersionRow.made_at)
        .join(ProgramVersionRow, theirs)
        .where(ProgramRow.person_id == person_id, col(ProgramRow.deleted_at).is_(None))
        .order_by(col(ProgramRow.id), version)
    )
    found: dict[UUID, list[_Version]] = {}
    for program_id, plan, made_at in rows:
        since = made_at.astimezone(zone).date()
        found.setdefault(program_id, []).append(_Version(since, ProgramPlan.model_validate(plan)))
    return found


def _done(session: Session, person_id: UUID, from_day: date, to_day: date) -> dict[str, list[tuple[str, UUID | None]]]:
    day, started = col(SessionLogRow.local_day), col(SessionLogRow.started_at)
    entries = and_(
        col(SessionExerciseRow.organization_id) == tenant_of(session),
        col(SessionExerciseRow.session_id) == col(SessionLogRow.id),
    )
    rows = session.exec(
        select(SessionLogRow.local_day, SessionExerciseRow.exercise_id, SessionLogRow.program_id)
        .join(SessionExerciseRow, entries)
        .where(
            SessionLogRow.person_id == person_id,
            col(SessionLogRow.deleted_at).is_(None),
            # There is an index by start, none by local day.
            started >= datetime.combine(from_day, time(), UTC) - ANY_ZONE,
            started < datetime.combine(to_day, time(), UTC) + timedelta(days=1) + ANY_ZONE,
            day >= from_day.isoformat(),
            day <= to_day.isoformat(),
        )
        .distinct()
    )
    found: dict[str, list[tuple[str, UUID | None]]] = {}
    for local_day, exercise_id, program_id in rows:
        found.setdefault(local_day, []).append((exercise_id, program_id))
    return found
