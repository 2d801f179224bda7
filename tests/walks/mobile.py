"""A walk through Limber for the developer of a phone app: `python tests/walks/mobile.py http://127.0.0.1:8000`.

It goes from the first start of the app to a second phone of the same person, and stops where an answer is not what the
comment above it says. The server must have an organisation that is open for sign-up, as a new one has.
"""

import secrets
import sys
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from client import Client, expect

EXERCISES = 3


def main(url: str, organization_id: str | None = None) -> None:
    with Client(base_url=url, timeout=30) as http:
        first_phone = begin(http, organization_id)
        catalog = load_catalog(http)
        keep_catalog_fresh(http, catalog)
        exercises = ask_what_helps(http, first_phone)
        assert {each["exercise"]["id"] for each in exercises} <= {item["id"] for item in catalog["exercises"]}
        sessions = practise_offline(exercises)
        send_twice(http, first_phone, sessions)
        look_at_progress(http, first_phone)
        email, password = upgrade(http, first_phone, organization_id)
        second_phone = sign_in_elsewhere(http, email, password, organization_id)
        catch_up(http, second_phone, first_phone, sessions)
        take_along(http, second_phone)
        leave(http, second_phone)
    print("the mobile developer's walk: done")


def begin(http: httpx2.Client, organization_id: str | None) -> dict[str, str]:
    # The first start needs no e-mail and no password: the phone signs up by itself and keeps the tokens.
    answer = expect(201, http.post("/auth/anonymous", json=about(organization_id)))
    # An access token lasts some minutes. When it has expired (401), the refresh token buys the next pair.
    tokens = expect(200, http.post("/auth/refresh", json={"refresh_token": answer["tokens"]["refresh_token"]}))
    assert expect(200, http.get("/me", headers=bearer(tokens)))["person_id"] == answer["person"]["id"]
    return bearer(tokens)


def load_catalog(http: httpx2.Client) -> dict[str, Any]:
    # The whole catalogue comes in one answer, compressed. Keep it on the phone, with its ETag and its cursor.
    answer = http.get("/catalog/export")
    exported = expect(200, answer)
    # Asking again with the ETag costs next to nothing while nothing has changed.
    unchanged = http.get("/catalog/export", headers={"If-None-Match": answer.headers["etag"]})
    assert unchanged.status_code == 304
    return dict(exported)


def keep_catalog_fresh(http: httpx2.Client, exported: dict[str, Any]) -> None:
    # Later only what changed is asked for, from the cursor that came with the export; `removed` is what was retired.
    held, cursor, more = {item["id"]: item for item in exported["exercises"]}, exported["cursor"], True
    while more:
        answer = http.get("/catalog/changes", params={"cursor": cursor})
        page = expect(200, answer)
        for change in page["items"]:
            if change["kind"] == "exercise" and change["removed"]:
                held.pop(change["id"], None)
            elif change["kind"] == "exercise":
                held[change["id"]] = change["document"]
        cursor, more = page["next"], page["more"]
    assert held.keys() == {item["id"] for item in exported["exercises"]}
    again = http.get(answer.request.url, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def ask_what_helps(http: httpx2.Client, phone: dict[str, str]) -> list[Any]:
    # The words are the person's own; fields say what the app knows. Whose question it is, the token tells.
    question = {
        "text": "sore between my shoulder blades after rowing, worse when I sit",
        "pain_areas": [{"region": "mid_back"}],
        "person": {"age": 31, "pregnant": False},
    }
    answer = expect(200, http.post("/recommendations", json=question, headers=phone))
    # A red flag is an answer and no error: look at the disposition before you show an exercise.
    assert answer["triage"]["disposition"] in {"caution", "self_care"}, answer["triage"]
    return list(answer["exercises"][:EXERCISES])


def practise_offline(exercises: list[Any]) -> list[dict[str, Any]]:
    # Three days without a network. The phone makes the ids, and keeps the sessions until they are sent.
    made = []
    for days_ago in (3, 2, 1):
        started_at = datetime.now(UTC) - timedelta(days=days_ago)
        made.append(
            {
                "id": str(uuid.uuid4()),
                "started_at": started_at.isoformat(),
                "ended_at": (started_at + timedelta(minutes=8)).isoformat(),
                "timezone": "Europe/Madrid",
                "pain": [{"region": "mid_back", "before": 5, "after": 5 - (3 - days_ago)}],
                "exercises": [{"exercise_id": each["exercise"]["id"], "sets": 1} for each in exercises],
            }
        )
    return made


def send_twice(http: httpx2.Client, phone: dict[str, str], sessions: list[dict[str, Any]]) -> None:
    # The answer may be lost on the way. Sending everything again is always right: nothing is stored twice.
    for expected in ("created", "replayed"):
        answer = expect(200, http.post("/sessions/batch", json={"sessions": sessions}, headers=phone))
        assert [result["status"] for result in answer["results"]] == [expected] * len(sessions)
    # A single session is as safe: 201 the first time, 200 from then on.
    assert http.post("/sessions", json=sessions[0], headers=phone).status_code == 200
    # The same id with other content is a mistake of the app, and is told as one.
    assert http.post("/sessions", json={**sessions[0], "effort": 9}, headers=phone).status_code == 409


def look_at_progress(http: httpx2.Client, phone: dict[str, str]) -> None:
    figures = expect(200, http.get("/progress", params={"timezone": "Europe/Madrid"}, headers=phone))
    assert (figures["sessions"], figures["longest_streak_days"]) == (3, 3)
    assert figures["regions"][0]["change"] == -1.0


def upgrade(http: httpx2.Client, phone: dict[str, str], organization_id: str | None) -> tuple[str, str]:
    # One day the person wants an account. With the anonymous token the person stays the same, with all sessions.
    before = expect(200, http.get("/me", headers=phone))
    email, password = f"{uuid.uuid4()}@example.org", secrets.token_urlsafe(12)
    registration = {"email": email, "password": password, **about(organization_id)}
    after = expect(201, http.post("/auth/register", json=registration, headers=phone))
    assert after["person"]["id"] == before["person_id"]
    return email, password


def sign_in_elsewhere(http: httpx2.Client, email: str, password: str, organization_id: str | None) -> dict[str, str]:
    credentials = {"email": email, "password": password, **about(organization_id)}
    return bearer(expect(200, http.post("/auth/token", json=credentials)))


def catch_up(
    http: httpx2.Client, second: dict[str, str], first: dict[str, str], sessions: list[dict[str, Any]]
) -> None:
    # A new phone begins without a cursor and gets everything. It keeps `next`, and goes on from there.
    held, cursor = follow(http, second, {}, None)
    assert held.keys() == {session["id"] for session in sessions}
    # On the first phone one session is changed and another deleted, each with the ETag of the version it saw.
    changed, deleted = sessions[0]["id"], sessions[1]["id"]
    etag = http.get(f"/sessions/{changed}", headers=first).headers["etag"]
    patched = http.patch(f"/sessions/{changed}", json={"effort": 2}, headers={**first, "If-Match": etag})
    assert expect(200, patched)["version"] == 2
    assert http.delete(f"/sessions/{deleted}", headers={**first, "If-Match": '"v1"'}).status_code == 204
    # The second phone is told of both; what was deleted comes as its id alone.
    held, _ = follow(http, second, held, cursor)
    assert held.keys() == {changed, sessions[2]["id"]}
    assert held[changed]["effort"] == 2
    # It also held an old version of the changed session: writing on top of that is refused, with the present one.
    stale = http.patch(f"/sessions/{changed}", json={"effort": 7}, headers={**second, "If-Match": etag})
    assert expect(412, stale)["current"]["effort"] == 2


def follow(
    http: httpx2.Client, phone: dict[str, str], held: dict[str, Any], cursor: str | None
) -> tuple[dict[str, Any], str]:
    held, more = dict(held), True
    while more:
        query = {"limit": 2} if cursor is None else {"limit": 2, "cursor": cursor}
        step = expect(200, http.get("/sessions/changes", params=query, headers=phone))
        for change in step["items"]:
            if change["deleted"]:
                held.pop(change["id"], None)
            else:
                held[change["id"]] = change["session"]
        cursor, more = step["next"], step["more"]
    return held, str(cursor)


def take_along(http: httpx2.Client, phone: dict[str, str]) -> None:
    # Everything that is held about the person, as a zip: theirs to keep.
    answer = http.get("/me/export", headers=phone)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")


def leave(http: httpx2.Client, phone: dict[str, str]) -> None:
    # Signing out everywhere ends the other phone's tokens too.
    assert http.post("/auth/logout", json={"everywhere": True}, headers=phone).status_code == 204


def about(organization_id: str | None) -> dict[str, str]:
    # Where exactly one organisation is open for sign-up, it need not be named.
    return {} if organization_id is None else {"organization_id": organization_id}


def bearer(tokens: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


if __name__ == "__main__":
    main(*sys.argv[1:])
