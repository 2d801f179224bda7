"""What people may ask for: everything about them, and that it be gone from every table, index and log."""

import csv
import io
import time
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from data.database import Database
from data.person_records import exported_columns, personal_tables
from tests.conftest import Tenant
from tests.data.making import body
from tests.personal import CANARY, EMAIL, counts, forms, live, poison, raw, share, unzipped
from tests.signing import FORGOTTEN_SECONDS, Device, sign_up

SWEPT_WITHIN_SECONDS = 10


@pytest.fixture
def phone(entry: TestClient) -> Device:
    return sign_up(entry)


def until_swept(client: TestClient, place: str, headers: dict[str, str]) -> Any:
    for _ in range(SWEPT_WITHIN_SECONDS * 10):
        erasure = client.post(place, headers=headers).json()
        if erasure["remains_gone_at"] is not None:
            return erasure
        time.sleep(0.1)
    raise AssertionError("the remains were not swept out")


def test_an_archive_holds_every_row_of_the_person_and_no_secret(
    phone: Device, database: Database, database_url: str
) -> None:
    live(phone)
    share(phone, database, "vendor")
    assert not [name for name, count in counts(database_url).items() if not count], "every personal table is filled"
    answer = phone.get("/me/export")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["cache-control"] == "no-store"
    files = unzipped(answer.content)
    kinds = {table.name for table in personal_tables()} | {"audit_event"}
    assert files.keys() == {"manifest.json"} | {f"{kind}.{form}" for kind in kinds for form in ("json", "csv")}
    manifest = files["manifest.json"]
    assert manifest["person_id"] == phone.person_id
    told = {records["kind"]: records for records in manifest["records"]}
    for kind in kinds:
        rows = list(csv.DictReader(io.StringIO(files[f"{kind}.csv"].removeprefix("\ufeff"))))
        assert len(rows) == len(files[f"{kind}.json"]) == told[kind]["count"] > 0, kind
        assert all(list(row) == told[kind]["columns"] for row in files[f"{kind}.json"])
    for table in personal_tables():
        assert told[table.name]["columns"] == [column.name for column in exported_columns(table)]
    text = str(files)
    assert EMAIL in text
    assert "$argon2" not in text
    assert phone.tokens["access_token"] not in text
    assert "emergency" in {kept["answer"]["triage"]["disposition"] for kept in files["recommendation.json"]}


def test_no_cell_of_an_archive_is_a_formula(phone: Device) -> None:
    live(phone)
    table = unzipped(phone.get("/me/export").content)["session_log.csv"]
    notes = {row["notes"] for row in csv.DictReader(io.StringIO(table.removeprefix("\ufeff")))}
    assert len(notes) == 3
    assert all(note.startswith(f"'={CANARY}") for note in notes)


def test_an_organisation_takes_along_one_of_its_people(client: TestClient, tenant: Tenant) -> None:
    for _ in range(2):
        assert client.post("/sessions", json=body(tenant.person_id), headers=tenant.headers).status_code == 201
    answer = client.get(f"/people/{tenant.person_id}/export", headers=tenant.headers)
    assert len(unzipped(answer.content)["session_log.json"]) == 2
    assert client.get(f"/people/{uuid4()}/export", headers=tenant.headers).status_code == 404


@pytest.mark.endurance(
    "An erasure leaves no byte of the person, nor at the clinics they shared with", "every column, on each database"
)
def test_nothing_is_left_of_who_is_erased(phone: Device, tenant: Tenant, database: Database, database_url: str) -> None:
    client = phone.client
    other = live(phone)
    share(phone, database, "vendor")
    words = poison(database_url, phone.person_id)
    assert all(word.encode() in raw(database_url) for word in words)
    key = {"external_id": "kept"}
    kept = client.post("/people", json=key, headers=tenant.headers).json()["id"]
    client.get("/sessions", headers=phone.headers)
    accounts = unzipped(phone.get("/me/export").content)["account.json"]
    assert phone.client.delete("/me", headers=phone.headers).status_code == 204
    time.sleep(FORGOTTEN_SECONDS)
    for device in (phone, other):
        assert device.get("/me").status_code == 401
        assert device.refresh().status_code == 401
    swept(database_url, database)
    left = raw(database_url)
    for word in (*words, "canary", CANARY, EMAIL):
        assert word.encode() not in left, word
    for identifier in (phone.person_id, accounts[0]["id"]):
        assert not [form for form in forms(identifier) if form in left]
    assert client.get(f"/people/{kept}", headers=tenant.headers).status_code == 200


def swept(database_url: str, database: Database) -> None:
    """Wait until the server has swept; a database that is dumped has nothing to sweep."""
    if database.is_sqlite:
        for _ in range(SWEPT_WITHIN_SECONDS * 10):
            if b"canary" not in raw(database_url):
                return
            time.sleep(0.1)


def test_an_organisation_erases_one_of_its_people(client: TestClient, tenant: Tenant, database_url: str) -> None:
    headers, place = tenant.headers, f"/people/{tenant.person_id}/erasure"
    posted = body(tenant.person_id, notes=CANARY)
    assert client.post("/sessions", json=posted, headers=headers).status_code == 201
    first = client.post(place, headers=headers)
    assert first.status_code == 200
    again = until_swept(client, place, headers)
    assert again["id"] == first.json()["id"]
    assert again["erased_at"] == first.json()["erased_at"]
    assert CANARY.encode() not in raw(database_url)
    assert client.get(f"/people/{tenant.person_id}", headers=headers).status_code == 404
    assert client.get(f"/sessions/{posted['id']}", headers=headers).status_code == 404
    assert client.get(f"/people/{tenant.person_id}/export", headers=headers).status_code == 404
    assert client.post(f"/people/{uuid4()}/erasure", headers=headers).status_code == 404


def test_an_erased_person_never_comes_back(client: TestClient, tenant: Tenant) -> None:
    headers = tenant.headers
    posted = body(tenant.person_id)
    assert client.post("/sessions", json=posted, headers=headers).status_code == 201
    assert client.post(f"/people/{tenant.person_id}/erasure", headers=headers).status_code == 200
    assert client.post("/sessions", json=posted, headers=headers).status_code == 404
    again = {"id": str(tenant.person_id), "external_id": "somebody else"}
    assert client.post("/people", json=again, headers=headers).status_code == 410
    returned = client.post("/people", json={"external_id": "p-1"}, headers=headers)
    assert returned.status_code == 201, "who comes back is somebody new"
    assert returned.json()["id"] != str(tenant.person_id)


def test_the_id_of_an_erased_person_cannot_be_signed_up_again(entry: TestClient) -> None:
    phone = sign_up(entry, id=str(uuid4()))
    assert entry.delete("/me", headers=phone.headers).status_code == 204
    assert entry.post("/auth/anonymous", json={"id": phone.person_id}).status_code == 409


def test_the_erasure_of_one_leaves_the_others(
    client: TestClient, tenant: Tenant, other_tenant: Tenant, database_url: str
) -> None:
    for each in (tenant, other_tenant):
        assert client.post("/sessions", json=body(each.person_id), headers=each.headers).status_code == 201
    added = client.post("/people", json={"external_id": "p-2"}, headers=tenant.headers).json()["id"]
    assert client.post("/sessions", json=body(added), headers=tenant.headers).status_code == 201
    before = counts(database_url)
    assert client.post(f"/people/{added}/erasure", headers=other_tenant.headers).status_code == 404
    assert counts(database_url) == before
    assert client.post(f"/people/{added}/erasure", headers=tenant.headers).status_code == 200
    after = counts(database_url)
    assert {name: before[name] - after[name] for name in ("person", "session_log", "session_exercise")} == {
        "person": 1, "session_log": 1, "session_exercise": 1,
    }  # fmt: skip
    assert len(client.get("/sessions", headers=tenant.headers).json()["items"]) == 1
    assert len(client.get("/sessions", headers=other_tenant.headers).json()["items"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("POST", "/sessions", {"title": CANARY * 200, "notes": 7}, 422),
        ("POST", "/sessions/batch", {"sessions": [{"notes": CANARY}], "more": CANARY}, 422),
        ("POST", "/people", {"external_id": CANARY * 50}, 422),
        ("POST", "/people", {"id": str(uuid4()), "external_id": "p-1"}, 409),
        ("POST", "/auth/register", {"email": f"{CANARY} no mail", "password": f"{CANARY} password"}, 422),
        ("POST", "/auth/token", {"email": EMAIL, "password": f"{CANARY} password"}, 422),
        ("POST", "/triage", {"text": CANARY * 1000}, 422),
        ("GET", f"/people?external={CANARY}", None, 422),
        ("GET", f"/audit?cursor={CANARY}", None, 422),
        ("GET", f"/sessions/{CANARY}", None, 404),
    ],
)
def test_a_refusal_repeats_nothing(
    client: TestClient, tenant: Tenant, method: str, path: str, content: Any, status: int
) -> None:
    refused = client.request(method, path, json=content, headers=tenant.headers)
    assert refused.status_code == status, refused.text
    assert CANARY not in refused.text
