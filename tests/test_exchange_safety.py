"""What was imported from elsewhere: offered to healthy people of its organisation, and with no condition at all."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.exchanging import FREE, brought, commands_on, write_records

OUTER_HIP = {"pain_areas": [{"region": "hip_lateral", "severity": 2}], "person": {"age": 30}, "limit": 20}


@pytest.fixture
def imported(database_url: str, tmp_path: Path, tenant: Tenant) -> None:
    assert brought(commands_on(database_url), write_records(tmp_path), FREE).exit_code == 0


def asked(client: TestClient, question: dict[str, Any], headers: dict[str, str]) -> tuple[set[str], dict[str, str]]:
    """The imported exercises that are offered, and the property for which each of the others is not."""
    answer = client.post("/recommendations", json=question, headers=headers)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    offered = {item["exercise"]["id"] for item in body["exercises"]} | {
        item["exercise_id"] for item in body["routine"]["items"] if item.get("exercise_id")
    }
    left_out = {item["exercise_id"]: item["property"] for item in body["excluded"]}
    return (
        {id_ for id_ in offered if "fedb" in id_},
        {id_: name for id_, name in left_out.items() if "fedb" in id_},
    )


STRETCHES = {"own-fedb-made-up-hip-hold", "own-fedb-made-up-roll"}


def test_imported_stretches_are_offered_to_the_healthy_people_of_their_organisation_alone(
    imported: None, client: TestClient, tenant: Tenant, other_tenant: Tenant
) -> None:
    assert asked(client, OUTER_HIP, tenant.headers) == (STRETCHES, {})
    assert asked(client, OUTER_HIP, other_tenant.headers) == (set(), {})
    assert asked(client, OUTER_HIP, {}) == (set(), {})
    for headers, status in ((tenant.headers, 200), (other_tenant.headers, 404), ({}, 404)):
        for id_ in (*STRETCHES, "own-fedb-made-up-leg-curl"):
            assert client.get(f"/exercises/{id_}", headers=headers).status_code == status


CONDITIONS: dict[str, dict[str, Any]] = {
    "osteoporosis": {"conditions": ["osteoporosis"]},
    "pregnancy": {"conditions": ["pregnancy"]},
    "pregnant": {"person": {"age": 30, "pregnant": True}},
    "osteoporosis in words": {"text": "tight outer hip, I have osteoporosis"},
    "a condition nobody can place": {"conditions": ["florbitis syndrome"]},
    "strong pain": {"pain_areas": [{"region": "hip_lateral", "severity": 7}]},
    "severe pain": {"pain_areas": [{"region": "hip_lateral", "severity": 9}]},
}


@pytest.mark.parametrize("said", CONDITIONS.values(), ids=CONDITIONS)
def test_with_any_condition_nothing_imported_is_offered(
    imported: None, client: TestClient, tenant: Tenant, said: dict[str, Any]
) -> None:
    assert asked(client, OUTER_HIP, tenant.headers)[0] == STRETCHES
    offered, left_out = asked(client, {**OUTER_HIP, **said}, tenant.headers)
    assert offered == set()
    assert left_out in ({}, dict.fromkeys(STRETCHES, "unlisted"))


def test_every_condition_of_the_catalogue_forbids_what_is_imported(
    imported: None, client: TestClient, tenant: Tenant
) -> None:
    assert asked(client, OUTER_HIP, tenant.headers)[0] == STRETCHES
    conditions = [item["id"] for item in client.get("/conditions").json()["items"]]
    assert len(conditions) > 20
    for condition in conditions:
        assert asked(client, {**OUTER_HIP, "conditions": [condition]}, tenant.headers)[0] == set(), condition
        address = f"/exercises?permitted_with={condition}&region=hip_lateral&limit=200"
        page = client.get(address, headers=tenant.headers)
        assert page.status_code == 200, page.text
        assert "fedb" not in page.text, condition
