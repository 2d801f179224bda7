"""What a person told once counts in every program from then on, until they tell something newer."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session
from starlette.testclient import TestClient

from data import recommendations
from data.database import Database
from data.programs import ProgramVersionRow
from tests.conftest import Tenant
from tests.data.making import STRETCH
from tests.linking import pair
from tests.routers.programming import BREATHING, RED, added, changed, done, item, program, today
from tests.routers.test_program_today import ids, left_out, of, recommended
from tests.signing import Clock

LIFT, WALK = "forearm-plank", "easy-walk"
BONES = {"pain_areas": [{"region": "mid_back"}], "conditions": ["osteoporosis", "vert_fracture"]}
HEART = {"pain_areas": [{"region": "mid_back"}], "conditions": ["cardiac"], "text": ""}
CLEARED = {"screening": {"cleared": True}}


def about_the_neck(client: TestClient, tenant: Tenant, **more: Any) -> Any:
    return recommended(client, tenant, pain_areas=[{"region": "neck"}], text="", **more)


def test_ten_other_questions_make_no_condition_forgotten(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant, item("cat-cow"), item(LIFT), item(BREATHING)))
    recommended(client, tenant, **BONES)
    before = today(client, tenant, made)
    assert set(left_out(before)) == {"cat-cow", LIFT}
    for limit in range(1, 12):
        about_the_neck(client, tenant, limit=limit)
    after = today(client, tenant, made)
    assert (ids(after), set(left_out(after))) == (ids(before), set(left_out(before)))


def test_what_is_told_again_counts_from_then(timed: TestClient, tenant: Tenant, clock: Clock) -> None:
    made = added(timed, tenant, program(tenant, item("cat-cow")))
    given = {recommended(timed, tenant, **BONES, **CLEARED)["id"]}
    for _ in range(10):
        clock.forward(days=40)
        given.add(recommended(timed, tenant, **BONES, **CLEARED)["id"])
        assert ids(today(timed, tenant, made)) == []
    assert len(given) == 1, "the same answer is one"
    clock.forward(days=364)
    assert ids(today(timed, tenant, made)) == []
    clock.forward(days=2)
    assert ids(today(timed, tenant, made)) == ["cat-cow"]


def test_who_waits_again_waits(timed: TestClient, tenant: Tenant, clock: Clock) -> None:
    made = added(timed, tenant, program(tenant, item(WALK), item(BREATHING)))
    due = []
    for cleared in (False, True, False, True):
        clock.forward(days=1)
        recommended(timed, tenant, **HEART, screening={"cleared": cleared})
        due.append(ids(today(timed, tenant, made)))
    assert due == [[BREATHING], [WALK, BREATHING]] * 2


def test_what_was_told_with_a_sign_of_danger_clears_nothing(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant, item(WALK), item(BREATHING)))
    recommended(client, tenant, conditions=["cardiac"], text="numb bum and cannot pee", **CLEARED)
    about_the_neck(client, tenant, **CLEARED)
    assert ids(today(client, tenant, made)) == [BREATHING]


def test_a_pregnancy_goes_on_and_ends(timed: TestClient, tenant: Tenant, clock: Clock) -> None:
    made = added(timed, tenant, program(tenant, item("glute-bridge")))
    named = added(timed, tenant, program(tenant, item("glute-bridge"), conditions=["pregnancy_t1"]))
    about_the_neck(timed, tenant, conditions=["pregnancy_t1"])
    assert ids(today(timed, tenant, made)) == ["glute-bridge"]
    clock.forward(weeks=24)
    for known in (made, named):
        assert left_out(today(timed, tenant, known)) == {"glute-bridge": "pregnancy_t3"}
    clock.forward(weeks=19)
    assert ids(today(timed, tenant, made)) == ["glute-bridge"]


def test_a_week_of_pregnancy_is_counted_on(timed: TestClient, tenant: Tenant, clock: Clock) -> None:
    made = added(timed, tenant, program(tenant, item("glute-bridge")))
    about_the_neck(timed, tenant, person={"pregnant": True, "pregnancy_weeks": 27})
    assert ids(today(timed, tenant, made)) == ["glute-bridge"]
    clock.forward(weeks=1)
    assert left_out(today(timed, tenant, made)) == {"glute-bridge": "pregnancy_t3"}


def test_a_clearance_is_for_the_conditions_that_were_named(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant, item(WALK), item(BREATHING), conditions=["thr_posterior"]))
    known = changed(client, tenant, made, cleared=True)
    assert (known["cleared"], known["cleared_for"]) == (True, ["thr_posterior"])
    assert ids(today(client, tenant, known)) == [WALK, BREATHING]
    more = changed(client, tenant, known, conditions=["thr_posterior", "cardiac"])
    assert (more["cleared"], more["cleared_for"]) == (False, ["thr_posterior"])
    assert left_out(today(client, tenant, more)) == {WALK: "cardiac"}
    again = changed(client, tenant, more, cleared=True)
    assert (again["cleared"], again["cleared_for"]) == (True, ["thr_posterior", "cardiac"])
    assert ids(today(client, tenant, again)) == [WALK, BREATHING]
    taken = changed(client, tenant, again, cleared=False)
    assert (taken["cleared_for"], taken["cleared_at"]) == ([], None)
    assert ids(today(client, tenant, taken)) == [BREATHING]


def test_a_clearance_is_not_taken_over_for_more_than_was_told(client: TestClient, tenant: Tenant) -> None:
    answer = recommended(client, tenant, **HEART, **CLEARED)
    made = of(client, tenant, answer, conditions=["post_spine_surgery"])
    assert (made["cleared"], made["cleared_for"]) == (False, ["cardiac"])
    assert set(left_out(today(client, tenant, made)).values()) == {"post_spine_surgery"}
    alone = of(client, tenant, answer)
    assert (alone["cleared"], alone["cleared_for"]) == (True, ["cardiac"])
    assert ids(today(client, tenant, alone))


def test_a_program_of_an_older_server_is_cleared_for_its_own_conditions(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    made = added(client, tenant, program(tenant, item(WALK), item(BREATHING), conditions=["cardiac"], cleared=True))

    def aged(session: Session) -> None:
        row = session.get_one(ProgramVersionRow, (tenant.organization_id, UUID(made["id"]), 1))
        row.plan = {name: value for name, value in row.plan.items() if name not in {"cleared_for", "cleared_at"}}

    database.bound_to(tenant.organization_id).write_now(aged)
    known = client.get(f"/programs/{made['id']}", headers=tenant.headers).json()
    assert (known["cleared_for"], known["cleared_at"]) == (["cardiac"], known["created_at"])
    assert ids(today(client, tenant, known)) == [WALK, BREATHING]
    more = changed(client, tenant, known, conditions=["cardiac", "acl"])
    assert more["cleared"] is False


def test_a_newer_answer_in_which_it_waits_beats_an_older_clearance(
    timed: TestClient, tenant: Tenant, clock: Clock
) -> None:
    items = (item(WALK), item(BREATHING))
    made = added(timed, tenant, program(tenant, *items, conditions=["cardiac"], cleared=True))
    clock.forward(days=1)
    recommended(timed, tenant, **HEART)
    assert ids(today(timed, tenant, made)) == [BREATHING]
    clock.forward(days=1)
    again = changed(timed, tenant, made, cleared=True)
    assert again["cleared_at"] > made["cleared_at"]
    assert ids(today(timed, tenant, again)) == [WALK, BREATHING]


def test_a_clearance_ends_what_bad_sessions_left_out_before_it(client: TestClient, tenant: Tenant) -> None:
    made = added(client, tenant, program(tenant, item(), item(WALK), item(BREATHING)))
    for days_ago in (5, 3, 1):
        done(client, tenant, days_ago, RED)
    assert today(client, tenant, made)["state"] == "stopped"
    about_the_neck(client, tenant)
    assert today(client, tenant, made)["state"] == "stopped"
    about_the_neck(client, tenant, **CLEARED)
    told = today(client, tenant, made)
    assert (told["state"], ids(told)) == ("due", [STRETCH, WALK, BREATHING])
    assert told["exercises"][0]["progression"]["rule"] == "cleared"


def test_the_same_answer_stays_the_same_and_is_found_by_its_newest_time(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    answer = recommended(client, tenant, **BONES)
    bound = database.bound_to(tenant.organization_id)

    def kept(session: Session) -> Any:
        return recommendations.find(session, UUID(answer["id"]))

    first = bound.read_now(kept)
    recommended(client, tenant, **BONES)
    again = bound.read_now(kept)
    assert again.told_at > first.told_at == first.answered_at == again.answered_at
    assert again.answered == first.answered
    found = bound.read_now(recommendations.all_since, tenant.person_id, again.told_at)
    assert [each.answered.id for each in found] == [again.answered.id]


def test_what_is_told_again_counts_at_a_linked_clinic(timed: TestClient, database: Database, clock: Clock) -> None:
    linked = pair(timed, database, clock.now)
    question = {"pain_areas": [{"region": "mid_back"}], "conditions": ["osteoporosis"]}
    given = {linked.phone.post("/recommendations", question).json()["id"]}
    clock.forward(minutes=5)
    link = linked.link(recommendations=True)
    made = added(timed, linked.clinic, program(linked.clinic, item("childs-pose")))
    assert ids(today(timed, linked.clinic, made)) == ["childs-pose"]
    clock.forward(minutes=5)
    given.add(linked.phone.post("/recommendations", question).json()["id"])
    assert len(given) == 1, "the same answer, told again since the consent begins"
    assert ids(today(timed, linked.clinic, made)) == []
    since = clock.now - timedelta(minutes=1)
    again = linked.change(link, recommendations=True, sessions=False, covers_from=since)
    assert again.status_code == 200
    assert ids(today(timed, linked.clinic, made)) == []
    assert linked.change(again.json(), recommendations=False, covers_from=since).status_code == 200
    assert ids(today(timed, linked.clinic, made)) == ["childs-pose"]
