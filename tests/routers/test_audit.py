"""The audit log: who did what with whose data, by pseudonym, and nothing that was done can be taken out of it."""

import time
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from data import read_trail
from data.database import Database, normalised
from tests.conftest import Tenant, make_tenant
from tests.data.making import body
from tests.personal import CANARY, live
from tests.signing import sign_up

STORED_WITHIN_SECONDS = 5


def events(client: TestClient, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    answer = client.get("/audit", params={"limit": 200, **query}, headers=headers)
    assert answer.status_code == 200, answer.json()
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def until_told(client: TestClient, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    """Return the events once there is one: what was read is stored a moment later."""
    for _ in range(STORED_WITHIN_SECONDS * 10):
        if found := events(client, headers, **query):
            return found
        time.sleep(0.1)
    raise AssertionError(f"nothing was told of {query}")


def summary(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(event["actor_kind"], event["action"], event["record"], event["count"]) for event in found]


def test_writes_stand_in_the_log_at_once(client: TestClient, tenant: Tenant) -> None:
    headers, person = tenant.headers, str(tenant.person_id)
    posted = body(tenant.person_id)
    assert client.post("/sessions", json=posted, headers=headers).status_code == 201
    assert client.post("/sessions", json=posted, headers=headers).status_code == 200, "a replay writes nothing"
    batch = {"sessions": [body(tenant.person_id), body(tenant.person_id)]}
    assert client.post("/sessions/batch", json=batch, headers=headers).status_code == 200
    match, place = {**headers, "If-Match": "*"}, f"/sessions/{posted['id']}"
    assert client.patch(place, json={"effort": 9}, headers=match).status_code == 200
    assert client.delete(place, headers=match).status_code == 204
    found = events(client, headers, person_id=person)
    written = [event for event in found if event["action"] != "read"]
    assert summary(written) == [
        ("system", "write", "person", 1),
        ("key", "write", "session", 1),
        ("key", "write", "session", 2),
        ("key", "write", "session", 1),
        ("key", "delete", "session", 1),
    ]
    (key,) = client.get("/organization/keys", headers=headers).json()["items"]
    assert {event["actor_id"] for event in written[1:]} == {key["id"]}
    assert {event["subject"] for event in found} != {person}
    assert len({event["subject"] for event in found}) == 1


@pytest.mark.parametrize(
    ("path", "record"),
    [
        ("/sessions?limit=1", "session"),
        ("/sessions/{session}", "session"),
        ("/people/{person}", "person"),
        ("/people", "person"),
        ("/progress?person_id={person}", "progress"),
        ("/people/{person}/export", "archive"),
    ],
)
def test_reads_stand_in_the_log_soon(client: TestClient, tenant: Tenant, path: str, record: str) -> None:
    posted = body(tenant.person_id)
    assert client.post("/sessions", json=posted, headers=tenant.headers).status_code == 201
    place = path.format(person=tenant.person_id, session=posted["id"])
    assert client.get(place, headers=tenant.headers).status_code == 200
    action = "export" if record == "archive" else "read"
    (event,) = until_told(client, tenant.headers, person_id=str(tenant.person_id), action=action)
    assert summary([event]) == [("key", action, record, 1)]


def test_a_recommendation_tells_that_the_history_was_read(client: TestClient, tenant: Tenant) -> None:
    question = {"pain_areas": [{"region": "mid_back"}], "person_id": str(tenant.person_id)}
    answered = client.post("/recommendations", json=question, headers=tenant.headers).json()
    assert client.get(f"/recommendations/{answered['id']}", headers=tenant.headers).status_code == 200
    until_told(client, tenant.headers, person_id=str(tenant.person_id), record="history")
    told = until_told(client, tenant.headers, person_id=str(tenant.person_id), record="recommendation", action="read")
    assert len(told) == 1
    assert len(events(client, tenant.headers, record="recommendation", action="write")) == 1


def test_what_was_refused_tells_nothing(client: TestClient, tenant: Tenant, other_tenant: Tenant) -> None:
    posted = body(tenant.person_id)
    assert client.post("/sessions", json=posted, headers=tenant.headers).status_code == 201
    for path in (f"/sessions/{posted['id']}", f"/people/{tenant.person_id}"):
        assert client.get(path, headers=other_tenant.headers).status_code == 404
    assert client.post("/sessions", json=body(tenant.person_id), headers=other_tenant.headers).status_code == 404
    assert client.get(f"/people/{other_tenant.person_id}", headers=other_tenant.headers).status_code == 200
    until_told(client, other_tenant.headers, action="read")
    assert summary(events(client, other_tenant.headers)) == [
        ("system", "write", "person", 1),
        ("key", "read", "person", 1),
    ]
    assert not events(client, tenant.headers, action="read"), "nothing of the other organisation's stands here"


def test_a_person_acts_under_the_pseudonym(entry: TestClient, vendor: UUID, database: Database) -> None:
    phone = sign_up(entry)
    live(phone)
    tenant = make_tenant(database, "vendor")
    found = until_told(entry, tenant.headers, person_id=phone.person_id)
    assert {event["actor_kind"] for event in found} <= {"person", "system"}
    assert {event["actor_id"] for event in found if event["actor_kind"] == "person"} == {found[0]["subject"]}
    signed = [event for event in found if event["action"] == "sign_in"]
    assert len(signed) == 3, "the anonymous device, the same one when it registered, the second one"
    assert CANARY not in str(found)
    assert phone.person_id not in str(found)


def test_an_erasure_leaves_events_that_lead_to_nobody(client: TestClient, tenant: Tenant) -> None:
    headers, person = tenant.headers, str(tenant.person_id)
    assert client.post("/sessions", json=body(tenant.person_id), headers=headers).status_code == 201
    before = events(client, headers, person_id=person)
    assert client.post(f"/people/{person}/erasure", headers=headers).status_code == 200
    assert events(client, headers, person_id=person) == []
    after = events(client, headers, subject=before[0]["subject"])
    assert after[: len(before)] == before
    assert summary(after[len(before) :]) == [("key", "erase", "person", 1)]


def test_the_log_is_walked_by_cursor_and_filtered(client: TestClient, tenant: Tenant) -> None:
    for _ in range(5):
        assert client.post("/sessions", json=body(tenant.person_id), headers=tenant.headers).status_code == 201
    walked, query = [], {"limit": 2, "record": "session"}
    while True:
        page = client.get("/audit", params=query, headers=tenant.headers).json()
        walked += page["items"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert walked == events(client, tenant.headers, record="session")
    assert len(walked) == 5
    middle = walked[2]["at"]
    assert events(client, tenant.headers, record="session", since=middle) == walked[2:]
    assert events(client, tenant.headers, record="session", until=middle) == walked[:2]
    assert events(client, tenant.headers, actor_id=walked[0]["actor_id"], record="session") == walked
    assert client.get("/audit?action=look", headers=tenant.headers).status_code == 422


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET count = 7", "DELETE FROM audit_event"])
def test_the_database_refuses_to_change_the_log(
    client: TestClient, tenant: Tenant, database_url: str, statement: str
) -> None:
    before = events(client, tenant.headers)
    engine = create_engine(normalised(database_url))
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    if engine.dialect.name == "postgresql":
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text("TRUNCATE audit_event"))
    engine.dispose()
    assert events(client, tenant.headers) == before


def test_what_was_read_is_stored_when_the_server_stops(
    database_url: str, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_trail, "EVERY_SECONDS", 3600.0)
    settings = Settings(database_url=database_url, _env_file=None)
    with TestClient(create_app(settings)) as client:
        for _ in range(3):
            assert client.get(f"/people/{tenant.person_id}", headers=tenant.headers).status_code == 200
        assert not events(client, tenant.headers, action="read")
    with TestClient(create_app(settings)) as client:
        assert len(events(client, tenant.headers, action="read", record="person")) == 3


def test_reads_are_refused_when_the_log_cannot_keep_up(
    database_url: str, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_trail, "EVERY_SECONDS", 3600.0)
    monkeypatch.setattr(read_trail, "MOST_NOTES", 2)
    with TestClient(create_app(Settings(database_url=database_url, _env_file=None))) as client:
        answers = [client.get(f"/people/{tenant.person_id}", headers=tenant.headers) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 503]
        assert answers[2].headers["retry-after"]
        assert client.get("/exercises?limit=1").status_code == 200, "what is nobody's is read on"
        assert client.post("/sessions", json=body(tenant.person_id), headers=tenant.headers).status_code == 201
