"""Stepping into another organisation: both walls stay up, and both sides commit together or not at all."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import func
from sqlmodel import Session, col, select

from data import people
from data.crossing import across
from data.database import Database
from data.person_rows import PersonRow
from data.tenancy import tenant_of
from data.tenant_binds import TenantViolation
from schemas.people import PersonCreate
from tests.conftest import Tenant
from tests.data.making import NOW


def known(session: Session) -> int:
    return session.exec(select(func.count(col(PersonRow.id)))).one()


def test_each_side_sees_and_stamps_its_own_rows(database: Database, tenant: Tenant, other_tenant: Tenant) -> None:
    def unit(session: Session) -> list[int]:
        people.add(session, PersonCreate(external_id="here"), NOW)
        before = known(session)
        with across(session, other_tenant.organization_id) as there:
            assert tenant_of(there) == other_tenant.organization_id
            people.add(there, PersonCreate(external_id="there"), NOW)
            people.add(there, PersonCreate(external_id="there too"), NOW)
            found = people.find(there, tenant.person_id), known(there)
        assert found[0] is None
        return [before, found[1], known(session)]

    assert database.bound_to(tenant.organization_id).write_now(unit) == [2, 3, 2]
    assert database.bound_to(other_tenant.organization_id).read_now(known) == 3


def test_the_first_session_is_walled_off_meanwhile(database: Database, tenant: Tenant, other_tenant: Tenant) -> None:
    def unit(session: Session) -> None:
        with across(session, other_tenant.organization_id):
            known(session)

    with pytest.raises(TenantViolation):
        database.bound_to(tenant.organization_id).write_now(unit)


def test_the_session_over_there_cannot_write_elsewhere(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    def unit(session: Session) -> None:
        with across(session, other_tenant.organization_id) as there:
            there.add(PersonRow(organization_id=tenant.organization_id, id=uuid4(), external_id="x", created_at=NOW))
            there.flush()

    with pytest.raises(TenantViolation):
        database.bound_to(tenant.organization_id).write_now(unit)


def test_what_fails_on_one_side_is_kept_on_neither(database: Database, tenant: Tenant, other_tenant: Tenant) -> None:
    def unit(session: Session, fail_there: bool) -> None:
        people.add(session, PersonCreate(external_id="here"), NOW)
        with across(session, other_tenant.organization_id) as there:
            people.add(there, PersonCreate(external_id="there"), NOW)
            if fail_there:
                raise LookupError
        raise LookupError

    for fail_there in (True, False):
        with pytest.raises(LookupError):
            database.bound_to(tenant.organization_id).write_now(unit, fail_there)
    for one in (tenant, other_tenant):
        assert database.bound_to(one.organization_id).read_now(known) == 1


def test_one_may_cross_again_from_there_and_comes_back(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    def unit(session: Session) -> list[UUID | None]:
        with across(session, other_tenant.organization_id) as there:
            with across(there, tenant.organization_id) as home:
                found = people.find(home, tenant.person_id)
            seen = people.find(there, other_tenant.person_id)
        back = people.find(session, tenant.person_id)
        return [person and person.id for person in (found, seen, back)]

    ids = database.bound_to(tenant.organization_id).write_now(unit)
    assert ids == [tenant.person_id, other_tenant.person_id, tenant.person_id]


def test_an_unbound_unit_cannot_cross(database: Database, other_tenant: Tenant) -> None:
    def unit(session: Session) -> None:
        with across(session, other_tenant.organization_id):
            pass

    with pytest.raises(TenantViolation):
        database.system.write_now(unit)
