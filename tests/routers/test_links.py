"""Links: the clinic sees what the person consented to, nothing before, nothing after, and nothing once it is over."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from data import access
from data.database import Database
from tests.conftest import make_tenant
from tests.linking import Pair, pair, stated
from tests.routers.posting import body, pointers
from tests.signing import Clock, sign_up


@pytest.fixture
def client(database_url: str, clock: Clock) -> Iterator[TestClient]:
    settings = Settings(database_url=database_url, rate_limits=False, access_minutes=1440, _env_file=None)
    with TestClient(create_app(settings, clock=clock)) as opened:
        yield opened


@pytest.fixture
def linked(client: TestClient, database: Database, clock: Clock) -> Pair:
    return pair(client, database, clock.now)


def test_what_lies_in_the_time_consented_to_is_seen_and_nothing_else(linked: Pair, clock: Clock) -> None:
    early = linked.post(clock.now - timedelta(days=10))
    before = linked.post(clock.now - timedelta(days=3))
    link = linked.link(covers_from=clock.now - timedelta(days=5), covers_until=clock.now - timedelta(days=1))
    between = linked.post(clock.now - timedelta(days=2), notes="between")
    linked.post(clock.now - timedelta(hours=2))
    shown = linked.seen()
    assert [log["started_at"] for log in shown] == [between["started_at"], before["started_at"]]
    assert early["started_at"] not in [log["started_at"] for log in shown]
    own = ("id", "person_id", "link_id", "created_at", "updated_at")
    assert without(shown[0], own) == without(between, own)
    assert {log["link_id"] for log in shown} == {link["id"]}
    assert {log["person_id"] for log in shown} == {str(linked.clinic.person_id)}
    assert {log["id"] for log in shown}.isdisjoint({before["id"], between["id"]})
    assert linked.counted() == 2


def test_what_reaches_over_an_edge_of_that_time_is_not_seen(linked: Pair, clock: Clock) -> None:
    begin, end, minute = clock.now - timedelta(days=2), clock.now - timedelta(days=1), timedelta(minutes=1)
    linked.link(covers_from=begin, covers_until=end)
    for started_at, ended_at in ((begin - minute, begin + minute), (end - minute, end + minute), (end, end + minute)):
        linked.post(started_at, ended_at=ended_at)
    assert linked.seen() == []
    for started_at, ended_at in ((begin, begin + minute), (end - minute, end)):
        linked.post(started_at, ended_at=ended_at)
    assert (len(linked.seen()), linked.counted()) == (2, 2)


def test_a_link_shares_from_now_on_unless_it_says_otherwise(linked: Pair, clock: Clock) -> None:
    linked.post(clock.now - timedelta(minutes=30))
    link = linked.link()
    assert link["consent"]["covers_from"] == iso(clock)
    assert linked.seen() == []
    clock.forward(hours=1)
    linked.post(clock.now - timedelta(minutes=30))
    batch = [without(body(uuid4(), started_at=clock.now - timedelta(minutes=20)), ("person_id",)) for _ in range(3)]
    answer = linked.phone.post("/sessions/batch", {"sessions": [*batch, batch[0]]})
    assert [result["status"] for result in answer.json()["results"]] == ["created"] * 3 + ["replayed"]
    assert len(linked.seen()) == 4


def test_a_withdrawn_link_leaves_nothing_anywhere(linked: Pair, clock: Clock) -> None:
    own = linked.client.post(
        "/sessions", json=body(linked.clinic.person_id, started_at=clock.now), headers=linked.clinic.headers
    ).json()
    everywhere = linked.everything(own["id"])
    start = linked.at_clinic("/sessions/changes").json()["next"]
    link = linked.link(covers_from=clock.now - timedelta(days=30), recommendations=True)
    linked.post(clock.now - timedelta(days=2), notes="my private words")
    shared = linked.seen()[-1]
    assert linked.at_clinic(f"/sessions/{shared['id']}").json() == shared
    told = linked.at_clinic("/sessions/changes", cursor=start).json()
    assert [(item["id"], item["deleted"]) for item in told["items"]] == [(shared["id"], False)]
    assert linked.withdraw(link).status_code == 204
    assert linked.everything(own["id"]) == everywhere
    gone = linked.at_clinic("/sessions/changes", cursor=told["next"]).json()["items"]
    assert gone == [{"id": shared["id"], "deleted": True, "session": None}]
    assert linked.at_clinic(f"/sessions/{shared['id']}").status_code == 404
    linked.post(clock.now - timedelta(days=1))
    assert linked.everything(own["id"]) == everywhere
    assert linked.withdraw(link).status_code == 204
    ended = linked.phone.get(f"/me/links/{link['id']}").json()
    assert ended["withdrawn_at"] == iso(clock)
    assert linked.change(link).status_code == 404


def test_a_changed_consent_governs_what_was_shared_already(linked: Pair, clock: Clock) -> None:
    old = linked.post(clock.now - timedelta(days=9))
    new = linked.post(clock.now - timedelta(days=1))
    link = linked.link(covers_from=clock.now - timedelta(days=20))
    kept = next(log["id"] for log in linked.seen() if log["started_at"] == new["started_at"])
    changed = linked.change(link, covers_from=clock.now - timedelta(days=5))
    assert changed.status_code == 200
    assert [log["id"] for log in linked.seen()] == [kept]
    figures = linked.change(changed.json(), sessions=False, covers_from=clock.now - timedelta(days=20)).json()
    assert linked.seen() == []
    assert linked.counted() == 2
    again = linked.change(figures, covers_from=clock.now - timedelta(days=20)).json()
    assert {log["started_at"] for log in linked.seen()} == {old["started_at"], new["started_at"]}
    assert kept not in {log["id"] for log in linked.seen()}
    assert linked.counted() == 2
    assert again["version"] == 4
    stale = linked.change(link)
    assert stale.status_code == 412
    assert stale.json()["current"] == again


def test_figures_alone_follow_what_is_posted_changed_and_deleted(linked: Pair, clock: Clock) -> None:
    link = linked.link(sessions=False, covers_from=clock.now - timedelta(days=9))
    posted = linked.post(clock.now - timedelta(days=2), pain=[{"region": "mid_back", "before": 6, "after": 2}])
    assert (linked.counted(), linked.seen()) == (1, [])
    figures = linked.at_clinic("/progress", person_id=str(linked.clinic.person_id), timezone="UTC").json()
    assert figures["regions"][0]["change"] == -4
    headers = {**linked.phone.headers, "If-Match": "*"}
    moved = {"started_at": iso(clock, days=20), "ended_at": iso(clock, days=20)}
    assert linked.client.patch(f"/sessions/{posted['id']}", json=moved, headers=headers).status_code == 200
    assert linked.counted() == 0
    back = {"started_at": iso(clock, days=1), "ended_at": iso(clock, days=1)}
    assert linked.client.patch(f"/sessions/{posted['id']}", json=back, headers=headers).status_code == 200
    assert linked.counted() == 1
    assert linked.client.delete(f"/sessions/{posted['id']}", headers=headers).status_code == 204
    assert linked.counted() == 0
    linked.post(clock.now - timedelta(days=1))
    assert linked.withdraw(link).status_code == 204
    assert linked.counted() == 0


def test_edits_and_deletions_reach_the_clinic_under_the_same_id(linked: Pair, clock: Clock) -> None:
    linked.link(covers_from=clock.now - timedelta(days=9))
    posted = linked.post(clock.now - timedelta(days=2))
    first = linked.seen()[0]
    headers = {**linked.phone.headers, "If-Match": "*"}
    patch = {"title": "Morning", "pain": [{"region": "mid_back", "side": "left", "before": 5, "next_morning": 1}]}
    changed = linked.client.patch(f"/sessions/{posted['id']}", json=patch, headers=headers).json()
    second = linked.seen()[0]
    assert (second["id"], second["title"], second["version"]) == (first["id"], "Morning", 2)
    assert second["pain"] == changed["pain"]
    cursor = linked.at_clinic("/sessions/changes").json()["next"]
    assert linked.client.delete(f"/sessions/{posted['id']}", headers=headers).status_code == 204
    assert linked.seen() == []
    assert linked.at_clinic("/sessions/changes", cursor=cursor).json()["items"][0]["deleted"] is True


def test_what_is_shared_is_read_only_at_the_clinic(linked: Pair, clock: Clock) -> None:
    linked.link(covers_from=clock.now - timedelta(days=9))
    linked.post(clock.now - timedelta(days=2))
    shared = linked.seen()[0]
    headers = {**linked.clinic.headers, "If-Match": "*"}
    path = f"/sessions/{shared['id']}"
    refused = (
        linked.client.patch(path, json={"effort": 9}, headers=headers),
        linked.client.delete(path, headers=headers),
    )
    assert [(one.status_code, one.json()["type"]) for one in refused] == [(403, "/problems/shared-read-only")] * 2
    assert linked.seen() == [shared]


def test_a_sign_in_a_shared_session_holds_at_the_clinic_until_the_link_ends(linked: Pair, clock: Clock) -> None:
    link = linked.link(covers_from=clock.now - timedelta(days=9))
    posted = linked.post(clock.now - timedelta(days=1), notes="crushing chest pain and sweating")
    assert posted["triage"]["disposition"] == "emergency"
    assert linked.seen()[0]["triage"]["disposition"] == "emergency"
    assert linked.disposition() == "answer_first"
    assert linked.change(link, covers_from=clock.now).status_code == 200
    assert linked.disposition() != "answer_first"
    back = linked.change({**link, "version": 2}, covers_from=clock.now - timedelta(days=9))
    assert linked.disposition() == "answer_first"
    assert linked.withdraw(back.json()).status_code == 204
    assert linked.disposition() != "answer_first"


def test_recommendations_are_shared_where_that_was_agreed_to(linked: Pair, clock: Clock) -> None:
    question = {"pain_areas": [{"region": "mid_back"}]}
    early = linked.phone.post("/recommendations", question).json()["id"]
    clock.forward(hours=20)
    link = linked.link(recommendations=True)
    given = linked.phone.post("/recommendations", {"pain_areas": [{"region": "neck"}]}).json()
    assert linked.at_clinic(f"/recommendations/{given['id']}").json() == given
    assert linked.at_clinic(f"/recommendations/{early}").status_code == 404
    wider = linked.change(link, recommendations=True, covers_from=clock.now - timedelta(days=2)).json()
    assert linked.at_clinic(f"/recommendations/{early}").status_code == 200
    assert linked.change(wider, covers_from=clock.now - timedelta(days=2)).status_code == 200
    for each in (early, given["id"]):
        assert linked.at_clinic(f"/recommendations/{each}").status_code == 404
        assert linked.phone.get(f"/recommendations/{each}").status_code == 200


def test_a_code_is_good_for_one_link_within_a_week(linked: Pair, clock: Clock) -> None:
    first, second = linked.code(), linked.code()
    assert pointers(linked.accept(first)) == ["/code"]
    typed = second.lower().replace("-", " ")
    made = linked.accept(typed)
    assert made.status_code == 201
    again = linked.accept(second)
    assert (again.status_code, again.json()) == (200, made.json())
    assert linked.accept(second, sessions=False).status_code == 409
    other = sign_up(linked.client, organization_id=linked.app())
    assert pointers(other.post("/me/links", {"code": second, "consent": stated()})) == ["/code"]
    third = linked.code()
    assert linked.accept(third).json()["type"] == "/problems/already-linked"
    assert linked.withdraw(made.json()).status_code == 204
    clock.forward(days=7)
    assert linked.phone.refresh().status_code == 200
    assert pointers(linked.accept(third)) == ["/code"]
    assert linked.accept(linked.code()).status_code == 201


@pytest.mark.parametrize(
    ("consent", "pointer"),
    [
        ({"progress": False}, "/consent/progress"),
        ({"sessions": False, "progress": False}, "/consent"),
        ({"covers_from": "2199-01-01T00:00:00Z"}, "/consent/covers_from"),
        ({"covers_until": "2001-01-01T00:00:00Z"}, "/consent/covers_until"),
        ({"covers_from": "2001-01-02T00:00:00Z", "covers_until": "2001-01-01T00:00:00Z"}, "/consent/covers_until"),
        ({"wording": ""}, "/consent/wording"),
        ({"sessions": "yes"}, "/consent/sessions"),
    ],
)
def test_a_consent_that_cannot_be_is_refused(linked: Pair, consent: dict[str, Any], pointer: str) -> None:
    code = linked.code()
    refused = linked.accept(code, **consent)
    assert (refused.status_code, pointers(refused)) == (422, [pointer])
    assert linked.accept(code).status_code == 201


def test_the_record_of_consents_is_only_added_to(linked: Pair, clock: Clock) -> None:
    link = linked.link(wording="first")
    changed = linked.change(link, sessions=False, wording="second").json()
    assert linked.withdraw(changed).status_code == 204
    first, rest = (linked.phone.get("/me/consents", limit=1), linked.phone.get("/me/consents"))
    assert first.json()["items"] == rest.json()["items"][:1]
    record = rest.json()["items"]
    assert [(entry["act"], entry["sessions"], entry["wording"]) for entry in record] == [
        ("given", True, "first"), ("changed", False, "second"), ("withdrawn", False, ""),
    ]  # fmt: skip
    assert {(entry["link_id"], entry["organization_name"]) for entry in record} == {(link["id"], "clinic")}
    assert linked.phone.get("/me/links").json()["items"][0]["consent"] == changed["consent"]


def test_the_clinic_is_told_of_links_that_stand_and_of_no_others(linked: Pair, clock: Clock) -> None:
    path = f"/people/{linked.clinic.person_id}/links"
    link = linked.link(covers_from=clock.now - timedelta(days=1))
    (told,) = linked.at_clinic(path).json()["items"]
    assert (told["id"], told["covers_from"], told["sessions"]) == (link["id"], iso(clock, days=1), True)
    assert linked.phone.person_id not in str(told)
    linked.change(link, sessions=False)
    assert linked.at_clinic(path).json()["items"][0]["sessions"] is False
    linked.withdraw(link)
    assert linked.at_clinic(path).json()["items"] == []


def test_what_came_by_a_link_goes_no_further(linked: Pair, database: Database, clock: Clock) -> None:
    """The clinic's person has an account too, and shares with a second clinic: only what is the clinic's own."""
    database.system.write_now(access.open_to_strangers, linked.clinic.organization_id)
    patient = sign_up(linked.client, organization_id=str(linked.clinic.organization_id))
    clinic = replace(linked.clinic, person_id=UUID(patient.person_id))
    first = Pair(linked.client, clinic, linked.phone)
    onward = Pair(linked.client, make_tenant(database, "second clinic"), patient)
    days = {"covers_from": clock.now - timedelta(days=9)}
    first.link(**days, recommendations=True)
    first.post(clock.now - timedelta(days=1))
    onward.link(**days, recommendations=True)
    first.post(clock.now - timedelta(days=2))
    own = onward.post(clock.now - timedelta(days=3))
    assert len(first.seen()) == 3
    assert [log["started_at"] for log in onward.seen()] == [own["started_at"]]
    assert onward.counted() == 1
    back = Pair(linked.client, make_tenant(database, "third clinic"), linked.phone)
    back.link(**days)
    assert len(back.seen()) == 2


def without(value: Any, names: tuple[str, ...]) -> Any:
    return {name: held for name, held in value.items() if name not in names}


def iso(clock: Clock, **ago: float) -> str:
    return (clock.now - timedelta(**ago)).isoformat().replace("+00:00", "Z")
