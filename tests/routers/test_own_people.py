"""A person's own token: what it shows and takes is that person's only, in every room, on both databases."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from data import access
from data.database import Database
from tests.conftest import Tenant, make_tenant
from tests.routers.posting import body, pointers
from tests.signing import Device, sign_up


@pytest.fixture
def clinic(entry: TestClient, vendor: UUID, database: Database) -> Tenant:
    """The open organisation, with a key and a patient of its own."""
    made = make_tenant(database, "vendor")
    assert made.organization_id == vendor
    return made


@pytest.fixture
def device(entry: TestClient, clinic: Tenant) -> Device:
    return sign_up(entry)


def log(person_id: Any, **changes: Any) -> dict[str, Any]:
    return {**body(uuid4(), **changes), "person_id": None if person_id is None else str(person_id)}


def test_sessions_are_the_persons(entry: TestClient, clinic: Tenant, device: Device) -> None:
    implied = log(None)
    first = device.post("/sessions", implied)
    assert (first.status_code, first.json()["person_id"]) == (201, device.person_id)
    named = {**implied, "person_id": device.person_id}
    for again in (device.post("/sessions", named), entry.post("/sessions", json=named, headers=clinic.headers)):
        assert (again.status_code, again.content) == (200, first.content)
    theirs = entry.post("/sessions", json=log(clinic.person_id), headers=clinic.headers).json()
    for somebody in (clinic.person_id, uuid4()):
        refused = device.post("/sessions", log(somebody))
        assert (refused.status_code, pointers(refused)) == (422, ["/person_id"])
    assert [item["id"] for item in device.get("/sessions").json()["items"]] == [first.json()["id"]]
    assert device.get("/sessions", person_id=str(clinic.person_id)).json()["items"] == []
    whole = entry.get("/sessions", headers=clinic.headers).json()["items"]
    assert {item["id"] for item in whole} == {first.json()["id"], theirs["id"]}


def test_a_batch_is_narrowed_item_by_item(entry: TestClient, clinic: Tenant, device: Device) -> None:
    items = [log(None), log(device.person_id), log(clinic.person_id), log(uuid4())]
    answered = device.post("/sessions/batch", {"sessions": items}).json()["results"]
    assert [result["status"] for result in answered] == ["created", "created", "invalid", "invalid"]
    assert answered[2]["problem"] == answered[3]["problem"]
    again = device.post("/sessions/batch", {"sessions": items}).json()["results"]
    assert [result["status"] for result in again] == ["replayed", "replayed", "invalid", "invalid"]
    assert len(device.get("/sessions").json()["items"]) == 2


def test_a_cursor_of_the_organisation_leads_nowhere_else(entry: TestClient, clinic: Tenant, device: Device) -> None:
    for person in (clinic.person_id, clinic.person_id, clinic.person_id, device.person_id):
        assert entry.post("/sessions", json=log(person), headers=clinic.headers).status_code == 201
    page = entry.get("/sessions?limit=1", headers=clinic.headers).json()
    for cursor in (page["next"], None):
        query = {"limit": 1} if cursor is None else {"limit": 1, "cursor": cursor}
        assert all(item["person_id"] == device.person_id for item in device.get("/sessions", **query).json()["items"])


def test_changes_reach_the_persons_sessions_only(entry: TestClient, clinic: Tenant, device: Device) -> None:
    mine = device.post("/sessions", log(None)).json()
    theirs = entry.post("/sessions", json=log(clinic.person_id), headers=clinic.headers).json()
    headers = {**device.headers, "If-Match": "*"}
    assert entry.patch(f"/sessions/{theirs['id']}", json={"effort": 9}, headers=headers).status_code == 404
    assert entry.delete(f"/sessions/{theirs['id']}", headers=headers).status_code == 404
    assert entry.patch(f"/sessions/{mine['id']}", json={"effort": 9}, headers=headers).json()["effort"] == 9
    assert entry.patch(f"/sessions/{mine['id']}", json={"person_id": str(uuid4())}, headers=headers).status_code == 422
    assert entry.delete(f"/sessions/{mine['id']}", headers=headers).status_code == 204
    assert entry.get(f"/sessions/{theirs['id']}", headers=clinic.headers).json() == theirs


def followed(device: Device, **query: Any) -> Any:
    answer = device.get("/sessions/changes", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_following_and_taking_along_are_narrowed(entry: TestClient, clinic: Tenant, device: Device) -> None:
    mine = [device.post("/sessions", log(None)).json()["id"] for _ in range(2)]
    theirs = [entry.post("/sessions", json=log(clinic.person_id), headers=clinic.headers).json() for _ in range(2)]
    whole = followed(device)
    assert [item["id"] for item in whole["items"]] == mine
    assert followed(device, person_id=device.person_id)["items"] == whole["items"]
    assert followed(device, person_id=str(clinic.person_id))["items"] == []
    for session, sender in ((theirs[0]["id"], clinic), (mine[0], device)):
        headers = {**sender.headers, "If-Match": "*"}
        assert entry.delete(f"/sessions/{session}", headers=headers).status_code == 204
    since = followed(device, cursor=whole["next"])
    assert [(item["id"], item["deleted"]) for item in since["items"]] == [(mine[0], True)]
    for form, lines in (("jsonl", 1), ("csv", 2)):
        exported = device.get("/sessions/export", format=form)
        assert (exported.text.count("\n"), exported.text.count(mine[1])) == (lines, 1)
    assert device.get("/sessions/export", person_id=str(clinic.person_id)).content == b""
    assert entry.get("/sessions/export", headers=clinic.headers).text.count("\n") == 2


def test_a_cursor_of_changes_is_of_use_to_whoever_followed(entry: TestClient, clinic: Tenant, device: Device) -> None:
    device.post("/sessions", log(None))
    cursors = followed(device)["next"], entry.get("/sessions/changes", headers=clinic.headers).json()["next"]
    another = sign_up(entry)
    for cursor in cursors:
        assert another.get("/sessions/changes", cursor=cursor).status_code == 422
    assert device.get("/sessions/changes", cursor=cursors[1]).status_code == 422
    assert followed(device, cursor=cursors[0])["items"] == []


def test_what_is_sent_again_is_narrowed_too(entry: TestClient, clinic: Tenant, device: Device) -> None:
    mine = device.post("/sessions", log(None)).json()
    theirs = entry.post("/sessions", json=log(clinic.person_id), headers=clinic.headers).json()
    patch = {"effort": 9, "notes": "it went numb below the knee"}
    for session, sender in ((theirs, clinic), (mine, device)):
        headers = {**sender.headers, "If-Match": '"v1"'}
        for _ in range(2):
            assert entry.patch(f"/sessions/{session['id']}", json=patch, headers=headers).status_code == 200
    path, stale = f"/sessions/{theirs['id']}", {**device.headers, "If-Match": '"v1"'}
    unknown = entry.patch(f"/sessions/{uuid4()}", json=patch, headers=stale)
    assert entry.patch(path, json=patch, headers=stale).content == unknown.content
    for session, sender in ((theirs, clinic), (mine, device)):
        headers = {**sender.headers, "If-Match": "*"}
        for _ in range(2):
            assert entry.delete(f"/sessions/{session['id']}", headers=headers).status_code == 204
    refused = entry.delete(path, headers=stale)
    assert (refused.status_code, refused.content) == (404, unknown.content)


def test_recommendations_imply_the_person(entry: TestClient, clinic: Tenant, device: Device) -> None:
    question = {"pain_areas": [{"region": "mid_back"}]}
    implied = device.post("/recommendations", question)
    assert implied.status_code == 200
    place = implied.headers["content-location"]
    named = device.post("/recommendations", {**question, "person_id": device.person_id})
    assert named.content == implied.content
    assert device.get(place).content == implied.content
    assert entry.get(place, headers=clinic.headers).content == implied.content
    assert sign_up(entry).get(place).status_code == 404
    other = device.post("/recommendations", {**question, "person_id": str(clinic.person_id)})
    assert (other.status_code, pointers(other)) == (422, ["/person_id"])
    explained = {"exercise_id": "standing-mid-back-reach", "question": {**question, "person_id": str(uuid4())}}
    refused = device.post("/recommendations/explain", explained)
    assert (refused.status_code, pointers(refused)) == (422, ["/question/person_id"])


def test_a_hold_follows_the_person_without_being_named(entry: TestClient, clinic: Tenant, device: Device) -> None:
    alarming = {"text": "crushing chest pain and I am sweating"}
    assert device.post("/recommendations", alarming).json()["triage"]["disposition"] == "emergency"
    after = device.post("/recommendations", {"pain_areas": [{"region": "calf"}]}).json()
    assert after["exercises"] == []


def test_progress_is_the_persons(entry: TestClient, clinic: Tenant, device: Device) -> None:
    device.post("/sessions", log(None))
    assert device.get("/progress").json()["sessions"] == 1
    assert device.get("/progress", person_id=device.person_id).json()["sessions"] == 1
    refused = [device.get("/progress", person_id=str(one)) for one in (clinic.person_id, uuid4())]
    assert {answer.status_code for answer in refused} == {404}
    assert refused[0].content == refused[1].content
    unnamed = entry.get("/progress", headers=clinic.headers)
    assert (unnamed.status_code, pointers(unnamed)) == (422, ["?person_id"])


def test_a_person_who_signed_up_is_known_to_the_organisation(
    entry: TestClient, clinic: Tenant, device: Device, database: Database
) -> None:
    found = entry.get(f"/people/{device.person_id}", headers=clinic.headers).json()
    assert found["external_id"] == device.person_id
    assert database.system.read_now(access.find_organization, clinic.organization_id) is not None
