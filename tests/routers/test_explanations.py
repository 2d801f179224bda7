"""POST /recommendations/explain: why this exercise, or why not."""

from typing import Any

import pytest
from starlette.testclient import TestClient

SEED = "standing-mid-back-reach"


def explained(client: TestClient, exercise: str, **question: Any) -> dict[str, Any]:
    answer = client.post("/recommendations/explain", json={"exercise_id": exercise, "question": question})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


def test_what_is_offered_says_its_place_and_its_reasons(client: TestClient) -> None:
    asked = {"text": "sore between my shoulder blades after heavy rows"}
    found = explained(client, SEED, **asked)
    offered = client.post("/recommendations", json=asked).json()["exercises"]
    assert (found["standing"], found["rank"]) == ("offered", 1)
    assert found["reasons"] == offered[0]["reasons"]


def test_what_ranks_below_the_limit_says_so(client: TestClient) -> None:
    found = explained(client, "wall-angel", text="sore between my shoulder blades after heavy rows", limit=1)
    assert found["standing"] == "ranked_lower"
    assert found["rank"] is None or found["rank"] > 1
    assert found["excluded"] is None


def test_what_a_condition_forbids_names_the_rule_and_the_property(client: TestClient) -> None:
    asked = {"text": "stiff mid back from sitting", "conditions": ["osteoporosis"]}
    found = explained(client, "foam-roller-thoracic-extension", **asked)
    assert found["standing"] == "left_out"
    assert found["excluded"]["rule"] == "osteoporosis"
    assert found["explanation"] == found["excluded"]["reason"]
    assert found["rank"] is None
    assert not found["reasons"]


def test_what_needs_equipment_that_nobody_has_is_left_out(client: TestClient) -> None:
    found = explained(client, "foam-roll-upper-back", text="stiff mid back from sitting", equipment=[])
    assert (found["standing"], found["excluded"]["rule"]) == ("left_out", "equipment")


def test_what_is_for_another_place_says_so(client: TestClient) -> None:
    assert explained(client, SEED, text="tight calves after running")["standing"] == "elsewhere"


@pytest.mark.parametrize("text", ["crushing chest pain and sweating", "numb between my legs since my back went"])
def test_nothing_is_explained_away_in_an_emergency(client: TestClient, text: str) -> None:
    found = explained(client, SEED, text=text)
    assert (found["standing"], found["triage"]["disposition"]) == ("stopped", "emergency")
    assert not found["reasons"]


def test_an_unknown_exercise_is_refused_with_the_nearest_one(client: TestClient) -> None:
    sent = {"exercise_id": "standing-mid-back-rech", "question": {"text": "sore back"}}
    answer = client.post("/recommendations/explain", json=sent)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/exercise_id"
    assert SEED in answer.json()["errors"][0]["detail"]


def test_a_person_needs_a_key(client: TestClient) -> None:
    question = {"text": "sore back", "person_id": "018f0000-0000-7000-8000-000000000001"}
    sent = {"exercise_id": SEED, "question": question}
    assert client.post("/recommendations/explain", json=sent).status_code == 401
