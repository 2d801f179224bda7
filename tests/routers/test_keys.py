"""The room of `/organization/keys`: making, rotating, revoking, and when a key was used."""

import time
from typing import Any
from uuid import uuid4

from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.routers.posting import pointers
from tests.signing import FORGOTTEN_SECONDS, Clock, bearer, member


def make(client: TestClient, tenant: Tenant, **change: Any) -> Any:
    body = {"name": "booking", "scopes": ["people:read"], **change}
    return client.post("/organization/keys", json=body, headers=tenant.headers)


def rotate(client: TestClient, tenant: Tenant, key_id: str, **body: Any) -> Any:
    return client.post(f"/organization/keys/{key_id}/rotate", json=body, headers=tenant.headers)


def works(client: TestClient, secret: str) -> bool:
    return bool(client.get("/people", headers=bearer(secret)).status_code == 200)


def found(client: TestClient, tenant: Tenant, key_id: str) -> Any:
    items = client.get("/organization/keys", headers=tenant.headers).json()["items"]
    return next(item for item in items if item["id"] == key_id)


def test_a_secret_is_shown_once(client: TestClient, tenant: Tenant) -> None:
    made = make(client, tenant)
    assert made.status_code == 201
    secret, key = made.json()["secret"], made.json()["key"]
    assert secret.startswith(key["prefix"])
    assert works(client, secret)
    everything = client.get("/organization/keys", headers=tenant.headers)
    assert secret not in everything.text
    assert len(everything.json()["items"]) == 2
    assert client.get("/sessions", headers=bearer(secret)).status_code == 403


def test_a_key_never_gives_what_its_maker_lacks(client: TestClient, tenant: Tenant) -> None:
    narrow = bearer(make(client, tenant, scopes=["access:manage", "people:read"]).json()["secret"])
    wide = make(client, tenant, scopes=["sessions:write"]).json()["key"]
    for scopes, status in (["people:read"], 201), (["people:read", "sessions:write"], 403):
        asked = client.post("/organization/keys", json={"name": "x", "scopes": scopes}, headers=narrow)
        assert asked.status_code == status
    refused = client.post(f"/organization/keys/{wide['id']}/rotate", json={}, headers=narrow)
    assert (refused.status_code, "sessions:write" in refused.json()["detail"]) == (403, True)
    assert client.post("/organization/keys", json={"name": "x", "scopes": ["people:read"]}).status_code == 401


def test_a_rotated_key_ends_after_the_overlap(entry: TestClient, tenant: Tenant, clock: Clock) -> None:
    old = make(entry, tenant).json()
    new = rotate(entry, tenant, old["key"]["id"], overlap_hours=2)
    assert new.status_code == 201
    assert (new.json()["key"]["name"], new.json()["key"]["scopes"]) == ("booking", ["people:read"])
    clock.forward(hours=1, minutes=59)
    assert works(entry, old["secret"])
    assert works(entry, new.json()["secret"])
    clock.forward(minutes=1)
    assert not works(entry, old["secret"])
    assert works(entry, new.json()["secret"])
    assert rotate(entry, tenant, old["key"]["id"]).status_code == 404
    at_once = rotate(entry, tenant, new.json()["key"]["id"], overlap_hours=0)
    time.sleep(FORGOTTEN_SECONDS)
    assert not works(entry, new.json()["secret"])
    assert works(entry, at_once.json()["secret"])


def test_a_successor_lasts_as_long_as_the_key_was_made_for(entry: TestClient, tenant: Tenant, clock: Clock) -> None:
    end = clock.now.replace(microsecond=0)
    ends = {"expires_at": end.replace(year=end.year + 1).isoformat()}
    old = make(entry, tenant, **ends).json()["key"]
    clock.forward(days=300)
    new = rotate(entry, tenant, old["id"]).json()["key"]
    assert new["expires_at"] > old["expires_at"]
    past = make(entry, tenant, expires_at="2020-01-01T00:00:00Z")
    assert (past.status_code, pointers(past)) == (422, ["/expires_at"])


def test_a_revoked_key_is_refused_within_a_second(client: TestClient, tenant: Tenant) -> None:
    made = make(client, tenant).json()
    assert works(client, made["secret"])
    place = f"/organization/keys/{made['key']['id']}"
    assert client.delete(place, headers=tenant.headers).status_code == 204
    time.sleep(FORGOTTEN_SECONDS)
    assert not works(client, made["secret"])
    first = found(client, tenant, made["key"]["id"])["revoked_at"]
    assert first is not None
    assert client.delete(place, headers=tenant.headers).status_code == 204
    assert found(client, tenant, made["key"]["id"])["revoked_at"] == first
    assert rotate(client, tenant, made["key"]["id"]).status_code == 404
    assert client.delete(f"/organization/keys/{uuid4()}", headers=tenant.headers).status_code == 404


def test_the_last_use_is_told_by_the_hour(entry: TestClient, tenant: Tenant, clock: Clock) -> None:
    made = make(entry, tenant).json()
    assert made["key"]["last_used_on"] is None
    assert works(entry, made["secret"])
    # Uses are written down meanwhile; whatever is stored after that has waited for it.
    make(entry, tenant)
    first = found(entry, tenant, made["key"]["id"])["last_used_on"]
    assert first == clock.now.replace(minute=0, second=0, microsecond=0).isoformat().replace("+00:00", "Z")
    clock.forward(hours=3)
    time.sleep(FORGOTTEN_SECONDS)
    assert works(entry, made["secret"])
    make(entry, tenant)
    assert found(entry, tenant, made["key"]["id"])["last_used_on"] > first


def test_bad_keys_name_their_field(client: TestClient, tenant: Tenant) -> None:
    bad: list[tuple[dict[str, Any], str]] = [
        ({"name": ""}, "/name"), ({"scopes": []}, "/scopes"), ({"scopes": ["everything"]}, "/scopes/0"),
        ({"expires_at": "tomorrow"}, "/expires_at"), ({"secret": "mine"}, "/secret"),
    ]  # fmt: skip
    for change, pointer in bad:
        refused = make(client, tenant, **change)
        assert (refused.status_code, pointers(refused)) == (422, [pointer]), change
    key_id = make(client, tenant).json()["key"]["id"]
    for hours in (-1, 169, "24"):
        assert rotate(client, tenant, key_id, overlap_hours=hours).status_code == 422
    clinician = member(client, tenant.headers, "clinician", "clinician@example.org")
    assert clinician.get("/organization/keys").status_code == 403
