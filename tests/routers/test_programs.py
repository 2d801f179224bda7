"""Programs through the front door: made once, kept in versions, paused, ended, and whose they are."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from data.database import Database
from tests.conftest import Tenant, make_tenant
from tests.data.making import STRETCH
from tests.routers.posting import pointers
from tests.routers.programming import BREATHING, DOSE, TODAY, added, changed, item, program, today
from tests.signing import Clock, sign_up


def test_a_program_is_stored_once_however_often_it_is_sent(client: TestClient, tenant: Tenant) -> None:
    content = program(tenant, item(dose=DOSE, days_of_week=[1, 4], note="after rowing"), id=str(uuid4()), title="Back")
    first = client.post("/programs", json=content, headers=tenant.headers)
    assert (first.status_code, first.headers["etag"]) == (201, '"v1"')
    assert first.headers["location"] == f"/programs/{content['id']}"
    again = client.post("/programs", json=content, headers=tenant.headers)
    assert (again.status_code, again.json()) == (200, first.json())
    known = changed(client, tenant, first.json(), title="Mid back")
    replayed = client.post("/programs", json=content, headers=tenant.headers)
    assert (replayed.status_code, replayed.json()) == (200, known), "a retry meets what it became"
    other = client.post("/programs", json={**content, "title": "Neck"}, headers=tenant.headers)
    assert (other.status_code, pointers(other)) == (409, ["/id"])
    headers = {**tenant.headers, "If-Match": '"v2"'}
    assert client.delete(f"/programs/{content['id']}", headers=headers).status_code == 204
    assert client.delete(f"/programs/{content['id']}", headers=headers).status_code == 204
    assert client.post("/programs", json=content, headers=tenant.headers).status_code == 410
    for path in ("", "?version=1", "/today"):
        assert client.get(f"/programs/{content['id']}{path}", headers=tenant.headers).status_code == 404


def test_what_an_item_leaves_out_is_kept_as_it_is_today(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant, item(), item(BREATHING)))
    stretch, breathing = made["phases"][0]["items"]
    assert stretch["dose"]["hold_seconds"] == [10, 20]
    assert breathing["dose"]["duration_seconds"] is not None
    assert stretch["days_of_week"] == [1, 2, 3, 4, 5, 6, 7]
    assert (made["made_by"], made["state"], made["dosed_on"]) == ("organization", "active", {})


def test_a_change_makes_a_version_and_the_older_ones_stay(client: TestClient, tenant: Tenant) -> None:
    first = added(client, tenant, program(tenant, item(dose=DOSE)))
    more = {**DOSE, "repetitions": [5, 5]}
    second = changed(client, tenant, first, phases=[{"items": [item(dose=more), item(BREATHING)]}], title="More")
    assert (second["version"], second["created_at"]) == (2, first["created_at"])
    third = changed(client, tenant, second, title=None, ends_on=str(TODAY + timedelta(days=30)))
    path = f"/programs/{first['id']}"
    for version in (first, second, third):
        read = client.get(path, params={"version": version["version"]}, headers=tenant.headers)
        assert (read.json(), read.headers["etag"]) == (version, f'"v{version["version"]}"')
    assert client.get(path, headers=tenant.headers).json() == third
    assert client.get(path, params={"version": 4}, headers=tenant.headers).status_code == 404
    assert today(client, tenant, first)["version"] == 3


def test_a_stale_change_is_told_and_a_lost_answer_is_given_again(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant))
    path, phases = f"/programs/{made['id']}", [{"items": [item(), item(BREATHING)]}]
    assert client.patch(path, json={"title": "x"}, headers=tenant.headers).status_code == 428
    headers = {**tenant.headers, "If-Match": '"v1"'}
    first = client.patch(path, json={"phases": phases, "state": "paused"}, headers=headers)
    assert first.status_code == 200
    again = client.patch(path, json={"phases": phases, "state": "paused"}, headers=headers)
    assert (again.status_code, again.json()) == (200, first.json())
    stale = client.patch(path, json={"title": "other"}, headers=headers)
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 2)
    assert client.delete(path, headers=headers).status_code == 412


def test_pausing_resuming_and_ending(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant))
    paused = changed(client, tenant, made, state="paused")
    assert (paused["state"], paused["paused_on"]) == ("paused", str(TODAY))
    told = today(client, tenant, paused)
    assert (told["state"], told["exercises"], told["routine"]["items"]) == ("paused", [], [])
    resumed = changed(client, tenant, paused, state="active")
    assert (resumed["paused_on"], resumed["days_paused"], today(client, tenant, resumed)["state"]) == (None, 0, "due")
    ended = changed(client, tenant, resumed, state="ended")
    assert today(client, tenant, ended)["state"] == "ended"
    path, headers = f"/programs/{made['id']}", {**tenant.headers, "If-Match": '"v4"'}
    assert client.patch(path, json={"state": "active"}, headers=headers).status_code == 409
    listed = client.get("/programs", params={"state": "ended"}, headers=tenant.headers).json()["items"]
    assert listed == [ended]
    assert client.get("/programs", params={"state": "active"}, headers=tenant.headers).json()["items"] == []


FIRST = "/phases/0/items/0"
SLIP = {"hold_seconds": [3600, 3600], "repetitions": [200, 200], "sets": [20, 20], "times_per_day": [20, 20]}
HOURS = {"duration_seconds": [7200, 7200], "times_per_day": [2, 2]}
LONG = [item(name, dose=HOURS) for name in (STRETCH, "cat-cow", "easy-walk", BREATHING)]
LATE = [{"weeks": 1, "items": [item()]}, {"items": [item()]}]
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"phases": [{"items": []}]}, "/phases/0/items"),
    ({"phases": None}, "/phases"),
    ({"phases": [{"items": [item("standing-mid-back-rich")]}]}, "/phases/0/items/0/exercise_id"),
    ({"phases": [{"items": [item()]}, {"items": [item()]}]}, "/phases"),
    ({"phases": [{"items": [item(), item(days_of_week=[2])]}]}, "/phases/0/items"),
    ({"phases": [{"items": [item(days_of_week=[0])]}]}, "/phases/0/items/0/days_of_week/0"),
    ({"phases": [{"items": [item(dose={"hold_seconds": [10, 20]})]}]}, "/phases/0/items/0/dose"),
    ({"phases": [{"items": [item(dose={"repetitions": [5, 3]})]}]}, "/phases/0/items/0/dose"),
    ({"phases": [{"items": [item(sides=["both"])]}]}, "/phases/0/items/0/sides"),
    ({"phases": [{"items": [item(dose=SLIP)]}]}, "/phases/0/items/0/dose"),
    ({"phases": [{"weeks": 1, "items": [item()]}, {"items": LONG}]}, "/phases/1/items"),
    ({"phases": [{"items": [item(dose={**DOSE, "duration_seconds": [60, 60]})]}]}, f"{FIRST}/dose/duration_seconds"),
    ({"phases": [{"items": [item(sides=["left"])]}]}, f"{FIRST}/sides"),
    ({"phases": [{"items": [item(dose={**DOSE, "per_side": True})]}]}, f"{FIRST}/dose/per_side"),
    ({"phases": LATE, "ends_on": str(TODAY + timedelta(days=6))}, "/phases/1"),
    ({"starts_on": "1900-01-01"}, "/starts_on"),
    ({"starts_on": str(TODAY - timedelta(days=368))}, "/starts_on"),
    ({"starts_on": str(TODAY + timedelta(days=1829))}, "/starts_on"),
    ({"ends_on": str(TODAY - timedelta(days=1))}, "/ends_on"),
    ({"starts_on": "2026-11-22T00:00:00Z"}, "/starts_on"),
    ({"starts_on": 20000}, "/starts_on"),
    ({"starts_on": "2026-02-30"}, "/starts_on"),
    ({"conditions": ["osteoporosys"]}, "/conditions/0"),
    ({"timezone": "Mars/Olympus"}, "/timezone"),
    ({"state": "paused"}, "/state"),
]


@pytest.mark.parametrize(("wrong", "pointer"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_what_cannot_be_is_refused_with_its_place(
    client: TestClient, tenant: Tenant, wrong: dict[str, Any], pointer: str
) -> None:
    answer = client.post("/programs", json={**program(tenant), **wrong}, headers=tenant.headers)
    assert answer.status_code == 422, answer.text
    assert pointers(answer) == [pointer]


def test_a_change_that_leaves_it_invalid_is_refused(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant))
    headers = {**tenant.headers, "If-Match": '"v1"'}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"phases": None}, "/phases"),
        ({"starts_on": None}, "/starts_on"),
        ({"state": None}, "/state"),
        ({"ends_on": "2020-01-01"}, "/ends_on"),
        ({"starts_on": "1900-01-01"}, "/starts_on"),
        ({"phases": [{"items": [item(dose=SLIP)]}]}, f"{FIRST}/dose"),
        ({"phases": LATE, "ends_on": str(TODAY)}, "/phases/1"),
    ]
    for patch, pointer in wrong:
        answer = client.patch(f"/programs/{made['id']}", json=patch, headers=headers)
        assert (answer.status_code, pointers(answer)) == (422, [pointer]), patch
    assert client.get(f"/programs/{made['id']}", headers=tenant.headers).json() == made


def test_a_change_is_judged_with_what_stood_there(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant, phases=LATE))
    path, headers = f"/programs/{made['id']}", {**tenant.headers, "If-Match": '"v1"'}
    early = {"ends_on": str(TODAY + timedelta(days=6))}
    answer = client.patch(path, json=early, headers=headers)
    assert (answer.status_code, pointers(answer)) == (422, ["/ends_on"])
    assert client.patch(path, json=early, headers=tenant.headers).status_code == 428
    stale = client.patch(path, json=early, headers={**tenant.headers, "If-Match": '"v7"'})
    assert stale.status_code == 412, "what was made for another version is not judged with this one"
    assert changed(client, tenant, made, ends_on=str(TODAY + timedelta(days=7)))["version"] == 2


def test_a_start_that_stays_as_it_was_is_not_judged_again(entry: TestClient, database: Database, clock: Clock) -> None:
    tenant, begun = make_tenant(database, "clinic"), clock().date()
    made = added(entry, tenant, program(tenant, starts_on=str(begun)))
    clock.now = clock() + timedelta(days=800)
    known = changed(entry, tenant, made, starts_on=str(begun), title="Still going")
    assert (known["starts_on"], known["title"]) == (str(begun), "Still going")
    other = {"starts_on": str(begun + timedelta(days=1))}
    refused = entry.patch(f"/programs/{made['id']}", json=other, headers={**tenant.headers, "If-Match": '"v2"'})
    assert (refused.status_code, pointers(refused)) == (422, ["/starts_on"])


def test_the_last_day_tells_when_a_plan_is_over(client: TestClient, tenant: Tenant) -> None:
    weeks = [{"weeks": 2, "items": [item()]}, {"weeks": 1, "items": [item()]}]
    begun = TODAY - timedelta(days=21)
    made = added(client, tenant, program(tenant, phases=weeks, starts_on=str(begun)))
    assert (made["state"], made["last_day"]) == ("active", str(TODAY - timedelta(days=1)))
    assert today(client, tenant, made)["state"] == "ended"
    (listed,) = client.get("/programs", params={"state": "active"}, headers=tenant.headers).json()["items"]
    assert listed == made
    longer = changed(client, tenant, made, phases=LATE)
    assert (longer["last_day"], today(client, tenant, made)["state"]) == (None, "due")
    ending = changed(client, tenant, longer, ends_on=str(TODAY))
    assert (ending["last_day"], today(client, tenant, made)["state"]) == (str(TODAY), "due")


def test_a_person_makes_their_own_and_may_stop_what_the_clinic_made(
    entry: TestClient, vendor: UUID, database: Database
) -> None:
    phone, clinic = sign_up(entry), make_tenant(database, "vendor")
    mine = phone.post("/programs", {"starts_on": str(TODAY), "phases": [{"items": [item()]}]})
    assert (mine.status_code, mine.json()["made_by"], mine.json()["person_id"]) == (201, "person", phone.person_id)
    theirs = entry.post(
        "/programs",
        json={"person_id": phone.person_id, "starts_on": str(TODAY), "phases": [{"items": [item(dose=DOSE)]}]},
        headers=clinic.headers,
    ).json()
    assert {each["id"] for each in phone.get("/programs").json()["items"]} == {mine.json()["id"], theirs["id"]}
    assert phone.get(f"/programs/{theirs['id']}/today").status_code == 200
    path, headers = f"/programs/{theirs['id']}", {**phone.headers, "If-Match": '"v1"'}
    refused = entry.patch(path, json={"phases": [{"items": [item(BREATHING)]}]}, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/made-by-organization")
    assert entry.delete(path, headers=headers).status_code == 403
    assert entry.patch(path, json={"state": "paused"}, headers=headers).json()["state"] == "paused"
    own, headers = f"/programs/{mine.json()['id']}", {**phone.headers, "If-Match": '"v1"'}
    assert entry.patch(own, json={"title": "Mine"}, headers=headers).status_code == 200
    stranger = sign_up(entry)
    assert stranger.get("/programs").json()["items"] == []
    assert stranger.get(own).status_code == 404
    somebody = {"person_id": phone.person_id, "starts_on": str(TODAY), "phases": [{"items": [item()]}]}
    assert stranger.post("/programs", somebody).status_code == 422
