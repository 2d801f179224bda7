"""The room where accounts begin, on both databases."""

import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from data import access
from data.database import Database
from tests.conftest import Tenant
from tests.routers.posting import body, pointers
from tests.signing import FORGOTTEN_SECONDS, PASSWORD, Clock, bearer, member, sign_in, sign_up, signed_in


def test_a_device_begins_without_any_credentials(entry: TestClient, vendor: UUID) -> None:
    chosen = str(uuid4())
    device = sign_up(entry, id=chosen, organization_id=str(vendor))
    assert device.person_id == chosen
    me = device.get("/me").json()
    assert (me["person_id"], me["role"], me["email"]) == (chosen, None, None)
    assert me["organization_id"] == str(vendor)
    assert sign_up(entry).person_id != sign_up(entry).person_id
    taken = entry.post("/auth/anonymous", json={"id": chosen})
    assert (taken.status_code, pointers(taken)) == (409, ["/id"])


def test_the_organisation_may_be_left_out_where_one_is_open(
    entry: TestClient, vendor: UUID, database: Database, tenant: Tenant
) -> None:
    assert entry.post("/auth/anonymous", json={}).status_code == 201
    for closed in (str(tenant.organization_id), str(uuid4())):
        for path, more in (("anonymous", {}), ("register", {"email": "a@example.org", "password": PASSWORD})):
            refused = entry.post(f"/auth/{path}", json={"organization_id": closed, **more})
            assert (refused.status_code, refused.json()["type"]) == (403, "/problems/sign-up-closed")
    second = database.system.write_now(access.add_organization, "second", datetime.now(UTC), open_sign_up=True)
    asked = entry.post("/auth/anonymous", json={})
    assert (asked.status_code, pointers(asked)) == (422, ["/organization_id"])
    assert sign_in(entry, "a@example.org").status_code == 422
    assert entry.post("/auth/anonymous", json={"organization_id": str(second.id)}).status_code == 201


def test_an_upgrade_keeps_the_person_and_the_sessions(entry: TestClient) -> None:
    device = sign_up(entry)
    posted = device.post("/sessions", {**body(UUID(device.person_id)), "person_id": None})
    assert posted.status_code == 201, posted.json()
    assert posted.json()["person_id"] == device.person_id
    upgrade = {"email": " Person@Example.ORG", "password": PASSWORD}
    upgraded = device.post("/auth/register", upgrade)
    assert (upgraded.status_code, upgraded.json()["person"]["id"]) == (201, device.person_id)
    again = device.post("/auth/register", upgrade)
    assert (again.status_code, again.json()["person"]) == (201, upgraded.json()["person"])
    second = signed_in(entry, "person@example.org")
    assert second.get("/sessions").json()["items"] == [posted.json()]
    assert second.get("/progress", days=7).json()["sessions"] == 1
    for other in ({**upgrade, "password": "another password"}, {"email": "new@example.org", "password": PASSWORD}):
        refused = device.post("/auth/register", other)
        assert (refused.status_code, pointers(refused)) == (409, ["/email"])
    assert device.get("/me").json()["email"] == "person@example.org"


def test_an_email_belongs_to_one_account(entry: TestClient, vendor: UUID) -> None:
    sign_up(entry, email="person@example.org")
    stranger = sign_up(entry)
    for headers in ({}, stranger.headers):
        taken = entry.post(
            "/auth/register", json={"email": "PERSON@example.org", "password": "something else"}, headers=headers
        )
        assert (taken.status_code, pointers(taken)) == (409, ["/email"])
        assert taken.json()["type"] == "/problems/email-taken"
    assert stranger.get("/me").json()["email"] is None


def test_only_strangers_and_anonymous_people_register(entry: TestClient, database: Database, tenant: Tenant) -> None:
    wanted = {"email": "person@example.org", "password": PASSWORD}
    assert entry.post("/auth/register", json=wanted, headers=tenant.headers).status_code == 403
    viewer = member(entry, tenant.headers, "viewer", "viewer@example.org")
    assert viewer.post("/auth/register", wanted).status_code == 403
    bad = entry.post("/auth/register", json=wanted, headers=bearer("limber_at_nothing"))
    assert bad.status_code == 401
    elsewhere = sign_up(entry).post("/auth/register", {**wanted, "organization_id": str(tenant.organization_id)})
    assert (elsewhere.status_code, pointers(elsewhere)) == (422, ["/organization_id"])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"email": "nobody"}, "/email"), ({"email": "a@b"}, "/email"), ({"email": "a b@example.org"}, "/email"),
        ({"email": "a@example.org\x00"}, "/email"), ({"email": f"{'x' * 250}@example.org"}, "/email"),
        ({"password": "123456789"}, "/password"), ({"password": "x" * 201}, "/password"),
        ({"password": 1234567890}, "/password"), ({"role": "owner"}, "/role"), ({"person_id": "x"}, "/person_id"),
        ({"organization_id": "x"}, "/organization_id"),
    ],
)  # fmt: skip
def test_bad_registrations_name_their_field(entry: TestClient, change: dict[str, object], pointer: str) -> None:
    refused = entry.post("/auth/register", json={"email": "a@example.org", "password": PASSWORD, **change})
    assert (refused.status_code, pointers(refused)) == (422, [pointer])
    assert "123456789" not in refused.text


def test_an_invitation_becomes_a_password_once(entry: TestClient, tenant: Tenant, clock: Clock) -> None:
    invite = {"email": "member@example.org", "role": "clinician"}
    first = entry.post("/organization/members", json=invite, headers=tenant.headers).json()
    second = entry.post("/organization/members", json=invite, headers=tenant.headers).json()
    assert first["member"]["id"] == second["member"]["id"]

    def accept(token: str, password: str = PASSWORD) -> int:
        return entry.post("/auth/accept", json={"token": token, "password": password}).status_code

    assert accept(first["invitation_token"]) == 401
    clock.forward(days=6)
    assert accept(second["invitation_token"]) == 200
    assert accept(second["invitation_token"], "a thief's password") == 401
    device = signed_in(entry, "member@example.org", organization_id=str(tenant.organization_id))
    assert device.get("/me").json()["role"] == "clinician"
    late = entry.post("/organization/members", json={**invite, "email": "b@example.org"}, headers=tenant.headers)
    clock.forward(days=7)
    time.sleep(FORGOTTEN_SECONDS)
    assert accept(late.json()["invitation_token"]) == 401
