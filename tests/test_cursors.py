"""Cursors: opaque, bound to one list and its filters, refused when foreign, asked anew when old."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.cursors import decode, encode
from api.problems import InvalidRequest, ResyncRequired
from tests.conftest import Tenant
from tests.data.making import body

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SORT = "-started_at"
FILTERS = {"person_id": None, "started_from": None, "started_to": None, "exercise_id": None}
KEYS = st.lists(st.one_of(st.none(), st.integers(-(10**9), 10**9), st.text(max_size=20)), max_size=4)


@given(key=KEYS, filters=st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))
def test_a_cursor_gives_its_key_back(key: list[Any], filters: dict[str, str]) -> None:
    cursor = encode(SORT, filters, key, NOW)
    assert cursor.isascii()
    assert "=" not in cursor
    assert decode(cursor, SORT, filters, NOW + timedelta(days=179)) == key


@given(st.text(max_size=80))
def test_any_text_is_a_key_or_a_problem(cursor: str) -> None:
    with pytest.raises((InvalidRequest, ResyncRequired)):
        decode(cursor, SORT, FILTERS, NOW)


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3), st.lists, max_leaves=8)
)
def test_any_json_is_a_key_or_a_problem(payload: Any) -> None:
    with pytest.raises((InvalidRequest, ResyncRequired)):
        decode(packed(payload), SORT, FILTERS, NOW)


def packed(payload: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")


def test_a_cursor_of_another_list_is_foreign() -> None:
    cursor = encode(SORT, FILTERS, ["k"], NOW)
    for sort, filters in ((SORT, {**FILTERS, "person_id": "x"}), ("id", FILTERS), (SORT, {})):
        with pytest.raises(InvalidRequest) as raised:
            decode(cursor, sort, filters, NOW)
        assert raised.value.errors[0].pointer == "?cursor"


def test_an_old_cursor_and_one_from_the_future_are_asked_anew() -> None:
    for made in (NOW - timedelta(days=181), NOW + timedelta(days=2)):
        with pytest.raises(ResyncRequired):
            decode(encode(SORT, FILTERS, ["k"], made), SORT, FILTERS, NOW)
    for made in (NOW - timedelta(days=180), NOW + timedelta(days=1)):
        assert decode(encode(SORT, FILTERS, ["k"], made), SORT, FILTERS, NOW) == ["k"]


def test_a_deep_or_huge_cursor_is_refused() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 700).decode()
    for cursor in (deep, packed([1, SORT, "x", ["k"], 10**40]), packed([1, SORT, "x", ["k"], float("nan")])):
        with pytest.raises(InvalidRequest):
            decode(cursor, SORT, FILTERS, NOW)


def answer(client: TestClient, tenant: Tenant, path: str, cursor: str, **query: str) -> int:
    return client.get(path, params={"cursor": cursor, **query}, headers=tenant.headers).status_code


def test_cursors_at_the_front_door(client: TestClient, tenant: Tenant, other_tenant: Tenant) -> None:
    now = datetime.now(UTC)
    recent = now - timedelta(days=1)
    sessions = [body(tenant.person_id, started_at=recent) for _ in range(3)]
    client.post("/sessions/batch", json={"sessions": sessions}, headers=tenant.headers)
    for number in range(3):
        client.post("/people", json={"external_id": f"n-{number}"}, headers=tenant.headers)
    listed = {}
    for path in ("/sessions", "/people"):
        listed[path] = client.get(path, params={"limit": 1}, headers=tenant.headers).json()["next"]
        assert answer(client, tenant, path, listed[path]) == 200
        assert answer(client, tenant, path, listed[path], limit="2") == 200
    assert answer(client, tenant, "/sessions", listed["/people"]) == 422
    assert answer(client, tenant, "/people", listed["/sessions"]) == 422
    assert answer(client, tenant, "/sessions", listed["/sessions"], person_id=str(tenant.person_id)) == 422
    # Another organisation may hold the cursor: it finds its own rows only.
    page = client.get("/sessions", params={"cursor": listed["/sessions"]}, headers=other_tenant.headers)
    assert (page.status_code, page.json()["items"]) == (200, [])


def test_strange_cursors_at_the_front_door(client: TestClient, tenant: Tenant) -> None:
    now = datetime.now(UTC)

    def of_sessions(key: Any, made: datetime = now) -> int:
        return answer(client, tenant, "/sessions", encode(SORT, FILTERS, key, made))

    good = [(now - timedelta(days=1)).isoformat(), str(uuid4())]
    assert of_sessions(good) == 200
    assert of_sessions(good, now - timedelta(days=181)) == 410
    assert of_sessions(good, now + timedelta(days=2)) == 410
    strange: list[list[Any]] = [
        [],
        ["x"],
        [1, 2],
        [None, None],
        ["2026-11-20", good[1]],
        ["2026-11-20T00:00:00", good[1]],
        [good[0], "x"],
        [good[0], 5],
        [[], {}],
        ["0001-01-01T00:00:00+00:00", good[1]],
        ["9999-12-31T23:59:59+00:00", good[1]],
        [good[0], good[1], 1],
        ["2026-11-20T00:00:00+05:00", good[1]],
    ]
    for key in strange:
        assert of_sessions(key) in {200, 422}, key
    assert of_sessions(["x", good[1]]) == 422
    strange = [[], ["x"], [1], [None], [[]], [{}], [str(uuid4()), 1]]
    for key in strange:
        assert answer(client, tenant, "/people", encode("id", {"external_id": None}, key, now)) == 422, key
    for text in ("", "x", "\u00e9", "=" * 9, "A" * 1024, "A" * 1025, "%00", "\x00"):
        assert answer(client, tenant, "/sessions", text) == 422, text
