"""The room of `/sessions` through the front door, on both databases."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlmodel import Session
from starlette.testclient import TestClient

from data.access import ApiKeyRow, key_digest
from data.database import Database
from data.session_entries import SessionExerciseRow, SessionPainRow
from data.session_logs import SessionLogRow
from schemas.access import Scope
from tests.conftest import Tenant, make_tenant
from tests.data.making import STRETCH
from tests.data.making import body as made

NOW = datetime.now(UTC).replace(microsecond=0)
YESTERDAY = NOW - timedelta(days=1)


def body(person: UUID, /, **changes: Any) -> dict[str, Any]:
    return made(person, **{"started_at": YESTERDAY, **changes})


def pointers(answer: Any) -> list[str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return [error["pointer"] for error in answer.json()["errors"]]


def stored(database: Database) -> int:
    def count(session: Session) -> int:
        tables: tuple[Any, ...] = (SessionLogRow, SessionExerciseRow, SessionPainRow)
        return sum(len(session.execute(select(table)).all()) for table in tables)

    return database.system.read_now(count)


def post(client: TestClient, tenant: Tenant, session: Any) -> Any:
    return client.post("/sessions", json=session, headers=tenant.headers)


def sessions_of(client: TestClient, tenant: Tenant) -> Any:
    answer = client.get("/progress", params={"person_id": str(tenant.person_id)}, headers=tenant.headers)
    assert answer.status_code == 200
    return answer.json()["sessions"]


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
    for change in ({"effort": 4}, {"notes": None}, {"exercises": session["exercises"] * 2}, {"pain": []}):
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
    assert client.delete(path, headers={**tenant.headers, "If-Match": "*"}).status_code == 404
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
        ("POST", "/sessions", session), ("POST", "/sessions/batch", {"sessions": [session]}), ("GET", "/sessions", None),
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
    def spoil(session: Session, **values: Any) -> None:
        found = ApiKeyRow.key_digest == key_digest(tenant.key)
        session.execute(update(ApiKeyRow).where(found).values(**values))  # type: ignore[arg-type]

    for values in ({"revoked_at": NOW}, {"expires_at": YESTERDAY}):
        assert client.get("/sessions", headers=tenant.headers).status_code == 200
        database.system.write_now(spoil, **values)
        time.sleep(1.01)
        assert client.get("/sessions", headers=tenant.headers).status_code == 401
        database.system.write_now(spoil, revoked_at=None, expires_at=None)


def test_changes_need_the_version_that_was_seen(client: TestClient, tenant: Tenant) -> None:
    first = post(client, tenant, body(tenant.person_id))
    path = first.headers["location"]
    for call in (
        lambda **more: client.patch(path, json={"effort": 9}, **more),
        lambda **more: client.delete(path, **more),
    ):
        bare = call(headers=tenant.headers)
        assert (bare.status_code, pointers(bare)) == (428, ["If-Match"])
        for tag in ('"v0"', '"v2"', "v1", 'W/"v1"', '"v1', "nonsense"):
            stale = call(headers={**tenant.headers, "If-Match": tag})
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


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "unknown exercise": ({"exercises": [{"exercise_id": "standing-mid-back-reech"}]}, "/exercises/0/exercise_id"),
    "unknown region": ({"pain": [{"region": "mid_bakc"}]}, "/pain/0/region"),
    "unknown symptom": ({"new_symptoms": ["no_such_symptom"]}, "/new_symptoms/0"),
    "naive time": ({"started_at": "2026-11-20T10:00:00"}, "/started_at"),
    "time as a number": ({"started_at": 1763632800}, "/started_at"),
    "time as a numeric text": ({"started_at": "1763632800"}, "/started_at"),
    "date alone": ({"started_at": "2026-11-20"}, "/started_at"),
    "year one": ({"started_at": "0001-01-01T00:00:00+14:00"}, "/started_at"),
    "year 9999": ({"ended_at": "9999-12-31T23:59:59-12:00"}, "/ended_at"),
    "end before start": ({"ended_at": (YESTERDAY - timedelta(minutes=1)).isoformat()}, "/ended_at"),
    "longer than a day": ({"ended_at": (YESTERDAY + timedelta(hours=24, seconds=1)).isoformat()}, "/ended_at"),
    "far future": (
        {"started_at": NOW + timedelta(hours=25), "ended_at": NOW + timedelta(hours=26)},
        "/ended_at",
    ),
    "pain 11": ({"pain": [{"region": "mid_back", "after": 11}]}, "/pain/0/after"),
    "pain -1": ({"pain": [{"region": "mid_back", "after": -1}]}, "/pain/0/after"),
    "pain 5.5": ({"pain": [{"region": "mid_back", "after": 5.5}]}, "/pain/0/after"),
    "pain as text": ({"pain": [{"region": "mid_back", "after": "5"}]}, "/pain/0/after"),
    "pain as a truth value": ({"pain": [{"region": "mid_back", "after": True}]}, "/pain/0/after"),
    "one region twice": ({"pain": [{"region": "mid_back"}, {"region": "mid_back"}]}, "/pain"),
    "control characters": ({"notes": "\x00\x01\x02\x1b"}, "/notes"),
    "lone surrogate": ({"title": "\ud800"}, "/title"),
    "long title": ({"title": "x" * 121}, "/title"),
    "unknown field": ({"feeling": "good"}, "/feeling"),
    "unknown nested field": ({"exercises": [{"exercise_id": STRETCH, "reps": 3}]}, "/exercises/0/reps"),
    "unknown zone": ({"timezone": "Europe/Atlantis"}, "/timezone"),
    "zone as a path": ({"timezone": "../../etc/passwd"}, "/timezone"),
    "unknown side": ({"pain": [{"region": "mid_back", "side": "up"}]}, "/pain/0/side"),
    "no exercise": ({"exercises": []}, "/exercises"),
    "too many exercises": ({"exercises": [{"exercise_id": STRETCH}] * 61}, "/exercises"),
    "id that is none": ({"id": "42"}, "/id"),
    "no person": ({"person_id": None}, "/person_id"),
    "huge integer": ({"effort": 10**30}, "/effort"),
    "null list": ({"exercises": None}, "/exercises"),
    "list of nulls": ({"exercises": [None]}, "/exercises/0"),
}  # fmt: skip


def test_bad_input_is_refused_by_its_field_and_nothing_is_stored(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    items = []
    for name, (change, pointer) in BAD.items():
        session = body(tenant.person_id, **change)
        raw = json.dumps(session)
        answer = client.post("/sessions", content=raw, headers={**tenant.headers, "Content-Type": "application/json"})
        assert answer.status_code == 422, name
        assert pointer in pointers(answer), (name, answer.json())
        assert "passwd" not in answer.text
        items.append(session)
    answer = client.post(
        "/sessions/batch",
        content=json.dumps({"sessions": items}),
        headers={**tenant.headers, "Content-Type": "application/json"},
    )
    assert answer.status_code == 200
    for (name, (_, pointer)), result in zip(BAD.items(), answer.json()["results"], strict=True):
        assert result["status"] == "invalid", name
        assert pointer in [error["pointer"] for error in result["problem"]["errors"]], name
    assert stored(database) == 0
    assert sessions_of(client, tenant) == 0


def test_a_misspelt_name_is_answered_with_the_nearest(client: TestClient, tenant: Tenant) -> None:
    answer = post(client, tenant, body(tenant.person_id, exercises=[{"exercise_id": "standing-mid-back-reech"}]))
    assert STRETCH in answer.json()["errors"][0]["detail"]
    answer = post(client, tenant, body(tenant.person_id, efort=3))
    assert answer.json()["errors"] == [{"pointer": "/efort", "detail": "unknown; did you mean effort?"}]
    answer = client.get("/sessions", params={"persn_id": "x"}, headers=tenant.headers)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "?persn_id", "detail": "unknown; did you mean person_id?"}]


def test_a_clock_that_runs_ahead_is_marked(client: TestClient, tenant: Tenant) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=20)
    answer = post(client, tenant, body(tenant.person_id, started_at=ahead))
    assert (answer.status_code, answer.json()["clock_ahead"]) == (201, True)
    assert post(client, tenant, body(tenant.person_id)).json()["clock_ahead"] is False


def test_a_batch_takes_each_item_by_itself(client: TestClient, tenant: Tenant, database: Database) -> None:
    good = [body(tenant.person_id) for _ in range(490)]
    first, conflict = good[0], {**good[1], "effort": 9}
    stranger = body(uuid4())
    odd: list[Any] = [None, 7, "text", [], {}, first, conflict, stranger, {**good[2], "effort": 11}, {"id": "x" * 99}]
    answer = client.post("/sessions/batch", json={"sessions": [*good, *odd]}, headers=tenant.headers)
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [result["index"] for result in results] == list(range(500))
    statuses = [result["status"] for result in results]
    assert statuses[:490] == ["created"] * 490
    assert statuses[490:] == [*["invalid"] * 5, "replayed", "conflict", "not_found", "invalid", "invalid"]
    assert [result["id"] for result in results[:490]] == [session["id"] for session in good]
    again = client.post("/sessions/batch", json={"sessions": good}, headers=tenant.headers).json()["results"]
    assert {result["status"] for result in again} == {"replayed"}
    assert sessions_of(client, tenant) == 490
    assert stored(database) == 490 * 3


def test_items_without_an_id_are_each_a_session(client: TestClient, tenant: Tenant) -> None:
    anonymous = body(tenant.person_id)
    del anonymous["id"]
    results = client.post("/sessions/batch", json={"sessions": [anonymous] * 3}, headers=tenant.headers).json()[
        "results"
    ]
    assert {result["status"] for result in results} == {"created"}
    assert len({result["id"] for result in results}) == 3
    assert post(client, tenant, anonymous).status_code == 201
    assert sessions_of(client, tenant) == 4


@pytest.mark.parametrize(
    ("envelope", "pointer"),
    [
        ({}, "/sessions"),
        ({"sessions": []}, "/sessions"),
        ({"sessions": {}}, "/sessions"),
        ({"sessions": [{}] * 501}, "/sessions"),
        ({"sessions": [{}], "more": 1}, "/more"),
        ([], ""),
    ],
)
def test_a_bad_envelope_is_refused_whole(client: TestClient, tenant: Tenant, envelope: Any, pointer: str) -> None:
    answer = client.post("/sessions/batch", json=envelope, headers=tenant.headers)
    assert answer.status_code == 422
    assert pointer in pointers(answer)


def test_bodies_have_a_limit_by_route(client: TestClient, tenant: Tenant, database: Database) -> None:
    headers = {**tenant.headers, "Content-Type": "application/json"}
    for path, limit in (("/sessions", 64), ("/people", 64), ("/sessions/batch", 2048)):
        small = client.post(path, content=b" " * (limit * 1024 - 2) + b"{}", headers=headers)
        assert small.status_code == 422, path
        for content in (b" " * (limit * 1024 - 1) + b"{}", (b"{}" for _ in range(limit * 512 + 1))):
            large = client.post(path, content=content, headers=headers)
            assert large.status_code == 413, path
            assert large.headers["content-type"] == "application/problem+json"
            assert large.json()["type"] == "/problems/body-too-large"
    assert stored(database) == 0


def test_walking_the_pages_equals_the_whole_list(client: TestClient, tenant: Tenant) -> None:
    # Many sessions start at the same moment, so that the order rests on the ids as well.
    sessions = [body(tenant.person_id, started_at=YESTERDAY - timedelta(minutes=number // 7)) for number in range(60)]
    client.post("/sessions/batch", json={"sessions": sessions}, headers=tenant.headers)
    whole = client.get("/sessions", params={"limit": 200}, headers=tenant.headers).json()
    assert (len(whole["items"]), whole["next"]) == (60, None)
    keys = [(item["started_at"], item["id"]) for item in whole["items"]]
    assert keys == sorted(keys, reverse=True)
    for limit in (1, 7, 30, 59, 60, 61):
        walked: list[Any] = []
        address: str | None = f"/sessions?limit={limit}&person_id={tenant.person_id}"
        while address is not None:
            page = client.get(address, headers=tenant.headers)
            assert page.status_code == 200
            assert len(page.json()["items"]) <= limit
            walked.extend(page.json()["items"])
            link = page.headers.get("link")
            assert (link is None) == (page.json()["next"] is None)
            address = None if link is None else link.removesuffix('>; rel="next"').removeprefix("<")
        assert walked == whole["items"]


def test_filters_of_the_list(client: TestClient, tenant: Tenant) -> None:
    other = client.post("/people", json={"external_id": "p-2"}, headers=tenant.headers).json()["id"]
    for number, person in enumerate((str(tenant.person_id), other, str(tenant.person_id))):
        post(client, tenant, body(tenant.person_id, person_id=person, started_at=YESTERDAY - timedelta(days=number)))

    def listed(**query: str) -> list[str]:
        items = client.get("/sessions", params=query, headers=tenant.headers).json()["items"]
        return [item["started_at"][:10] for item in items]

    days = [(YESTERDAY - timedelta(days=number)).date().isoformat() for number in range(3)]
    assert listed() == days
    assert listed(person_id=other) == [days[1]]
    assert listed(started_from=(YESTERDAY - timedelta(days=1)).isoformat()) == days[:2]
    assert listed(started_to=(YESTERDAY - timedelta(days=1)).isoformat()) == days[2:]
    assert listed(exercise_id=STRETCH) == days
    assert listed(exercise_id="cat-cow") == []
    answer = client.get("/sessions", params={"exercise_id": "standing-mid-back-reech"}, headers=tenant.headers)
    assert (answer.status_code, pointers(answer)) == (422, ["?exercise_id"])


def test_head_wherever_get_is(client: TestClient, tenant: Tenant) -> None:
    path = post(client, tenant, body(tenant.person_id)).headers["location"]
    for address in ("/sessions", path, f"/progress?person_id={tenant.person_id}", "/people"):
        got = client.get(address, headers=tenant.headers)
        head = client.head(address, headers=tenant.headers)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers == got.headers
    assert client.head(f"/sessions/{uuid4()}", headers=tenant.headers).status_code == 404


def test_other_methods_are_told_which_there_are(client: TestClient, tenant: Tenant) -> None:
    answer = client.put("/sessions", json={}, headers=tenant.headers)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    answer = client.post(f"/sessions/{uuid4()}", json={}, headers=tenant.headers)
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET, HEAD, PATCH")
