"""What a person was recommended can be read again: the same bytes, never the words, on both databases."""

import json
import zlib
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from httpx2 import Response
from sqlmodel import Session, select
from starlette.testclient import TestClient

from data.database import Database
from data.recommendations import RecommendationRow
from schemas.access import Scope
from tests.conftest import Tenant, make_tenant

CANARY = "zebracanary"
ROWS = {"text": f"sore between my shoulder blades after heavy rows, says {CANARY}", "causes": [f"{CANARY} causes"]}
ALARM = {"text": "between my shoulder blades and I feel sweaty and sick"}


def ask(client: TestClient, tenant: Tenant, question: dict[str, Any]) -> Response:
    body = {**question, "person_id": str(tenant.person_id)}
    answer: Response = client.post("/recommendations", json=body, headers=tenant.headers)
    assert answer.status_code == 200, answer.text
    return answer


def rows_of(database: Database, tenant: Tenant) -> list[RecommendationRow]:
    def every(session: Session) -> list[RecommendationRow]:
        return list(session.exec(select(RecommendationRow)))

    return database.bound_to(tenant.organization_id).read_now(every)


@pytest.mark.parametrize("question", [ROWS, ALARM, {"text": "blurgh"}], ids=["rows", "alarm", "nothing understood"])
def test_the_same_bytes_are_read_again(client: TestClient, tenant: Tenant, question: dict[str, Any]) -> None:
    given = ask(client, tenant, question)
    place = given.headers["content-location"]
    assert place == f"/recommendations/{given.json()['id']}"
    again = client.get(place, headers=tenant.headers)
    assert again.status_code == 200
    assert again.content == given.content
    assert again.headers["cache-control"] == "no-store"


def test_it_is_named_by_what_it_says(client: TestClient, database: Database, tenant: Tenant) -> None:
    first, second = ask(client, tenant, ROWS), ask(client, tenant, ROWS)
    assert first.content == second.content
    other = ask(client, tenant, {"text": "stiff neck from the desk"})
    assert other.json()["id"] != first.json()["id"]
    assert len(rows_of(database, tenant)) == 2
    unnamed = first.content.replace(f'"{first.json()["id"]}"'.encode(), b"null", 1)
    assert UUID(first.json()["id"]) == uuid5(tenant.person_id, sha256(unnamed).hexdigest())
    anonymous = client.post("/recommendations", json=ROWS)
    assert anonymous.content == unnamed, "a person without a hold gets the answer that everybody gets"
    assert "content-location" not in anonymous.headers


def test_the_words_are_not_in_the_table(client: TestClient, database: Database, tenant: Tenant) -> None:
    given = ask(client, tenant, ROWS)
    (row,) = rows_of(database, tenant)
    assert zlib.decompress(row.answer) == given.content
    kept = json.dumps([row.model_dump(mode="json", exclude={"answer"}), zlib.decompress(row.answer).decode()])
    assert CANARY not in kept
    assert "heavy rows" not in kept
    assert (row.person_id, row.disposition) == (tenant.person_id, given.json()["triage"]["disposition"])


def test_flags_are_kept_as_ids(client: TestClient, database: Database, tenant: Tenant) -> None:
    ask(client, tenant, ALARM)
    (row,) = rows_of(database, tenant)
    assert (row.disposition, row.flags) == ("emergency", ["rf10"])


def test_nobody_else_reads_it(client: TestClient, database: Database, tenant: Tenant, other_tenant: Tenant) -> None:
    place = ask(client, tenant, ROWS).headers["content-location"]
    narrow = make_tenant(database, "narrow", [Scope.SESSIONS_READ])
    assert client.get(place).status_code == 401
    assert client.get(place, headers=narrow.headers).status_code == 403
    foreign = client.get(place, headers=other_tenant.headers)
    unknown = client.get(f"/recommendations/{uuid4()}", headers=other_tenant.headers)
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json()["detail"] == unknown.json()["detail"]


def test_a_session_may_name_it(client: TestClient, tenant: Tenant) -> None:
    made = ask(client, tenant, ROWS).json()
    offered = made["exercises"][0]
    log = {
        "person_id": str(tenant.person_id),
        "started_at": "2026-11-22T07:00:00Z",
        "ended_at": "2026-11-22T07:10:00Z",
        "timezone": "Europe/London",
        "spread": "none",
        "recommendation_id": made["id"],
        "exercises": [{"exercise_id": offered["exercise"]["id"], "sets": 1, "repetitions": 3}],
    }
    stored = client.post("/sessions", json=log, headers=tenant.headers)
    assert stored.status_code == 201, stored.text
    assert stored.json()["recommendation_id"] == made["id"]
