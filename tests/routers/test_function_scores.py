"""The room of `/function-scores`: once each, numbers only, and in the figures."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from starlette.testclient import TestClient

from data import retention
from data.database import Database
from tests.conftest import Tenant, make_tenant
from tests.linking import pair
from tests.personal import counts
from tests.routers.posting import pointers
from tests.routers.test_audit import events
from tests.signing import Clock, sign_up

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
ACTIVITIES = [str(uuid4()) for _ in range(3)]


def score(tenant: Tenant, /, days_ago: int = 1, **changes: Any) -> dict[str, Any]:
    at = (TODAY - timedelta(days=days_ago)).isoformat()
    made = {"id": str(uuid4()), "person_id": str(tenant.person_id), "instrument": "peg", "items": [6, 7, 5]}
    return {**made, "answered_at": at, "timezone": "UTC", **changes}


def psfs(tenant: Tenant, /, days_ago: int, items: list[int], activities: list[str] = ACTIVITIES) -> dict[str, Any]:
    return score(tenant, days_ago, instrument="psfs", items=items, activities=activities)


def post(client: TestClient, tenant: Tenant, body: Any) -> Any:
    return client.post("/function-scores", json=body, headers=tenant.headers)


def listed(client: TestClient, tenant: Tenant, **query: Any) -> Any:
    asked = {"person_id": str(tenant.person_id), **query}
    return client.get("/function-scores", params=asked, headers=tenant.headers)


def function(client: TestClient, tenant: Tenant, **query: Any) -> dict[str, Any]:
    asked = {"person_id": str(tenant.person_id), "timezone": "UTC", **query}
    found = client.get("/progress", params=asked, headers=tenant.headers).json()["function"]
    return {each["instrument"]: each for each in found}


def test_a_score_is_stored_once(client: TestClient, tenant: Tenant) -> None:
    body = score(tenant, timezone="Pacific/Auckland")
    first, again = post(client, tenant, body), post(client, tenant, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (first.json()["mean"], first.json()["items"]) == (6, [6, 7, 5])
    assert first.json()["local_day"] == (TODAY - timedelta(days=1)).date().isoformat()
    read = client.get(first.headers["location"], headers=tenant.headers)
    assert (read.status_code, read.json()) == (200, first.json())
    for changed in ({"items": [6, 7, 4]}, {"person_id": str(other_person(client, tenant))}):
        refused = post(client, tenant, {**body, **changed})
        assert (refused.status_code, pointers(refused)) == (409, ["/id"])
    assert listed(client, tenant).json()["items"] == [first.json()]


def other_person(client: TestClient, tenant: Tenant) -> str:
    added = client.post("/people", json={"external_id": str(uuid4())}, headers=tenant.headers)
    return str(added.json()["id"])


def test_what_cannot_be_a_score_is_refused_where_it_is_wrong(client: TestClient, tenant: Tenant) -> None:
    for changed, pointer in (
        ({"items": [6, 7]}, "/items"), ({"items": [6, 7, 11]}, "/items/2"), ({"items": [6, 7, 5.5]}, "/items/2"),
        ({"instrument": "odi"}, "/instrument"), ({"activities": ACTIVITIES}, "/activities"),
        ({"instrument": "psfs"}, "/activities"), ({"instrument": "psfs", "activities": ACTIVITIES[:2]}, "/activities"),
        ({"instrument": "psfs", "activities": [ACTIVITIES[0]] * 3}, "/activities"),
        ({"instrument": "psfs", "activities": ["climb the stairs", *ACTIVITIES[1:]]}, "/activities/0"),
        ({"words": "climb the stairs"}, "/words"), ({"answered_at": "2026-11-20T18:00:00"}, "/answered_at"),
        ({"timezone": "Mars"}, "/timezone"),
    ):  # fmt: skip
        refused = post(client, tenant, score(tenant, **changed))
        assert (refused.status_code, pointers(refused)) == (422, [pointer]), changed
        assert "climb" not in json.dumps(refused.json()["errors"][0]["detail"])
    missing = post(client, tenant, score(tenant, person_id=str(uuid4())))
    assert (missing.status_code, pointers(missing)) == (404, ["/person_id"])
    assert pointers(post(client, tenant, score(tenant, person_id=None))) == ["/person_id"]
    assert pointers(client.get("/function-scores", headers=tenant.headers)) == ["?person_id"]


def test_the_list_is_walked_by_pages(client: TestClient, tenant: Tenant) -> None:
    made = sorted(post(client, tenant, score(tenant, day)).json()["id"] for day in range(5))
    post(client, tenant, psfs(tenant, 1, [1, 2, 3]))
    seen, query = [], {"limit": 2, "instrument": "peg"}
    while query is not None:
        page = listed(client, tenant, **query).json()
        seen += [item["id"] for item in page["items"]]
        query = {**query, "cursor": page["next"]} if page["next"] else None
    assert seen == made
    assert len(listed(client, tenant).json()["items"]) == 6


def test_another_organisation_sees_none(client: TestClient, tenant: Tenant, other_tenant: Tenant) -> None:
    body = score(tenant)
    assert post(client, tenant, body).status_code == 201
    assert client.get(f"/function-scores/{body['id']}", headers=other_tenant.headers).status_code == 404
    foreign = listed(client, other_tenant, person_id=str(tenant.person_id))
    assert foreign.json()["items"] == []
    assert post(client, other_tenant, {**body, "person_id": str(other_tenant.person_id)}).status_code == 201


def test_the_figures_tell_the_course_of_both(client: TestClient, tenant: Tenant) -> None:
    assert function(client, tenant) == {}
    for body in (
        score(tenant, 60), score(tenant, 2, items=[3, 4, 5]), score(tenant, 200, items=[10, 10, 10]),
        psfs(tenant, 50, [2, 3, 4]), psfs(tenant, 40, [9, 9, 9], [str(uuid4()) for _ in range(3)]),
        psfs(tenant, 1, [5, 6, 4], ACTIVITIES[::-1]),
    ):  # fmt: skip
        assert post(client, tenant, body).status_code == 201
    found = function(client, tenant)
    assert found["peg"]["course"] == {
        "baseline": 6, "recent": 4, "change": -2, "least": 1.8, "course": "improved"
    }  # fmt: skip
    assert found["psfs"]["course"] == {
        "baseline": 3, "recent": 5, "change": 2, "least": 2, "course": "improved"
    }  # fmt: skip
    assert [each["mean"] for each in found["psfs"]["scores"]] == [3, 5]
    assert function(client, tenant, days=10)["peg"]["course"]["course"] == "too_few"


def test_scores_are_exported_and_erased_and_written_down(client: TestClient, tenant: Tenant, database_url: str) -> None:
    body = score(tenant)
    post(client, tenant, body)
    client.get(f"/function-scores/{body['id']}", headers=tenant.headers)
    trail = events(client, tenant.headers, record="function_score")
    assert {event["action"] for event in trail} >= {"write"}
    exported = client.get(f"/people/{tenant.person_id}/export", headers=tenant.headers)
    assert b"function_score" in exported.content
    erased = client.post(f"/people/{tenant.person_id}/erasure", headers=tenant.headers)
    assert erased.status_code == 200
    left = counts(database_url)
    assert (left["function_score"], left["person_attention"]) == (0, 0)
    assert post(client, tenant, body).status_code == 404


def test_a_deleted_score_is_gone_for_good(client: TestClient, tenant: Tenant, other_tenant: Tenant) -> None:
    body, stays = score(tenant), score(tenant, 2)
    for each in (body, stays):
        assert post(client, tenant, each).status_code == 201
    path = f"/function-scores/{body['id']}"
    assert client.delete(path, headers=other_tenant.headers).status_code == 404
    assert [client.delete(path, headers=tenant.headers).status_code for _ in range(2)] == [204, 204]
    assert client.get(path, headers=tenant.headers).status_code == 404
    assert [item["id"] for item in listed(client, tenant).json()["items"]] == [stays["id"]]
    assert len(function(client, tenant)["peg"]["scores"]) == 1
    assert post(client, tenant, body).status_code == 410
    assert [event["action"] for event in events(client, tenant.headers, record="function_score", action="delete")]
    exported = client.get(f"/people/{tenant.person_id}/export", headers=tenant.headers)
    assert exported.status_code == 200


def test_a_score_is_of_today_and_one_however_it_names_the_person(entry: TestClient, vendor: UUID) -> None:
    phone, other = sign_up(entry), sign_up(entry)
    said = {"id": str(uuid4()), "instrument": "peg", "items": [6, 7, 5], "timezone": "UTC"}
    now = datetime.now(UTC)
    late = phone.post("/function-scores", {**said, "answered_at": (now + timedelta(hours=25)).isoformat()})
    assert (late.status_code, pointers(late)) == (422, ["/answered_at"])
    body = {**said, "answered_at": (now + timedelta(hours=23)).isoformat()}
    assert phone.post("/function-scores", body).status_code == 201
    assert phone.post("/function-scores", {**body, "person_id": phone.person_id}).status_code == 200
    path = f"/function-scores/{said['id']}"
    assert other.post("/function-scores", body).status_code == 409
    assert entry.delete(path, headers=other.headers).status_code == 404
    assert entry.delete(path, headers=phone.headers).status_code == 204
    assert other.post("/function-scores", body).status_code == 409, "as while it was there"


def test_scores_alone_are_forgotten_by_age_and_new_ones_keep_what_there_is(
    entry: TestClient, clock: Clock, database: Database
) -> None:
    tenant = make_tenant(database, "clinic")
    now, scored = clock.now, {}
    clock.now = now - timedelta(days=400)
    for name in ("left", "stayed"):
        person = other_person(entry, tenant)
        scored[name] = {**score(tenant, 401), "person_id": person}
        assert post(entry, tenant, scored[name]).status_code == 201
    clock.now = now
    assert post(entry, tenant, {**score(tenant), "person_id": scored["stayed"]["person_id"]}).status_code == 201
    before = now - timedelta(days=365)
    (due,) = database.system.read_now(retention.inactive, before, None)
    assert str(due.person_id) == scored["left"]["person_id"]
    doors = database.bound_to(due.organization_id)
    assert doors.write_now(retention.expire, due.person_id, before, now)
    left = [len(listed(entry, tenant, person_id=each["person_id"]).json()["items"]) for each in scored.values()]
    assert left == [0, 2]
    assert database.system.read_now(retention.inactive, before, None) == []


def test_scores_do_not_travel_by_links(client: TestClient, database: Any) -> None:
    linked = pair(client, database, datetime.now(UTC))
    posted = client.post(
        "/function-scores", json={**score(linked.clinic), "person_id": None}, headers=linked.phone.headers
    )
    assert posted.status_code == 201
    linked.link()
    assert listed(client, linked.clinic).json()["items"] == []
    assert function(client, linked.clinic) == {}
