"""Sessions that tell of a sign, and changes and deletions whose answer was lost, through the front door."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session
from starlette.testclient import TestClient

from data.database import Database
from data.holds import PersonHoldRow
from tests.conftest import Tenant
from tests.routers.posting import body, pointers, post

NUMB = "numb between my legs after the last set"
SWOLLEN = "calf swollen and warm"


def recommended(client: TestClient, tenant: Tenant, **question: Any) -> Any:
    asked = {"text": "sore between my shoulder blades after heavy rows", **question}
    answer = client.post("/recommendations", json={**asked, "person_id": str(tenant.person_id)}, headers=tenant.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def on_hold(client: TestClient, tenant: Tenant) -> bool:
    found = recommended(client, tenant)
    assert (found["triage"]["disposition"] == "answer_first") == (found["exercises"] == [])
    return bool(found["triage"]["disposition"] == "answer_first")


def clear(client: TestClient, tenant: Tenant) -> None:
    assert recommended(client, tenant, screening={"cleared": True})["exercises"]


def patch(client: TestClient, tenant: Tenant, session: Any, content: Any, tag: str) -> Any:
    return client.patch(f"/sessions/{session['id']}", json=content, headers={**tenant.headers, "If-Match": tag})


def test_an_ordinary_session_has_no_triage_and_holds_nobody(client: TestClient, tenant: Tenant) -> None:
    assert post(client, tenant, body(tenant.person_id)).json()["triage"] is None
    assert not on_hold(client, tenant)


def test_a_sign_is_answered_stored_replayed_and_holds(client: TestClient, tenant: Tenant, database: Database) -> None:
    session = body(tenant.person_id, notes=NUMB)
    first = post(client, tenant, session)
    assert first.status_code == 201
    told = first.json()["triage"]
    assert (told["disposition"], told["action"], told["if_still_so"]) == ("emergency", "call_emergency", True)
    assert told["observed_at"] == first.json()["ended_at"]
    assert {flag["id"] for flag in told["flags"]} >= {"rf01"}
    assert "{" not in told["advice"]
    again = post(client, tenant, session)
    assert (again.status_code, again.content) == (200, first.content)
    assert client.get(f"/sessions/{session['id']}", headers=tenant.headers).content == first.content
    assert client.get("/sessions", headers=tenant.headers).json()["items"] == [first.json()]
    changes = client.get("/sessions/changes", headers=tenant.headers).json()
    assert changes["items"][0]["session"] == first.json()
    assert on_hold(client, tenant)

    def kept(session_: Session) -> Any:
        return session_.execute(select(PersonHoldRow)).scalar_one().model_dump()

    hold = database.system.read_now(kept)
    assert hold["flags"] == sorted(flag["id"] for flag in told["flags"])
    assert "numb" not in str(hold)


def test_ticked_symptoms_count_like_words(client: TestClient, tenant: Tenant) -> None:
    answer = post(client, tenant, body(tenant.person_id, notes=None, new_symptoms=["calf_swelling"])).json()
    assert (answer["triage"]["disposition"], answer["triage"]["action"]) == ("urgent", "same_day_care")
    assert [flag["span"] for flag in answer["triage"]["flags"]] == [None] * len(answer["triage"]["flags"])
    assert on_hold(client, tenant)


def test_each_item_of_a_batch_has_its_own(client: TestClient, tenant: Tenant) -> None:
    wrong = {**body(tenant.person_id, notes=NUMB), "effort": 99}
    sessions = [body(tenant.person_id), wrong, body(tenant.person_id, notes=SWOLLEN)]
    for expected in ("created", "replayed"):
        answer = client.post("/sessions/batch", json={"sessions": sessions}, headers=tenant.headers)
        fine, refused, urgent = answer.json()["results"]
        assert (fine["status"], fine["triage"]) == (expected, None)
        assert (refused["status"], refused["triage"]) == ("invalid", None)
        assert (urgent["status"], urgent["triage"]["disposition"]) == (expected, "urgent")
    assert on_hold(client, tenant)


def test_a_sign_that_needs_a_clinician_holds_nobody(client: TestClient, tenant: Tenant) -> None:
    answer = post(client, tenant, body(tenant.person_id, notes=None, new_symptoms=["fragile_bones"])).json()
    if answer["triage"] is not None:
        assert answer["triage"]["disposition"] == "see_clinician"
    assert not on_hold(client, tenant)


def test_what_was_observed_before_a_hold_was_lifted_holds_nobody_again(client: TestClient, tenant: Tenant) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    post(client, tenant, body(tenant.person_id, notes=NUMB, started_at=now - timedelta(hours=3)))
    assert on_hold(client, tenant)
    clear(client, tenant)
    assert not on_hold(client, tenant)
    late = post(client, tenant, body(tenant.person_id, notes=NUMB, started_at=now - timedelta(days=2))).json()
    assert late["triage"]["disposition"] == "emergency", "it is told all the same"
    assert not on_hold(client, tenant)
    ahead = {"started_at": now + timedelta(hours=1), "ended_at": now + timedelta(hours=2)}
    post(client, tenant, body(tenant.person_id, notes=SWOLLEN, **ahead))
    assert on_hold(client, tenant), "a clock that runs ahead hides no sign"


def test_a_session_of_long_ago_holds_when_nobody_has_screened_since(client: TestClient, tenant: Tenant) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=700)
    told = post(client, tenant, body(tenant.person_id, notes=NUMB, started_at=long_ago)).json()["triage"]
    assert told["disposition"] == "emergency"
    assert on_hold(client, tenant)


def test_an_older_sign_adds_to_the_hold_that_stands(client: TestClient, tenant: Tenant, database: Database) -> None:
    now = datetime.now(UTC)
    new = post(client, tenant, body(tenant.person_id, notes=SWOLLEN, started_at=now - timedelta(hours=1))).json()
    old = post(client, tenant, body(tenant.person_id, notes=NUMB, started_at=now - timedelta(days=1))).json()

    def flags(session: Session) -> list[str]:
        return list(session.execute(select(PersonHoldRow.flags)).scalar_one())  # type: ignore[call-overload]

    both = {flag["id"] for answer in (new, old) for flag in answer["triage"]["flags"]}
    assert set(database.system.read_now(flags)) == both


def test_a_change_is_read_with_what_stays(client: TestClient, tenant: Tenant) -> None:
    session = body(tenant.person_id, notes=None, pain=[{"region": "low_back", "after": 9}])
    assert post(client, tenant, session).json()["triage"] is None
    worse = patch(client, tenant, session, {"notes": "could not sleep because of it"}, '"v1"').json()
    assert worse["triage"]["disposition"] == "urgent"
    assert on_hold(client, tenant)
    untouched = patch(client, tenant, session, {"title": "Evening"}, '"v2"').json()
    assert untouched["triage"] == worse["triage"]
    later = datetime.fromisoformat(worse["ended_at"]) + timedelta(minutes=1)
    moved = patch(client, tenant, session, {"ended_at": later.isoformat()}, '"v3"').json()
    assert moved["triage"] == {**worse["triage"], "observed_at": moved["ended_at"]}
    assert client.get(f"/sessions/{session['id']}", headers=tenant.headers).json() == moved
    mended = patch(client, tenant, session, {"notes": "slept badly, the baby cried"}, "*").json()
    assert mended["triage"] is None
    assert on_hold(client, tenant), "taking words back is no screen"


def test_a_change_that_cannot_be_made_holds_nobody(client: TestClient, tenant: Tenant) -> None:
    session = body(tenant.person_id)
    post(client, tenant, session)
    assert patch(client, tenant, session, {"notes": NUMB}, '"v9"').status_code == 412
    refused = patch(client, tenant, session, {"notes": NUMB, "pain": None}, '"v1"')
    assert (refused.status_code, pointers(refused)) == (422, ["/pain"])
    assert patch(client, tenant, body(tenant.person_id), {"notes": NUMB}, "*").status_code == 404
    assert not on_hold(client, tenant)


def test_a_change_sent_again_after_a_lost_answer_is_no_conflict(client: TestClient, tenant: Tenant) -> None:
    session = body(tenant.person_id)
    post(client, tenant, session)
    content = {"effort": 7, "notes": SWOLLEN, "pain": [{"region": "knee", "after": 2}]}
    first = patch(client, tenant, session, content, '"v1"')
    assert (first.status_code, first.headers["etag"]) == (200, '"v2"')
    for _ in range(2):
        again = patch(client, tenant, session, content, '"v1"')
        assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, '"v2"')
    for other in ({"effort": 6}, {**content, "title": "Another"}):
        stale = patch(client, tenant, session, other, '"v1"')
        assert stale.status_code == 412
        assert stale.json()["current"] == first.json()
    # Once somebody else has changed it further, the old change is a conflict again.
    assert patch(client, tenant, session, {"effort": 1}, '"v2"').status_code == 200
    assert patch(client, tenant, session, content, '"v1"').status_code == 412


def test_an_edit_and_a_deletion_from_two_devices_are_told(client: TestClient, tenant: Tenant) -> None:
    edited, gone = body(tenant.person_id), body(tenant.person_id)
    for session in (edited, gone):
        post(client, tenant, session)
    changed = patch(client, tenant, edited, {"effort": 8}, '"v1"').json()
    path = f"/sessions/{edited['id']}"
    refused = client.delete(path, headers={**tenant.headers, "If-Match": '"v1"'})
    assert (refused.status_code, refused.headers["etag"]) == (412, '"v2"')
    assert refused.json()["current"] == changed
    match = {**tenant.headers, "If-Match": '"v1"'}
    for _ in range(2):
        assert client.delete(f"/sessions/{gone['id']}", headers=match).status_code == 204
    assert patch(client, tenant, gone, {"effort": 8}, '"v1"').status_code == 404
