"""Today of a program over the shipped catalogue: every exercise can be due, and no history raises what it must not."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.rules.preparation import Prepared
from api.rules.program_making import made
from api.rules.program_today import PersonNow, today
from api.rules.progression import Past
from schemas.catalog import ReleaseStamp
from schemas.program_days import DayState, ProgramToday, ProgramTodayQuery, dosed_since, plan_of
from schemas.programs import Program, ProgramCreate, ProgramMaker
from schemas.progression import DoseChange
from schemas.session_logs import PainLog, SessionLog
from schemas.vocabulary import Audience, Verdict
from tests.rules.sessions import AMBER, EASY, GREEN, RED, START, log

STRETCH, LIFT = "standing-mid-back-reach", "forearm-plank"
STAMP = ReleaseStamp(catalog="shipped", ruleset="shipped")
DAY = START.date() + timedelta(days=40)
PAINS = (GREEN, AMBER, RED, {"before": 2, "during_max": 2}, {})
SESSION = st.fixed_dictionaries({"day": st.integers(0, 39), "pain": st.sampled_from(PAINS)})


class Shipped:
    """The release, of which a failing property would else print all."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared

    def __repr__(self) -> str:
        return "the release"


@pytest.fixture
def release(shipped: Prepared) -> Shipped:
    return Shipped(shipped)


def program(prepared: Prepared, *exercises: str, **more: Any) -> Program:
    items = [{"exercise_id": name, **more.pop(name, {})} for name in exercises]
    phases = [{"items": items}] if items else more.pop("phases")
    body = ProgramCreate.model_validate({"starts_on": str(START.date()), "phases": phases, **more})
    plan = made(body, None, prepared, START)
    assert plan is not None
    stored = {"id": UUID(int=1), "person_id": UUID(int=2), "made_by": ProgramMaker.ORGANIZATION, "version": 1}
    stamps = {"from_recommendation_id": None, "created_at": START, "updated_at": START}
    return Program.model_validate({**plan.model_dump(), **stored, **stamps})


def logs(sessions: list[dict[str, Any]], name: str) -> list[SessionLog]:
    return [
        log(number, day=each["day"], pain=each["pain"], name=name, done=EASY)
        for number, each in enumerate(sessions, start=1)
    ]


def told(prepared: Prepared, known: Program, past: list[SessionLog], day: date = DAY, **query: Any) -> ProgramToday:
    now = START + (day - START.date())
    person = PersonNow(None, Past(past, now), (), day, "UTC")
    return today(known, person, ProgramTodayQuery(**query), prepared, STAMP)


def work(answer: ProgramToday) -> tuple[int, ...]:
    """Return the most of each part of the one dose; nothing when it is left out."""
    if not answer.exercises:
        return (0, 0, 0)
    dosage = answer.exercises[0].dosage
    return tuple(
        0 if bounds is None else bounds[1] for bounds in (dosage.hold_seconds, dosage.repetitions, dosage.times_per_day)
    )


def test_every_exercise_that_ships_can_be_due(shipped: Prepared) -> None:
    for exercise_id in shipped.cards:
        answer = told(shipped, program(shipped, exercise_id), [])
        assert [each.exercise.id for each in answer.exercises] == [exercise_id]
        assert answer.routine.items
        assert {each.side for each in answer.routine.items} == set(answer.exercises[0].dosage.sides)


def test_every_condition_that_forbids_an_exercise_takes_it_out_of_today(shipped: Prepared) -> None:
    for condition in shipped.rules.conditions:
        known = program(shipped, STRETCH, LIFT, conditions=[condition], cleared=True)
        answer = told(shipped, known, [])
        rules = shipped.rulebook.united([condition])
        for due in answer.exercises:
            assert shipped.rulebook.judge(due.exercise.id, rules).verdict is not Verdict.FORBID
        assert len(answer.exercises) + len(answer.excluded) in {0, 2}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sessions=st.lists(SESSION, max_size=12), name=st.sampled_from([STRETCH, LIFT]))
def test_a_red_session_never_raises_what_is_due(release: Shipped, sessions: list[dict[str, Any]], name: str) -> None:
    known = program(release.prepared, name)
    before = logs(sessions, name)
    after = [*before, log(99, day=39.5, pain=RED, name=name, done=EASY)]
    assert all(
        new <= old
        for new, old in zip(
            work(told(release.prepared, known, after)), work(told(release.prepared, known, before)), strict=True
        )
    )


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sessions=st.lists(SESSION, max_size=12), order=st.randoms(use_true_random=False))
def test_the_order_in_which_sessions_arrive_changes_nothing(
    release: Shipped, sessions: list[dict[str, Any]], order: Any
) -> None:
    known, past = program(release.prepared, STRETCH), logs(sessions, STRETCH)
    first = told(release.prepared, known, past)
    order.shuffle(past)
    assert told(release.prepared, known, past) == first


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sessions=st.lists(SESSION, max_size=15))
def test_with_a_condition_that_needs_clearance_nothing_rises(release: Shipped, sessions: list[dict[str, Any]]) -> None:
    guarded = [key for key, condition in release.prepared.rules.conditions.items() if condition.clearance_required]
    for condition in guarded[:4]:
        known = program(release.prepared, STRETCH, conditions=[condition], cleared=True)
        at_first, now = (
            work(told(release.prepared, known, [])),
            work(told(release.prepared, known, logs(sessions, STRETCH))),
        )
        assert all(new <= old for new, old in zip(now, at_first, strict=True))


def test_a_dose_given_by_hand_stands_whatever_was_done_before(shipped: Prepared) -> None:
    sessions = [{"day": day, "pain": GREEN} for day in range(28, 39, 2)]
    by_hand = {"dose": {"hold_seconds": [5, 5], "repetitions": [2, 2]}}
    late = program(shipped, STRETCH, starts_on=str(DAY), **{STRETCH: by_hand})
    assert work(told(shipped, late, logs(sessions, STRETCH)))[:2] == (5, 2)
    early = program(shipped, STRETCH, **{STRETCH: by_hand})
    assert work(told(shipped, early, logs(sessions, STRETCH)))[0] > 5


def test_pain_of_a_region_above_counts_and_a_bad_place_elsewhere_holds(shipped: Prepared) -> None:
    known = program(shipped, STRETCH)
    for region, change in (("back", DoseChange.REGRESS), ("knee", DoseChange.HOLD)):
        places = [PainLog(region="mid_back", **GREEN), PainLog(region=region, **RED)]
        past = [log(1, day=39, name=STRETCH).model_copy(update={"pain": places})]
        progression = told(shipped, known, past).exercises[0].progression
        assert progression is not None
        assert progression.change is change


def test_both_sides_are_told_where_both_are_played(shipped: Prepared) -> None:
    sided = next(key for key, card in shipped.cards.items() if card.definition.dosage[Audience.GENERAL].per_side)
    item = {"sides": ["right", "left"], "dose": {"hold_seconds": [10, 10], "repetitions": [3, 3]}}
    answer = told(shipped, program(shipped, sided, **{sided: item}), [])
    assert [each.side.value for each in answer.routine.items] == ["right", "left"]
    assert "each side" in answer.exercises[0].dosage.text


def test_one_side_is_done_on_one_side(shipped: Prepared) -> None:
    sided = next(key for key, card in shipped.cards.items() if card.definition.dosage[Audience.GENERAL].per_side)
    answer = told(shipped, program(shipped, sided, **{sided: {"sides": ["left"]}}), [])
    assert [side.value for side in answer.exercises[0].dosage.sides] == ["left"]
    assert "each side" not in answer.exercises[0].dosage.text
    assert answer.exercises[0].dosage.text.endswith("; on the left side only.")
    assert answer.state is DayState.DUE


def test_an_exercise_that_comes_back_is_beside_the_last_phase_that_had_it(shipped: Prepared) -> None:
    least, more = ({"hold_seconds": [most, most], "repetitions": [2, 2]} for most in (10, 25))
    sessions = logs([{"day": day, "pain": GREEN} for day in range(1, 21, 2)], STRETCH)
    for third, due in ((more, (25, 2)), (least, (30, 2))):
        phases = [
            {"weeks": 1, "items": [{"exercise_id": STRETCH, "dose": least}]},
            {"weeks": 1, "items": [{"exercise_id": "cat-cow"}]},
            {"items": [{"exercise_id": STRETCH, "dose": third}]},
        ]
        known = program(shipped, phases=phases)
        assert dosed_since(known, plan_of(known, DAY), STRETCH) == START.date() + timedelta(days=14 * (third is more))
        answer = told(shipped, known, sessions[:6], START.date() + timedelta(days=15))
        assert work(answer)[:2] == due if third is more else work(answer)[0] > 10
    late = [{"weeks": 1, "items": [{"exercise_id": "cat-cow"}]}, {"items": [{"exercise_id": STRETCH, "dose": more}]}]
    known = program(shipped, phases=late)
    assert dosed_since(known, plan_of(known, DAY), STRETCH) == START.date() + timedelta(days=7)


def test_whoever_begins_again_begins_with_the_least_dose_so_far(shipped: Prepared) -> None:
    doses = [{"hold_seconds": [most, most], "repetitions": [2, 2]} for most in (20, 10, 30, 5)]
    phases = [{"weeks": 1, "items": [{"exercise_id": STRETCH, "dose": dose}]} for dose in doses]
    known = program(shipped, phases=phases)
    after = START.date() + timedelta(days=20)
    assert work(told(shipped, known, [], after))[0] == 10
    assert work(told(shipped, known, logs([{"day": 19, "pain": AMBER}], STRETCH), after))[0] == 30


def test_while_the_review_calls_for_a_clinician_no_dose_rises(shipped: Prepared) -> None:
    known = program(shipped, STRETCH)
    pains = [{"before": 2 + day // 7, "during_max": 2, "next_morning": 2} for day in range(0, 39, 2)]
    climbing = [log(n, day=2 * n, pain=pain, name=STRETCH, done=EASY) for n, pain in enumerate(pains)]
    steady = [log(n, day=2 * n, pain=GREEN, name=STRETCH, done=EASY) for n in range(5)]
    at_first = work(told(shipped, known, steady, START.date() + timedelta(days=9)))
    answer = told(shipped, known, climbing)
    assert answer.advice is not None
    assert "have a clinician look at it" in answer.advice
    at_most = work(told(shipped, known, climbing[:11], START.date() + timedelta(days=21)))
    assert all(now <= then for now, then in zip(work(answer), at_most, strict=True))
    assert at_first != (0, 0, 0)


def test_continuous_work_is_limited_like_a_hold(shipped: Prepared) -> None:
    long = {"dose": {"duration_seconds": [120, 120]}}
    known = program(shipped, "dead-bug", conditions=["hypertension"], **{"dead-bug": long})
    (due,) = told(shipped, known, []).exercises
    assert (due.dosage.duration_seconds, due.dosage.rule) == ((10, 10), "program+max_hold_hypertension")
    walk = program(shipped, "easy-walk", conditions=["hypertension"], **{"easy-walk": long})
    assert told(shipped, walk, []).exercises[0].dosage.duration_seconds == (120, 120)
