"""An organisation's own exercises through the front door: added, changed, retired, seen by nobody else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.examples import OWN_EXERCISE, SESSION
from data import access, own_exercises
from data.database import Database
from data.own_exercises import OwnOutcome
from schemas.access import Scope
from schemas.exercises import ExerciseDefinition
from tests.conftest import Tenant, make_tenant

OWN = "/exercises/own-doorway-hang"
HANG: dict[str, Any] = {**OWN_EXERCISE, "cautioned_with": [], "contraindicated_with": [], "contraindication_notes": []}


def add(client: TestClient, tenant: Tenant, **changes: Any) -> str:
    """Add the exercise, changed as asked, and return its ETag."""
    answer = client.post("/exercises", json={**HANG, **changes}, headers=tenant.headers)
    assert answer.status_code == 201, answer.text
    return answer.headers["etag"]


def test_it_is_added_once_and_seen_beside_the_shared_ones(client: TestClient, tenant: Tenant) -> None:
    made = client.post("/exercises", json=HANG, headers=tenant.headers)
    assert (made.status_code, made.headers["location"]) == (201, OWN)
    again = client.post("/exercises", json=HANG, headers=tenant.headers)
    assert (again.status_code, again.content) == (200, made.content)
    other = client.post("/exercises", json={**HANG, "name": "Another"}, headers=tenant.headers)
    assert other.status_code == 409
    served = client.get(OWN, headers=tenant.headers).json()
    assert served["name"] == "Doorway Hang"
    assert "standing" in served["properties"]
    assert not served["reviewed"]
    found = client.get("/exercises?q=doorway+hang&limit=1", headers=tenant.headers).json()
    assert [item["id"] for item in found["items"]] == ["own-doorway-hang"]
    total = client.get("/catalog", headers=tenant.headers).json()["counts"]["exercises"]
    assert total == client.get("/catalog").json()["counts"]["exercises"] + 1


def test_nobody_else_sees_it(client: TestClient, tenant: Tenant, other_tenant: Tenant) -> None:
    shared = client.get("/catalog").json()
    add(client, tenant)
    for headers in ({}, other_tenant.headers):
        assert client.get(OWN, headers=headers).status_code == 404
        assert client.get("/exercises?q=doorway+hang&limit=200", headers=headers).text.count("own-") == 0
        assert client.get("/catalog", headers=headers).json() == shared
        assert "own-doorway-hang" not in client.get("/catalog/export", headers=headers).text
        change = client.put(OWN, json=HANG, headers={**headers, "If-Match": '"v1"'})
        removal = client.delete(OWN, headers={**headers, "If-Match": '"v1"'})
        expected = 404 if headers else 401
        assert (change.status_code, removal.status_code) == (expected, expected)
    # The same id is free for the other organisation.
    assert add(client, other_tenant, name="Theirs")
    assert client.get(OWN, headers=tenant.headers).json()["name"] == "Doorway Hang"


def test_a_change_needs_the_version_that_was_seen(client: TestClient, tenant: Tenant) -> None:
    add(client, tenant)
    changed = {**HANG, "name": "Longer Hang"}
    assert client.put(OWN, json=changed, headers=tenant.headers).status_code == 428
    etag = client.get(OWN, headers=tenant.headers).headers["etag"]
    written = client.put(OWN, json=changed, headers={**tenant.headers, "If-Match": etag})
    assert (written.status_code, written.json()["name"], written.headers["etag"]) == (200, "Longer Hang", '"v2"')
    assert client.get(OWN, headers=tenant.headers).json()["name"] == "Longer Hang"
    stale = client.put(OWN, json=HANG, headers={**tenant.headers, "If-Match": etag})
    assert (stale.status_code, stale.json()["current"]["name"]) == (412, "Longer Hang")
    elsewhere = client.put("/exercises/own-nothing", json=HANG, headers={**tenant.headers, "If-Match": '"v1"'})
    assert (elsewhere.status_code, elsewhere.json()["errors"][0]["pointer"]) == (422, "/id")


def test_a_retired_one_is_gone_and_old_sessions_keep_it(client: TestClient, tenant: Tenant) -> None:
    etag = add(client, tenant)
    log = {**SESSION, "person_id": str(tenant.person_id), "exercises": [{"exercise_id": "own-doorway-hang"}]}
    assert client.delete(OWN, headers=tenant.headers).status_code == 428
    assert client.delete(OWN, headers={**tenant.headers, "If-Match": etag}).status_code == 204
    assert client.get(OWN, headers=tenant.headers).status_code == 410
    assert client.post("/exercises", json=HANG, headers=tenant.headers).status_code == 410
    assert client.delete(OWN, headers={**tenant.headers, "If-Match": etag}).status_code == 410
    assert client.post("/sessions", json=log, headers=tenant.headers).status_code == 201


def test_sessions_of_others_may_not_name_it(client: TestClient, tenant: Tenant, other_tenant: Tenant) -> None:
    add(client, tenant)
    log = {**SESSION, "person_id": str(other_tenant.person_id), "exercises": [{"exercise_id": "own-doorway-hang"}]}
    answer = client.post("/sessions", json=log, headers=other_tenant.headers)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/exercises/0/exercise_id")


def test_it_takes_the_scope(client: TestClient, database: Database) -> None:
    reader = make_tenant(database, "reader", [Scope.CATALOG_READ, Scope.SESSIONS_READ])
    assert client.post("/exercises", json=HANG, headers=reader.headers).status_code == 403
    assert client.post("/exercises", json=HANG).status_code == 401


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"id": "doorway-hang"}, "/id"),
        ({"regions": {"elsewhere": 1.0}}, "/regions"),
        ({"muscles": {"primary": ["none-such"]}}, "/muscles"),
        ({"properties": ["standing"]}, "/properties"),
        ({"conditions": ["sciatica"], "contraindicated_with": ["sciatica"]}, ""),
        ({"easier": ["no-such-exercise"]}, "/easier"),
        ({"steps": []}, "/steps"),
        ({"dosage": {}}, "/dosage"),
        ({"nonsense": 1}, "/nonsense"),
    ],
)
def test_what_cannot_be_taken_is_named(
    client: TestClient, tenant: Tenant, changes: dict[str, Any], pointer: str
) -> None:
    answer = client.post("/exercises", json={**HANG, **changes}, headers=tenant.headers)
    assert answer.status_code == 422
    first = answer.json()["errors"][0]["pointer"]
    assert first == pointer or first.startswith(f"{pointer}/")


def test_a_review_holds_for_the_text_that_was_reviewed(client: TestClient, tenant: Tenant) -> None:
    reviewed = {**HANG, "reviewed_by": "A. Reader", "reviewed_on": "2026-11-01"}
    stored = client.post("/exercises", json=reviewed, headers=tenant.headers).json()
    served = client.get(OWN, headers=tenant.headers).json()
    assert (served["reviewed"], served["review_notice"]) == (True, "Reviewed by A. Reader on 2026-11-01.")
    assert client.get("/catalog", headers=tenant.headers).json()["reviewed_exercises"] == 1
    other_text = {**stored, "summary": "Something else altogether is done here."}
    client.put(OWN, json=other_text, headers={**tenant.headers, "If-Match": '"v1"'})
    assert not client.get(OWN, headers=tenant.headers).json()["reviewed"]


def test_it_is_recommended_to_its_organisation_and_obeys_the_conditions(
    client: TestClient, tenant: Tenant, other_tenant: Tenant
) -> None:
    question = {"pain_areas": [{"region": "mid_back"}], "causes": ["rowing"], "person": {"age": 30}, "limit": 20}
    add(client, tenant, causes=["rowing"], cues=[])

    def offered(headers: dict[str, str], **more: Any) -> tuple[set[str], set[str]]:
        answer = client.post("/recommendations", json={**question, **more}, headers=headers).json()
        return {item["exercise"]["id"] for item in answer["exercises"]}, {
            item["exercise_id"] for item in answer["excluded"]
        }

    own = {"own-doorway-hang"}
    assert own <= offered(tenant.headers)[0]
    assert not own & offered(other_tenant.headers)[0]
    assert not own & offered({})[0]
    etag = client.get(OWN, headers=tenant.headers).headers["etag"]
    unlisted = {**HANG, "causes": ["rowing"], "cues": [], "properties": [], "properties_known": False}
    assert client.put(OWN, json=unlisted, headers={**tenant.headers, "If-Match": etag}).status_code == 200
    assert own <= offered(tenant.headers)[0]
    for condition in ("osteoporosis", "pregnancy", "hypertension", "an illness nobody knows"):
        assert not own & offered(tenant.headers, conditions=[condition])[0], condition
    assert own <= offered(tenant.headers, conditions=["osteoporosis"])[1]
    permitted = client.get("/exercises?permitted_with=osteoporosis&q=doorway+hang", headers=tenant.headers).json()
    assert "own-doorway-hang" not in [item["id"] for item in permitted["items"]]


def test_every_key_of_the_organisation_sees_a_write_at_once(
    client: TestClient, tenant: Tenant, database: Database
) -> None:
    _, second = database.system.write_now(access.add_key, "clinic", list(Scope), datetime.now(UTC))
    other = {"Authorization": f"Bearer {second}"}
    assert client.get(OWN, headers=tenant.headers).status_code == 404
    add(client, tenant)
    for headers in (other, tenant.headers, other):
        assert client.get(OWN, headers=headers).status_code == 200


@pytest.mark.parametrize("id_", ["%00", "OWN-X", "own_x", "a" * 81, "%F0%9F%92%A9"])
def test_an_address_that_is_no_id_is_refused(client: TestClient, tenant: Tenant, id_: str) -> None:
    for headers in (tenant.headers, {**tenant.headers, "If-Match": '"v1"'}):
        assert client.delete(f"/exercises/{id_}", headers=headers).status_code in {404, 422}
        assert client.put(f"/exercises/{id_}", json=HANG, headers=headers).status_code in {404, 422}


def test_two_processes_that_write_for_one_organisation_take_turns(
    database: Database, database_url: str, tenant: Tenant
) -> None:
    other = Database(database_url)
    other.open()
    doors = [opened.bound_to(tenant.organization_id) for opened in (database, other)]
    now = datetime.now(UTC)

    def made(name: str) -> ExerciseDefinition:
        return ExerciseDefinition.model_validate({**HANG, "id": f"own-{name}"})

    def adding(process: int) -> list[OwnOutcome]:
        return [doors[process].write_now(own_exercises.add, made(f"{process}-{n}"), now).outcome for n in range(20)]

    def retiring(process: int) -> list[OwnOutcome]:
        ids = [f"own-0-{n}" for n in range(20)]
        return [doors[process].write_now(own_exercises.retire, id_, frozenset({1}), now).outcome for id_ in ids]

    with ThreadPoolExecutor(2) as pool:
        assert set(chain(*pool.map(adding, (0, 1)))) == {OwnOutcome.CREATED}
        retired = list(zip(*pool.map(retiring, (0, 1)), strict=True))
    other.close()
    assert all(sorted(pair) == [OwnOutcome.GONE, OwnOutcome.RETIRED] for pair in retired)
    catalog = doors[0].read_now(own_exercises.read)
    assert (catalog.revision, len(catalog.exercises), len(catalog.past)) == (60, 20, 60)


def test_there_is_room_for_so_many(client: TestClient, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_exercises, "MOST", 2)
    add(client, tenant)
    add(client, tenant, id="own-second")
    full = client.post("/exercises", json={**HANG, "id": "own-third"}, headers=tenant.headers)
    assert (full.status_code, full.json()["type"]) == (409, "/problems/catalog-full")
    assert client.delete("/exercises/own-second", headers={**tenant.headers, "If-Match": '"v1"'}).status_code == 204
    add(client, tenant, id="own-third")
