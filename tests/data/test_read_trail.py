"""What was read waits for the writer, and is stored once, in the order in which it was read."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session, col, select

from data import people, read_trail
from data.audit import AuditEventRow, ReadNote
from data.database import Database
from data.read_trail import ReadTrail
from schemas.audit import SYSTEM_ACTOR, AuditAction
from tests.conftest import Tenant
from tests.data.units import Gate, idle


def stored(session: Session) -> list[str]:
    return list(
        session.exec(select(AuditEventRow.record).where(AuditEventRow.action == "read").order_by(col(AuditEventRow.at)))
    )


def noted(tenant: Tenant, second: int) -> ReadNote:
    at = datetime(2026, 11, 22, 8, 0, second, tzinfo=UTC)
    return ReadNote(SYSTEM_ACTOR, at, AuditAction.READ, str(second), tenant.person_id, 1)


def test_notes_wait_while_the_writer_takes_none(
    database_url: str, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_trail, "EVERY_SECONDS", 3600.0)
    database = Database(database_url, queue_limit=1)
    database.open()
    trail, gate = ReadTrail(database.submit), Gate()
    held = database.submit(tenant.organization_id, gate)
    assert gate.entered.wait(10)
    queued = database.submit(tenant.organization_id, idle)
    trail.add(tenant.organization_id, [noted(tenant, second) for second in range(3)])
    trail.flush()
    gate.open()
    assert (held.result(10), queued.result(10)) == ("passed", "idle")
    doors = database.bound_to(tenant.organization_id)
    assert doors.read_now(stored) == []
    trail.flush()
    trail.close()
    assert doors.read_now(stored) == ["0", "1", "2"]
    database.close()


def test_a_unit_that_only_reads_through_the_writing_door_is_told_of_too(database: Database, tenant: Tenant) -> None:
    doors = database.bound_to(tenant.organization_id)
    assert doors.write_now(people.find, tenant.person_id) is not None
    assert doors.read_now(stored) == ["person"]
