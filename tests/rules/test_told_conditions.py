"""Conditions heard without a phrase: they are added with their place, never taken away, and never over a denial."""

import json
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.rules import recommendation, triage, understanding
from api.rules.preparation import prepare
from api.rules.reader import Reader
from data.catalog.documents import CatalogDocument
from data.catalog.loader import assemble
from schemas.catalog import Catalog, ReleaseStamp, RuleSet
from schemas.findings import Reading
from schemas.recommendations import RecommendationQuestion
from schemas.vocabulary import FlagLevel

EVALUATION = Path(__file__).parents[1] / "evaluation"
Release = tuple[Catalog, RuleSet, Reader]
UNFORESEEN = [
    ("Neck is tight. They measured my bones last month and the number came back minus three point one", "osteoporosis"),
    ("stiff shoulders, and I swallow rat poison for the blood, finger pricked every other week", "anticoag"),
    ("they sawed out my worn knee and fitted a metal one last spring, thighs tight", "knee_replacement"),
]
NOT_THEIRS = [
    ("dad is on warfarin, me I only have a stiff neck from the desk", "anticoag"),
    ("no osteoporosis, bone scan was perfect. Stiff mid back from knitting", "osteoporosis"),
    ("I teach pregnancy yoga and stand all day, calves are tight, not pregnant myself", "pregnancy"),
]


@pytest.fixture(scope="module")
def release(documents: list[CatalogDocument]) -> Release:
    catalog, rules, lexicon = assemble((item.kind, item.id, item.document) for item in documents)
    return catalog, rules, understanding.compile_reader(lexicon, catalog, rules)


def read(text: str, reader: Reader, **question: object) -> Reading:
    return understanding.read(RecommendationQuestion.model_validate({"text": text, **question}), reader)


def conditions(reading: Reading) -> set[str]:
    return {found.id for found in reading.present("condition")}


@pytest.mark.parametrize(("text", "condition"), UNFORESEEN)
def test_a_condition_is_heard_in_words_that_no_phrase_holds(text: str, condition: str, release: Release) -> None:
    reader = release[2]
    silent = replace(reader, condition_listener=None)
    heard = [found for found in read(text, reader).present("condition") if found.id == condition]
    assert heard, f"by phrases: {conditions(read(text, silent))}"
    assert all(found.span and 0 <= found.span[0] < found.span[1] <= len(text) for found in heard)
    assert all(0 < found.confidence <= 1 for found in heard)


@pytest.mark.parametrize(("text", "condition"), NOT_THEIRS)
def test_a_condition_that_words_deny_or_give_to_others_is_not_heard(
    text: str, condition: str, release: Release
) -> None:
    assert condition not in conditions(read(text, release[2]))


def test_what_is_heard_without_a_phrase_rules_movements_out(release: Release) -> None:
    catalog, rules, reader = release
    question = RecommendationQuestion(text=f"{UNFORESEEN[0][0]}. Back stiff from gardening", limit=20)
    listening, silent = (
        understanding.read(question, one) for one in (reader, replace(reader, condition_listener=None))
    )
    prepared = prepare(catalog, rules)
    assert "osteoporosis" not in conditions(silent)
    forbidden = set(rules.conditions["osteoporosis"].forbid)

    def offered(reading: Reading) -> set[str]:
        assessment = triage.assess(reading, question.screening, question.country, catalog, rules)
        answer = recommendation.recommend(
            question, reading, assessment, prepared, ReleaseStamp(catalog="c", ruleset="r")
        )
        return {name for one in answer.exercises for name in one.exercise.properties}

    assert forbidden & offered(silent), "the question must be one where it matters"
    assert not forbidden & offered(listening)


def test_most_texts_about_a_condition_are_heard_without_any_phrase(
    documents: list[CatalogDocument], release: Release
) -> None:
    catalog, rules, lexicon = assemble((item.kind, item.id, item.document) for item in documents)
    mute = {key: concept for key, concept in lexicon.concepts.items() if concept.kind != "condition"}
    named = {id_: one.model_copy(update={"lay_words": []}) for id_, one in rules.conditions.items()}
    reader = understanding.compile_reader(replace(lexicon, concepts=mute), catalog, replace(rules, conditions=named))
    lines = (EVALUATION / "practice" / "k_g.jsonl").read_text("utf-8").splitlines()
    cases = [case for case in map(json.loads, lines) if case["expect"]["condition"]][:80]
    heard = [case["expect"]["condition"] in conditions(read(case["question"]["text"], reader)) for case in cases]
    assert sum(heard) > 0.7 * len(heard)


def test_one_that_needs_a_clinician_must_be_likelier_and_an_urgent_one_is_left_to_the_alarms(release: Release) -> None:
    _, rules, reader = release
    listener = reader.condition_listener
    assert listener is not None
    least = dict(zip(listener.conditions, listener.least, strict=True))
    levels = {condition: rules.conditions[condition].level for condition in least}
    assert set(levels.values()) >= {None, FlagLevel.URGENT, FlagLevel.SEE_CLINICIAN}
    ordinary = max(least[one] for one, level in levels.items() if level is None)
    assert all(least[one] > 1 for one, level in levels.items() if level is FlagLevel.URGENT)
    assert all(ordinary < least[one] < 1 for one, level in levels.items() if level is FlagLevel.SEE_CLINICIAN)


def test_a_field_that_says_not_pregnant_is_believed(release: Release) -> None:
    text = "two pink lines last sunday!! hips tight from sitting, what is still ok"
    assert any(id_.startswith("pregnancy") for id_ in conditions(read(text, release[2])))
    denied = read(text, release[2], person={"pregnant": False})
    assert not any(id_.startswith("pregnancy") for id_ in conditions(denied))
    assert denied.person.pregnant is False


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200), said=st.sampled_from([text for text, _ in UNFORESEEN + NOT_THEIRS]))
def test_nothing_that_the_phrases_found_is_ever_taken_away(text: str, said: str, release: Release) -> None:
    reader = release[2]
    try:
        asked = RecommendationQuestion(text=f"{said} {text}")
    except ValueError:
        return
    listening, silent = (understanding.read(asked, one) for one in (reader, replace(reader, condition_listener=None)))
    named = {(found.id, found.status) for found in silent.findings if found.kind == "condition"}
    vague = {(id_, status) for id_, status in named if id_ == "pregnancy"}
    assert named - vague <= {(found.id, found.status) for found in listening.findings if found.kind == "condition"}
    spoken_of = {id_ for id_, _ in named}
    added = conditions(listening) - conditions(silent)
    assert not added & spoken_of
    assert understanding.read(asked, reader) == listening


def test_it_was_learned_from_the_texts_that_stand_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(EVALUATION), *sys.path])
    from practice import texts_hash  # noqa: PLC0415

    folder = Path(__file__).parents[2] / "data" / "catalog"
    (model,) = tomllib.loads((folder / "told_conditions.toml").read_text())["told_conditions"]
    assert model["texts_hash"] == texts_hash(), "run tests/evaluation/train_conditions.py"
