"""How soon a professional is needed: the anchors, the decisions on safety, and the worked checks."""

import pytest

from schemas.vocabulary import Action, Disposition, FlagLevel, Status
from tests.rules.asking import GOES_ON, ask, shipped

ROWS = "sore between my shoulder blades after heavy rows"


# --- anchors and worked checks ---


def test_check_2_a_cluster_in_the_mid_back_is_an_emergency() -> None:
    heard = ask("between my shoulder blades and I feel sweaty and sick")
    assert heard.disposition is Disposition.EMERGENCY
    assert "rf10" in heard.flags


def test_check_2_denied_words_do_not_fire() -> None:
    heard = ask("ache between my shoulder blades after rowing, no chest pain, not sweaty")
    assert heard.flags == {}
    assert heard.disposition in GOES_ON
    assert {"chest_pain", "sweating"} <= heard.reading.denied_facts


def test_check_3_saddle_numbness_is_an_emergency() -> None:
    assert ask("lower back + can't feel when I wipe").flags["rf01"] is FlagLevel.EMERGENCY


def test_check_3_what_is_gone_now_is_asked_about() -> None:
    heard = ask("numb bum after long drive, gone now")
    assert heard.disposition is Disposition.ANSWER_FIRST
    assert "saddle_numbness" in heard.assessment.blocking_questions
    assert heard.assessment.action is Action.ANSWER_QUESTIONS


def test_check_3_the_answer_no_settles_what_was_only_uncertain() -> None:
    heard = ask("numb bum after long drive, gone now, lower back is stiff", answers={"saddle_numbness": False})
    assert heard.disposition is Disposition.CAUTION


def test_check_3_the_answer_yes_is_an_emergency() -> None:
    heard = ask("numb bum after long drive, gone now", answers={"saddle_numbness": True})
    assert heard.disposition is Disposition.EMERGENCY


def test_check_9_blood_pressure_of_190() -> None:
    heard = ask("my BP was 190, stiff neck")
    assert heard.flags["rf46"] is FlagLevel.URGENT


def test_check_9_an_ordinary_blood_pressure_is_nothing() -> None:
    assert "rf46" not in ask("my BP was 130/80, stiff neck").flags


def test_check_10_foot_drop_fires_rf07() -> None:
    assert "rf07" in ask("sciatica for months and now a foot drop").flags


def test_check_12_age_15_sees_a_clinician() -> None:
    assert ask("tight hamstrings", age=15).disposition is Disposition.SEE_CLINICIAN
    assert ask("I'm 15, tight hamstrings").disposition is Disposition.SEE_CLINICIAN


def test_rows_are_a_stated_mechanical_cause() -> None:
    heard = ask(ROWS)
    assert heard.disposition is Disposition.CAUTION
    assert "mid_back" in heard.ids("region")
    assert "rowing" in heard.ids("cause")
    assert heard.flags == {}


# --- answers and questions ---


@pytest.mark.parametrize(
    ("question", "region", "disposition"),
    [
        ("chest_pressure", "mid_back", Disposition.EMERGENCY),
        ("sweating_sick_faint", "mid_back", Disposition.EMERGENCY),
        ("sudden_tearing", "mid_back", Disposition.EMERGENCY),
        ("saddle_numbness", "low_back", Disposition.EMERGENCY),
        ("bladder_bowel_sexual", "low_back", Disposition.EMERGENCY),
        ("both_legs_spreading_weakness", "low_back", Disposition.EMERGENCY),
        ("severe_headache_vision", "neck", Disposition.EMERGENCY),
        ("fever_weight_cancer_night", "neck", Disposition.URGENT),
        ("fever_cancer_weight", "low_back", Disposition.URGENT),
        ("fall_or_fragile_bones", "mid_back", Disposition.URGENT),
        ("trauma", "low_back", Disposition.URGENT),
        ("calf_swelling", "calf", Disposition.URGENT),
        ("cannot_bear_weight", "knee", Disposition.URGENT),
        ("hot_swollen_joint", "knee", Disposition.URGENT),
        ("injury_pop", "knee", Disposition.URGENT),
        ("jaw_scalp_vision", "head_jaw", Disposition.URGENT),
        ("numb_weak_clumsy", "neck", Disposition.URGENT),
        ("pregnancy_signs", "low_back", Disposition.URGENT),
        ("severity_function", "hip", Disposition.URGENT),
        ("age", "knee", Disposition.SEE_CLINICIAN),
    ],
)
def test_an_answer_yes_leads_somewhere(question: str, region: str, disposition: Disposition) -> None:
    assert ask(pain_areas=[{"region": region}], answers={question: True}).disposition is disposition


def test_no_question_is_asked_that_no_flag_listens_to() -> None:
    rules = shipped().rules
    heard = {
        fact
        for flag in rules.red_flags.values()
        for case in flag.cases
        for fact in (*case.all_of, *(one for group in case.any_of for one in group))
    }
    for question in rules.questions:
        assert {f"answer.{question}", f"answer_no.{question}"} & heard, question


def test_every_leaf_region_asks_something() -> None:
    world = shipped()
    parents = {region.parent for region in world.catalog.regions.values()}
    for region in world.catalog.regions:
        if region not in parents:
            assert ask(pain_areas=[{"region": region}]).assessment.open_questions


def test_a_denied_place_is_no_place() -> None:
    heard = ask("it's not my neck")
    assert "neck" in heard.ids("region", Status.DENIED)
    assert heard.disposition is Disposition.ANSWER_FIRST
