"""Each red flag and each rule of each condition by itself, from people's words to what is offered."""

import re
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.rules.contraindications import Traits, check, expanded, vocabulary_of
from api.rules.preparation import Prepared, prepare
from api.rules.properties import all_properties
from api.rules.recommendation import recommend
from api.rules.triage import assess
from api.rules.understanding import read
from schemas.conditions import Condition
from schemas.recommendations import Recommendation, RecommendationQuestion
from schemas.red_flags import RedFlag
from schemas.vocabulary import Disposition, Verdict
from tests.rules.asking import GOES_ON, ask, shipped
from tests.rules.making import STAMP

CATALOG, RULES = shipped().catalog, shipped().rules
WORDS = vocabulary_of(CATALOG.properties, CATALOG.regions)
LEAVES = sorted({leaf for region in CATALOG.regions for leaf in WORDS.leaves.get(region, {region})})
CONDITIONS = sorted(RULES.conditions.values(), key=lambda each: each.id)
EACH_RULE = [
    pytest.param(condition, verdict, test, id=f"{condition.id}-{verdict}-{test}")
    for condition in CONDITIONS
    for verdict, tests in (
        (Verdict.FORBID, condition.forbid),
        (Verdict.CAUTION, condition.caution),
        (Verdict.FAVOUR, condition.favour),
    )
    for test in tests
]
FLAGS = sorted(RULES.red_flags.values(), key=lambda flag: flag.id)
SAID = [flag for flag in FLAGS if flag.positive]
BEFORE = ["", "hi, thanks for reading. ", "Shoulders feel stiff too. ", "Not sure where to start. ", "Love your app! "]
AFTER = ["", ". Calves feel tight as well.", ". Which stretch would help?", ". Thanks in advance", ". Desk job by day."]
ALLOWED_KINDS = {"breathing"}


@cache
def prepared() -> Prepared:
    return prepare(CATALOG, RULES)


def recommended(**fields: Any) -> Recommendation:
    question = RecommendationQuestion(**fields)
    reading = read(question, shipped().reader)
    assessment = assess(reading, question.screening, question.country, CATALOG, RULES)
    return recommend(question, reading, assessment, prepared(), STAMP)


def traits_with(test: str, regions: list[str]) -> Traits:
    """An exercise that has just what one test names, for these regions."""
    parts = set() if test == "*" else set(test.split("+"))
    named = [part for part in sorted(parts) if part in CATALOG.regions] or regions or ["mid_back"]
    leaves = expanded(named, WORDS)
    return Traits(
        properties=frozenset(parts - CATALOG.regions.keys()),
        leaves=leaves,
        regions=leaves | frozenset(named) | frozenset().union(*(WORDS.parents.get(leaf, set()) for leaf in leaves)),
        breathing=False,
        forbidden_with=frozenset(),
        cautioned_with=frozenset(),
        notes={},
    )


@pytest.mark.parametrize(("condition", "verdict", "test"), EACH_RULE)
def test_a_rule_of_a_condition_judges_what_it_names(condition: Condition, verdict: Verdict, test: str) -> None:
    judged = check(traits_with(test, condition.regions), [condition], WORDS, {})
    hits = [hit for hit in judged.hits if hit.property == test]
    stricter = {Verdict.FORBID, Verdict.CAUTION} - ({verdict} if verdict is Verdict.FORBID else set())
    assert [hit.verdict for hit in hits] == [verdict] or judged.verdict in stricter
    assert all(hit.rule == condition.id and hit.reason for hit in hits)
    bare = check(traits_with("standing", ["wrist"]), [condition], WORDS, {})
    assert test in {"*", "standing", "wrist"} or test not in {hit.property for hit in bare.hits}


def forbids(condition: Condition, properties: frozenset[str], regions: set[str]) -> list[str]:
    """The forbids that an exercise meets, worked out without the code under test."""
    if condition.scoped and not regions & expanded(condition.regions, WORDS):
        return []
    has = properties | regions | {parent for leaf in regions for parent in WORDS.parents.get(leaf, ())}
    return [test for test in condition.forbid if test == "*" or set(test.split("+")) <= has]


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.id)
def test_what_a_condition_forbids_is_offered_to_nobody_who_has_it(condition: Condition) -> None:
    name = re.split(r"[,(]", condition.name)[0].strip()
    understood = recommended(text="stiff low back", conditions=[name]).understood.conditions
    assert condition.id in {term.id for term in understood}, f"{name!r} is not understood"
    for region in LEAVES:
        answer = recommended(pain_areas=[{"region": region}], conditions=[name], limit=20)
        for offer in answer.exercises:
            definition = CATALOG.exercises[offer.exercise.id]
            properties = frozenset(all_properties(definition))
            leaves = set(expanded(definition.regions, WORDS))
            assert forbids(condition, properties, leaves) == [], (region, definition.id)
            assert condition.id not in definition.contraindicated_with


@pytest.mark.parametrize("flag", SAID, ids=lambda flag: flag.id)
def test_nobody_is_given_a_stretch_while_a_flag_stands(flag: RedFlag) -> None:
    for text in flag.positive:
        answer = recommended(text=text, limit=20)
        fired = {found.id for found in answer.triage.flags}
        assert flag.id in fired
        assert answer.triage.disposition not in GOES_ON
        kinds = {offer.exercise.kind for offer in answer.exercises}
        if answer.triage.disposition is Disposition.SEE_CLINICIAN:
            assert kinds <= ALLOWED_KINDS
        else:
            assert answer.exercises == []
            assert answer.routine.items == []


@pytest.mark.parametrize("flag", SAID, ids=lambda flag: flag.id)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_flag_that_fires_stops_whatever_is_said_beside_it(flag: RedFlag, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(flag.positive))
    before = data.draw(st.sampled_from(BEFORE))
    after = data.draw(st.sampled_from(AFTER))
    answer = recommended(text=before + text + after, limit=20)
    assert answer.triage.disposition not in GOES_ON
    if answer.triage.disposition is not Disposition.SEE_CLINICIAN:
        assert answer.exercises == []


SIGNS = {
    "rf01": ["numbness around my bottom", "saddle numbness"],
    "rf02": ["trouble peeing", "loss of bladder control", "bowel accidents"],
    "rf05": ["weakness in both legs", "numbness in both legs"],
    "rf07": ["foot drop"],
    "rf09": ["chest pain", "pressure in my chest", "chest tightness"],
    "rf17": ["fever", "chills", "night sweats"],
    "rf20": ["facial droop", "slurred speech"],
    "rf30": ["swelling in one calf", "hot red calf"],
}
DENIALS = [
    "no {}",
    "without {}",
    "denies {}",
    "I have no {}",
    "I don't have {}",
    "{}? no",
    "there is no {}",
    "never any {}",
]
COMPLAINTS = ["stiff neck from the desk", "tight calves after running", "sore between the shoulder blades after rowing"]


@settings(max_examples=200, deadline=None)
@given(
    sign=st.sampled_from(sorted({sign for signs in SIGNS.values() for sign in signs})),
    denial=st.sampled_from(DENIALS),
    complaint=st.sampled_from(COMPLAINTS),
    first=st.booleans(),
)
def test_a_denied_sign_fires_nothing(sign: str, denial: str, complaint: str, first: bool) -> None:
    denied = denial.format(sign)
    text = f"{denied}. {complaint}" if first else f"{complaint}, {denied}"
    heard = ask(text)
    assert heard.flags == {}, text
    assert heard.disposition in GOES_ON, text
