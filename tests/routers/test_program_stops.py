"""What stops a program, or part of a day of it: earlier triage, age, the pain of the day, reviews and long gaps."""

from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import Tenant
from tests.data.making import STRETCH
from tests.routers.posting import NOW
from tests.routers.programming import BREATHING, DOSE, TODAY, added, done, item, program, today
from tests.signing import Clock

CERVIX = "pregnant with a short cervix, told to rest"
INJECTION = "steroid injection last week, arch is sore"
NUMB = "numb bum after long drive, gone now"
ROWS = "sore between my shoulder blades after heavy rows"
LOADED = "double-heel-raise"
OTHER_WAY = "wall-angel"
END_RANGE = "double-knee-to-chest"


def asked(client: TestClient, tenant: Tenant, text: str, **question: Any) -> str:
    body = {"text": text, "person_id": str(tenant.person_id), **question}
    answer = client.post("/recommendations", json=body, headers=tenant.headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["triage"]["disposition"])


def ids(told: Any) -> list[str]:
    return [due["exercise"]["id"] for due in told["exercises"]]


def left_out(told: Any) -> dict[str, str]:
    return {each["exercise_id"]: each["rule"] for each in told["excluded"]}


def made(client: TestClient, tenant: Tenant, *exercises: str, **more: Any) -> Any:
    return added(client, tenant, program(tenant, *(item(name) for name in exercises), **more))


@pytest.mark.parametrize("note", [CERVIX, INJECTION])
def test_a_session_that_tells_of_a_sign_leaves_breathing_until_a_milder_answer(
    client: TestClient, tenant: Tenant, note: str
) -> None:
    known = made(client, tenant, STRETCH, BREATHING)
    for days_ago in (4, 2):
        done(client, tenant, days_ago)
    triage = done(client, tenant, 0, notes=note)["triage"]
    told = today(client, tenant, known)
    assert (told["state"], ids(told), left_out(told)) == ("stopped", [BREATHING], {STRETCH: "see_clinician"})
    assert told["advice"].startswith(triage["advice"])
    assert told["flags"] == [flag["id"] for flag in triage["flags"]]
    assert asked(client, tenant, ROWS) == "caution"
    again = today(client, tenant, known)
    assert (again["state"], ids(again), again["advice"], again["flags"]) == ("due", [STRETCH, BREATHING], None, [])


def test_an_answer_with_a_doubtful_sign_leaves_nothing_until_a_milder_one(client: TestClient, tenant: Tenant) -> None:
    known = made(client, tenant, STRETCH, BREATHING)
    assert asked(client, tenant, ROWS) == "caution"
    assert asked(client, tenant, NUMB) == "answer_first"
    told = today(client, tenant, known)
    assert (told["state"], ids(told), told["flags"]) == ("on_hold", [], ["rf01"])
    assert "answer the questions again" in told["advice"]
    assert asked(client, tenant, NUMB + " again", screening={"answers": {"saddle_numbness": True}}) == "emergency"
    assert asked(client, tenant, "stiff mid back", screening={"cleared": True}) == "caution"
    assert today(client, tenant, known)["state"] == "due"


def test_an_answer_to_see_a_clinician_leaves_breathing(client: TestClient, tenant: Tenant) -> None:
    known = made(client, tenant, LOADED, BREATHING)
    assert asked(client, tenant, INJECTION) == "see_clinician"
    told = today(client, tenant, known)
    assert (told["state"], ids(told), told["flags"]) == ("stopped", [BREATHING], ["rf57"])
    assert asked(client, tenant, INJECTION, screening={"cleared": True}) == "caution"
    assert today(client, tenant, known)["state"] == "due"


def test_what_a_program_has_cleared_does_not_stop_it(client: TestClient, tenant: Tenant) -> None:
    assert asked(client, tenant, "had my knee replaced, stiff knee") == "see_clinician"
    cleared = made(client, tenant, STRETCH, conditions=["knee_replacement"], cleared=True)
    not_cleared = made(client, tenant, STRETCH)
    assert today(client, tenant, cleared)["state"] == "due"
    assert ids(today(client, tenant, cleared)) == [STRETCH]
    assert today(client, tenant, not_cleared)["state"] == "stopped"
    assert asked(client, tenant, INJECTION, conditions=["knee_replacement"]) == "see_clinician"
    assert today(client, tenant, cleared)["state"] == "stopped"


def test_a_question_without_a_place_or_words_stops_nothing(client: TestClient, tenant: Tenant) -> None:
    known = made(client, tenant, STRETCH)
    assert asked(client, tenant, "", conditions=["osteoporosis"]) == "answer_first"
    assert today(client, tenant, known)["state"] == "due"
    assert asked(client, tenant, "no siento las piernas, ayuda") == "answer_first"
    assert today(client, tenant, known)["state"] == "on_hold"


def test_under_sixteen_a_clinician_comes_first(client: TestClient, tenant: Tenant) -> None:
    for age, state in ((14, "stopped"), (15, "stopped"), (16, "due"), (None, "due")):
        told = today(client, tenant, made(client, tenant, STRETCH, BREATHING, age=age))
        assert (told["state"], STRETCH in ids(told)) == (state, state == "due")
    known = made(client, tenant, STRETCH, BREATHING)
    assert asked(client, tenant, ROWS, person={"age": 14}) == "see_clinician"
    asked(client, tenant, ROWS)
    told = today(client, tenant, known)
    assert (told["state"], ids(told), told["flags"]) == ("stopped", [BREATHING], ["rf53"])
    assert "under 16" in told["advice"].lower()


@pytest.mark.parametrize("pain", [{"before": 7}, {"during_max": 6}, {"before": 1, "after": 7}])
def test_strong_pain_in_a_session_of_the_day_takes_load_away(
    client: TestClient, tenant: Tenant, pain: dict[str, int]
) -> None:
    known = made(client, tenant, STRETCH, LOADED)
    done(client, tenant, 1, pain, exercises=["cat-cow"])
    assert ids(today(client, tenant, known)) == [STRETCH, LOADED]
    done(client, tenant, 0, pain)
    told = today(client, tenant, known, severity=0)
    assert (STRETCH in ids(told), left_out(told)[LOADED]) == (True, "severity_load")


def test_what_spread_down_the_limb_and_its_direction_are_not_done_again_that_day(
    client: TestClient, tenant: Tenant
) -> None:
    """The reach bends the neck and the back forward; so does the cat-cow, and the wall angel does not."""
    known = made(client, tenant, STRETCH, "cat-cow", OTHER_WAY)
    done(client, tenant, 1, spread="down_limb", exercises=["cat-cow"])
    assert ids(today(client, tenant, known)) == [STRETCH, "cat-cow", OTHER_WAY]
    done(client, tenant, 0, spread="down_limb")
    told = today(client, tenant, known)
    assert (ids(told), left_out(told)) == ([OTHER_WAY], {STRETCH: "spread_down", "cat-cow": "spread_down"})
    assert all(each["reason"] for each in told["excluded"])
    body = {"text": "sore between my shoulder blades after desk work", "person_id": str(tenant.person_id), "limit": 20}
    answer = client.post("/recommendations", json=body, headers=tenant.headers).json()
    offered = {each["exercise"]["id"] for each in answer["exercises"]}
    assert OTHER_WAY in offered
    assert not {STRETCH, "cat-cow"} & offered
    assert left_out(answer)[STRETCH] == "spread_down"


@pytest.mark.parametrize("told_by", ["question", "session"])
def test_very_strong_pain_asks_first_until_an_answer_knows_of_it(
    client: TestClient, tenant: Tenant, told_by: str
) -> None:
    known, felt = made(client, tenant, STRETCH, LOADED, END_RANGE), {}
    if told_by == "session":
        done(client, tenant, 0, {"before": 8})
    else:
        felt = {"severity": 8}
        assert today(client, tenant, known, severity=7)["state"] == "due"
    told = today(client, tenant, known, **felt)
    assert (told["state"], ids(told)) == ("on_hold", [])
    assert "sleep" in told["advice"]
    assert asked(client, tenant, ROWS) == "caution"
    assert today(client, tenant, known, **felt)["state"] == "on_hold", "that answer knew nothing of it"
    strong: dict[str, Any] = {"pain_areas": [{"region": "mid_back", "severity": 8}]}
    assert asked(client, tenant, ROWS, **strong) == "answer_first"
    assert asked(client, tenant, ROWS, **strong, screening={"answers": {"severity_function": False}}) == "caution"
    again = today(client, tenant, known, **felt)
    assert (again["state"], left_out(again)) == ("due", {LOADED: "severity_load", END_RANGE: "severity"})


def test_pain_that_climbs_from_week_to_week_is_told_and_raises_no_dose(client: TestClient, tenant: Tenant) -> None:
    known = made(client, tenant, STRETCH, starts_on=str(TODAY - timedelta(days=42)))
    for number in range(21):
        before = 2 + round(number / 4)
        done(client, tenant, 41 - 2 * number, {"before": before, "during_max": 2, "next_morning": 2})
    told = today(client, tenant, known)
    (due,) = told["exercises"]
    assert told["state"] == "due"
    assert told["advice"].startswith("Your pain before the sessions is")
    assert due["progression"]["rule"] == "review"


@pytest.mark.parametrize(("condition", "word"), [("dvt", "clot"), ("cerv_myelopathy", "spinal cord")])
def test_a_condition_that_is_urgent_stops_it_and_says_so(
    client: TestClient, tenant: Tenant, condition: str, word: str
) -> None:
    told = today(client, tenant, made(client, tenant, STRETCH, BREATHING, conditions=[condition], cleared=True))
    assert (told["state"], ids(told)) == ("stopped", [])
    assert word in told["advice"]
    assert "speak to a clinician today" in told["advice"]


def test_a_condition_that_waits_is_told(client: TestClient, tenant: Tenant) -> None:
    told = today(client, tenant, made(client, tenant, STRETCH, conditions=["acl"]))
    assert (told["state"], ids(told)) == ("due", [])
    assert "clearance" in told["advice"]
    assert today(client, tenant, made(client, tenant, STRETCH, conditions=["acl"], cleared=True))["advice"] is None


def test_after_a_long_gap_it_begins_again_and_asks_first(entry: TestClient, tenant: Tenant, clock: Clock) -> None:
    more = {**DOSE, "hold_seconds": [25, 25]}
    phases = [{"weeks": 1, "items": [item(dose=DOSE)]}, {"items": [item(dose=more)]}]
    known = added(entry, tenant, program(tenant, phases=phases))
    assert today(entry, tenant, known)["advice"] is None
    done(entry, tenant, 0)
    clock.now = NOW + timedelta(days=8)
    soon = today(entry, tenant, known)
    assert (soon["advice"], soon["phase"], soon["exercises"][0]["dosage"]["hold_seconds"]) == (None, 2, [25, 25])
    clock.now = NOW + timedelta(days=43)
    told = today(entry, tenant, known)
    assert (told["state"], told["phase"], told["exercises"][0]["dosage"]["hold_seconds"]) == ("due", 2, [10, 10])
    assert "43 days ago" in told["advice"]
    assert "answer the questions again" in told["advice"]
    asked(entry, tenant, ROWS)
    answered = today(entry, tenant, known)
    assert "43 days ago" in answered["advice"]
    assert "answer the questions again" not in answered["advice"]


def test_the_same_answer_given_again_counts_anew(entry: TestClient, tenant: Tenant, clock: Clock) -> None:
    known = made(entry, tenant, STRETCH, BREATHING)
    for text, state in ((INJECTION, "stopped"), (ROWS, "due"), (INJECTION, "stopped"), (ROWS, "due")):
        asked(entry, tenant, text)
        assert today(entry, tenant, known)["state"] == state
        clock.forward(hours=1)
