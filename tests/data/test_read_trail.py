"""What was read waits for the writer, and is stored once, in the order in which it was read."""

import pytest
from sqlmodel import Session, col, select

from data import people, read_trail
from data.audit import AuditEventRow
from data.database import Database
from tests.conftest import Tenant
from tests.data.units import Gate, idle


def stored(session: Session) -> list[str]:
    return list(
        session.exec(select(AuditEventRow.record).where(AuditEventRow.action == "read").order_by(col(AuditEventRow.at)))
    )


def test_notes_wait_while_the_writer_takes_none(
    database_url: str, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_trail, "EVERY_SECONDS", 3600.0)
    database = Database(database_url, queue_limit=1)
    database.open()
    doors, gate = database.bound_to(tenant.organization_id), Gate()
    held = database.submit(tenant.organization_id, gate)
    assert gate.entered.wait(10)
    queued = database.submit(tenant.organization_id, idle)
    for _ in range(3):
        assert doors.read_now(people.find, tenant.person_id) is not None
    database.settle_reads()
    gate.open()
    assert (held.result(10), queued.result(10)) == ("passed", "idle")
    assert doors.read_now(stored) == []
    database.settle_reads()
    database.settle_reads()
    assert doors.read_now(stored) == ["person"] * 3
    database.close()


def test_a_unit_that_only_reads_through_the_writing_door_is_told_of_too(database: Database, tenant: Tenant) -> None:
    doors = database.bound_to(tenant.organization_id)
    assert doors.write_now(people.find, tenant.person_id) is not None
    assert doors.read_now(stored) == ["person"]
