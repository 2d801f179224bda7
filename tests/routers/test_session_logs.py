"""The room of `/sessions` through the front door, on both databases."""

import time
from datetime import UTC, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select, update
from sqlmodel import Session
from starlette.testclient import TestClient

from data.access import ApiKeyRow, key_digest
from data.database import Database
from data.session_logs import SessionLogRow
from schemas.access import Scope
from tests.conftest import Tenant, make_tenant
from tests.data.making import STRETCH
from tests.routers.posting import NOW, YESTERDAY, body, pointers, post, sessions_of, stored


def test_a_session_is_stored_once_however_often_it_is_posted(client: TestClient, tenant: Tenant) -> None:
    session = body(tenant.person_id)
    first = post(client, tenant, session)
    assert first.status_code == 201
    assert first.headers["etag"] == '"v1"'
    assert first.headers["location"] == f"/sessions/{session['id']}"
    assert first.headers["cache-control"] == "no-store"
    for _ in range(3):
        again = post(client, tenant, session)
        assert (again.status_code, again.content) == (200, first.content)
        assert again.headers["etag"] == '"v1"'
    read = client.get(first.headers["location"], headers=tenant.headers)
    assert (read.status_code, read.content) == (200, first.content)
    assert sessions_of(client, tenant) == 1


def test_the_same_moment_in_another_notation_is_the_same_content(client: TestClient, tenant: Tenant) -> None:
    session = body(tenant.person_id)
    assert post(client, tenant, session).status_code == 201
    other = YESTERDAY.astimezone(UTC) + timedelta(hours=2)
    shifted = {**session, "started_at": other.replace(tzinfo=None).isoformat() + "+02:00"}
    assert post(client, tenant, dict(reversed(shifted.items()))).status_code == 200


def test_other_content_under_the_same_id_is_a_conflict(client: TestClient, tenant: Tenant, database: Database) -> None:
    session = body(tenant.person_id)
    post(client, tenant, session)
    before = stored(database)
    changes: list[dict[str, Any]] = [
        {"effort": 4},
        {"notes": None},
        {"exercises": session["exercises"] * 2},
        {"pain": []},
    ]
    for change in changes:
        answer = post(client, tenant, {**session, **change})
        assert answer.status_code == 409
        assert pointers(answer) == ["/id"]
    assert stored(database) == before
    assert sessions_of(client, tenant) == 1


def test_a_replay_after_a_change_answers_what_is_stored_now(client: TestClient, tenant: Tenant) -> None:
    session = body(tenant.person_id)
    path = post(client, tenant, session).headers["location"]
    changed = client.patch(path, json={"effort": 7}, headers={**tenant.headers, "If-Match": '"v1"'})
    assert changed.status_code == 200
    again = post(client, tenant, session)
    assert (again.status_code, again.json()["effort"], again.headers["etag"]) == (200, 7, '"v2"')
    assert post(client, tenant, {**session, "effort": 7}).status_code == 409


def test_what_was_deleted_is_gone_for_good(client: TestClient, tenant: Tenant, database: Database) -> None:
    session = body(tenant.person_id)
    path = post(client, tenant, session).headers["location"]
    assert client.delete(path, headers={**tenant.headers, "If-Match": '"v1"'}).status_code == 204
    assert post(client, tenant, session).status_code == 410
    assert post(client, tenant, {**session, "effort": 1}).status_code == 410
    assert client.get(path, headers=tenant.headers).status_code == 404
    assert client.patch(path, json={}, headers={**tenant.headers, "If-Match": "*"}).status_code == 404
    for tag in ({}, {"If-Match": '"v1"'}, {"If-Match": '"v2"'}, {"If-Match": "*"}):
        assert client.delete(path, headers={**tenant.headers, **tag}).status_code == 204
    batch = client.post("/sessions/batch", json={"sessions": [session]}, headers=tenant.headers).json()["results"]
    assert [(item["status"], item["problem"]["status"]) for item in batch] == [("deleted", 410)]
    assert sessions_of(client, tenant) == 0
    assert client.get("/sessions", headers=tenant.headers).json()["items"] == []

    def left(session_: Session) -> Any:
        row = session_.execute(select(SessionLogRow)).scalar_one()
        return row.title, row.notes, row.effort, row.new_symptoms

    assert database.system.read_now(left) == (None, None, None, [])
    assert stored(database) == 1


def test_nothing_of_another_organisation_can_be_reached(
    client: TestClient, tenant: Tenant, other_tenant: Tenant
) -> None:
    session = body(other_tenant.person_id)
    path = post(client, other_tenant, session).headers["location"]
    match = {**tenant.headers, "If-Match": "*"}
    assert client.get(path, headers=tenant.headers).status_code == 404
    assert client.patch(path, json={"effort": 0}, headers=match).status_code == 404
    assert client.delete(path, headers=match).status_code == 404
    assert client.patch(path, json={"effort": 0}, headers=tenant.headers).status_code == 404
    answer = post(client, tenant, body(other_tenant.person_id))
    assert (answer.status_code, pointers(answer)) == (404, ["/person_id"])
    assert client.get("/sessions", headers=tenant.headers).json()["items"] == []
    by_person = {"person_id": str(other_tenant.person_id)}
    assert client.get("/sessions", params=by_person, headers=tenant.headers).json()["items"] == []
    assert client.get("/progress", params=by_person, headers=tenant.headers).status_code == 404
    batch = client.post("/sessions/batch", json={"sessions": [session]}, headers=tenant.headers).json()
    assert batch["results"][0]["status"] == "not_found"
    # The same id is free in another organisation.
    mine = {**session, "person_id": str(tenant.person_id)}
    assert post(client, tenant, mine).status_code == 201
    assert post(client, other_tenant, session).status_code == 200
    assert client.get(path, headers=other_tenant.headers).json()["person_id"] == str(other_tenant.person_id)


def test_credentials_and_scopes(client: TestClient, tenant: Tenant, database: Database) -> None:
    weak = make_tenant(database, "weak clinic", [Scope.CATALOG_READ])
    session = body(tenant.person_id)
    path = f"/sessions/{session['id']}"
    calls: list[tuple[str, str, Any]] = [
        ("POST", "/sessions", session), ("POST", "/sessions/batch", {"sessions": [session]}),
        ("GET", "/sessions", None),
        ("GET", path, None), ("PATCH", path, {}), ("DELETE", path, None),
        ("GET", f"/progress?person_id={tenant.person_id}", None), ("POST", "/people", {"external_id": "x"}),
        ("GET", "/people", None), ("GET", f"/people/{tenant.person_id}", None),
    ]  # fmt: skip
    for method, address, content in calls:
        for header in (None, "", "Basic abc", "Bearer", "Bearer ", "Bearer wrong", "Bearer \u00e9".encode("latin-1")):
            headers: Any = {} if header is None else {"Authorization": header}
            answer = client.request(method, address, json=content, headers=headers)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), (
                method,
                address,
                header,
            )
        answer = client.request(method, address, json=content, headers=weak.headers)
        assert answer.status_code == 403, (method, address)
    assert stored(database) == 0


def test_a_revoked_or_expired_key_is_refused_within_a_second(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    def spoil(session: Session, values: dict[str, Any]) -> None:
        found = ApiKeyRow.key_digest == key_digest(tenant.key)
        session.execute(update(ApiKeyRow).where(found).values(**values))  # type: ignore[arg-type]

    for values in ({"revoked_at": NOW}, {"expires_at": YESTERDAY}):
        assert client.get("/sessions", headers=tenant.headers).status_code == 200
        database.system.write_now(spoil, values)
        time.sleep(1.01)
        assert client.get("/sessions", headers=tenant.headers).status_code == 401
        database.system.write_now(spoil, {"revoked_at": None, "expires_at": None})


def test_changes_need_the_version_that_was_seen(client: TestClient, tenant: Tenant) -> None:
    first = post(client, tenant, body(tenant.person_id))
    path = first.headers["location"]

    def call(method: str, **headers: str) -> Any:
        content = {"effort": 9} if method == "PATCH" else None
        return client.request(method, path, json=content, headers={**tenant.headers, **headers})

    for method in ("PATCH", "DELETE"):
        bare = call(method)
        assert (bare.status_code, pointers(bare)) == (428, ["If-Match"])
        for tag in ('"v0"', '"v2"', "v1", 'W/"v1"', '"v1', "nonsense"):
            stale = call(method, **{"If-Match": tag})
            assert stale.status_code == 412, tag
            assert stale.json()["current"] == first.json()
            assert stale.headers["etag"] == '"v1"'
    unknown = f"/sessions/{uuid4()}"
    assert client.patch(unknown, json={}, headers=tenant.headers).status_code == 404
    assert client.delete(unknown, headers=tenant.headers).status_code == 404
    changed = client.patch(path, json={"effort": 9}, headers={**tenant.headers, "If-Match": '"v7", "v1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["version"]) == (200, '"v2"', 2)
    assert client.delete(path, headers={**tenant.headers, "If-Match": "*"}).status_code == 204


def test_a_merge_patch_sets_clears_and_replaces(client: TestClient, tenant: Tenant) -> None:
    first = post(client, tenant, body(tenant.person_id, new_symptoms=[])).json()
    path = f"/sessions/{first['id']}"

    def patch(content: Any, version: int) -> Any:
        return client.patch(path, json=content, headers={**tenant.headers, "If-Match": f'"v{version}"'})

    untouched = patch({}, 1).json()
    assert {**untouched, "version": 1, "updated_at": first["updated_at"]} == first
    cleared = patch({"title": None, "notes": None, "effort": None}, 2).json()
    assert (cleared["title"], cleared["notes"], cleared["effort"]) == (None, None, None)
    assert cleared["exercises"] == first["exercises"]
    lists = patch({"pain": [], "exercises": [{"exercise_id": STRETCH, "side": "left"}] * 2}, 3).json()
    assert (lists["pain"], len(lists["exercises"])) == ([], 2)
    assert client.get(path, headers=tenant.headers).json() == lists
    for required in ("started_at", "ended_at", "timezone", "exercises", "pain", "spread", "new_symptoms"):
        refused = patch({required: None}, 4)
        assert (refused.status_code, pointers(refused)) == (422, [f"/{required}"]), required
    early = patch({"ended_at": (YESTERDAY - timedelta(days=2)).isoformat()}, 4)
    assert (early.status_code, pointers(early)) == (422, ["/ended_at"])
    late = patch({"started_at": NOW.isoformat()}, 4)
    assert late.status_code == 422
    for fixed in ("id", "person_id", "version", "local_day"):
        refused = patch({fixed: str(uuid4())}, 4)
        assert (refused.status_code, pointers(refused)) == (422, [f"/{fixed}"])
    assert client.get(path, headers=tenant.headers).json() == lists
