"""What no history of sessions ever does to a dose."""

import random
from statistics import fmean
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api.rules.dosage import first_dose
from api.rules.dose_standing import NO_HISTORY, DoseStanding, History
from api.rules.dose_steps import stepped
from api.rules.pain_monitoring import Colour, done_in
from api.rules.progression import LOADED
from api.rules.tuning import Numbers
from schemas.exercises import ExerciseDefinition
from schemas.progression import DoseChange
from schemas.session_logs import PainLog, SessionLog
from tests.rules.sessions import LIFT, STRETCH, history, log, most_work

PAIN = st.none() | st.integers(0, 10)
SESSION = st.fixed_dictionaries(
    {
        "day": st.integers(0, 40),
        "pain": st.fixed_dictionaries(
            {"before": PAIN, "during_max": PAIN, "next_morning": PAIN}, optional={"after": PAIN}
        ),
        "name": st.sampled_from(["stretch", "lift"]),
        "effort": PAIN,
        "spread": st.sampled_from(["none", "none", "toward_spine", "down_limb"]),
        "done": st.fixed_dictionaries(
            {
                "completion_percent": st.sampled_from([None, 0, 50, 80, 100]),
                "difficulty": st.sampled_from([None, "too_easy", "right", "too_hard"]),
                "hurt": st.booleans(),
            }
        ),
    }
)


def _work(definition: ExerciseDefinition, found: History, numbers: Numbers) -> int:
    place = found.exercises.get(definition.id, DoseStanding())
    first, loaded = first_dose(definition, None, numbers), definition.kind in LOADED
    followed = stepped(first, place.steps_up, place.cuts, False, numbers, loaded=loaded, regained=place.regained)
    return most_work(followed)


@settings(max_examples=150, deadline=None)
@given(sessions=st.lists(SESSION, min_size=1, max_size=14), seed=st.integers(0, 99))
def test_the_order_in_which_sessions_arrive_changes_nothing(
    sessions: list[dict[str, Any]], seed: int, numbers: Numbers
) -> None:
    logs = [log(number, **one) for number, one in enumerate(sessions)]
    shuffled = random.Random(seed).sample(logs, len(logs))
    assert history(shuffled, numbers) == history(logs, numbers)


@settings(max_examples=300, deadline=None)
@given(sessions=st.lists(SESSION, min_size=1, max_size=14), last=SESSION)
def test_no_dose_ever_rises_after_a_red_session(
    sessions: list[dict[str, Any]], last: dict[str, Any], numbers: Numbers
) -> None:
    logs = [log(number, **one) for number, one in enumerate(sessions)]
    before = history(logs, numbers, after=1)
    for definition in (STRETCH, LIFT):
        red = log(99, **{**last, "day": 41, "name": definition.id, "done": {"hurt": True}})
        after = history([*logs, red], numbers, after=0.5)
        assert _work(definition, after, numbers) <= _work(definition, before, numbers)
        assert after.exercises[definition.id].change in {DoseChange.REGRESS, DoseChange.SUSPEND}
        assert before.exercises.get(definition.id, DoseStanding()).change is not DoseChange.SUSPEND or after.suspended(
            definition.id
        )
        assert after.stopped or not history(logs, numbers, after=42 - max(one["day"] for one in sessions)).stopped
        for later in (8, 15, 40):
            rested = history([*logs, red], numbers, after=later)
            assert _work(definition, rested, numbers) <= _work(definition, after, numbers)


@settings(max_examples=200, deadline=None)
@given(sessions=st.lists(SESSION, min_size=3, max_size=16))
def test_a_dose_rises_only_with_a_session_that_was_green(sessions: list[dict[str, Any]], numbers: Numbers) -> None:
    logs = sorted(
        (log(number, **one) for number, one in enumerate(sessions)), key=lambda each: (each.started_at, each.id)
    )
    for count in range(1, len(logs)):
        before, after = (history(logs[:some], numbers, after=1) for some in (count, count + 1))
        for definition in (STRETCH, LIFT):
            if _work(definition, after, numbers) > _work(definition, before, numbers):
                standing = after.exercises[definition.id]
                assert (standing.change, standing.rule) == (DoseChange.PROGRESS, "greens")
                assert standing.session_id == logs[count].id


@settings(max_examples=150, deadline=None)
@given(sessions=st.lists(SESSION, min_size=1, max_size=20))
def test_where_clearance_is_needed_no_dose_is_above_the_first(sessions: list[dict[str, Any]], numbers: Numbers) -> None:
    logs = [log(number, **one) for number, one in enumerate(sessions)]
    found = history(logs, numbers, may_rise=False)
    for definition in (STRETCH, LIFT):
        assert found.exercises.get(definition.id, DoseStanding()).steps_up == 0
        assert _work(definition, found, numbers) <= most_work(first_dose(definition, None, numbers))


CALM = st.fixed_dictionaries(
    {"before": st.integers(0, 5), "during_max": st.integers(0, 5), "next_morning": st.integers(0, 5)}
)

CONSTANT = st.integers(0, 7).map(lambda pain: {"before": pain, "during_max": pain, "next_morning": pain})


@settings(max_examples=300, deadline=None)
@given(
    spells=st.lists(
        st.tuples(st.sampled_from([1, 2, 5, 8, 15]), st.integers(1, 6), CONSTANT | CALM), min_size=2, max_size=6
    ),
    definition=st.sampled_from([STRETCH, LIFT]),
    asks_every=st.sampled_from([1, 7]),
)
def test_no_dose_stays_up_where_it_hurts_clearly_more_than_before_it_rose(
    spells: list[tuple[int, int, dict[str, int]]], definition: ExerciseDefinition, asks_every: int, numbers: Numbers
) -> None:
    logs: list[SessionLog] = []
    before_rise: tuple[int, float, int] | None = None
    last, asked, day = _work(definition, NO_HISTORY, numbers), 0, 0
    for gap, pain in [(gap, pain) for gap, times, pain in spells for _ in range(times)]:
        day += gap
        logs.append(log(len(logs), day=day, pain=pain, name=definition.id))
        if day - asked < asks_every:
            continue
        work = _work(definition, history(logs, numbers), numbers)
        mean = fmean(each.pain[0].during_max or 0 for each in logs[-3:])
        if work > last:
            before_rise = last, mean, day
        elif before_rise is not None and mean >= before_rise[1] + 2:
            # One who asks seldom may be told of two rises that lie too far apart to be taken back together.
            apart = asks_every > 1 and day - before_rise[2] > numbers.rises_together_days - asks_every
            assert work <= before_rise[0] or apart
        last, asked = work, day


UNTOLD = st.fixed_dictionaries({"before": st.integers(0, 2), "next_morning": st.integers(0, 2)})


def _at(moments: list[float], pains: list[dict[str, Any]]) -> list[SessionLog]:
    return [log(number, day=day, pain=pain) for number, (day, pain) in enumerate(zip(moments, pains, strict=False))]


def _done(found: History, numbers: Numbers) -> int:
    return 0 if found.suspended(STRETCH.id) else _work(STRETCH, found, numbers)


@settings(max_examples=300, deadline=None)
@given(
    pains=st.lists(CALM | UNTOLD, min_size=3, max_size=12),
    after=st.lists(PAIN, min_size=12, max_size=12),
    gap=st.integers(1, 4),
)
def test_what_was_felt_afterwards_never_raises_a_dose(
    pains: list[dict[str, Any]], after: list[int | None], gap: int, numbers: Numbers
) -> None:
    moments = [float(gap * number) for number in range(len(pains))]
    more = [{**pain, "after": score} for pain, score in zip(pains, after, strict=False)]
    less, known = (history(_at(moments, each), numbers) for each in (pains, more))
    assert _done(known, numbers) <= _done(less, numbers)


@settings(max_examples=200, deadline=None)
@given(sessions=st.lists(SESSION, min_size=1, max_size=12), elsewhere=CALM, last=CALM)
def test_no_dose_rises_when_any_place_of_the_session_is_red(
    sessions: list[dict[str, Any]], elsewhere: dict[str, Any], last: dict[str, Any], numbers: Numbers
) -> None:
    begun = [log(number, **one) for number, one in enumerate(sessions)]
    for definition in (STRETCH, LIFT):
        logs = [*begun, *(log(80 + day, day=day, name=definition.id) for day in (41, 42))]
        before = history(logs, numbers, after=2)
        one = log(99, day=43, pain=last, name=definition.id)
        knee = PainLog(region="knee", **{**elsewhere, "during_max": 8})
        found = history([*logs, one.model_copy(update={"pain": [*one.pain, knee]})], numbers)
        held = found.exercises[definition.id]
        assert held.change not in {DoseChange.PROGRESS, DoseChange.RESTART}
        assert held.steps_up <= before.exercises.get(definition.id, DoseStanding()).steps_up
        assert _work(definition, found, numbers) <= _work(definition, before, numbers)


@settings(max_examples=200, deadline=None)
@given(moments=st.lists(st.floats(0, 10), min_size=1, max_size=20), pain=CALM)
def test_a_dose_never_rises_twice_for_sessions_of_one_day(
    moments: list[float], pain: dict[str, Any], numbers: Numbers
) -> None:
    logs = _at(sorted(moments), [pain] * len(moments))
    found = history(logs, numbers).exercises["stretch"]
    assert found.steps_up * numbers.greens_to_rise <= len({each.local_day for each in logs})
    raised = [
        each.local_day
        for count, each in enumerate(logs, 1)
        if history(logs[:count], numbers).exercises["stretch"].change is DoseChange.PROGRESS
    ]
    assert len(raised) == len(set(raised))


@settings(max_examples=200, deadline=None)
@given(pains=st.lists(CALM, min_size=3, max_size=12))
def test_where_only_green_is_allowed_more_than_green_never_raises(
    pains: list[dict[str, Any]], numbers: Numbers
) -> None:
    logs = _at([2.0 * number for number in range(len(pains))], pains)
    for count in range(1, len(logs) + 1):
        found = history(logs[:count], numbers, green_only=True).exercises["stretch"]
        if pains[count - 1]["during_max"] > numbers.green_pain_most:
            assert found.change is not DoseChange.PROGRESS


@settings(max_examples=200, deadline=None)
@given(
    one=SESSION,
    places=st.lists(st.tuples(st.sampled_from(["mid_back", "back", "knee"]), SESSION), max_size=3),
    felt=st.tuples(PAIN, PAIN),
    green_only=st.booleans(),
)
def test_a_session_is_red_whenever_one_of_its_exercises_is(
    one: dict[str, Any], places: list[Any], felt: tuple[int | None, int | None], green_only: bool, numbers: Numbers
) -> None:
    pain = [PainLog(region=region, **each["pain"]) for region, each in places]
    made = log(1, **{**one, "day": 0})
    entries = [
        made.exercises[0].model_copy(update={"exercise_id": name, "pain_during": value})
        for name, value in zip(("stretch", "knee-bend"), felt, strict=True)
    ]
    whole = made.model_copy(update={"pain": pain, "exercises": entries})
    served = {"stretch": {"mid_back", "back"}, "knee-bend": {"knee"}}
    done = [each for _, each in done_in(whole, served, whole.ended_at, green_only, numbers)]
    assert all(each.red_session for each in done if each.colour is Colour.RED)
    assert not any(each.red_session and each.colour is Colour.GREEN for each in done)
