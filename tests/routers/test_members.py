"""The rooms of `/organization` and its members, on both databases."""

import time
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from data import members
from data.database import Database
from schemas.access import ROLE_SCOPES, Role, Scope
from tests.conftest import Tenant, make_tenant
from tests.routers.posting import pointers
from tests.signing import FORGOTTEN_SECONDS, Device, member, sign_up


@pytest.fixture
def owner(client: TestClient, tenant: Tenant) -> Device:
    return member(client, tenant.headers, "owner", "owner@example.org")


def listed(client: TestClient, headers: dict[str, str]) -> dict[str, Any]:
    return {item["email"]: item for item in client.get("/organization/members", headers=headers).json()["items"]}


def test_the_organisation_is_the_callers_own(client: TestClient, tenant: Tenant, owner: Device) -> None:
    for headers in (tenant.headers, owner.headers):
        found = client.get("/organization", headers=headers).json()
        assert (found["id"], found["name"], found["open_sign_up"]) == (str(tenant.organization_id), "clinic", False)


def test_roles_hold_within_a_second(client: TestClient, tenant: Tenant, owner: Device) -> None:
    viewer = member(client, owner.headers, "viewer", "viewer@example.org")
    assert viewer.get("/people").status_code == 200
    assert viewer.post("/people", {"external_id": "x"}).status_code == 403
    viewer_id = listed(client, owner.headers)["viewer@example.org"]["id"]
    place = f"/organization/members/{viewer_id}"
    changed = client.patch(place, json={"role": "clinician"}, headers=owner.headers)
    assert (changed.status_code, changed.json()["role"], changed.json()["invited"]) == (200, "clinician", False)
    time.sleep(FORGOTTEN_SECONDS)
    assert viewer.post("/people", {"external_id": "x"}).status_code == 201
    assert client.delete(place, headers=owner.headers).status_code == 204
    time.sleep(FORGOTTEN_SECONDS)
    assert viewer.get("/people").status_code == 401
    assert viewer.refresh().status_code == 401
    assert client.delete(place, headers=owner.headers).status_code == 404


def test_an_organisation_keeps_an_owner(client: TestClient, tenant: Tenant, owner: Device) -> None:
    owner_id = listed(client, tenant.headers)["owner@example.org"]["id"]
    place = f"/organization/members/{owner_id}"
    client.post("/organization/members", json={"email": "b@example.org", "role": "owner"}, headers=owner.headers)
    for refused in (
        client.patch(place, json={"role": "viewer"}, headers=tenant.headers),
        client.delete(place, headers=owner.headers),
    ):
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/last-owner")
    assert client.patch(place, json={"role": "owner"}, headers=owner.headers).status_code == 200
    member(client, owner.headers, "owner", "c@example.org")
    assert client.patch(place, json={"role": "viewer"}, headers=tenant.headers).status_code == 200


def test_nobody_gives_what_they_lack(client: TestClient, database: Database, tenant: Tenant, owner: Device) -> None:
    made = client.post(
        "/organization/keys", json={"name": "hr", "scopes": ["access:manage", "catalog:read"]}, headers=tenant.headers
    )
    narrow = {"Authorization": f"Bearer {made.json()['secret']}"}
    owner_id = listed(client, narrow)["owner@example.org"]["id"]
    for role in Role:
        invited = client.post(
            "/organization/members", json={"email": f"{role}@example.com", "role": role}, headers=narrow
        )
        assert invited.status_code == 403, role
    for refused in (
        client.patch(f"/organization/members/{owner_id}", json={"role": "viewer"}, headers=narrow),
        client.delete(f"/organization/members/{owner_id}", headers=narrow),
    ):
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/missing-scope")
    assert set(ROLE_SCOPES[Role.OWNER]) == set(Scope)


def test_invitations_name_an_email_that_is_free(client: TestClient, tenant: Tenant, owner: Device) -> None:
    taken = client.post(
        "/organization/members", json={"email": "OWNER@example.org", "role": "owner"}, headers=tenant.headers
    )
    assert (taken.status_code, pointers(taken)) == (409, ["/email"])
    client.post("/organization/members", json={"email": "b@example.org", "role": "viewer"}, headers=tenant.headers)
    other = client.post(
        "/organization/members", json={"email": "b@example.org", "role": "editor"}, headers=tenant.headers
    )
    assert other.status_code == 409
    assert listed(client, tenant.headers)["b@example.org"]["invited"] is True
    bad = client.post("/organization/members", json={"email": "b@example.org", "role": "king"}, headers=tenant.headers)
    assert (bad.status_code, pointers(bad)) == (422, ["/role"])


def test_members_of_another_organisation_and_people_are_not_there(
    entry: TestClient, database: Database, tenant: Tenant
) -> None:
    other = make_tenant(database, "other clinic")
    member(entry, other.headers, "viewer", "viewer@example.org")
    theirs = listed(entry, other.headers)["viewer@example.org"]["id"]
    assert listed(entry, tenant.headers) == {}
    person = sign_up(entry).get("/me").json()["id"]
    for nobody in (theirs, person, str(uuid4())):
        refused = entry.delete(f"/organization/members/{nobody}", headers=tenant.headers)
        assert (refused.status_code, refused.json()["detail"]) == (404, "no such member")
    assert members.INVITATION_LASTS.days == 7


def test_lists_are_walked_by_pages(client: TestClient, tenant: Tenant) -> None:
    for number in range(5):
        invite = {"email": f"m{number}@example.org", "role": "viewer"}
        assert client.post("/organization/members", json=invite, headers=tenant.headers).status_code == 201
    walked: list[str] = []
    address: str | None = "/organization/members?limit=2"
    while address is not None:
        page = client.get(address, headers=tenant.headers)
        walked.extend(item["email"] for item in page.json()["items"])
        link = page.headers.get("link")
        address = None if link is None else link.removesuffix('>; rel="next"').removeprefix("<")
    assert walked == [f"m{number}@example.org" for number in range(5)]
    cursor = client.get("/organization/members?limit=2", headers=tenant.headers).json()["next"]
    foreign = client.get("/organization/keys", params={"cursor": cursor}, headers=tenant.headers)
    assert (foreign.status_code, pointers(foreign)) == (422, ["?cursor"])
