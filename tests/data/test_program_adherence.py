"""What was due and what was done, counted day by day from the versions of the programs and the sessions."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from data import program_adherence, program_writes, session_writes
from data.database import Database, Doors
from schemas.program_days import DayAdherence, DayState, plan_of
from schemas.programs import ProgramCreate, ProgramMaker, ProgramPlan, ProgramState, ProgramUpdate
from schemas.session_logs import ExerciseLog
from tests.conftest import Tenant
from tests.data.making import STRETCH, log

MONDAY = date(2026, 11, 2)
OTHER = "cat-cow"


def at(day: int, hour: int = 12) -> datetime:
    return datetime.combine(MONDAY + timedelta(days=day), time(hour), UTC)


def item(exercise: str, *days: int) -> dict[str, Any]:
    return {"exercise_id": exercise, **({"days_of_week": list(days)} if days else {})}


def program(doors: Doors, person: UUID, *items: dict[str, Any], made_on: int = 0, **more: Any) -> UUID:
    body = ProgramCreate.model_validate({"starts_on": str(MONDAY), "phases": [{"items": list(items)}], **more})
    plan = ProgramPlan(starts_on=body.starts_on, ends_on=body.ends_on, phases=body.phases or [])
    written = doors.write_now(program_writes.add, body, plan, person, ProgramMaker.ORGANIZATION, at(made_on))
    assert written.program is not None
    return written.program.id


def changed(doors: Doors, program_id: UUID, day: int, **patch: Any) -> None:
    body = ProgramUpdate.model_validate(patch)
    written = doors.write_now(program_writes.change, program_id, frozenset({"*"}), body, at(day))
    assert written.outcome is program_writes.ProgramOutcome.CHANGED


def did(doors: Doors, person: UUID, when: datetime, *exercises: str, **more: Any) -> None:
    entries = [{"exercise_id": name} for name in exercises]
    body = log(person, **{"started_at": when, "timezone": "UTC", "exercises": entries, **more})
    doors.write_now(session_writes.add, body, person, at(60))


def counted(doors: Doors, person: UUID, first: int, last: int, zone: str = "UTC") -> list[tuple[int, int, int]]:
    days = (MONDAY + timedelta(days=first), MONDAY + timedelta(days=last))

    def count(session: Session) -> list[DayAdherence]:
        rows = session.execute(program_adherence.versions(session, [person])).all()
        stood = program_adherence.in_force(rows, days[0], zone)
        plans = session.execute(program_adherence.plans(session, stood)).all()
        done = session.execute(program_adherence.done(session, [person], *days)).all()
        return program_adherence.counted(program_adherence.told(stood, plans), done, *days)

    return [((each.day - MONDAY).days, each.due, each.done) for each in doors.read_now(count)]


def test_each_day_is_counted_by_its_plan(database: Database, tenant: Tenant) -> None:
    doors, person = database.bound_to(tenant.organization_id), tenant.person_id
    program(doors, person, item(STRETCH), item(OTHER, 1, 3))
    did(doors, person, at(0), STRETCH, "forearm-plank")
    did(doors, person, at(0, 18), STRETCH)
    did(doors, person, at(2), STRETCH, OTHER)
    did(doors, person, at(3), OTHER)
    assert counted(doors, person, -1, 3) == [(0, 2, 1), (1, 1, 0), (2, 2, 2), (3, 1, 0)]
    assert counted(doors, person, 2, 2) == [(2, 2, 2)]
    assert counted(doors, uuid4(), 0, 3) == []


def test_a_session_counts_unless_it_names_another_program_of_the_person(database: Database, tenant: Tenant) -> None:
    doors, person = database.bound_to(tenant.organization_id), tenant.person_id
    first, second = program(doors, person, item(STRETCH)), program(doors, person, item(STRETCH))
    did(doors, person, at(0), STRETCH)
    did(doors, person, at(1), STRETCH, program_id=str(first))
    did(doors, person, at(2), STRETCH, program_id=str(uuid4()))
    did(doors, person, at(3), STRETCH, program_id=str(second))
    assert counted(doors, person, 0, 3) == [(0, 2, 2), (1, 2, 1), (2, 2, 2), (3, 2, 1)]
    assert doors.write_now(program_writes.remove, second, frozenset({"*"}), at(3)).program is None
    assert counted(doors, person, 0, 3) == [(0, 1, 1), (1, 1, 1), (2, 1, 1), (3, 1, 1)], "nor one that is deleted"


@pytest.mark.parametrize(
    ("told", "was_done"),
    [
        ({}, True),
        ({"sets": 3}, True),
        ({"sets": 0}, False),
        ({"repetitions": 0}, False),
        ({"sets": 3, "repetitions": 0, "hold_seconds": 0}, False),
        ({"repetitions": 0, "hold_seconds": 20}, True),
        ({"repetitions": 10, "hold_seconds": 0, "duration_seconds": 0}, True),
        ({"duration_seconds": 0}, False),
        ({"completion_percent": 0, "repetitions": 10}, False),
        ({"completion_percent": 1, "repetitions": 0}, True),
    ],
)
def test_what_was_not_done_does_not_count(
    database: Database, tenant: Tenant, told: dict[str, int], was_done: bool
) -> None:
    doors, person = database.bound_to(tenant.organization_id), tenant.person_id
    program(doors, person, item(STRETCH))
    did(doors, person, at(0), exercises=[{"exercise_id": STRETCH, **told}])
    assert counted(doors, person, 0, 0) == [(0, 1, was_done)]
    assert ExerciseLog.model_validate({"exercise_id": STRETCH, **told}).was_done is was_done


def test_pauses_changes_and_ends_count_from_their_day_on(database: Database, tenant: Tenant) -> None:
    doors, person = database.bound_to(tenant.organization_id), tenant.person_id
    made = program(doors, person, item(STRETCH), phases=[{"weeks": 2, "items": [item(STRETCH)]}])
    changed(doors, made, 2, state="paused")
    changed(doors, made, 5, state="active")
    assert [day for day, _, _ in counted(doors, person, 0, 30)] == [0, 1, *range(5, 17)], "two weeks, less the pause"
    changed(doors, made, 7, phases=[{"weeks": 2, "items": [item(STRETCH), item(OTHER)]}])
    assert counted(doors, person, 6, 8) == [(6, 1, 0), (7, 2, 0), (8, 2, 0)]
    changed(doors, made, 9, state="ended")
    assert [day for day, _, _ in counted(doors, person, 0, 30)] == [0, 1, 5, 6, 7, 8]


def test_only_what_stood_at_the_end_of_a_day_is_loaded(database: Database, tenant: Tenant) -> None:
    doors, person = database.bound_to(tenant.organization_id), tenant.person_id
    made = program(doors, person, item(STRETCH))
    for number in range(12):
        changed(doors, made, number // 3, title=str(number))

    def loaded(session: Session, first: int, zone: str) -> list[int]:
        rows = session.execute(program_adherence.versions(session, [person])).all()
        stood = program_adherence.in_force(rows, MONDAY + timedelta(days=first), zone)
        return sorted(version for _, version, _ in session.execute(program_adherence.plans(session, stood)))

    assert doors.read_now(loaded, 0, "UTC") == [4, 7, 10, 13]
    assert doors.read_now(loaded, 2, "Pacific/Kiritimati") == [7, 10, 13]
    assert doors.read_now(loaded, 9, "UTC") == [13]
    assert counted(doors, person, 0, 4) == [(day, 1, 0) for day in range(5)]


def test_a_day_is_the_local_one_whatever_the_zone(database: Database, tenant: Tenant) -> None:
    doors, person = database.bound_to(tenant.organization_id), tenant.person_id
    program(doors, person, item(STRETCH), made_on=-3)
    did(doors, person, at(0, 23), STRETCH, timezone="Pacific/Kiritimati")
    did(doors, person, at(3, 1), STRETCH, timezone="Pacific/Niue")
    assert [day for day, _, done in counted(doors, person, 0, 4, "Pacific/Niue") if done] == [1, 2]


def test_the_days_of_a_plan() -> None:
    phases = [{"weeks": 1, "items": [item(STRETCH, 1)]}, {"items": [item(OTHER)]}]
    plan = ProgramPlan.model_validate({"starts_on": str(MONDAY), "ends_on": "2026-11-30", "phases": phases})
    days = {number: plan_of(plan, MONDAY + timedelta(days=number)) for number in (-1, 0, 1, 7, 28, 29)}
    assert [days[number].state for number in days] == [
        DayState.NOT_STARTED, DayState.DUE, DayState.REST, DayState.DUE, DayState.DUE, DayState.ENDED,
    ]  # fmt: skip
    assert [(days[number].week, days[number].number) for number in (0, 7, 28)] == [(1, 1), (2, 2), (5, 2)]
    late = plan.model_copy(update={"days_paused": 3})
    assert plan_of(late, MONDAY + timedelta(days=9)).number == 1
    assert plan_of(late, MONDAY + timedelta(days=10)).number == 2
    paused = plan.model_copy(update={"state": ProgramState.PAUSED, "paused_on": MONDAY + timedelta(days=2)})
    assert [plan_of(paused, MONDAY + timedelta(days=day)).state for day in (0, 2)] == [DayState.DUE, DayState.PAUSED]
