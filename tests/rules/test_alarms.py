"""What was learned about danger: it listens to words it knows, says where it heard a sign, and never decides alone."""

import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.rules import triage, understanding
from api.rules.reader import Reader
from data.catalog.documents import CatalogDocument
from data.catalog.loader import assemble
from schemas.catalog import Catalog, RuleSet
from schemas.findings import Assessment
from schemas.recommendations import RecommendationQuestion
from schemas.vocabulary import Action, Disposition, FlagLevel

EVALUATION = Path(__file__).parents[1] / "evaluation"
ALARMS = {Disposition.EMERGENCY, Disposition.URGENT, Disposition.SEE_CLINICIAN}


@pytest.fixture(scope="module")
def release(documents: list[CatalogDocument]) -> tuple[Catalog, RuleSet, Reader]:
    catalog, rules, lexicon = assemble((item.kind, item.id, item.document) for item in documents)
    return catalog, rules, understanding.compile_reader(lexicon, catalog, rules)


Release = tuple[Catalog, RuleSet, Reader]


def assessed(text: str, release: Release, **question: object) -> Assessment:
    catalog, rules, reader = release
    asked = RecommendationQuestion.model_validate({"text": text, **question})
    reading = understanding.read(asked, reader)
    return triage.assess(reading, asked.screening, asked.country, catalog, rules)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("my back is bad and the whole undercarriage has gone dead since breakfast", "rf01"),
        ("feels like somebody parked a lorry on my breastbone, been an hour now and I'm clammy", "rf09"),
        ("one side of my smile stopped working at breakfast and my words come out wrong", "rf15"),
    ],
)
def test_a_sign_is_heard_in_words_that_no_list_holds_and_shown_where(text: str, sign: str, release: Release) -> None:
    found = assessed(text, release)
    assert found.disposition is Disposition.EMERGENCY
    assert any(flag.id == sign or flag.level is FlagLevel.EMERGENCY for flag in found.flags)
    assert all(flag.span is None or 0 <= flag.span[0] < flag.span[1] <= len(text) for flag in found.flags)


@pytest.mark.parametrize(
    "text", ["xyzzy plugh", "qwe rty uio", "ich habe seit gestern ein wenig Nackenschmerzen", "..."]
)
def test_words_that_were_never_heard_are_no_alarm(text: str, release: Release) -> None:
    asked = RecommendationQuestion(text=text)
    assert understanding.read(asked, release[2]).alarm is None
    assert assessed(text, release).disposition is Disposition.ANSWER_FIRST


@pytest.mark.parametrize(
    "text",
    [
        "stiff neck from the desk, no chest pain, no numbness, no weakness",
        "lower back tight after gardening. Bladder and bowels fine, no fever, no weight loss",
        "tight calves after a run, no swelling, not hot, not red",
        "denies saddle numbness, denies leg weakness, stiff low back from sitting",
    ],
)
def test_what_is_denied_is_no_alarm(text: str, release: Release) -> None:
    assert assessed(text, release).disposition not in ALARMS


@pytest.mark.parametrize("level", [FlagLevel.EMERGENCY, FlagLevel.URGENT])
def test_a_flag_that_fires_more_urgently_than_its_own_level_says_so(level: FlagLevel, release: Release) -> None:
    catalog, rules, reader = release
    asked = RecommendationQuestion(text="my neck is stiff from the desk")
    reading = understanding.read(asked, reader)
    assert reading.alarm is not None
    emergency = 99.0 if level is FlagLevel.EMERGENCY else -99.0
    scores = {"emergency": emergency, "urgent": 99.0, "see_clinician": 99.0}
    soon = {Action.CALL_EMERGENCY, Action.CRISIS_LINE, Action.ABUSE_SUPPORT, Action.MATERNITY_UNIT}
    for flag in rules.red_flags:
        alarm = replace(reading.alarm, levels=scores, sign=flag, sign_score=9.0, span=(0, 4))
        found = triage.assess(replace(reading, alarm=alarm), asked.screening, asked.country, catalog, rules)
        assert found.disposition.value == level.value
        assert found.action in (soon if level is FlagLevel.EMERGENCY else {*soon, Action.SAME_DAY_CARE})
        assert found.action is not Action.CALL_EMERGENCY or "112" in found.advice


def test_an_emergency_of_a_flag_that_is_else_urgent_calls_for_help_now(release: Release) -> None:
    found = assessed("my foot has gone floppy since this morning, can't lift the toes at all, back pain", release)
    assert (found.disposition, found.action) == (Disposition.EMERGENCY, Action.CALL_EMERGENCY)
    assert "now" in found.advice


def test_an_answer_yes_is_never_doubted(release: Release) -> None:
    screening = {"answers": {"saddle_numbness": True}}
    assert (
        assessed("lower back stiff from gardening", release, screening=screening).disposition is Disposition.EMERGENCY
    )


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_is_read_twice_alike(text: str, release: Release) -> None:
    if text.strip() and len(text) <= 4000:
        try:
            asked = RecommendationQuestion(text=text)
        except ValueError:
            return
        assert understanding.read(asked, release[2]).alarm == understanding.read(asked, release[2]).alarm


def test_it_was_learned_from_the_texts_that_stand_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(EVALUATION), *sys.path])
    from practice import texts_hash  # noqa: PLC0415

    folder = Path(__file__).parents[2] / "data" / "catalog"
    (model,) = tomllib.loads((folder / "alarms.toml").read_text())["alarm"]
    assert model["texts_hash"] == texts_hash(), "run tests/evaluation/train.py"


@pytest.mark.parametrize(
    ("text", "disposition"),
    [
        ("Grandad's wrist is shiny, the heat comes off it and nobody may touch it, thermometer says 38.7", "emergency"),
        ("Grandad's wrist is shiny, the heat comes off it and nobody may touch it, thermometer says 36.7", "urgent"),
        (
            "the knee I had replaced three years ago has blown up, red and burning, and I have a fever of 38.9",
            "emergency",
        ),
    ],
)
def test_a_joint_that_sounds_infected_is_an_emergency_with_fever(text: str, disposition: str, release: Release) -> None:
    found = assessed(text, release)
    assert found.disposition is Disposition(disposition)
    assert "rf29" in {flag.id for flag in found.flags}
