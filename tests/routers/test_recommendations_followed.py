"""A recommendation follows the sessions that its person has done: clinical facts 4.2, through the front door."""

from datetime import timedelta
from typing import Any

from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.data.making import STRETCH
from tests.routers.posting import NOW, body, post

ROWS = {"text": "sore between my shoulder blades after heavy rows", "limit": 20}
GREEN = {"before": 3, "during_max": 2, "next_morning": 2}
RED = {"before": 3, "during_max": 6, "next_morning": 3}


def done(
    client: TestClient, tenant: Tenant, days_ago: float, pain: dict[str, Any], /, *elsewhere: Any, **exercise: Any
) -> str:
    session = body(
        tenant.person_id,
        started_at=NOW - timedelta(days=days_ago),
        pain=[{"region": "mid_back", **pain}, *elsewhere],
        effort=4,
        exercises=[{"exercise_id": STRETCH, "completion_percent": 100, **exercise}],
    )
    assert post(client, tenant, session).status_code == 201
    return str(session["id"])


def ask(client: TestClient, tenant: Tenant, **question: Any) -> Any:
    asked = {**ROWS, "person_id": str(tenant.person_id), **question}
    answer = client.post("/recommendations", json=asked, headers=tenant.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def reach(answer: Any) -> Any:
    return next((offer for offer in answer["exercises"] if offer["exercise"]["id"] == STRETCH), None)


def explained(client: TestClient, tenant: Tenant, **question: Any) -> Any:
    asked = {"question": {**ROWS, "person_id": str(tenant.person_id), **question}, "exercise_id": STRETCH}
    answer = client.post("/recommendations/explain", json=asked, headers=tenant.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_three_good_sessions_take_the_dose_one_step_up(client: TestClient, tenant: Tenant) -> None:
    first = reach(ask(client, tenant))
    assert first["progression"] is None
    newest = done(client, tenant, 1, GREEN)
    done(client, tenant, 5, GREEN)
    done(client, tenant, 3, GREEN)
    offer = reach(ask(client, tenant))
    least, most = first["dosage"]["hold_seconds"]
    assert offer["dosage"]["hold_seconds"] == [least + 5, most + 5]
    assert offer["dosage"]["rule"] == "general+up_1"
    assert offer["progression"] == {
        "change": "progress",
        "rule": "greens",
        "steps_up": 1,
        "cuts": 0,
        "session_id": newest,
        "values": {"before": 3, "during": 2, "next_morning": 2, "effort": 4, "completion_percent": 100},
        "text": "It went well several times in a row, so the dose goes up one step.",
    }


def test_pregnant_only_green_is_borne(client: TestClient, tenant: Tenant) -> None:
    done(client, tenant, 1, {"before": 2, "during_max": 4, "next_morning": 2})
    assert reach(ask(client, tenant))["progression"]["rule"] == "amber"
    expecting = ask(client, tenant, person={"pregnant": True, "pregnancy_weeks": 12})
    assert reach(expecting)["progression"]["rule"] == "red_during"


def test_before_3_and_during_6_cuts_the_dose(client: TestClient, tenant: Tenant) -> None:
    first = reach(ask(client, tenant))["dosage"]["repetitions"]
    done(client, tenant, 1, RED)
    offer = reach(ask(client, tenant))
    assert offer["progression"]["rule"] == "red_during"
    assert offer["dosage"]["repetitions"][1] < first[1]


def test_what_hurt_twice_is_left_out_and_says_why(client: TestClient, tenant: Tenant) -> None:
    done(client, tenant, 3, GREEN, hurt=True)
    done(client, tenant, 1, RED)
    answer = ask(client, tenant)
    assert reach(answer) is None
    (left_out,) = [each for each in answer["excluded"] if each["exercise_id"] == STRETCH]
    assert (left_out["rule"], left_out["property"]) == ("suspended", "red_twice")
    why = explained(client, tenant)
    assert (why["standing"], why["excluded"]["rule"]) == ("left_out", "suspended")
    assert reach(ask(client, tenant, screening={"cleared": True}))["progression"]["rule"] == "cleared"
    assert explained(client, tenant, screening={"cleared": True})["standing"] == "offered"


def test_three_bad_sessions_in_a_week_send_to_a_clinician(client: TestClient, tenant: Tenant) -> None:
    for days in (1, 3, 5):
        done(client, tenant, days, RED)
    answer = ask(client, tenant)
    assert answer["triage"]["disposition"] == "see_clinician"
    assert answer["triage"]["action"] == "book_clinician"
    assert "three times within a week" in answer["triage"]["advice"]
    assert {each["exercise"]["kind"] for each in answer["exercises"]} <= {"breathing"}
    assert explained(client, tenant)["triage"]["disposition"] == "see_clinician"
    assert ask(client, tenant, screening={"cleared": True})["triage"]["disposition"] in {"caution", "self_care"}


def test_the_days_without_it_lead_back_to_the_first_dose(client: TestClient, tenant: Tenant) -> None:
    for days in (30, 28, 26, 24, 22, 20):
        done(client, tenant, days, GREEN)
    offer = reach(ask(client, tenant))
    assert (offer["progression"]["change"], offer["progression"]["steps_up"]) == ("restart", 0)
    assert (offer["dosage"]["rule"], offer["progression"]["session_id"]) == ("general", None)
    assert offer["progression"]["values"] == {"days_without": 20}


def test_sessions_of_others_and_deleted_ones_do_not_count(
    client: TestClient, tenant: Tenant, other_tenant: Tenant
) -> None:
    for days in (1, 3):
        done(client, other_tenant, days, RED)
    gone = done(client, tenant, 1, RED)
    headers = {**tenant.headers, "If-Match": '"v1"'}
    assert client.delete(f"/sessions/{gone}", headers=headers).status_code == 204
    assert reach(ask(client, tenant))["progression"] is None


def constant(pain: int) -> dict[str, int]:
    return {"before": pain, "during_max": pain, "next_morning": pain}


def test_who_lives_with_pain_goes_further_unless_only_green_is_allowed(client: TestClient, tenant: Tenant) -> None:
    for days in (5, 3, 1):
        done(client, tenant, days, constant(5))
    assert reach(ask(client, tenant))["progression"]["rule"] == "greens"
    held = reach(ask(client, tenant, conditions=["achilles_mid"]))["progression"]
    assert (held["rule"], held["steps_up"]) == ("amber", 0)


def test_pain_that_climbs_takes_no_further_step(client: TestClient, tenant: Tenant) -> None:
    for days, pain in ((13, 2), (11, 2), (8.5, 3), (6, 4), (3.5, 4), (1, 4)):
        done(client, tenant, days, constant(pain))
    held = reach(ask(client, tenant))["progression"]
    assert (held["change"], held["rule"], held["steps_up"]) == ("hold", "rising_held", 1)
    assert "your pain has risen" in held["text"]


def test_more_pain_since_a_dose_rose_takes_the_rise_back(client: TestClient, tenant: Tenant) -> None:
    first = reach(ask(client, tenant))["dosage"]
    for days, pain in ((31, 1), (25, 1), (19, 1), (13, 2), (7, 4), (1, 4)):
        done(client, tenant, days, constant(pain))
    back = reach(ask(client, tenant))
    told = back["progression"]
    assert (told["change"], told["rule"], told["steps_up"]) == ("regress", "worse_since_rise", 0)
    assert told["values"] == {"latest": 3, "least_since_rise": 1}
    assert (back["dosage"]["hold_seconds"], told["cuts"]) == (first["hold_seconds"], 1)
    assert back["dosage"]["repetitions"][1] < first["repetitions"][1]


def test_the_pain_afterwards_cuts_the_dose(client: TestClient, tenant: Tenant) -> None:
    first = reach(ask(client, tenant))["dosage"]["repetitions"]
    done(client, tenant, 1, {"before": 3, "during_max": 2, "after": 9, "next_morning": 3})
    offer = reach(ask(client, tenant))
    assert (offer["progression"]["rule"], offer["progression"]["values"]["after"]) == ("red_after", 9)
    assert offer["dosage"]["repetitions"][1] < first[1]


def test_a_bad_morning_cuts_although_nobody_told_of_the_pain_before(client: TestClient, tenant: Tenant) -> None:
    done(client, tenant, 1, {"during_max": 2, "next_morning": 9})
    assert reach(ask(client, tenant))["progression"]["rule"] == "red_next_morning"


def test_pain_elsewhere_raises_nothing_and_three_times_a_week_sends_to_a_clinician(
    client: TestClient, tenant: Tenant
) -> None:
    shoulder = {"region": "shoulder", "before": 2, "during_max": 9, "next_morning": 9}
    done(client, tenant, 5, GREEN, shoulder)
    done(client, tenant, 3, GREEN, shoulder)
    held = reach(ask(client, tenant))["progression"]
    assert (held["change"], held["rule"], held["cuts"]) == ("hold", "red_elsewhere", 0)
    done(client, tenant, 1, GREEN, shoulder)
    assert ask(client, tenant)["triage"]["disposition"] == "see_clinician"
    listed = client.get("/people", params={"sort": "attention"}, headers=tenant.headers).json()["items"]
    reasons = {person["id"]: person["attention"]["reasons"] for person in listed}
    assert "red_sessions" in reasons[str(tenant.person_id)], "whoever looks is told the same"


def test_pain_of_the_whole_back_is_pain_of_the_mid_back(client: TestClient, tenant: Tenant) -> None:
    done(client, tenant, 1, GREEN, {"region": "back", "before": 2, "during_max": 8, "next_morning": 8})
    cut = reach(ask(client, tenant))["progression"]
    assert (cut["change"], cut["rule"]) == ("regress", "red_next_morning")


def test_many_sessions_of_one_hour_raise_nothing(client: TestClient, tenant: Tenant) -> None:
    for count in range(12):
        done(client, tenant, count / 300, GREEN)
    assert reach(ask(client, tenant))["progression"]["steps_up"] == 0
    for count in range(6):
        done(client, tenant, 2 + count / 300, GREEN)
    assert reach(ask(client, tenant))["progression"]["steps_up"] == 0


def test_what_was_not_done_raises_nothing(client: TestClient, tenant: Tenant) -> None:
    for days in (5, 3, 1):
        done(client, tenant, days, GREEN, completion_percent=None, sets=0, repetitions=0)
    held = reach(ask(client, tenant))["progression"]
    assert (held["rule"], held["steps_up"]) == ("not_easy_enough", 0)


EASED = {"before": 5, "during_max": 2, "after": 3, "next_morning": 3}


def parts(offer: Any) -> dict[str, float]:
    return {part["part"]: part["value"] for part in offer["score_parts"]}


def test_what_helped_goes_up_and_says_why(client: TestClient, tenant: Tenant) -> None:
    first = reach(ask(client, tenant))
    done(client, tenant, 5, EASED)
    assert "history" not in parts(reach(ask(client, tenant))), "once may be chance"
    done(client, tenant, 3, EASED)
    offer = reach(ask(client, tenant))
    assert parts(offer)["history"] > 0
    assert offer["score"] > first["score"]
    (why,) = [reason for reason in offer["reasons"] if reason["code"] == "helped"]
    assert why["text"] == "It has helped you: your pain was clearly less after 2 of your sessions with it."


def test_what_was_too_much_once_goes_down_and_says_why(client: TestClient, tenant: Tenant) -> None:
    for days in (7, 5):
        done(client, tenant, days, EASED)
    done(client, tenant, 1, RED)
    offer = reach(ask(client, tenant))
    assert parts(offer)["history"] < 0
    assert offer["reasons"][0]["code"] == "too_much"


def test_what_hurt_twice_goes_away_although_it_went_well_between(client: TestClient, tenant: Tenant) -> None:
    done(client, tenant, 7, GREEN, hurt=True)
    done(client, tenant, 5, GREEN)
    done(client, tenant, 3, GREEN, hurt=True)
    answer = ask(client, tenant)
    (left_out,) = [each for each in answer["excluded"] if each["exercise_id"] == STRETCH]
    assert (left_out["rule"], left_out["property"]) == ("suspended", "hurt_twice")
    assert "hurt you twice" in left_out["reason"]


def test_after_four_weeks_without_relief_a_clinician_is_named(client: TestClient, tenant: Tenant) -> None:
    for days in (34, 30, 26, 22, 18, 14, 10, 6, 2):
        done(client, tenant, days, {"before": 5, "during_max": 5, "next_morning": 5})
    assert "a clinician should look at it" in ask(client, tenant)["education"][0]


def test_with_pain_above_5_before_it_nothing_loaded_is_offered(client: TestClient, tenant: Tenant) -> None:
    loaded = {"strength", "eccentric"}
    for severity, offers in ((5, True), (6, False)):
        areas = [{"region": region, "severity": severity} for region in ("mid_back", "calf")]
        kinds = {each["exercise"]["kind"] for each in ask(client, tenant, pain_areas=areas, text="")["exercises"]}
        assert bool(kinds & loaded) == offers, kinds
