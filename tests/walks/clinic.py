"""A walk for the developer of a clinic's portal: `python tests/walks/clinic.py http://127.0.0.1:8000 KEY`.

KEY is a key of the clinic; the README says how to make it. The patient of this walk also uses the app of another
organisation on the same server, one that is open for sign-up; its id may follow as a third argument. The walk stops
where an answer is not what the comment above it says.
"""

import io
import json
import sys
import uuid
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from client import Client, expect


def main(url: str, key: str, app_id: str | None = None) -> None:
    with Client(base_url=url, timeout=30) as http:
        clinic = {"Authorization": f"Bearer {key}"}
        patient = add_patient(http, clinic)
        answer = recommend(http, clinic, patient)
        own = log_a_visit(http, clinic, patient)
        make_a_program(http, clinic, patient, answer)
        app = start_the_app(http, app_id)
        link = link_app_and_clinic(http, clinic, patient, app)
        see_what_is_shared(http, clinic, patient, app, own, link)
        withdraw(http, clinic, patient, app, own, link)
        take_along(http, clinic, patient)
        erase(http, clinic, patient, own)
    print("the clinic's walk: done")


def add_patient(http: httpx2.Client, clinic: dict[str, str]) -> str:
    # The clinic knows its patients by ids of its own. Adding the same one again answers the stored one.
    external_id = f"record {uuid.uuid4()}"
    added = expect(201, http.post("/people", json={"external_id": external_id}, headers=clinic))
    again = expect(200, http.post("/people", json={"external_id": external_id}, headers=clinic))
    assert again == added
    return str(added["id"])


def recommend(http: httpx2.Client, clinic: dict[str, str], patient: str) -> str:
    # What the clinic knows goes into the question. Each exercise comes with its dose and its reasons.
    question = {
        "person_id": patient,
        "pain_areas": [{"region": "low_back"}],
        "person": {"age": 46, "pregnant": False},
        "conditions": ["osteoporosis"],
        "screening": {"cleared": True},
    }
    answer = expect(200, http.post("/recommendations", json=question, headers=clinic))
    assert answer["triage"]["disposition"] in {"caution", "self_care"}, answer["triage"]
    # What was left out is said too, with the rule that it would have broken.
    assert answer["excluded_count"] > 0
    # The answer is kept with the patient, byte for byte.
    assert expect(200, http.get(f"/recommendations/{answer['id']}", headers=clinic)) == answer
    return str(answer["id"])


def log_a_visit(http: httpx2.Client, clinic: dict[str, str], patient: str) -> str:
    started_at = datetime.now(UTC) - timedelta(days=4)
    stored = expect(201, http.post("/sessions", json=session(started_at, person_id=patient), headers=clinic))
    assert stored["link_id"] is None
    return str(stored["id"])


def make_a_program(http: httpx2.Client, clinic: dict[str, str], patient: str, answer: str) -> None:
    # The exercises of the answer become a program, with what the clinic said of the patient. The id is the clinic's, so
    # that a retry is harmless.
    today = datetime.now(UTC).date()
    body = {
        "id": str(uuid.uuid4()), "person_id": patient, "from_recommendation_id": answer, "title": "First weeks",
        "starts_on": str(today), "ends_on": str(today + timedelta(weeks=6)), "timezone": "Europe/Madrid",
    }  # fmt: skip
    program = expect(201, http.post("/programs", json=body, headers=clinic))
    assert expect(200, http.post("/programs", json=body, headers=clinic)) == program
    assert "osteoporosis" in program["conditions"]
    # What is due on the patient's local day, with a timeline to play. A sign of danger would leave nothing of it.
    path = f"/programs/{program['id']}"
    due = expect(200, http.get(f"{path}/today", params={"timezone": "UTC"}, headers=clinic))
    assert due["state"] in {"due", "rest"}, due
    assert bool(due["routine"]["items"]) == bool(due["exercises"])
    # A pause is a new version, and the one before can still be read.
    headers = {**clinic, "If-Match": '"v1"'}
    paused = expect(200, http.patch(path, json={"state": "paused"}, headers=headers))
    assert (paused["version"], paused["state"]) == (2, "paused")
    assert expect(200, http.get(f"{path}/today", headers=clinic))["exercises"] == []
    assert expect(200, http.get(path, params={"version": 1}, headers=clinic)) == program
    expect(200, http.patch(path, json={"state": "active"}, headers={**clinic, "If-Match": '"v2"'}))


def start_the_app(http: httpx2.Client, app_id: str | None) -> dict[str, str]:
    # The patient's app belongs to another organisation, and knows the patient as somebody of its own.
    body = {} if app_id is None else {"organization_id": app_id}
    signed_up = expect(201, http.post("/auth/anonymous", json=body))
    app = {"Authorization": f"Bearer {signed_up['tokens']['access_token']}"}
    for days_ago in (9, 2):
        made = session(datetime.now(UTC) - timedelta(days=days_ago))
        expect(201, http.post("/sessions", json=made, headers=app))
    return app


def link_app_and_clinic(http: httpx2.Client, clinic: dict[str, str], patient: str, app: dict[str, str]) -> Any:
    # The clinic makes a code for its patient and hands it over; it is good for one link within seven days.
    code = expect(201, http.post(f"/people/{patient}/link-invitations", headers=clinic))["code"]
    # In the app the person says what they share, of which time. A consent states it whole, with the version of the
    # words that the person read. Sending it again, when the answer was lost, changes nothing.
    a_week_ago = (datetime.now(UTC) - timedelta(days=7)).isoformat()
    consent = {
        "sessions": True, "progress": True, "recommendations": False, "covers_from": a_week_ago, "wording": "2026-11",
    }  # fmt: skip
    body = {"code": code, "consent": consent}
    link = expect(201, http.post("/me/links", json=body, headers=app))
    assert expect(200, http.post("/me/links", json=body, headers=app)) == link
    (told,) = expect(200, http.get(f"/people/{patient}/links", headers=clinic))["items"]
    assert (told["id"], told["sessions"], told["recommendations"]) == (link["id"], True, False)
    return link


def see_what_is_shared(
    http: httpx2.Client, clinic: dict[str, str], patient: str, app: dict[str, str], own: str, link: Any
) -> None:
    # The session of two days ago is there, the one of nine days ago is not: it lies before the consent.
    shared = [log for log in sessions_of(http, clinic, patient) if log["id"] != own]
    assert [log["link_id"] for log in shared] == [link["id"]]
    # What is shared can be read and counted here, and changed by the person only.
    changed = http.patch(f"/sessions/{shared[0]['id']}", json={"effort": 1}, headers={**clinic, "If-Match": "*"})
    assert expect(403, changed)["type"] == "/problems/shared-read-only"
    # What the app stores from now on arrives at once. A portal follows from the cursor that it keeps.
    cursor = expect(200, http.get("/sessions/changes", params={"person_id": patient}, headers=clinic))["next"]
    expect(201, http.post("/sessions", json=session(datetime.now(UTC) - timedelta(hours=1)), headers=app))
    query = {"person_id": patient, "cursor": cursor}
    (new,) = expect(200, http.get("/sessions/changes", params=query, headers=clinic))["items"]
    assert new["session"]["link_id"] == link["id"]
    assert figures_of(http, clinic, patient)["sessions"] == 3


def withdraw(
    http: httpx2.Client, clinic: dict[str, str], patient: str, app: dict[str, str], own: str, link: Any
) -> None:
    # The person withdraws. Everything that the link brought is gone at once, and followers are told.
    cursor = expect(200, http.get("/sessions/changes", params={"person_id": patient}, headers=clinic))["next"]
    assert http.delete(f"/me/links/{link['id']}", headers=app).status_code == 204
    assert [log["id"] for log in sessions_of(http, clinic, patient)] == [own]
    assert figures_of(http, clinic, patient)["sessions"] == 1
    query = {"person_id": patient, "cursor": cursor}
    told = expect(200, http.get("/sessions/changes", params=query, headers=clinic))["items"]
    assert [change["deleted"] for change in told] == [True, True]
    # The person keeps all of their own, and the record of what they consented to.
    assert len(expect(200, http.get("/sessions", headers=app))["items"]) == 3
    record = expect(200, http.get("/me/consents", headers=app))["items"]
    assert [entry["act"] for entry in record] == ["given", "withdrawn"]


def take_along(http: httpx2.Client, clinic: dict[str, str], patient: str) -> None:
    # Whoever asks what is held about them gets all of it: a zip with a manifest, and each kind as JSON and CSV.
    answer = http.get(f"/people/{patient}/export", headers=clinic)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["person_id"] == patient
    counts = {records["kind"]: records["count"] for records in manifest["records"]}
    assert (counts["person"], counts["recommendation"], counts["incoming_link"]) == (1, 1, 0)
    assert (counts["program"], counts["program_version"]) == (1, 3)


def erase(http: httpx2.Client, clinic: dict[str, str], patient: str, own: str) -> None:
    # Erased is for good. Asking again is safe, and tells when the last bytes have left the files.
    first = expect(200, http.post(f"/people/{patient}/erasure", headers=clinic))
    assert expect(200, http.post(f"/people/{patient}/erasure", headers=clinic))["id"] == first["id"]
    assert http.get(f"/people/{patient}", headers=clinic).status_code == 404
    assert http.get(f"/sessions/{own}", headers=clinic).status_code == 404


def sessions_of(http: httpx2.Client, clinic: dict[str, str], patient: str) -> list[Any]:
    # Newest first; `next` would be the cursor of another page.
    return list(expect(200, http.get("/sessions", params={"person_id": patient}, headers=clinic))["items"])


def figures_of(http: httpx2.Client, clinic: dict[str, str], patient: str) -> Any:
    return expect(200, http.get("/progress", params={"person_id": patient, "timezone": "UTC"}, headers=clinic))


def session(started_at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "started_at": started_at.isoformat(),
        "ended_at": (started_at + timedelta(minutes=10)).isoformat(),
        "timezone": "UTC",
        "exercises": [{"exercise_id": "standing-mid-back-reach", "repetitions": 3, "hold_seconds": 15}],
        "pain": [{"region": "low_back", "before": 4, "after": 3}],
        **more,
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
