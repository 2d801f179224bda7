"""The decisions on the safety of the recommendation, each by its number."""

import pytest

from schemas.vocabulary import Action, Disposition, FlagLevel
from tests.rules.asking import GOES_ON, STOPPED, all_answered_no, ask

ROWS = "sore between my shoulder blades after heavy rows"


# --- decisions 5.2 ---


def test_decision_5_2_self_care_needs_a_complete_screen() -> None:
    first = ask(ROWS, age=35)
    assert first.disposition is Disposition.CAUTION
    assert not first.assessment.screen_complete
    second = ask(ROWS, age=35, answers=all_answered_no(first))
    assert second.disposition is Disposition.SELF_CARE
    assert second.assessment.screen_complete


def test_decision_5_2_bare_mid_back_pain_asks_about_the_heart_first() -> None:
    heard = ask("my mid back hurts")
    assert heard.disposition is Disposition.CAUTION
    assert heard.assessment.open_questions[0] == "chest_pressure"
    first_six = heard.assessment.open_questions[:6]
    assert {"sweating_sick_faint", "sudden_tearing", "fever_weight_cancer_night", "fall_or_fragile_bones"} <= set(
        first_six
    )


def test_decision_5_2_an_answer_of_null_stays_open() -> None:
    assert "chest_pressure" in ask(ROWS, answers={"chest_pressure": None}).assessment.open_questions


def test_decision_5_2_cleared_opens_postoperative_programmes() -> None:
    text = "spinal fusion 3 weeks ago, stiff hamstrings"
    assert ask(text).disposition is Disposition.SEE_CLINICIAN
    assert ask(text, cleared=True).disposition in GOES_ON


def test_decision_5_2_cleared_opens_nothing_of_emergency_level() -> None:
    assert ask("back op 3 weeks ago, can't feel when I wipe", cleared=True).disposition is Disposition.EMERGENCY


# --- decisions 5.3 ---


@pytest.mark.parametrize(
    "text",
    [
        "upper back pain, no chest pain but sweaty and breathless",
        "not the chest, but my jaw and left arm ache and I'm clammy",
        "no fever, just can't feel between my legs, low back pain",
    ],
)
def test_decision_5_3_a_partial_denial_cancels_nothing(text: str) -> None:
    assert ask(text).disposition is Disposition.EMERGENCY


def test_decision_5_3_an_answer_no_cancels_nothing() -> None:
    heard = ask("between my shoulder blades and I feel sweaty and sick", answers={"sweating_sick_faint": False})
    assert heard.disposition is Disposition.EMERGENCY


# --- decisions 5.4 ---


def test_decision_5_4_family_history_does_not_count() -> None:
    heard = ask("my father had a heart attack, my upper back is stiff from my desk")
    assert heard.flags == {}


@pytest.mark.parametrize(
    "text",
    [
        "my husband has crushing chest pain",
        "pt reports saddle numbness and low back pain",
        "my wife's face is drooping",
        "my mum fell down the stairs and her back hurts",
    ],
)
def test_decision_5_4_another_person_is_the_patient(text: str) -> None:
    heard = ask(text)
    assert heard.disposition in STOPPED
    assert heard.reading.person.subject == "other"


def test_decision_5_4_the_age_of_a_child_is_read_from_the_text() -> None:
    heard = ask("my 9-year-old is limping")
    assert heard.reading.person.age == 9
    assert heard.disposition is Disposition.URGENT


@pytest.mark.parametrize(
    "text",
    [
        "a week ago I had crushing chest pain, fine now. neck is stiff",
        "my face drooped for ten minutes on Monday, back to normal now, tight neck",
        "I couldn't feel when I wiped last week, better now, low back stiff",
        "collapsed 5 days ago, ok now, back is stiff",
    ],
)
def test_decision_5_4_the_recent_past_is_urgent_at_least(text: str) -> None:
    assert ask(text).disposition in STOPPED


@pytest.mark.parametrize(
    "text",
    ["chest pain 3 years ago, all clear; stiff neck now", "face drooped in 2012, fully recovered. Tight calves"],
)
def test_decision_5_4_the_distant_past_is_innocent(text: str) -> None:
    assert ask(text).disposition in GOES_ON


# --- decisions 5.5 ---


def test_decision_5_5_worse_on_exertion_and_easing_at_rest() -> None:
    heard = ask("ache between my shoulder blades when I walk uphill, eases when I stop")
    assert heard.disposition is Disposition.EMERGENCY


def test_decision_5_5_from_40_without_a_trigger_and_not_changed_by_pressing() -> None:
    answers = {"pressing_or_moving_changes": False}
    assert ask("mid back pain", age=52, answers=answers).disposition is Disposition.URGENT
    assert ask("mid back pain", age=30, answers=answers).disposition is Disposition.CAUTION
    assert ask("mid back pain, I smoke", age=30, answers=answers).disposition is Disposition.URGENT
    assert ask(ROWS, age=52, answers=answers).disposition is Disposition.CAUTION


def test_decision_5_5_asks_whether_pressing_or_moving_changes_it() -> None:
    assert "pressing_or_moving_changes" in ask("mid back pain").assessment.open_questions


# --- decisions 5.6 ---


@pytest.mark.parametrize(
    "text",
    [
        "I have osteoporosis, tight neck",
        "on prednisolone, tight hamstrings",
        "breast cancer ten years ago, tight calves",
    ],
)
def test_decision_5_6_risk_factors_alone_are_no_flags(text: str) -> None:
    assert ask(text).disposition in GOES_ON


def test_decision_5_6_a_risk_factor_with_a_new_pain_is_one() -> None:
    assert "rf22" in ask("breast cancer ten years ago, now a new pain in my spine").flags


# --- decisions 5.7 ---


@pytest.mark.parametrize("text", ["me duele el pecho", "胸が痛い", "нечем дышать, боль в груди", "xyzzy plugh", ""])
def test_decision_5_7_foreign_emergencies_and_nothing_understood_ask_first(text: str) -> None:
    assert ask(text).disposition is Disposition.ANSWER_FIRST


def test_decision_5_7_unknown_words_beside_a_region_do_not_block() -> None:
    assert ask("my neck is flimflammed and stiff").disposition in GOES_ON


# --- decisions 5.8, 5.9, 5.11 ---


def test_decision_5_8_an_unknown_age_is_asked() -> None:
    assert "age" in ask("stiff neck").assessment.open_questions
    assert "age" not in ask("stiff neck", age=33).assessment.open_questions


def test_decision_5_8_bone_or_night_pain_in_the_late_teens() -> None:
    assert ask("knee aches at night", age=17).disposition is Disposition.URGENT
    assert ask("knee aches after football", age=17).disposition is Disposition.CAUTION


def test_decision_5_9_the_first_weeks_after_birth() -> None:
    heard = ask("bad headache, stiff neck", postpartum_weeks=2)
    assert heard.flags["rf55"] is FlagLevel.URGENT
    assert heard.assessment.action is Action.MATERNITY_UNIT


def test_decision_5_11_dvt_and_myelopathy_are_urgent() -> None:
    for condition in ("dvt", "cerv_myelopathy"):
        assert ask("tight calf", conditions=[condition]).disposition is Disposition.URGENT


def test_decision_5_11_an_unknown_condition_is_at_least_caution() -> None:
    first = ask("stiff neck after desk work", age=30, conditions=["flurbian node syndrome"])
    second = ask(
        "stiff neck after desk work",
        age=30,
        conditions=["flurbian node syndrome"],
        answers=all_answered_no(first),
    )
    assert second.assessment.screen_complete
    assert second.disposition is Disposition.CAUTION
    assert second.reading.unplaced[0].pointer == "/conditions/0"


# --- decisions 5.12 ---


def test_decision_5_12_severity_8_alone_asks_first() -> None:
    heard = ask(pain_areas=[{"region": "low_back", "severity": 8}])
    assert heard.disposition is Disposition.ANSWER_FIRST
    assert heard.assessment.blocking_questions == {"severity_function"}


def test_decision_5_12_severity_7_does_not() -> None:
    assert ask(pain_areas=[{"region": "low_back", "severity": 7}]).disposition is Disposition.CAUTION


def test_decision_5_12_with_lost_sleep_or_function_it_is_urgent() -> None:
    assert ask("9/10 low back pain, can't sleep").disposition is Disposition.URGENT
    assert ask("low back pain 8 out of 10, can't get dressed").disposition is Disposition.URGENT
    answered = ask("pain is 9/10 in my hip", answers={"severity_function": True})
    assert answered.disposition is Disposition.URGENT


def test_decision_5_12_the_answer_no_lets_it_go_on() -> None:
    assert ask("pain is 9/10 in my hip", answers={"severity_function": False}).disposition is Disposition.CAUTION


# --- decisions 5.15, 5.16 ---


def test_decision_5_15_suicide_and_abuse_have_actions_of_their_own() -> None:
    assert ask("I don't want to be here anymore, this back pain").assessment.action is Action.CRISIS_LINE
    assert ask("my partner hits me, sore ribs").assessment.action is Action.ABUSE_SUPPORT


def test_decision_5_16_numbers_are_those_of_the_country() -> None:
    text = "crushing chest pain"
    assert "999" in ask(text, country="gb").assessment.advice
    assert "911" in ask(text, country="US").assessment.advice
    assert "your local emergency number (112, 911, 999)" in ask(text).assessment.advice
    assert "{" not in ask(text, country="XX").assessment.advice
