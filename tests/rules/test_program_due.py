"""What a program really asks for, by its conditions and by the person's sessions."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.rules.preparation import Prepared
from api.rules.program_due import by_conditions, by_sessions_too
from api.rules.progression import Past, stops
from api.rules.tuning import Numbers
from schemas.programs import ProgramPlan
from schemas.session_logs import SessionLog
from tests.rules.sessions import GREEN, RED, START, log

STRETCH, OTHER, BREATHING = "standing-mid-back-reach", "cat-cow", "diaphragmatic-breathing"
DAY = START.date()


def plan(*exercises: str, **more: Any) -> ProgramPlan:
    items = [{"exercise_id": name} for name in exercises]
    return ProgramPlan.model_validate({"starts_on": str(DAY), "phases": [{"items": items}], **more})


@pytest.mark.parametrize(
    ("conditions", "cleared", "exercise", "is_due"),
    [
        ([], False, "childs-pose", True),
        (["osteoporosis"], False, "childs-pose", False),
        (["osteoporosis"], True, "childs-pose", False),
        (["osteoporosis"], False, STRETCH, True),
        (["cardiac"], False, STRETCH, False),
        (["cardiac"], False, BREATHING, True),
        (["cardiac"], True, STRETCH, True),
        (["no-longer-known"], False, STRETCH, True),
        (["osteoporosis"], False, "of-an-organisation", True),
    ],
)
def test_conditions_leave_out_what_they_forbid_and_what_waits(
    conditions: list[str], cleared: bool, exercise: str, is_due: bool, shipped: Prepared
) -> None:
    named = plan(exercise, conditions=conditions, cleared=cleared)
    assert by_conditions(shipped)(named, DAY, exercise) is is_due


def due_days(prepared: Prepared, logs: list[SessionLog], exercise: str, zone: str = "UTC", **more: Any) -> list[int]:
    """Return the days among the first 450 on which an exercise is due, as seen after the last of them."""
    asks = by_sessions_too(Past(logs, START + timedelta(days=450)), ZoneInfo(zone), prepared)
    named = plan(exercise, **more)
    return [day for day in range(450) if asks(named, DAY + timedelta(days=day), exercise)]


def logs_of(*days: float, pain: dict[str, Any] = RED, name: str = STRETCH) -> list[SessionLog]:
    return [log(round(day * 10) + 1, day=day, pain=pain, name=name) for day in days]


def test_what_went_badly_twice_is_due_no_more_until_that_is_forgotten(shipped: Prepared) -> None:
    twice = logs_of(0, 2)
    forgotten = round(shipped.numbers.history_days)
    assert due_days(shipped, twice, STRETCH) == [0, 1, 2, *range(3 + forgotten, 450)]
    assert due_days(shipped, twice, OTHER) == [*range(450)]
    assert due_days(shipped, logs_of(0), STRETCH) == [*range(450)]
    assert due_days(shipped, twice, STRETCH, "Pacific/Niue")[:3] == [0, 1, 2 + forgotten], "it was the day before there"
    back = [*twice, *logs_of(4, 6, 8, pain=GREEN)]
    assert due_days(shipped, back, STRETCH) == [*range(450)], "what went well again is not left out"


def test_once_it_is_left_out_doing_it_does_not_make_it_due(shipped: Prepared) -> None:
    assert due_days(shipped, logs_of(0, 2, 12), STRETCH)[:4] == [0, 1, 2, 3 + 10 + round(shipped.numbers.history_days)]


def test_bad_sessions_close_together_stop_everything_for_a_time(shipped: Prepared, numbers: Numbers) -> None:
    three, weeks = logs_of(0, 2, 4, name=OTHER), round(numbers.restart_days)
    assert due_days(shipped, three, STRETCH) == [*range(5), *range(5 + weeks, 450)]
    late = [*three, *logs_of(14, name=OTHER)]
    assert due_days(shipped, late, STRETCH) == [*range(5), *range(15 + weeks, 450)]


def test_stops_go_on_as_long_as_it_goes_badly(numbers: Numbers) -> None:
    at = {day: START + timedelta(days=day) for day in range(60)}
    for days, spans in (
        ((0, 5), []),
        ((0, 1, 9), []),
        ((0, 1, 2), [(2, 16)]),
        ((0, 1, 2, 15), [(2, 29)]),
        ((0, 1, 2, 16), [(2, 16)]),
        ((0, 1, 2, 20, 21, 22), [(2, 16), (22, 36)]),
    ):  # fmt: skip
        assert stops([at[day] for day in days], numbers) == [(at[begin], at[end]) for begin, end in spans], days


def test_what_the_release_no_longer_has_is_not_due(shipped: Prepared) -> None:
    assert due_days(shipped, [], "no-longer-there") == []
