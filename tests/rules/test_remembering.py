"""What is remembered of a question, and what it means so long after."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from api.rules.preparation import Prepared, prepare
from api.rules.program_today import PersonNow, today
from api.rules.progression import Past
from api.rules.remembering import conditions_by, told_with
from schemas.program_days import ProgramTodayQuery
from schemas.recommendations import RecommendationQuestion
from schemas.told import Telling, ToldAt
from tests.rules.asking import ask
from tests.rules.asking import shipped as world
from tests.rules.sessions import START
from tests.rules.test_program_today import DAY, STAMP, STRETCH, program

T1, T2, T3 = "pregnancy_t1", "pregnancy_t2", "pregnancy_t3"


@pytest.mark.parametrize(
    ("told", "week", "weeks_ago", "now"),
    [
        ({T1}, None, 0, {T1}),
        ({T1}, None, 13, {T1}),
        ({T1}, None, 14, {T1, T2, T3}),
        ({T1}, None, 42, {T1, T2, T3}),
        ({T1}, None, 43, set()),
        ({T2}, None, 14, {T2, T3}),
        ({T2}, None, 29, set()),
        ({T3}, None, 14, {T3}),
        ({T3}, None, 15, set()),
        ({"pregnancy"}, None, 0, {T1, T2, T3}),
        ({"pregnancy"}, None, 43, set()),
        ({T1}, 13, 1, {T1, T2}),
        ({T2}, 27, 1, {T2, T3}),
        ({T2}, 27, 16, set()),
        ({"osteoporosis", T1}, None, 51, {"osteoporosis"}),
        ({"unknown_condition"}, None, 51, {"unknown_condition"}),
    ],
)
def test_a_pregnancy_goes_on_until_it_must_be_over(
    shipped: Prepared, told: set[str], week: int | None, weeks_ago: int, now: set[str]
) -> None:
    assert conditions_by(told, week, timedelta(weeks=weeks_ago), shipped) == now


def said(text: str = "", *, cleared: bool = False, **fields: Any) -> Telling:
    screening, fields = {"cleared": cleared}, {"pain_areas": [{"region": "low_back"}], **fields}
    question = RecommendationQuestion(text=text, screening=screening, **fields)
    heard = ask(text, cleared=cleared, **fields)
    prepared = prepare(world().catalog, world().rules)
    return told_with(question, heard.reading, heard.assessment, prepared)


def test_what_waits_is_remembered_unless_somebody_cleared_it() -> None:
    assert said(conditions=["cardiac"]) == Telling(conditions=("cardiac",), waiting=("cardiac",))
    assert said(conditions=["cardiac"], cleared=True) == Telling(conditions=("cardiac",), cleared=True)
    danger = said("numb bum and cannot pee", conditions=["cardiac"], cleared=True)
    assert (danger.waiting, danger.cleared) == (("cardiac",), False)
    urgent = said(conditions=["dvt"], cleared=True)
    assert urgent.waiting == ("dvt",), "what is urgent waits whoever has cleared it"
    assert said("stiff back").conditions == ()


def waits(prepared: Prepared, *told: ToldAt, **plan: Any) -> bool:
    known = program(prepared, STRETCH, **plan)
    person = PersonNow(None, Past([], START + timedelta(days=40)), told, DAY, "UTC")
    return not today(known, person, ProgramTodayQuery(), prepared, STAMP).exercises


@pytest.mark.parametrize(
    ("plan", "told", "waiting"),
    [
        ({}, [], False),
        ({}, [(1, True)], True),
        ({}, [(2, False), (1, True)], False),
        ({}, [(2, True), (1, False)], True),
        ({"conditions": ["cardiac"]}, [(1, False)], True),
        ({"conditions": ["cardiac"], "cleared": True}, [(-1, True)], False),
        ({"conditions": ["cardiac"], "cleared": True}, [(1, True)], True),
        ({"conditions": ["cardiac"], "cleared": True}, [(2, False), (1, True)], False),
        ({"conditions": ["osteoporosis"], "cleared": True}, [(1, True)], True),
    ],
)
def test_the_newest_word_says_whether_a_condition_waits(
    shipped: Prepared, plan: dict[str, Any], told: list[tuple[int, bool]], waiting: bool
) -> None:
    rows = [ToldAt(heart(waits=each), at(days)) for days, each in told]
    assert waits(shipped, *rows, **plan) is waiting


def heart(*, waits: bool) -> Telling:
    return Telling(conditions=("cardiac",), waiting=("cardiac",) if waits else ())


def at(days: int) -> datetime:
    return START + timedelta(days=days)
