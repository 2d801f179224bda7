"""What programs may cost and tell: no version of nothing, bounds, who may take what over, and what is written down."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, select
from starlette.testclient import TestClient

from data import program_writes
from data.database import Database
from data.programs import ProgramRow
from tests.conftest import Tenant
from tests.routers.posting import NOW, body, post
from tests.routers.programming import BREATHING, TODAY, added, changed, done, item, program, today
from tests.routers.test_audit import events
from tests.signing import Device, bearer, sign_up

ROWS = {"text": "sore between my shoulder blades after heavy rows"}
READS_STORED = 1.4


def patched(client: TestClient, tenant: Tenant, known: Any, **patch: Any) -> Any:
    headers = {**tenant.headers, "If-Match": "*"}
    return client.patch(f"/programs/{known['id']}", json=patch, headers=headers)


def test_a_change_that_changes_nothing_makes_no_version(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant, title="Back"))
    for patch in ({}, {"title": "Back"}, {"phases": made["phases"]}, {"state": "active"}, {"starts_on": str(TODAY)}):
        answer = patched(client, tenant, made, **patch)
        assert (answer.status_code, answer.headers["etag"], answer.json()) == (200, '"v1"', made), patch
    assert changed(client, tenant, made, title="Neck")["version"] == 2


def test_a_program_has_so_many_versions_and_can_still_be_ended(
    client: TestClient, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program_writes, "MOST_VERSIONS", 3)
    made = added(client, tenant, program(tenant))
    for title in ("one", "two"):
        assert patched(client, tenant, made, title=title).status_code == 200
    full = patched(client, tenant, made, title="three")
    assert (full.status_code, full.json()["type"]) == (409, "/problems/program-full")
    assert patched(client, tenant, made, title="two").status_code == 200, "it changes nothing"
    ended = patched(client, tenant, made, state="ended")
    assert (ended.status_code, ended.json()["version"]) == (200, 4)
    assert patched(client, tenant, made, title="four").status_code == 409


def test_a_person_has_so_many_programs_at_once(
    client: TestClient, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program_writes, "MOST_PROGRAMS", 2)
    first, content = added(client, tenant, program(tenant)), program(tenant, id=str(uuid4()))
    added(client, tenant, content)
    refused = client.post("/programs", json=program(tenant, id=str(uuid4())), headers=tenant.headers)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/too-many-programs")
    assert client.post("/programs", json=content, headers=tenant.headers).status_code == 200, "a retry is answered"
    headers = {**tenant.headers, "If-Match": "*"}
    assert client.delete(f"/programs/{first['id']}", headers=headers).status_code == 204
    added(client, tenant, program(tenant))


def test_what_a_recommendation_knows_is_for_who_may_read_it(client: TestClient, tenant: Tenant) -> None:
    question = {**ROWS, "person_id": str(tenant.person_id), "conditions": ["osteoporosis"], "person": {"age": 70}}
    known = client.post("/recommendations", json=question, headers=tenant.headers).json()["id"]
    content = {**program(tenant, id=str(uuid4())), "phases": None, "from_recommendation_id": known}
    for scopes, status in ((["programs:write"], 403), (["programs:write", "recommendations:read"], 201)):
        made = {"name": "key", "scopes": scopes}
        key = bearer(client.post("/organization/keys", json=made, headers=tenant.headers).json()["secret"])
        answer = client.post("/programs", json=content, headers=key)
        assert answer.status_code == status, answer.text
        if status == 403:
            assert answer.json()["type"] == "/problems/missing-scope"
            assert client.post("/programs", json=program(tenant), headers=key).status_code == 201
            refused = key
    assert client.post("/programs", json=content, headers=refused).status_code == 403, "a retry tells no more"


@contextmanager
def reading(client: TestClient, tenant: Tenant, seen: Counter[str]) -> Iterator[None]:
    """Count what was read meanwhile, by kind of record."""
    time.sleep(READS_STORED)
    before = Counter(each["record"] for each in events(client, tenant.headers, action="read"))
    yield
    time.sleep(READS_STORED)
    seen.clear()
    seen.update(Counter(each["record"] for each in events(client, tenant.headers, action="read")) - before)


def test_every_showing_is_written_down(client: TestClient, tenant: Tenant) -> None:
    headers = tenant.headers
    content = program(tenant, id=str(uuid4()))
    made = added(client, tenant, content)
    until = (NOW + timedelta(days=3)).isoformat()
    override = {"exercise_id": "childs-pose", "conditions": ["osteoporosis"], "reason": "examined", "until": until}
    assert client.post(f"/people/{tenant.person_id}/overrides", json=override, headers=headers).status_code == 201
    score = {"instrument": "peg", "items": [4, 5, 3], "answered_at": NOW.isoformat(), "timezone": "UTC"}
    score["person_id"] = str(tenant.person_id)
    assert client.post("/function-scores", json=score, headers=headers).status_code == 201
    client.post("/recommendations", json={**ROWS, "person_id": str(tenant.person_id)}, headers=headers)
    session = body(tenant.person_id)
    post(client, tenant, session)
    path, stale = f"/programs/{made['id']}", {**headers, "If-Match": '"v9"'}
    session_path = f"/sessions/{session['id']}"
    shows: list[tuple[Callable[[], Any], int, set[str]]] = [
        (lambda: client.post("/programs", json=content, headers=headers), 200, {"program"}),
        (lambda: client.patch(path, json={"title": "x"}, headers=stale), 412, {"program"}),
        (lambda: client.delete(path, headers=stale), 412, {"program"}),
        (lambda: post(client, tenant, session), 200, {"session"}),
        (lambda: client.patch(session_path, json={"effort": 2}, headers=stale), 412, {"session"}),
        (
            lambda: client.post("/sessions/batch", json={"sessions": [session]}, headers=headers), 200, {"session"},
        ),
        (
            lambda: client.get("/progress", params={"person_id": str(tenant.person_id)}, headers=headers),
            200, {"progress", "program", "function_score"},
        ),
        (lambda: client.get(f"{path}/today", headers=headers), 200,
         {"program", "history", "recommendation", "override"}),
    ]  # fmt: skip
    seen: Counter[str] = Counter()
    for show, status, records in shows:
        with reading(client, tenant, seen):
            assert show().status_code == status
        assert records <= seen.keys(), status


def test_an_id_of_somebody_else_tells_nothing(entry: TestClient, vendor: UUID) -> None:
    mine, other = sign_up(entry), sign_up(entry)
    content = {"id": str(uuid4()), "starts_on": str(TODAY), "phases": [{"items": [item()]}]}
    session = {**body(UUID(mine.person_id)), "person_id": None}
    for path, sent in (("/programs", content), ("/sessions", session)):
        assert mine.post(path, sent).status_code == 201
        assert other.post(path, sent).status_code == 409
        assert gone(entry, mine, f"{path}/{sent['id']}") == 204
        assert other.post(path, sent).status_code == 409, "as while it was there"
        assert mine.post(path, sent).status_code == 410


def gone(client: TestClient, device: Device, path: str) -> int:
    return int(client.delete(path, headers={**device.headers, "If-Match": "*"}).status_code)


def test_a_tombstone_keeps_nothing_personal(client: TestClient, tenant: Tenant, database: Database) -> None:
    known = client.post("/recommendations", json={**ROWS, "person_id": str(tenant.person_id)}, headers=tenant.headers)
    content = {**program(tenant), "phases": None, "from_recommendation_id": known.json()["id"]}
    made = added(client, tenant, content)
    headers = {**tenant.headers, "If-Match": "*"}
    assert client.delete(f"/programs/{made['id']}", headers=headers).status_code == 204

    def row(session: Session) -> ProgramRow:
        return session.exec(select(ProgramRow)).one()

    left = database.bound_to(tenant.organization_id).read_now(row)
    assert (left.from_recommendation_id, left.created_digest) == (None, b"")


def test_older_versions_and_the_last_of_a_day_count(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant, starts_on=str(TODAY - timedelta(days=2))))
    for number in range(5):
        made = changed(client, tenant, made, phases=[{"items": [item(), item(BREATHING)][: 1 + number % 2]}])
    done(client, tenant, 5)
    asked = {"person_id": str(tenant.person_id), "days": 3, "timezone": "UTC"}
    found = client.get("/progress", params=asked, headers=tenant.headers).json()["adherence"]
    assert (found["due"], found["days_due"]) == (3, 3)
    assert today(client, tenant, made)["version"] == made["version"]
