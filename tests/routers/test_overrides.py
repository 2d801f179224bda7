"""Overrides: a clinician lets one person do one exercise that a rule forbids, and every answer says so."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from data import access
from data.database import Database
from schemas.access import Scope
from tests.conftest import Tenant, make_tenant
from tests.linking import Pair
from tests.routers.posting import body, pointers, post
from tests.signing import Clock, member, sign_up

POSE = "childs-pose"
NOW = datetime.now(UTC).replace(microsecond=0)
QUESTION: dict[str, Any] = {
    "text": "sore between my shoulder blades after heavy rows",
    "conditions": ["osteoporosis"],
    "limit": 20,
}


def asked(**changes: Any) -> dict[str, Any]:
    until = changes.pop("until", NOW + timedelta(days=30))
    override = {"exercise_id": POSE, "conditions": ["osteoporosis"], "reason": "examined", "until": until.isoformat()}
    return {**override, **changes}


def put(client: TestClient, tenant: Tenant, **changes: Any) -> Any:
    return client.post(f"/people/{tenant.person_id}/overrides", json=asked(**changes), headers=tenant.headers)


def ask(client: TestClient, tenant: Tenant, **changes: Any) -> Any:
    question = {**QUESTION, "person_id": str(tenant.person_id), **changes}
    answer = client.post("/recommendations", json=question, headers=tenant.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def explained(client: TestClient, tenant: Tenant, **changes: Any) -> Any:
    question = {"exercise_id": POSE, "question": {**QUESTION, "person_id": str(tenant.person_id), **changes}}
    answer = client.post("/recommendations/explain", json=question, headers=tenant.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def offered(answer: Any) -> Any:
    return next((offer for offer in answer["exercises"] if offer["exercise"]["id"] == POSE), None)


def test_a_retry_is_answered_though_its_time_is_over(entry: TestClient, clock: Clock, database: Database) -> None:
    tenant = make_tenant(database, "clinic")
    sent = {"id": str(uuid4()), "until": clock.now + timedelta(hours=1)}
    first = put(entry, tenant, **sent)
    assert first.status_code == 201, first.json()
    clock.forward(hours=2)
    again = put(entry, tenant, **sent)
    assert (again.status_code, again.json()) == (200, first.json())
    assert put(entry, tenant, **{**sent, "id": str(uuid4())}).status_code == 422
    path = f"/people/{uuid4()}/overrides"
    assert entry.post(path, json=asked(**sent), headers=tenant.headers).status_code in {404, 422}


def test_an_override_lets_the_exercise_in_and_every_answer_says_so(client: TestClient, tenant: Tenant) -> None:
    before = explained(client, tenant)
    assert (before["standing"], before["excluded"]["rule"], before["override"]) == ("left_out", "osteoporosis", None)
    made = put(client, tenant)
    assert made.status_code == 201, made.json()
    override = made.json()
    assert made.headers["location"] == f"/people/{tenant.person_id}/overrides/{override['id']}"
    assert override["created_by"]["kind"] == "key"
    assert override["created_by"]["id"]
    answer = ask(client, tenant)
    assert POSE not in {each["exercise_id"] for each in answer["excluded"]}
    why = explained(client, tenant)
    assert why["standing"] in {"offered", "ranked_lower"}
    assert why["override"] == override
    offer = offered(ask(client, tenant, pain_areas=[{"region": "low_back"}], text=""))
    assert offer["override"] == override
    assert offer["reasons"][0]["code"] == "override"
    assert "although a rule speaks against it with osteoporosis" in offer["reasons"][0]["text"]
    assert "osteoporosis" in {caution["rule"] for caution in offer["cautions"]}, "what it forbade it still warns of"


def test_it_is_for_this_person_this_exercise_and_these_conditions_only(
    client: TestClient, tenant: Tenant, other_tenant: Tenant
) -> None:
    added = client.post("/people", json={"external_id": "p-2"}, headers=tenant.headers).json()
    excluded = {each["exercise_id"] for each in ask(client, tenant)["excluded"]}
    assert put(client, tenant).status_code == 201
    assert {each["exercise_id"] for each in ask(client, tenant)["excluded"]} == excluded - {POSE}
    for holder, person_id in ((tenant, added["id"]), (other_tenant, str(other_tenant.person_id))):
        assert explained(client, holder, person_id=person_id)["standing"] == "left_out"
    more = explained(client, tenant, conditions=["osteoporosis", "disc_acute"])
    assert (more["standing"], more["excluded"]["rule"]) == ("left_out", "disc_acute")
    alone = ask(client, tenant, conditions=[])
    assert all(offer["override"] is None for offer in alone["exercises"]), (
        "where no rule forbids, nothing is overridden"
    )


def test_it_opens_nothing_of_an_emergency_a_hold_or_strong_pain(client: TestClient, tenant: Tenant) -> None:
    assert put(client, tenant).status_code == 201
    assert explained(client, tenant, pain_areas=[{"region": "low_back", "severity": 8}])["standing"] == "stopped"
    danger = ask(client, tenant, text="low back pain, numb bum and I cannot pee")
    assert (danger["triage"]["disposition"], danger["exercises"]) == ("emergency", [])
    held = ask(client, tenant)
    assert (held["triage"]["disposition"], held["exercises"]) == ("answer_first", [])
    assert explained(client, tenant)["standing"] == "stopped"
    refused = put(client, tenant)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/person-on-hold")
    assert ask(client, tenant, screening={"cleared": True})["exercises"]
    assert put(client, tenant).status_code == 201


def test_it_brings_back_nothing_that_the_persons_own_sessions_left_out(client: TestClient, tenant: Tenant) -> None:
    assert put(client, tenant).status_code == 201
    for days in (1, 3):
        log = body(tenant.person_id, started_at=NOW - timedelta(days=days))
        log["exercises"] = [{"exercise_id": POSE, "hurt": True}]
        assert post(client, tenant, log).status_code == 201
    assert explained(client, tenant)["excluded"]["rule"] == "suspended"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"until": NOW - timedelta(minutes=1)}, "/until"),
        ({"until": NOW + timedelta(days=367)}, "/until"),
        ({"exercise_id": "childs-pos"}, "/exercise_id"),
        ({"conditions": ["osteoporos"]}, "/conditions"),
        ({"conditions": ["osteoporosis", "osteoporosis"]}, "/conditions/1"),
        ({"conditions": ["dvt"]}, "/conditions"),
        ({"conditions": ["osteoporosis", "cerv_myelopathy"]}, "/conditions"),
        ({"conditions": ["stenosis"]}, "/conditions"),
        ({"conditions": ["osteoporosis", "stenosis"]}, "/conditions"),
        ({"exercise_id": "forearm-plank", "conditions": ["hypertension", "pregnancy_t1"]}, "/conditions"),
        ({"conditions": []}, "/conditions"),
        ({"reason": "I have looked at her"}, "/reason"),
        ({"note": "free text"}, "/note"),
    ],
)
def test_what_cannot_be_overridden_is_refused(
    client: TestClient, tenant: Tenant, changes: dict[str, Any], pointer: str
) -> None:
    refused = put(client, tenant, **changes)
    assert refused.status_code == 422
    assert pointer in pointers(refused)


def test_the_same_again_is_harmless_and_an_ended_one_stays_ended(client: TestClient, tenant: Tenant) -> None:
    key = str(uuid4())
    made = put(client, tenant, id=key)
    again = put(client, tenant, id=key)
    assert (made.status_code, again.status_code, again.json()) == (201, 200, made.json())
    assert put(client, tenant, id=key, reason="supervised").status_code == 409
    path = f"/people/{tenant.person_id}/overrides/{key}"
    for _ in range(2):
        assert client.delete(path, headers=tenant.headers).status_code == 204
    assert explained(client, tenant)["standing"] == "left_out"
    ended = client.get(path, headers=tenant.headers).json()
    assert ended["ended_at"] is not None
    assert ended["ended_by"] == ended["created_by"]
    assert put(client, tenant, id=key).status_code == 410
    listed = client.get(f"/people/{tenant.person_id}/overrides", headers=tenant.headers).json()
    assert listed == {"items": [ended], "next": None}


def test_it_ends_by_itself(database_url: str, tenant: Tenant) -> None:
    clock = Clock()
    settings = Settings(database_url=database_url, rate_limits=False, _env_file=None)
    with TestClient(create_app(settings, clock=clock)) as client:
        assert put(client, tenant).status_code == 201
        assert explained(client, tenant)["override"]
        clock.forward(days=31)
        assert explained(client, tenant)["standing"] == "left_out"


def test_who_did_it_is_written_down(entry: TestClient, database: Database, vendor: UUID) -> None:
    _, secret = database.system.write_now(access.add_key, "vendor", list(Scope), NOW)
    person, owner = sign_up(entry), Tenant(vendor, secret, vendor)
    clinician = member(entry, owner.headers, "clinician", "clinician@example.org")
    path = f"/people/{person.person_id}/overrides"
    made = clinician.post(path, asked())
    assert made.status_code == 201, made.json()
    me = clinician.get("/me").json()
    assert made.json()["created_by"] == {"kind": "member", "id": me["id"]}
    for role in ("editor", "viewer"):
        other = member(entry, owner.headers, role, f"{role}@example.org")
        assert other.post(path, asked()).status_code == 403
    assert person.post(path, asked()).status_code == 403
    question = {**QUESTION, "pain_areas": [{"region": "low_back"}], "text": ""}
    mine = person.post("/recommendations", question).json()
    assert offered(mine)["override"] == made.json(), "the person is told by whose word"
    noted = owner_events(entry, owner, person.person_id)
    assert ("write", "override") in noted


def owner_events(client: TestClient, owner: Tenant, person_id: str) -> set[tuple[str, str]]:
    events = client.get("/audit", params={"person_id": person_id}, headers=owner.headers).json()["items"]
    return {(event["action"], event["record"]) for event in events}


def test_a_clinics_override_counts_at_the_clinic_only(entry: TestClient, tenant: Tenant) -> None:
    phone = sign_up(entry)
    Pair(entry, tenant, phone).link()
    assert put(entry, tenant).status_code == 201
    assert explained(entry, tenant)["override"]
    answer = phone.post("/recommendations/explain", {"exercise_id": POSE, "question": QUESTION}).json()
    assert answer["standing"] == "left_out"
