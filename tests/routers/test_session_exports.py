"""Taking the sessions along through the front door, on both databases."""

import csv
import io
import json
from typing import Any

from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.routers.posting import body, post

SESSIONS = 450
"""More than two of the chunks that are read at a time."""


def exported(client: TestClient, tenant: Tenant, **query: str) -> Any:
    answer = client.get("/sessions/export", params=query, headers=tenant.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer


def listed(client: TestClient, tenant: Tenant) -> dict[str, Any]:
    found, address = {}, "/sessions?limit=200"
    while address:
        page = client.get(address, headers=tenant.headers)
        found |= {item["id"]: item for item in page.json()["items"]}
        address = page.links.get("next", {}).get("url", "")
    return found


def test_every_session_is_in_the_file_once(client: TestClient, tenant: Tenant, other_tenant: Tenant) -> None:
    sessions = [body(tenant.person_id, notes=None) for _ in range(SESSIONS)]
    client.post("/sessions/batch", json={"sessions": sessions}, headers=tenant.headers)
    gone = sessions[7]["id"]
    client.delete(f"/sessions/{gone}", headers={**tenant.headers, "If-Match": "*"})
    post(client, other_tenant, body(other_tenant.person_id))
    answer = exported(client, tenant)
    assert answer.headers["content-type"] == "application/jsonl"
    assert answer.headers["content-disposition"] == 'attachment; filename="sessions.jsonl"'
    found = [json.loads(line) for line in answer.text.splitlines()]
    assert [each["id"] for each in found] == sorted(session["id"] for session in sessions if session["id"] != gone)
    assert {each["id"]: each for each in found} == listed(client, tenant)
    assert len(exported(client, tenant, person_id=str(tenant.person_id)).text.splitlines()) == SESSIONS - 1
    assert exported(client, tenant, person_id=str(other_tenant.person_id)).text == ""


def test_the_table_holds_the_same_and_runs_no_formula(client: TestClient, tenant: Tenant) -> None:
    session = body(tenant.person_id, title="=1+1", notes='two\nlines, "quoted"')
    stored = post(client, tenant, session).json()
    answer = exported(client, tenant, format="csv")
    assert answer.headers["content-type"].startswith("text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert row["title"] == "'=1+1"
    for name, value in stored.items():
        cell = row[name].removeprefix("'")
        held = cell if isinstance(value, str) else None if cell == "" else json.loads(cell)
        assert held == value, name


def test_an_export_needs_the_scope_and_a_known_format(client: TestClient, tenant: Tenant) -> None:
    assert client.get("/sessions/export").status_code == 401
    wrong = client.get("/sessions/export?format=xml", headers=tenant.headers)
    assert wrong.status_code == 422
    empty = exported(client, tenant, format="csv")
    assert empty.text.count("\r\n") == 1
