"""What a program says of today: the dose follows the sessions, and everything that is known for safety holds."""

from datetime import timedelta
from typing import Any

from starlette.testclient import TestClient

from api.examples import OWN_EXERCISE
from tests.conftest import Tenant
from tests.data.making import STRETCH
from tests.routers.posting import NOW
from tests.routers.programming import (
    BREATHING,
    DOSE,
    RED,
    TODAY,
    added,
    changed,
    done,
    item,
    program,
    today,
)

ROWS = {"text": "sore between my shoulder blades after heavy rows"}
EMERGENCY = {"pain_areas": [{"region": "low_back"}], "text": "numb bum and cannot pee"}


def ids(told: Any) -> list[str]:
    return [due["exercise"]["id"] for due in told["exercises"]]


def played(told: Any) -> list[str]:
    return list(dict.fromkeys(each["exercise_id"] for each in told["routine"]["items"]))


def left_out(told: Any) -> dict[str, str]:
    return {each["exercise_id"]: each["rule"] for each in told["excluded"]}


def recommended(client: TestClient, tenant: Tenant, **question: Any) -> Any:
    asked = {**ROWS, "person_id": str(tenant.person_id), **question}
    answer = client.post("/recommendations", json=asked, headers=tenant.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def of(client: TestClient, tenant: Tenant, answer: Any, **more: Any) -> Any:
    content = {"person_id": str(tenant.person_id), "starts_on": str(TODAY - timedelta(days=28)), "timezone": "UTC"}
    return added(client, tenant, {**content, "from_recommendation_id": answer["id"], **more})


def hold_seconds(told: Any) -> Any:
    return next(due["dosage"]["hold_seconds"] for due in told["exercises"] if due["exercise"]["id"] == STRETCH)


def test_a_recommendation_becomes_a_program_with_its_exercises_and_doses(client: TestClient, tenant: Tenant) -> None:
    answer = recommended(client, tenant)
    made = of(client, tenant, answer)
    (phase,) = made["phases"]
    assert [each["exercise_id"] for each in phase["items"]] == played(answer)
    assert made["from_recommendation_id"] == answer["id"]
    told = today(client, tenant, made)
    assert (told["state"], ids(told), told["excluded"]) == ("due", played(answer), [])
    doses = {offer["exercise"]["id"]: offer["dosage"] for offer in answer["exercises"]}
    for due in told["exercises"]:
        mine, theirs = due["dosage"], doses[due["exercise"]["id"]]
        assert {name: mine[name] for name in ("hold_seconds", "repetitions", "sets", "sides")} == {
            name: theirs[name] for name in ("hold_seconds", "repetitions", "sets", "sides")
        }
    assert played(told) == played(answer)
    again = client.post(
        "/programs",
        json={**program(tenant), "phases": None, "from_recommendation_id": made["id"]},
        headers=tenant.headers,
    )
    assert again.status_code == 404


def test_a_program_of_an_answer_begins_at_the_least_days_of_the_week(client: TestClient, tenant: Tenant) -> None:
    answer = recommended(client, tenant)
    least = {offer["exercise"]["id"]: offer["dosage"]["days_per_week"][0] for offer in answer["exercises"]}
    made = of(client, tenant, answer)
    (phase,) = made["phases"]
    assert {each["exercise_id"]: len(each["days_of_week"]) for each in phase["items"]} == least
    assert all(TODAY.isoweekday() in each["days_of_week"] for each in phase["items"]), "the first day is one of them"
    for due in today(client, tenant, made)["exercises"]:
        assert due["dosage"]["days_per_week"] == [least[due["exercise"]["id"]]] * 2


def test_the_timeline_keeps_the_order_of_the_items(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant, item(), item("cat-cow"), item(BREATHING)))
    told = today(client, tenant, made)
    assert ids(told) == [STRETCH, "cat-cow", BREATHING]
    assert played(told) == ids(told)
    assert told["routine"]["left_out"] == []
    shorter = today(client, tenant, made, max_minutes=10)
    assert (ids(shorter), shorter["routine"]["left_out"]) == (ids(told), [])
    assert shorter["routine"]["minutes"] < told["routine"]["minutes"]


def test_what_the_minutes_do_not_hold_is_left_out_of_the_timeline_and_told(client: TestClient, tenant: Tenant) -> None:
    names = [STRETCH, "cat-cow", "forearm-plank", "easy-walk", BREATHING]
    made = added(client, tenant, program(tenant, *map(item, names)))
    told = today(client, tenant, made, max_minutes=5)
    fitting = played(told)
    assert told["routine"]["minutes"] <= 5
    assert 0 < len(fitting) < len(names)
    assert ids(told) == names, "all that is due is told"
    assert fitting == [name for name in names if name in fitting]
    assert told["routine"]["left_out"] == [name for name in names if name not in fitting]
    done(client, tenant, 0, exercises=fitting)
    then = today(client, tenant, made, max_minutes=5)
    assert played(then)[0] not in fitting, "what was not done yet comes before what was"
    nothing = today(client, tenant, added(client, tenant, program(tenant, item("easy-walk"))), max_minutes=1)
    assert (nothing["routine"]["items"], nothing["routine"]["left_out"]) == ([], ["easy-walk"])
    assert nothing["routine"]["minutes"] == 0


def test_the_dose_follows_the_sessions_and_never_rises_after_a_bad_one(client: TestClient, tenant: Tenant) -> None:
    made = of(client, tenant, recommended(client, tenant))
    least, most = hold_seconds(today(client, tenant, made))
    for days_ago in (6, 4, 2):
        done(client, tenant, days_ago)
    told = today(client, tenant, made)
    assert hold_seconds(told) == [least + 5, most + 5]
    (due,) = [each for each in told["exercises"] if each["exercise"]["id"] == STRETCH]
    assert (due["progression"]["rule"], due["dosage"]["rule"], due["times_done"]) == ("greens", "program+up_1", 0)
    done(client, tenant, 1, RED)
    (due,) = [each for each in today(client, tenant, made)["exercises"] if each["exercise"]["id"] == STRETCH]
    assert due["progression"]["change"] == "regress"
    assert due["dosage"]["repetitions"][1] < told["exercises"][0]["dosage"]["repetitions"][1]


def test_steps_that_were_earned_with_another_dose_do_not_raise_a_new_one(client: TestClient, tenant: Tenant) -> None:
    for days_ago in (6, 4, 2):
        done(client, tenant, days_ago)
    by_hand = added(client, tenant, program(tenant, item(dose=DOSE)))
    assert hold_seconds(today(client, tenant, by_hand)) == [10, 10]
    since = added(client, tenant, program(tenant, item(dose=DOSE), starts_on=str(TODAY - timedelta(days=7))))
    assert hold_seconds(today(client, tenant, since)) == [15, 15]
    known = changed(client, tenant, since, phases=[{"items": [item(dose={**DOSE, "hold_seconds": [20, 20]})]}])
    assert known["dosed_on"] == {STRETCH: str(TODAY)}
    assert hold_seconds(today(client, tenant, known)) == [20, 20]
    phased = program(tenant, starts_on=str(TODAY - timedelta(days=7)))
    more = {**DOSE, "hold_seconds": [20, 20]}
    phased["phases"] = [{"weeks": 1, "items": [item(dose=DOSE)]}, {"weeks": 1, "items": [item(dose=more)]}]
    assert hold_seconds(today(client, tenant, added(client, tenant, phased))) == [20, 20]


def test_a_red_flag_leaves_nothing_until_a_new_screen(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant, item(), item(BREATHING)))
    assert recommended(client, tenant, **EMERGENCY)["triage"]["disposition"] == "emergency"
    told = today(client, tenant, made)
    assert (told["state"], told["exercises"], told["routine"]["items"]) == ("on_hold", [], [])
    assert told["flags"]
    assert told["advice"]
    recommended(client, tenant, screening={"cleared": True}, text="stiff mid back")
    assert today(client, tenant, made)["state"] == "due"


def test_a_sign_in_a_session_stops_it_too(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant))
    assert done(client, tenant, 1, notes="since then numb between my legs and I cannot pee")["triage"] is not None
    assert today(client, tenant, made)["state"] == "on_hold"


def test_three_bad_sessions_within_a_week_leave_breathing(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant, item("cat-cow"), item(BREATHING)))
    for days_ago in (5, 3, 1):
        done(client, tenant, days_ago, RED)
    told = today(client, tenant, made)
    assert (told["state"], ids(told), left_out(told)) == ("stopped", [BREATHING], {"cat-cow": "see_clinician"})
    assert "clinician" in told["advice"]


def test_what_was_too_much_twice_is_left_out_and_told(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant, item(), item("cat-cow")))
    for days_ago in (12, 3):
        done(client, tenant, days_ago, RED)
    told = today(client, tenant, made)
    assert (ids(told), left_out(told)) == (["cat-cow"], {STRETCH: "suspended"})


def test_conditions_of_the_program_and_of_answers_are_respected_and_told(client: TestClient, tenant: Tenant) -> None:
    items = (item("cat-cow"), item("long-sit-forward-fold"))
    stated = added(client, tenant, program(tenant, *items, conditions=["osteoporosis"], cleared=True))
    silent = added(client, tenant, program(tenant, *items))
    assert left_out(today(client, tenant, stated))["long-sit-forward-fold"] == "osteoporosis"
    assert ids(today(client, tenant, silent)) == ["cat-cow", "long-sit-forward-fold"]
    recommended(client, tenant, conditions=["osteoporosis"], screening={"cleared": True})
    recommended(client, tenant, pain_areas=[{"region": "neck"}])
    told = today(client, tenant, silent)
    assert left_out(told)["long-sit-forward-fold"] == "osteoporosis"
    assert all(each["reason"] for each in told["excluded"])


def test_a_condition_that_waits_for_a_clinician_leaves_breathing(client: TestClient, tenant: Tenant) -> None:
    items = (item("easy-walk"), item(BREATHING))
    made = added(client, tenant, program(tenant, *items, conditions=["post_spine_surgery"]))
    told = today(client, tenant, made)
    assert (ids(told), left_out(told)) == ([BREATHING], {"easy-walk": "post_spine_surgery"})
    assert ids(today(client, tenant, changed(client, tenant, made, cleared=True))) == ["easy-walk", BREATHING]
    urgent = added(client, tenant, program(tenant, *items, conditions=["dvt"], cleared=True))
    assert ids(today(client, tenant, urgent)) == [], "what is urgent waits whoever has cleared it"


def test_strong_pain_just_now_takes_load_away_and_then_everything(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant, item("forearm-plank"), item(BREATHING)))
    assert "forearm-plank" in ids(today(client, tenant, made))
    assert ids(today(client, tenant, made, severity=7)) == [BREATHING]
    told = today(client, tenant, made, severity=8)
    assert (told["state"], ids(told)) == ("on_hold", [])


def test_a_retired_exercise_is_left_out_and_told(client: TestClient, tenant: Tenant) -> None:
    own = str(OWN_EXERCISE["id"])
    assert client.post("/exercises", json=OWN_EXERCISE, headers=tenant.headers).status_code == 201
    made = added(client, tenant, program(tenant, item(own), item()))
    assert ids(today(client, tenant, made)) == [own, STRETCH]
    retired = client.delete(f"/exercises/{own}", headers={**tenant.headers, "If-Match": '"v1"'})
    assert retired.status_code == 204
    told = today(client, tenant, made)
    assert (ids(told), left_out(told)) == ([STRETCH], {own: "retired"})
    assert changed(client, tenant, made, title="still there")["phases"] == made["phases"]
    refused = client.post("/programs", json=program(tenant, item(own)), headers=tenant.headers)
    assert refused.status_code == 422, "a retired exercise is not taken anew"


def test_a_day_is_the_persons(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant, starts_on=str(TODAY - timedelta(days=3))))
    far = {zone: today(client, tenant, made, timezone=zone)["day"] for zone in ("Pacific/Kiritimati", "Pacific/Niue")}
    assert far["Pacific/Kiritimati"] > far["Pacific/Niue"]
    stored = added(client, tenant, program(tenant, timezone="Asia/Tokyo"))
    path = f"/programs/{stored['id']}/today"
    assert client.get(path, headers=tenant.headers).json()["timezone"] == "Asia/Tokyo"
    done(client, tenant, 1)
    assert client.get(path, headers=tenant.headers).json()["timezone"] == "UTC", "the newest session knows better"


def test_days_of_the_week_and_phases_decide_what_is_due(client: TestClient, tenant: Tenant) -> None:
    day, other = TODAY.isoweekday(), TODAY.isoweekday() % 7 + 1
    made = program(tenant, starts_on=str(TODAY - timedelta(days=14)))
    made["phases"] = [
        {"weeks": 2, "items": [item(BREATHING)]},
        {"weeks": 1, "name": "Two", "items": [item(days_of_week=[day]), item("cat-cow", days_of_week=[other])]},
    ]
    told = today(client, tenant, added(client, tenant, made))
    assert (told["week"], told["phase"], told["phase_name"], ids(told)) == (3, 2, "Two", [STRETCH])
    later = {**made, "starts_on": str(TODAY - timedelta(days=21))}
    assert today(client, tenant, added(client, tenant, later))["state"] == "ended"
    sooner = {**made, "starts_on": str(TODAY + timedelta(days=1))}
    assert today(client, tenant, added(client, tenant, sooner))["state"] == "not_started"
    resting = program(tenant, item(days_of_week=[other]))
    assert today(client, tenant, added(client, tenant, resting))["state"] == "rest"


def test_sessions_of_today_count_unless_they_name_another_program(client: TestClient, tenant: Tenant) -> None:
    made, other = (added(client, tenant, program(tenant)) for _ in range(2))
    done(client, tenant, 0)
    done(client, tenant, 0, program_id=made["id"])
    assert [today(client, tenant, each)["exercises"][0]["times_done"] for each in (made, other)] == [2, 1]


def test_an_override_opens_what_a_rule_forbids_and_is_told(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant, item("childs-pose"), item(), conditions=["osteoporosis"]))
    assert left_out(today(client, tenant, made)) == {"childs-pose": "osteoporosis"}
    asked = {
        "exercise_id": "childs-pose",
        "conditions": ["osteoporosis"],
        "reason": "supervised",
        "until": str(NOW + timedelta(days=7)),
    }
    let_in = client.post(f"/people/{tenant.person_id}/overrides", json=asked, headers=tenant.headers)
    assert let_in.status_code == 201, let_in.text
    told = today(client, tenant, made)
    assert told["excluded"] == []
    assert {due["exercise"]["id"]: due["override"] for due in told["exercises"]} == {
        "childs-pose": let_in.json(),
        STRETCH: None,
    }
