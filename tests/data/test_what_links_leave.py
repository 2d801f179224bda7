"""What stays in the tables once a link has ended: tombstones that say nothing, and a record that cannot be changed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from data import concerns, link_invitations, links, people, sharing
from data.database import Database, normalised
from data.table import tenant_tables
from schemas.attention import Concern, PainRise, RecentPast
from schemas.links import Consent
from schemas.people import PersonCreate
from tests.conftest import Tenant
from tests.data.making import NOW, log

CANARY = "a word that nobody else uses"
BEGAN = NOW - timedelta(days=40)


@pytest.fixture
def shared(database: Database, tenant: Tenant, other_tenant: Tenant) -> Any:
    """Return a link by which a session with the canary was shared, and the doors of the person's side."""
    doors = database.bound_to(tenant.organization_id)
    added = doors.write_now(people.add, PersonCreate(external_id="sends"), NOW)
    assert added.person is not None
    made = log(added.person.id, started_at=BEGAN, notes=CANARY, title=CANARY)
    doors.write_now(sharing.add, made, added.person.id, NOW)
    code = link_invitations.new_code()
    clinic = database.bound_to(other_tenant.organization_id)
    assert clinic.write_now(link_invitations.invite, other_tenant.person_id, code, NOW)
    consent = Consent(sessions=True, progress=True, recommendations=True, covers_from=BEGAN, wording="1")
    place, digest = link_invitations.Clinic(other_tenant.organization_id, "clinic"), link_invitations.digest_of(code)
    written = doors.write_now(links.accept, added.person.id, digest, place, consent, NOW)
    assert written.link is not None
    return doors, added.person.id, written.link.id


def rows(url: str, tenant: Tenant) -> dict[str, list[str]]:
    """Return all rows of an organisation by table, as text."""
    engine = create_engine(normalised(url))
    with engine.connect() as connection:
        found = {
            name: [repr(row) for row in connection.execute(mapped.__table__.select().where(  # type: ignore[attr-defined]
                mapped.organization_id == tenant.organization_id  # type: ignore[arg-type]
            ))]
            for name, mapped in tenant_tables().items()
        }  # fmt: skip
    engine.dispose()
    return found


def concern_of_one(past: RecentPast) -> Concern:
    """Judge as if there were always something to say."""
    return Concern(past.last_day, BEGAN, None, PainRise(region="neck", baseline=1, recent=9), None)


def test_nothing_of_the_person_stays_at_the_clinic(
    database: Database, database_url: str, other_tenant: Tenant, shared: Any
) -> None:
    doors, person_id, link_id = shared
    before = rows(database_url, other_tenant)
    assert any(CANARY in row for row in before["session_log"])
    database.bound_to(other_tenant.organization_id).write_now(concerns.catch_up, concern_of_one, NOW)
    doors.write_now(links.withdraw, person_id, link_id, NOW)
    after = rows(database_url, other_tenant)
    (tombstone,) = after["session_log"]
    for gone in (CANARY, str(link_id), str(BEGAN.year) + ", " + str(BEGAN.month) + ", " + str(BEGAN.day), "Madrid"):
        assert gone not in tombstone
    kept = {name for name, found in after.items() if found}
    assert kept == {"api_key", "person", "person_attention", "change_counter", "session_log", "audit_event"}
    (concern,) = after["person_attention"]
    assert "True, None, None, None, None, None" in concern, "to be made anew, from nothing"
    assert not [event for event in after["audit_event"] if str(link_id) in event or str(person_id) in event]


def test_a_consent_record_cannot_be_changed(database_url: str, shared: Any) -> None:
    engine = create_engine(normalised(database_url))
    with pytest.raises(DBAPIError, match="never changed"), engine.begin() as connection:
        connection.execute(text("UPDATE consent SET wording = 'another'"))
    engine.dispose()
