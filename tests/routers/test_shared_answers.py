"""Who agreed to share answers, and no sessions, shares answers that no session and no override had a part in."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from starlette.testclient import TestClient

from data import access
from data.database import Database
from schemas.access import Scope
from tests.conftest import Tenant, make_tenant
from tests.data.making import STRETCH
from tests.linking import Pair, pair
from tests.routers.posting import NOW
from tests.routers.test_recommendations_followed import EASED, RED, ROWS, reach
from tests.signing import bearer, member, sign_up

ANSWERS = {"sessions": False, "progress": False, "recommendations": True}
EMERGENCY = {"text": "crushing chest pain, sweating, pain down left arm"}
CLEARED = {**ROWS, "screening": {"cleared": True}, "person": {"age": 40}}


def asked(linked: Pair, **question: Any) -> Any:
    answer = linked.phone.post("/recommendations", {**ROWS, **question})
    assert answer.status_code == 200, answer.text
    return answer.json()


def did(linked: Pair, days_ago: int, pain: dict[str, Any]) -> str:
    exercises = [{"exercise_id": STRETCH, "completion_percent": 100}]
    at = NOW - timedelta(days=days_ago)
    areas = [{"region": "mid_back", **pain}]
    return str(linked.post(at, ended_at=at, pain=areas, effort=4, exercises=exercises)["id"])


def copied(linked: Pair, answer: Any) -> Any:
    read = linked.at_clinic(f"/recommendations/{answer['id']}")
    assert read.status_code == 200, read.text
    return read.json()


def test_a_shared_answer_tells_nothing_of_sessions(client: TestClient, database: Database) -> None:
    linked = pair(client, database, NOW)
    plain = asked(linked)
    sessions = [did(linked, days, EASED) for days in (5, 3)]
    early = asked(linked)
    link = linked.link(**ANSWERS, covers_from=NOW - timedelta(days=1))
    sessions.append(did(linked, 1, RED))
    late = asked(linked)
    assert reach(late)["progression"]["session_id"] in sessions, "the person's own answer follows the sessions"
    for given in (early, late):
        assert copied(linked, given) == {**plain, "id": given["id"]}
        assert linked.phone.get(f"/recommendations/{given['id']}").json() == given
    wider = linked.change(link, **{**ANSWERS, "sessions": True, "progress": True}, covers_from=NOW - timedelta(days=9))
    assert copied(linked, late) == {**plain, "id": late["id"]}
    assert linked.change(wider.json(), **ANSWERS, covers_from=NOW - timedelta(days=9)).status_code == 200
    assert copied(linked, late) == {**plain, "id": late["id"]}


def test_a_shared_answer_tells_nothing_of_bad_sessions_or_overrides(client: TestClient, database: Database) -> None:
    linked = pair(client, database, NOW)
    vendor = make_tenant(database, "app")
    until = (NOW + timedelta(days=3)).isoformat()
    override = {"exercise_id": "childs-pose", "conditions": ["osteoporosis"], "reason": "examined", "until": until}
    path = f"/people/{linked.phone.person_id}/overrides"
    assert client.post(path, json=override, headers=vendor.headers).status_code == 201
    linked.link(**ANSWERS)
    areas = {"text": "", "pain_areas": [{"region": "low_back"}]}
    with_override = asked(linked, **areas, conditions=["osteoporosis"])
    assert any(offer["override"] for offer in with_override["exercises"])
    assert not any(offer["override"] for offer in copied(linked, with_override)["exercises"])
    for days in (1, 3, 5):
        did(linked, days, RED)
    stopped = asked(linked)
    assert stopped["triage"]["disposition"] == "see_clinician"
    assert copied(linked, stopped)["triage"]["disposition"] != "see_clinician"


def test_what_came_by_one_link_goes_on_by_no_other(client: TestClient, database: Database) -> None:
    """Sessions shared with a clinic have a part in what it answers its person, who shares that with another one."""
    linked = pair(client, database, NOW)
    database.system.write_now(access.open_to_strangers, linked.clinic.organization_id)
    patient = sign_up(client, organization_id=str(linked.clinic.organization_id))
    first = Pair(client, replace(linked.clinic, person_id=UUID(patient.person_id)), linked.phone)
    onward = Pair(client, make_tenant(database, "second clinic"), patient)
    first.link(covers_from=NOW - timedelta(days=9))
    did(first, 1, RED)
    onward.link(**ANSWERS)
    given = asked(onward)
    assert reach(given)["progression"]["values"]["during"] == 6
    assert reach(copied(onward, given))["progression"] is None


def test_a_danger_in_a_shared_answer_holds_at_the_clinic(client: TestClient, database: Database) -> None:
    linked = pair(client, database, NOW)
    did(linked, 1, EASED)
    linked.link(**ANSWERS)
    given = asked(linked, **EMERGENCY)
    assert copied(linked, given)["triage"] == given["triage"]
    assert linked.disposition() == "answer_first"


def question(client: TestClient, tenant: Tenant, headers: dict[str, str], content: dict[str, Any]) -> Any:
    body = {**content, "person_id": str(tenant.person_id)}
    answer = client.post("/recommendations", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def test_who_only_reads_changes_nothing_of_a_person(client: TestClient, tenant: Tenant) -> None:
    made = {"name": "reader", "scopes": ["recommendations:read", "sessions:read"]}
    key = bearer(client.post("/organization/keys", json=made, headers=tenant.headers).json()["secret"])
    viewer = member(client, tenant.headers, "viewer", "viewer@example.org").headers
    for reader in (key, viewer):
        free = question(client, tenant, reader, CLEARED)
        assert (free.json()["id"], "content-location" in free.headers) == (None, False)
        assert free.json()["exercises"]
        assert question(client, tenant, reader, EMERGENCY).json()["id"] is None
        held = question(client, tenant, tenant.headers, ROWS).json()
        assert held["triage"]["disposition"] == "answer_first", "signs of danger hold whoever tells of them"
        behind = question(client, tenant, reader, CLEARED).json()
        assert (behind["triage"]["disposition"], behind["exercises"]) == ("answer_first", [])
        assert question(client, tenant, tenant.headers, ROWS).json()["triage"]["disposition"] == "answer_first"
        assert question(client, tenant, tenant.headers, CLEARED).json()["exercises"], "a clinician's word ends it"


def test_each_of_three_scopes_makes_an_answer_count(client: TestClient, tenant: Tenant) -> None:
    for scope in (Scope.PEOPLE_WRITE, Scope.SESSIONS_WRITE, Scope.PROGRAMS_WRITE):
        made = {"name": scope, "scopes": ["recommendations:read", scope]}
        key = bearer(client.post("/organization/keys", json=made, headers=tenant.headers).json()["secret"])
        question(client, tenant, key, EMERGENCY)
        assert question(client, tenant, key, CLEARED).json()["exercises"]
        kept = question(client, tenant, key, ROWS)
        assert client.get(kept.headers["content-location"], headers=key).json() == kept.json()
        assert json.loads(kept.content)["triage"]["disposition"] != "answer_first"
