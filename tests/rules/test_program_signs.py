"""What speaks against a program: which earlier words stop it, for how long, and what comes before what."""

import json
from datetime import timedelta
from typing import Any

import pytest

from api.rules.needs import NAMED, Need
from api.rules.preparation import Prepared, prepare
from api.rules.program_signs import TriageBefore, assessed, heard_in, unsettled
from schemas.catalog import Catalog, Lexicon, RuleSet
from schemas.findings import Flagged
from schemas.session_triage import SessionTriage
from schemas.vocabulary import Action, Disposition, FlagLevel
from tests.rules.sessions import START, log

SEE, FIRST, MILD = Disposition.SEE_CLINICIAN, Disposition.ANSWER_FIRST, Disposition.CAUTION
INJECTION, OPERATION, BEFORE = "rf57", "rf39", {"rf57", "rf39"}
ACL = frozenset({"acl"})


@pytest.fixture(scope="module")
def whole(parts: tuple[Catalog, RuleSet, Lexicon]) -> Prepared:
    return prepare(parts[0], parts[1])


def need(*waiting: str, age: int | None = None) -> Need:
    return Need(
        regions={}, origin=NAMED, sides={}, causes=(), symptoms=frozenset(), conditions=waiting, rules=waiting,
        unready=waiting, unknown_condition=False, severity=None, age=age, equipment=None, positions=None, level=None,
    )  # fmt: skip


def answer(disposition: Disposition, hour: float, *flags: str, **more: Any) -> TriageBefore:
    fired = tuple(Flagged(flag, FlagLevel.SEE_CLINICIAN, None) for flag in flags)
    return TriageBefore(disposition, fired, "Do this.", START + timedelta(hours=hour), **more)


@pytest.mark.parametrize(
    ("answers", "waiting", "stops"),
    [
        ([], (), None),
        ([answer(SEE, 1, INJECTION)], (), 1),
        ([answer(SEE, 1, INJECTION), answer(MILD, 2)], (), None),
        ([answer(MILD, 1), answer(SEE, 2, INJECTION)], (), 2),
        ([answer(MILD, 1), answer(FIRST, 2), answer(SEE, 3, INJECTION)], (), 3),
        ([answer(SEE, 1, INJECTION), answer(FIRST, 2)], (), 2),
        ([answer(FIRST, 1, doubted=False)], (), None),
        ([answer(SEE, 1)], (), None),
        ([answer(SEE, 1, OPERATION, conditions=ACL)], ("acl",), 1),
        ([answer(SEE, 1, OPERATION, conditions=ACL)], (), None),
        ([answer(SEE, 1, OPERATION)], (), 1),
        ([answer(SEE, 1, *BEFORE, conditions=ACL)], (), 1),
    ],
)
def test_the_newest_that_is_not_settled(
    answers: list[TriageBefore], waiting: tuple[str, ...], stops: int | None, whole: Prepared
) -> None:
    found = unsettled(answers, [], need(*waiting), whole)
    assert (None if found is None else found.at) == (None if stops is None else START + timedelta(hours=stops))
    assert unsettled(answers[::-1], [], need(*waiting), whole) == found


@pytest.mark.parametrize("disposition", [SEE, Disposition.URGENT])
def test_a_session_counts_from_when_it_was_heard(disposition: Disposition, whole: Prepared) -> None:
    triage = SessionTriage(
        disposition=disposition, flags=[], action=Action.BOOK_CLINICIAN, advice="x", observed_at=START
    )
    late = log(1, day=0, triage=triage, created_at=START + timedelta(hours=2))
    assert unsettled([answer(MILD, 1)], [late], need(), whole) is not None
    assert unsettled([answer(MILD, 3)], [late], need(), whole) is None
    assert unsettled([], [log(1, day=0)], need(), whole) is None


@pytest.mark.parametrize(
    ("held", "newest", "known", "stopped", "disposition"),
    [
        (None, None, need(), False, Disposition.SELF_CARE),
        (["rf01"], answer(SEE, 1), need("dvt", age=14), True, FIRST),
        (None, answer(SEE, 1), need("dvt", age=14), True, Disposition.URGENT),
        (None, answer(FIRST, 1), need(age=14), True, FIRST),
        (None, answer(SEE, 1), need("acl"), False, SEE),
        (None, None, need("acl"), False, Disposition.SELF_CARE),
        (None, None, need(), True, SEE),
        (None, None, need(age=15), False, SEE),
        (None, None, need(age=16), False, Disposition.SELF_CARE),
    ],
)
def test_the_gravest_comes_first(
    held: list[str] | None,
    newest: TriageBefore | None,
    known: Need,
    stopped: bool,
    disposition: Disposition,
    whole: Prepared,
) -> None:
    found = assessed(held, newest, known, stopped=stopped, severe=False, prepared=whole)
    assert found.disposition is disposition
    assert bool(found.advice) == (disposition is not Disposition.SELF_CARE)


@pytest.mark.parametrize(
    ("understood", "blocking", "doubted"),
    [
        ({}, False, False),
        ({"conditions": [{"id": "acl", "source": "/conditions/0"}]}, False, False),
        ({"conditions": [{"id": "acl", "source": "/text"}]}, False, True),
        ({"unknown": [{"source": "/text"}]}, False, True),
        ({"regions": [{"source": "/pain_areas/0"}]}, False, True),
        ({}, True, True),
    ],
)
def test_what_a_kept_answer_came_to(understood: dict[str, Any], blocking: bool, doubted: bool) -> None:
    names = ("regions", "causes", "conditions", "qualities", "patterns", "signs", "denied", "ignored", "unknown")
    content = {
        "understood": {**{name: [] for name in names}, "checked_for": ["osteoporosis"], "severity": 8, **understood},
        "screening": {"open": [{"blocking": blocking}]},
        "triage": {"flags": [], "advice": "Please answer."},
    }
    heard = heard_in(FIRST, json.dumps(content).encode(), START)
    assert (heard.doubted, "osteoporosis" in heard.conditions, heard.severity) == (doubted, True, 8)
