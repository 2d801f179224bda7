"""Many sessions at once: batches, limits, pages and filters."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from data.database import Database
from tests.conftest import Tenant
from tests.data.making import STRETCH
from tests.routers.posting import YESTERDAY, body, pointers, post, sessions_of, stored


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
        for answer in (head, got):
            assert answer.headers.pop("x-request-id")
        assert head.headers == got.headers
    assert client.head(f"/sessions/{uuid4()}", headers=tenant.headers).status_code == 404


def test_other_methods_are_told_which_there_are(client: TestClient, tenant: Tenant) -> None:
    answer = client.put("/sessions", json={}, headers=tenant.headers)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    answer = client.post(f"/sessions/{uuid4()}", json={}, headers=tenant.headers)
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET, HEAD, PATCH")
