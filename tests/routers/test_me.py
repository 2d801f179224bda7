"""The room of `/me`: the account of whoever is signed in."""

import time
from typing import Any
from uuid import UUID

from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.routers.posting import pointers
from tests.signing import FORGOTTEN_SECONDS, PASSWORD, Device, member, sign_in, sign_up, signed_in


def change(device: Device, version: str | None, **body: Any) -> Any:
    headers = device.headers if version is None else {**device.headers, "If-Match": version}
    return device.client.patch("/me", json={"current_password": PASSWORD, **body}, headers=headers)


def test_a_new_password_signs_the_other_devices_out(entry: TestClient, vendor: UUID) -> None:
    here = sign_up(entry, email="person@example.org")
    there = signed_in(entry, "person@example.org")
    etag = here.get("/me").headers["etag"]
    changed = change(here, etag, password="quite another one")
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert changed.headers["etag"] != etag
    assert "password" not in changed.text
    time.sleep(FORGOTTEN_SECONDS)
    assert (here.get("/me").status_code, there.get("/me").status_code) == (200, 401)
    assert sign_in(entry, "person@example.org").status_code == 401
    assert sign_in(entry, "person@example.org", "quite another one").status_code == 200


def test_an_email_is_changed_on_the_current_password_only(entry: TestClient, tenant: Tenant) -> None:
    sign_up(entry, email="other@example.org")
    person = sign_up(entry, email="person@example.org")
    wrong = change(person, "*", email="new@example.org", current_password="not this one")
    assert (wrong.status_code, pointers(wrong)) == (422, ["/current_password"])
    taken = change(person, "*", email="other@example.org")
    assert (taken.status_code, pointers(taken)) == (409, ["/email"])
    assert change(person, '"v1"', email="new@example.org").json()["email"] == "new@example.org"
    assert sign_in(entry, "new@example.org").status_code == 200
    assert sign_in(entry, "person@example.org").status_code == 401
    viewer = member(entry, tenant.headers, "viewer", "viewer@example.org")
    assert change(viewer, "*", email="seen@example.org").json()["email"] == "seen@example.org"


def test_a_change_names_the_version(entry: TestClient, vendor: UUID) -> None:
    person = sign_up(entry, email="person@example.org")
    assert change(person, None, email="new@example.org").status_code == 428
    stale = change(person, '"v7"', email="new@example.org")
    assert (stale.status_code, stale.json()["current"]["email"]) == (412, "person@example.org")
    assert stale.headers["etag"] == '"v1"'


def test_without_a_password_there_is_nothing_to_change(entry: TestClient, vendor: UUID) -> None:
    refused = change(sign_up(entry), "*", password="a first password")
    assert (refused.status_code, pointers(refused)) == (422, ["/current_password"])


def test_keys_have_no_account(entry: TestClient, tenant: Tenant) -> None:
    assert entry.get("/me", headers=tenant.headers).status_code == 403
    assert entry.post("/auth/logout", json={}, headers=tenant.headers).status_code == 403
