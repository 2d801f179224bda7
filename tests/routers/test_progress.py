"""The room of `/progress`: each session counts once, on the day of the person's own calendar."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.data.making import STRETCH, body
from tests.routers.programming import added, changed, item, program
from tests.routers.test_authorisation_matrix import counting

ZONE = ZoneInfo("Pacific/Auckland")


def at(days_ago: int, hour: int = 0) -> datetime:
    """Return an hour of a past day on the wall clock of Auckland, in UTC."""
    today = datetime.now(ZONE).date()
    local = datetime.combine(today - timedelta(days=days_ago), datetime.min.time(), ZONE) + timedelta(hours=hour)
    return local.astimezone(UTC)


def day(days_ago: int) -> str:
    return (datetime.now(ZONE).date() - timedelta(days=days_ago)).isoformat()


def post(client: TestClient, tenant: Tenant, started_at: datetime, **changes: Any) -> Any:
    session = body(tenant.person_id, started_at=started_at, timezone=ZONE.key, **changes)
    answer = client.post("/sessions", json=session, headers=tenant.headers)
    assert answer.status_code == 201
    return answer.json()


def progress(client: TestClient, tenant: Tenant, **query: Any) -> Any:
    answer = client.get("/progress", params={"person_id": str(tenant.person_id), **query}, headers=tenant.headers)
    assert answer.status_code == 200
    return answer.json()


def test_a_person_without_sessions_has_empty_figures(client: TestClient, tenant: Tenant) -> None:
    found = progress(client, tenant)
    assert (found["sessions"], found["minutes"], found["days"], found["regions"]) == (0, 0, [], [])
    assert found["last_session_at"] is None
    assert (found["gaps"], found["exercises_done"], found["function"]) == ([], [], [])


def test_sessions_count_on_the_persons_own_days(client: TestClient, tenant: Tenant) -> None:
    post(client, tenant, at(1, 0))
    post(client, tenant, at(1, 23))
    post(client, tenant, at(2, 12), pain=[])
    post(client, tenant, at(6, 12))
    found = progress(client, tenant)
    assert (found["sessions"], found["minutes"], found["exercises"], found["active_days"]) == (4, 40, 4, 3)
    assert [(one["day"], one["sessions"]) for one in found["days"]] == [(day(6), 1), (day(2), 1), (day(1), 2)]
    assert (found["current_streak_days"], found["longest_streak_days"], found["to_day"]) == (2, 2, day(0))
    (region,) = found["regions"]
    assert (region["region"], region["sessions"], region["change"]) == ("mid_back", 3, -2)
    assert region["before"] == {"mean": 5, "sessions": 3, "per_week": None}
    assert region["next_morning"] == {"mean": None, "sessions": 0, "per_week": None}
    assert [one["day"] for one in progress(client, tenant, days=3)["days"]] == [day(2), day(1)]


def test_changes_and_deletions_are_counted_anew(client: TestClient, tenant: Tenant) -> None:
    first, second = post(client, tenant, at(1, 8)), post(client, tenant, at(1, 9))
    moved = {
        "started_at": at(3, 8).isoformat(),
        "ended_at": (at(3, 8) + timedelta(minutes=30)).isoformat(),
        "pain": [{"region": "neck", "before": 8, "after": 2, "next_morning": 1}],
        "exercises": [{"exercise_id": STRETCH}] * 3,
    }
    path = f"/sessions/{first['id']}"
    assert client.patch(path, json=moved, headers={**tenant.headers, "If-Match": '"v1"'}).status_code == 200
    found = progress(client, tenant)
    assert [(one["day"], one["sessions"], one["minutes"]) for one in found["days"]] == [
        (day(3), 1, 30),
        (day(1), 1, 10),
    ]
    assert {one["region"]: one["change"] for one in found["regions"]} == {"mid_back": -2, "neck": -6}
    assert found["exercises"] == 4
    later = {"pain": [{"region": "mid_back", "before": 5, "after": 3, "next_morning": 0}]}
    path = f"/sessions/{second['id']}"
    assert client.patch(path, json=later, headers={**tenant.headers, "If-Match": '"v1"'}).status_code == 200
    (middle, _) = progress(client, tenant)["regions"]
    assert (middle["sessions"], middle["next_morning"]) == (1, {"mean": 0, "sessions": 1, "per_week": None})
    for one in (first, second):
        assert client.delete(f"/sessions/{one['id']}", headers={**tenant.headers, "If-Match": "*"}).status_code == 204
    found = progress(client, tenant)
    assert (found["sessions"], found["days"], found["regions"], found["longest_streak_days"]) == (0, [], [], 0)


def test_a_replayed_batch_counts_nothing_twice(client: TestClient, tenant: Tenant) -> None:
    sessions = [body(tenant.person_id, started_at=at(1, 8), timezone=ZONE.key) for _ in range(20)]
    for sent in (sessions[:12], sessions[8:], sessions, [*sessions, *sessions]):
        answer = client.post("/sessions/batch", json={"sessions": sent}, headers=tenant.headers)
        assert answer.status_code == 200
    assert progress(client, tenant)["sessions"] == 20


def test_bad_queries_name_their_parameter(client: TestClient, tenant: Tenant) -> None:
    mine = {"person_id": str(tenant.person_id)}
    for query, pointer in (
        ({}, "?person_id"), ({"person_id": "x"}, "?person_id"), ({**mine, "days": "0"}, "?days"),
        ({**mine, "days": "3661"}, "?days"), ({**mine, "days": str(2**63)}, "?days"),
        ({**mine, "days": "nan"}, "?days"),
        ({**mine, "timezone": "Mars"}, "?timezone"), ({**mine, "day": "9"}, "?day"),
    ):  # fmt: skip
        answer = client.get("/progress", params=query, headers=tenant.headers)
        assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer]), query
    assert client.get("/progress", params={"person_id": str(uuid4())}, headers=tenant.headers).status_code == 404
    assert progress(client, tenant, days=3660, timezone="Pacific/Apia")["sessions"] == 0


def test_the_course_of_pain_is_told(client: TestClient, tenant: Tenant) -> None:
    for days_ago, before in ((60, 7), (53, 7), (46, 6), (39, 6), (32, 5), (25, 5), (18, 4)):
        pain = [{"region": "mid_back", "before": before, "after": before - 2, "next_morning": before - 1}]
        post(client, tenant, at(days_ago, 9), pain=pain)
    found = progress(client, tenant)
    (region,) = found["regions"]
    assert region["course"] == {"baseline": 7, "recent": 5, "change": -2, "least": 2, "course": "improved"}
    assert region["steady"] is True
    assert (region["before"]["per_week"], region["next_morning"]["per_week"]) == (-0.5, -0.5)
    assert region["days"][0] == {"day": day(60), "before": 7, "after": 5, "next_morning": 6}
    assert [(gap["from_day"], gap["to_day"], gap["days"], gap["ongoing"]) for gap in found["gaps"]] == [
        (day(17), day(1), 17, True)
    ]
    (region,) = progress(client, tenant, days=30)["regions"]
    assert (region["course"]["course"], region["steady"]) == ("too_few", None)


def test_gaps_are_told_in_their_whole_length(client: TestClient, tenant: Tenant) -> None:
    for days_ago in (40, 33, 25, 0):
        post(client, tenant, at(days_ago))
    told = [(gap["from_day"], gap["days"], gap["ongoing"]) for gap in progress(client, tenant)["gaps"]]
    assert told == [(day(32), 7, False), (day(24), 24, False)]
    assert [gap["days"] for gap in progress(client, tenant, days=5)["gaps"]] == [24]


def test_what_helps_and_what_hurts_is_told_by_exercise(client: TestClient, tenant: Tenant) -> None:
    eased, worse = ({"region": "mid_back", "before": 5, "after": after} for after in (2, 7))
    for number in range(3):
        exercises = [{"exercise_id": STRETCH}, {"exercise_id": STRETCH, "side": "left"}]
        post(client, tenant, at(number + 1, 8), pain=[eased], exercises=exercises)
        post(
            client, tenant, at(number + 1, 9), pain=[worse], exercises=[{"exercise_id": "cat-cow", "hurt": number > 0}]
        )
    found = {each["exercise_id"]: each for each in progress(client, tenant)["exercises_done"]}
    assert (found[STRETCH]["effect"], found[STRETCH]["sessions"], found[STRETCH]["change"]) == ("helps", 3, -3)
    assert (found["cat-cow"]["effect"], found["cat-cow"]["worsened"], found["cat-cow"]["hurt"]) == ("hurts", 3, 2)
    assert progress(client, tenant, days=1)["exercises_done"] == []


def test_it_takes_three_statements_however_much_there_is(client: TestClient, tenant: Tenant) -> None:
    counts = []
    for number in range(3):
        sessions = [body(tenant.person_id, started_at=at(one % 40, one % 7)) for one in range(40 * number)]
        if sessions:
            client.post("/sessions/batch", json={"sessions": sessions}, headers=tenant.headers)
        with counting() as counted:
            progress(client, tenant, days=365)
        counts.append(counted.read)
    assert counts == [3, 3, 3]


def test_adherence_counts_what_a_program_asked_for(client: TestClient, tenant: Tenant) -> None:
    assert progress(client, tenant)["adherence"] is None
    made = added(client, tenant, program(tenant, item(), item("cat-cow"), starts_on=day(3), timezone=ZONE.key))
    for days_ago, exercises in ((3, [STRETCH]), (2, [STRETCH, "cat-cow"]), (1, ["bird-dog"])):
        post(client, tenant, at(days_ago, 8), exercises=[{"exercise_id": key} for key in exercises])
    assert progress(client, tenant, days=4)["adherence"]
    with counting() as counted:
        found = progress(client, tenant, days=4)["adherence"]
    weeks = found.pop("weeks")
    assert found == {"due": 8, "done": 3, "percent": 38, "days_due": 4}
    assert (weeks[0]["from_day"], [sum(week[key] for week in weeks) for key in ("due", "done")]) == (day(3), [8, 3])
    assert counted.read == 3
    assert progress(client, tenant, days=1)["adherence"] == {
        "due": 2, "done": 0, "percent": 0, "days_due": 1, "weeks": [{"from_day": day(0), "due": 2, "done": 0}]
    }  # fmt: skip
    changed(client, tenant, made, state="ended")
    assert progress(client, tenant, days=1)["adherence"] is None
