"""The walls between tenants under attack, on both databases."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    bindparam,
    or_,
    select,
    text,
    true,
    update,
)
from sqlmodel import Session

from data import people, person_rows, session_writes
from data.access import OrganizationRow
from data.database import Database
from data.prepared import PreparedStatement
from data.tenancy import UnitSession
from data.tenant_binds import TenantViolation
from schemas.people import PersonCreate
from tests.conftest import Tenant
from tests.data.making import NOW, log
from tests.data.walls import K, P, PersonRow, S, SessionLogRow, Walls, person

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


def everybody(session: Session, _: Walls) -> Any:
    return session.execute(select(P)).all()


def raw_text(session: Session, _: Walls) -> Any:
    return session.execute(text("SELECT * FROM person")).all()


def every_organisation(session: Session, _: Walls) -> Any:
    return session.execute(select(OrganizationRow)).all()


def test_the_same_refusals_hold_on_the_reading_door(walls: Walls) -> None:
    doors = walls.database.bound_to(walls.mine.organization_id)
    for attack in (everybody, raw_text, every_organisation):
        with pytest.raises(TenantViolation):
            doors.read_now(attack, walls)


def test_a_second_run_of_a_cached_statement_is_checked_again(walls: Walls) -> None:
    mine, other = walls.mine.organization_id, walls.other.organization_id

    def of(session: Session, tenant: UUID) -> int:
        return len(session.execute(select(P).where(P.c.organization_id == tenant)).all())

    doors = walls.database.bound_to(mine)
    assert doors.read_now(of, mine) >= 1
    with pytest.raises(TenantViolation):
        doors.read_now(of, other)
    assert doors.read_now(of, mine) >= 1
    assert walls.database.bound_to(other).read_now(of, other) >= 1


def test_a_statement_cached_by_the_system_is_checked_for_a_tenant(walls: Walls) -> None:
    def everybody(session: Session) -> int:
        return len(session.execute(select(P.c.id, P.c.external_id, P.c.created_at)).all())

    assert walls.database.system.read_now(everybody) >= 2
    with pytest.raises(TenantViolation):
        walls.database.bound_to(walls.mine.organization_id).read_now(everybody)


def test_a_session_without_a_tenant_does_nothing(walls: Walls) -> None:
    second = Database(walls.database.url.render_as_string(hide_password=False))
    second.open()
    with second.write_engine.connect() as connection, UnitSession(bind=connection) as session:
        with pytest.raises(TenantViolation):
            session.execute(select(PersonRow))
        session.add(person(walls.mine.organization_id))
        with pytest.raises(TenantViolation):
            session.flush()
    second.close()


def test_units_of_one_batch_never_share_an_identity_map(walls: Walls) -> None:
    def both_sessions(session: Session) -> str | None:
        found = session.execute(select(SessionLogRow).where(SessionLogRow.id == walls.session_id)).scalars().all()
        assert len(found) == 1
        return str(found[0].person_id)

    def get(session: Session, tenant: Tenant) -> Any:
        found = session.get(SessionLogRow, (tenant.organization_id, walls.session_id))
        return None if found is None else found.person_id

    pairs = [(walls.mine, walls.other), (walls.other, walls.mine)] * 20
    futures = []
    for caller, target in pairs:
        submit = walls.database.submit
        futures.append((caller, submit(caller.organization_id, both_sessions)))
        assert submit(caller.organization_id, get, caller).result() == caller.person_id
        assert submit(caller.organization_id, get, target).result() is None
    for caller, future in futures:
        assert future.result() == str(caller.person_id)


@pytest.mark.parametrize(
    "build",
    [
        lambda _: select(P.c.id).where(P.c.id == bindparam("id")),
        lambda _: select(P.c.id).where(or_(P.c.organization_id == bindparam("organization_id"), true())),
        lambda _: select(P.c.id).where(P.c.organization_id == bindparam("tenant")),
        lambda _: select(P.c.id).where(text("organization_id = :organization_id")),
        lambda _: select(P.c.id, S.c.id).where(P.c.organization_id == bindparam("organization_id")),
        lambda insert_: insert_(K).on_conflict_do_update(index_elements=["key_digest"], set_={"scopes": []}),
        lambda _: update(P).values(external_id="x"),
    ],
)
def test_a_prepared_statement_that_is_not_bound_is_refused(walls: Walls, build: Any) -> None:
    with pytest.raises(TenantViolation):
        walls.attack(lambda session, w: PreparedStatement(build).run(session, {"id": [w.other.person_id]}))


def test_a_prepared_statement_cannot_be_handed_another_tenant(walls: Walls) -> None:
    prepared = PreparedStatement(
        lambda _: select(P.c.id).where(P.c.organization_id == bindparam("organization_id"), P.c.id == bindparam("id"))
    )
    stolen = {"id": walls.other.person_id, "organization_id": walls.other.organization_id}
    assert not walls.attack(lambda session, _: prepared.exists(session, **stolen))
    assert walls.attack(lambda session, w: prepared.exists(session, id=w.mine.person_id))


def test_the_functions_of_the_rooms_never_meet_another_tenants_person(walls: Walls) -> None:
    doors = walls.database.bound_to(walls.mine.organization_id)
    assert doors.read_now(people.find, walls.other.person_id) is None
    assert not doors.read_now(person_rows.exists, walls.other.person_id)
    written = doors.write_now(session_writes.add, log(walls.other.person_id), walls.other.person_id, NOW)
    assert written.outcome is session_writes.Outcome.NO_PERSON
    taken = doors.write_now(people.add, PersonCreate(id=walls.other.person_id, external_id="mine"), NOW)
    assert taken.created
