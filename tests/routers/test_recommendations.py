"""What people ask and are told, over HTTP, on both databases."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from data.database import Database
from schemas.access import Scope
from tests.conftest import Tenant, make_tenant

ROWS = {"text": "sore between my shoulder blades after heavy rows"}
SEED = "standing-mid-back-reach"
MID_BACK_QUESTIONS_DENIED = {
    "chest_pressure": False,
    "sweating_sick_faint": False,
    "sudden_tearing": False,
    "fever_weight_cancer_night": False,
    "fall_or_fragile_bones": False,
    "numb_weak_clumsy": False,
    "pressing_or_moving_changes": True,
    "age": False,
}


def ask(client: TestClient, question: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
    answer = client.post("/recommendations", json=question, headers=headers or {})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    return body


def test_rows_bring_the_seed_with_reasons_that_name_region_and_cause(client: TestClient) -> None:
    body = ask(client, ROWS)
    assert body["triage"]["disposition"] in {"caution", "self_care"}
    top = [offered["exercise"]["id"] for offered in body["exercises"][:3]]
    assert SEED in top
    seed = body["exercises"][top.index(SEED)]
    reasons = {reason["code"]: reason["text"] for reason in seed["reasons"]}
    assert "back" in reasons["region"]
    assert "rowing" in reasons["cause"]
    assert seed["dosage"]["hold_seconds"] == [10, 20]
    assert body["routine"]["items"]
    assert body["safety_net"]
    assert body["disclaimer"]["text"]


def test_sweaty_and_sick_is_an_emergency_without_exercise(client: TestClient) -> None:
    body = ask(client, {"text": "between my shoulder blades and I feel sweaty and sick"})
    assert body["triage"]["disposition"] == "emergency"
    assert [flag["id"] for flag in body["triage"]["flags"]] == ["rf10"]
    assert body["exercises"] == []
    assert body["routine"]["items"] == []


def test_denied_signs_stop_nobody(client: TestClient) -> None:
    body = ask(client, {"text": "ache between my shoulder blades after rowing, no chest pain, not sweaty"})
    assert body["triage"]["flags"] == []
    assert body["exercises"]


@pytest.mark.parametrize("text", ["", "   ", "qwrt zzkp brrf", "мне плохо и грустно", "今日はいい天気"])
def test_nothing_understood_is_said_and_never_a_random_stretch(client: TestClient, text: str) -> None:
    body = ask(client, {"text": text})
    assert body["triage"]["disposition"] == "answer_first"
    assert body["exercises"] == []
    assert body["understood"]["regions"] == []
    assert body["understood"]["unknown"] or body["screening"]["open"]


def test_words_in_fields_are_placed_or_asked_about(client: TestClient) -> None:
    question = {
        "pain_areas": [{"region": "lower back", "severity": 3}],
        "causes": ["heavy rows"],
        "conditions": ["florbitis syndrome"],
        "person": {"age": 40},
    }
    understood = ask(client, question)["understood"]
    assert understood["regions"][0]["region"] == "low_back"
    assert [cause["id"] for cause in understood["causes"]] == ["rowing"]
    assert [unknown["source"] for unknown in understood["unknown"]] == ["/conditions/0"]
    assert understood["unknown"][0]["question"]


def test_an_answer_changes_the_result(client: TestClient) -> None:
    said = {**ROWS, "person": {"age": 40}}
    assert ask(client, said)["exercises"]
    stopped = ask(client, {**said, "screening": {"answers": {"chest_pressure": True}}})
    assert stopped["triage"]["disposition"] == "emergency"
    assert stopped["exercises"] == []


def test_the_same_question_gives_the_same_bytes(client: TestClient) -> None:
    first = client.post("/recommendations", json=ROWS)
    again = client.post("/recommendations", json=ROWS)
    other_order = client.post("/recommendations", json={"limit": 5, **ROWS})
    assert first.content == again.content == other_order.content


def test_spans_are_offsets_and_the_words_stay_out(client: TestClient) -> None:
    answer = client.post("/recommendations", json={"text": "zanzibarino ache in my neck since Tuesday"})
    assert "zanzibarino" not in answer.text
    assert answer.json()["understood"]["regions"][0]["span"] == [23, 27]


def test_ids_in_an_address(client: TestClient) -> None:
    answer = client.get("/recommendations", params={"pain_area": "mid_back", "cause": "rowing"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["exercises"][0]["exercise"]["regions"]["mid_back"] > 0


def test_an_unknown_id_in_an_address_names_the_nearest(client: TestClient) -> None:
    answer = client.get("/recommendations", params={"pain_area": "midback"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "?pain_area", "detail": "no such pain_area; did you mean mid_back?"}]


def test_free_text_has_no_place_in_an_address(client: TestClient) -> None:
    answer = client.get("/recommendations", params={"pain_area": "mid_back", "text": "sore"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "?text"


def test_triage_alone(client: TestClient) -> None:
    answer = client.post("/triage", json={"text": "lower back and I can't feel when I wipe"})
    assert answer.json()["triage"]["disposition"] == "emergency"
    assert "exercises" not in answer.json()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", "x" * 4001),
        ("text", 7),
        ("person", {"age": -1}),
        ("limit", 0),
        ("max_minutes", "ten"),
        ("country", "Great Britain"),
        ("pain_area", []),
    ],
)
def test_bad_input_names_the_field(client: TestClient, field: str, value: object) -> None:
    answer = client.post("/recommendations", json={"text": "sore neck", field: value})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert any(error["pointer"].startswith(f"/{field}") for error in answer.json()["errors"])


def test_a_person_needs_a_key_a_scope_and_to_be_ones_own(
    client: TestClient, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    question = {**ROWS, "person_id": str(tenant.person_id)}
    assert client.post("/recommendations", json=question).status_code == 401
    bad_key = {"Authorization": "Bearer limber_nobody"}
    assert client.post("/recommendations", json=ROWS, headers=bad_key).status_code == 401
    narrow = make_tenant(database, "narrow", [Scope.SESSIONS_READ])
    refused = client.post("/recommendations", json={**ROWS, "person_id": str(narrow.person_id)}, headers=narrow.headers)
    assert refused.status_code == 403
    assert client.post("/recommendations", json=question, headers=other_tenant.headers).status_code == 404
    assert client.post("/recommendations", json=question, headers=tenant.headers).status_code == 200


def test_after_an_emergency_a_person_is_on_hold_until_a_new_screen(client: TestClient, tenant: Tenant) -> None:
    person = {"person_id": str(tenant.person_id), "person": {"age": 40}}
    alarm = {"text": "between my shoulder blades and I feel sweaty and sick", **person}
    assert ask(client, alarm, tenant.headers)["triage"]["disposition"] == "emergency"
    held = ask(client, {**ROWS, **person}, tenant.headers)
    assert held["triage"]["disposition"] == "answer_first"
    assert held["exercises"] == []
    assert held["screening"]["open"]
    answers = {question["id"]: False for question in held["screening"]["open"]} | MID_BACK_QUESTIONS_DENIED
    screened = ask(client, {**ROWS, **person, "screening": {"answers": answers}}, tenant.headers)
    assert screened["exercises"]
    assert ask(client, {**ROWS, **person}, tenant.headers)["exercises"]


def test_a_clinicians_word_lifts_a_hold(client: TestClient, tenant: Tenant) -> None:
    person = {"person_id": str(tenant.person_id)}
    ask(client, {"text": "lower back and I can't feel when I wipe", **person}, tenant.headers)
    assert ask(client, {**ROWS, **person}, tenant.headers)["exercises"] == []
    cleared = {**ROWS, **person, "screening": {"cleared": True}}
    assert ask(client, cleared, tenant.headers)["exercises"]
    assert ask(client, {**ROWS, **person}, tenant.headers)["exercises"]


def test_a_hold_binds_one_person_only(client: TestClient, tenant: Tenant) -> None:
    alarm = {"text": "crushing chest pain down my left arm", "person_id": str(tenant.person_id)}
    ask(client, alarm, tenant.headers)
    assert ask(client, ROWS, tenant.headers)["exercises"]


def test_what_was_understood_says_how_it_was_said(client: TestClient) -> None:
    text = "stiff neck from the desk, no chest pain. My father had a stroke"
    understood = client.post("/recommendations", json={"text": text}).json()["understood"]
    assert {region["status"] for region in understood["regions"]} == {"present"}
    assert {term["status"] for term in understood["denied"]} == {"denied"}
    assert {term["status"] for term in understood["ignored"]} <= {"past", "other_person", "figurative", "hypothetical"}
    assert understood["denied"]


@pytest.mark.parametrize(("pressure", "barred"), [("150/92", True), ("138 over 91", True), ("122/78", False)])
def test_a_blood_pressure_in_numbers_keeps_away_what_raises_it(reader: TestClient, pressure: str, barred: bool) -> None:
    asked = {"text": f"quads and hips are stiff after a bike ride, my BP was {pressure} on Monday", "limit": 20}
    answer = reader.post("/recommendations", json=asked).json()
    rules = {each["rule"] for each in answer["excluded"]}
    assert ("hypertension" in rules) is barred
    held = {name for offer in answer["exercises"] for name in offer["exercise"]["properties"]}
    assert answer["exercises"]
    assert not barred or held.isdisjoint({"iso-strong", "inv"})
