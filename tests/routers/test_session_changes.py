"""Following the sessions by cursor through the front door, on both databases."""

import base64
import json
import random
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session
from starlette.testclient import TestClient

from data.database import Database
from data.session_changes import ChangeCounterRow
from schemas.access import Scope
from tests.conftest import Tenant, make_tenant
from tests.routers.posting import body, pointers, post
from tests.session_follower import Follower

MATCH_ANY = {"If-Match": "*"}


def changes(client: TestClient, tenant: Tenant, **query: Any) -> Any:
    answer = client.get("/sessions/changes", params=query, headers=tenant.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def begin_epoch(session: Session, organization_id: UUID) -> None:
    """As a restored backup does."""
    counter = session.get(ChangeCounterRow, organization_id)
    assert counter is not None
    counter.epoch = uuid4()


def told(page: Any) -> list[tuple[str, bool]]:
    return [(item["id"], item["deleted"]) for item in page["items"]]


def patched(client: TestClient, tenant: Tenant, session: Any, content: Any) -> None:
    headers = {**tenant.headers, **MATCH_ANY}
    assert client.patch(f"/sessions/{session['id']}", json=content, headers=headers).status_code == 200


def deleted(client: TestClient, tenant: Tenant, session: Any) -> None:
    path = f"/sessions/{session['id']}"
    assert client.delete(path, headers={**tenant.headers, **MATCH_ANY}).status_code == 204


def payload(cursor: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


def cursor_of(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).decode().rstrip("=")


def test_followers_learn_that_the_sessions_of_an_erased_person_are_gone(client: TestClient, tenant: Tenant) -> None:
    """Whoever follows all is told of each; whoever follows the person alone is told to forget what they hold."""
    other = client.post("/people", json={"external_id": "p-2"}, headers=tenant.headers).json()["id"]
    sessions = [body(person) for person in (tenant.person_id, other, tenant.person_id, other)]
    for session in sessions:
        post(client, tenant, session)
    everybody, alone = changes(client, tenant), changes(client, tenant, person_id=other)
    nobody = changes(client, tenant, person_id=str(tenant.person_id))
    assert client.post(f"/people/{other}/erasure", headers=tenant.headers).status_code == 200
    gone = changes(client, tenant, cursor=everybody["next"], limit=1)
    rest = changes(client, tenant, cursor=gone["next"])
    assert sorted(told(gone) + told(rest)) == sorted((sessions[at]["id"], True) for at in (1, 3))
    assert (gone["more"], rest["more"]) == (True, False)
    assert told(changes(client, tenant, cursor=rest["next"])) == []
    assert told(changes(client, tenant)) == [(sessions[at]["id"], False) for at in (0, 2)], "who begins is not told"
    assert told(changes(client, tenant, person_id=str(tenant.person_id), cursor=nobody["next"])) == []
    query = {"person_id": other, "cursor": alone["next"]}
    assert client.get("/sessions/changes", params=query, headers=tenant.headers).status_code == 410
    assert told(changes(client, tenant, person_id=other)) == []


def test_everything_that_changed_is_told_in_order_and_once(client: TestClient, tenant: Tenant) -> None:
    sessions = [body(tenant.person_id) for _ in range(5)]
    for session in sessions:
        post(client, tenant, session)
    whole = changes(client, tenant)
    assert told(whole) == [(session["id"], False) for session in sessions]
    assert whole["more"] is False
    path = f"/sessions/{sessions[0]['id']}"
    assert whole["items"][0]["session"] == client.get(path, headers=tenant.headers).json()

    patched(client, tenant, sessions[1], {"effort": 9})
    deleted(client, tenant, sessions[3])
    patched(client, tenant, sessions[1], {"effort": 8})
    post(client, tenant, sessions[0])
    then = changes(client, tenant, cursor=whole["next"])
    assert told(then) == [(sessions[3]["id"], True), (sessions[1]["id"], False)]
    assert then["items"][0] == {"id": sessions[3]["id"], "deleted": True, "session": None}
    assert then["items"][1]["session"]["effort"] == 8


def test_a_cursor_is_always_given_and_stays_the_same_when_nothing_is_new(client: TestClient, tenant: Tenant) -> None:
    first = changes(client, tenant)
    assert (first["items"], first["more"]) == ([], False)
    assert changes(client, tenant, cursor=first["next"]) == first
    session = body(tenant.person_id)
    post(client, tenant, session)
    then = changes(client, tenant, cursor=first["next"])
    assert told(then) == [(session["id"], False)]
    again = changes(client, tenant, cursor=then["next"])
    assert (again["items"], again["next"]) == ([], then["next"])


def test_pages_have_a_link_while_there_is_more(client: TestClient, tenant: Tenant) -> None:
    sessions = [body(tenant.person_id) for _ in range(5)]
    answer = client.post("/sessions/batch", json={"sessions": sessions}, headers=tenant.headers)
    assert answer.status_code == 200
    got, address, pages = [], "/sessions/changes?limit=2", 0
    while address:
        page = client.get(address, headers=tenant.headers)
        got += told(page.json())
        assert page.json()["more"] == ("next" in page.links)
        address = page.links.get("next", {}).get("url", "")
        pages += 1
    assert (pages, got) == (3, [(session["id"], False) for session in sessions])


def test_a_device_that_begins_late_is_not_told_of_what_it_never_held(client: TestClient, tenant: Tenant) -> None:
    sessions = [body(tenant.person_id) for _ in range(4)]
    for session in sessions:
        post(client, tenant, session)
    deleted(client, tenant, sessions[0])
    first = changes(client, tenant, limit=1)
    assert told(first) == [(sessions[1]["id"], False)]
    # It holds the second one by now, and must hear of its end; the third it will never see.
    deleted(client, tenant, sessions[1])
    deleted(client, tenant, sessions[2])
    rest = changes(client, tenant, cursor=first["next"])
    assert told(rest) == [(sessions[3]["id"], False), (sessions[1]["id"], True), (sessions[2]["id"], True)]


def test_the_walk_of_one_person_is_bound_to_the_person(client: TestClient, tenant: Tenant) -> None:
    added = client.post("/people", json={"external_id": "p-2"}, headers=tenant.headers).json()["id"]
    mine, other = [body(tenant.person_id) for _ in range(3)], [body(added) for _ in range(3)]
    for pair in zip(mine, other, strict=True):
        for session in pair:
            post(client, tenant, session)
    page = changes(client, tenant, person_id=added, limit=2)
    assert told(page) == [(session["id"], False) for session in other[:2]]
    rest = changes(client, tenant, person_id=added, cursor=page["next"])
    assert told(rest) == [(other[2]["id"], False)]
    for query in ({}, {"person_id": str(tenant.person_id)}):
        slipped = client.get("/sessions/changes", params={**query, "cursor": page["next"]}, headers=tenant.headers)
        assert (slipped.status_code, pointers(slipped)) == (422, ["?cursor"])
    # A page that found nothing of this person is not searched again.
    post(client, tenant, body(tenant.person_id))
    further = changes(client, tenant, person_id=added, cursor=rest["next"])
    assert further["items"] == []
    assert payload(further["next"])[3][2] > payload(rest["next"])[3][2]


def test_organisations_are_apart(client: TestClient, tenant: Tenant, other_tenant: Tenant) -> None:
    post(client, other_tenant, body(other_tenant.person_id))
    post(client, tenant, body(tenant.person_id))
    theirs = changes(client, other_tenant)
    assert len(theirs["items"]) == 1
    by_person = changes(client, tenant, person_id=str(other_tenant.person_id))
    assert by_person["items"] == []
    foreign = client.get("/sessions/changes", params={"cursor": theirs["next"]}, headers=tenant.headers)
    assert foreign.status_code == 410, "it carries the other organisation's epoch"


def test_who_may_follow(client: TestClient, database: Database) -> None:
    assert client.get("/sessions/changes").status_code == 401
    writer = make_tenant(database, "writer", [Scope.SESSIONS_WRITE])
    assert client.get("/sessions/changes", headers=writer.headers).status_code == 403


def test_cursors_that_cannot_be_followed(client: TestClient, tenant: Tenant, database: Database) -> None:
    post(client, tenant, body(tenant.person_id))
    cursor = changes(client, tenant)["next"]
    version, sort, filters, (epoch, base, sequence), made_on = payload(cursor)

    def status(content: Any) -> int:
        params = {"cursor": content if isinstance(content, str) else cursor_of(content)}
        answer = client.get("/sessions/changes", params=params, headers=tenant.headers)
        assert answer.headers["content-type"].startswith("application/")
        return answer.status_code

    def key(*values: Any) -> Any:
        return [version, sort, filters, list(values), made_on]

    assert status(key(epoch, base, sequence)) == 200
    for ahead in (sequence + 1, 2**62):
        assert status(key(epoch, base, ahead)) == 410
    assert status(key(str(uuid4()), base, sequence)) == 410
    assert status([version, sort, filters, [epoch, base, sequence], made_on - 181]) == 410
    for broken in (
        key(epoch, base), key(epoch, -1, 0), key(epoch, base, "1"), key(epoch, base, 1.0), key(epoch, True, 0),
        key(epoch, base, 2**63), key("x", base, 0), key(None, base, 0), key(epoch, base, [0]), key(7, 7, 7),
    ):  # fmt: skip
        assert status(broken) == 422, broken
    assert status("nonsense") == 422
    listed = client.get("/sessions", params={"limit": 1}, headers=tenant.headers).json()["next"]
    assert listed is None or status(listed) == 422

    database.system.write_now(begin_epoch, tenant.organization_id)
    assert status(cursor) == 410
    assert len(changes(client, tenant)["items"]) == 1


def test_a_replay_a_refusal_and_a_stale_edit_are_no_changes(client: TestClient, tenant: Tenant) -> None:
    session = body(tenant.person_id)
    post(client, tenant, session)
    cursor = changes(client, tenant)["next"]
    path = f"/sessions/{session['id']}"
    assert post(client, tenant, session).status_code == 200
    assert post(client, tenant, {**session, "effort": 9}).status_code == 409
    assert client.patch(path, json={"effort": 1}, headers={**tenant.headers, "If-Match": '"v7"'}).status_code == 412
    assert client.patch(path, json={"effort": 1}, headers=tenant.headers).status_code == 428
    assert post(client, tenant, body(uuid4())).status_code == 404
    client.post("/sessions/batch", json={"sessions": [session, session]}, headers=tenant.headers)
    assert changes(client, tenant, cursor=cursor)["items"] == []


def test_whoever_follows_holds_what_the_server_holds(client: TestClient, tenant: Tenant) -> None:
    chance = random.Random(20261123)
    followers = [Follower(client, tenant.headers, limit=limit) for limit in (1, 3, 200)]
    sessions: list[Any] = []
    for _ in range(60):
        kind = chance.choice(["post", "post", "patch", "delete", "replay"])
        if kind == "post" or not sessions:
            sessions.append(body(tenant.person_id))
            post(client, tenant, sessions[-1])
            continue
        chosen = chance.choice(sessions)
        headers = {**tenant.headers, **MATCH_ANY}
        if kind == "patch":
            client.patch(f"/sessions/{chosen['id']}", json={"effort": chance.randint(0, 10)}, headers=headers)
        elif kind == "delete":
            client.delete(f"/sessions/{chosen['id']}", headers=headers)
        else:
            post(client, tenant, chosen)
        chance.choice(followers).ask()
    held = {item["id"]: item for item in client.get("/sessions?limit=200", headers=tenant.headers).json()["items"]}
    assert held
    for follower in followers:
        follower.catch_up()
        assert follower.held == held
