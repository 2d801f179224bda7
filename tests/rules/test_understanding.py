"""People's words placed: regions, sides, severities, times, people, and how each thing was said."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.rules.phrases import PhraseError, parse
from api.rules.tokens import stem, tokenise
from schemas.vocabulary import Disposition, Side, Status
from tests.rules.asking import ask, shipped


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("between my shoulder blades", "mid_back"),
        ("that spot I can't reach to scratch", "mid_back"),
        ("lower bakc is stiff", "low_back"),
        ("crick in my neck", "neck"),
        ("TRAPS ARE IN KNOTS", "upper_trap"),
        ("sore hammy", "hamstring"),
        ("front of my hip", "hip_front"),
        ("bottom of my foot, first steps in the morning", "heel_arch"),
        ("kneecap grumbles", "knee"),
        ("shin splints", "shin"),
        ("mouse arm, forearm is tight", "forearm"),
        ("tmj clicking", "head_jaw"),
        ("my sholder is stiff", "shoulder"),
        ("rhomboids are sore", "mid_back"),
        ("tailbone hurts", "tailbone"),
    ],
)
def test_lay_words_place_a_region(text: str, region: str) -> None:
    assert region in ask(text).ids("region")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my hip aches", {"hip_lateral", "hip_front", "groin", "glute"}),
        ("my back hurts", {"low_back", "mid_back"}),
        ("sciatica", {"low_back", "glute", "hamstring"}),
    ],
)
def test_vague_words_stay_vague(text: str, expected: set[str]) -> None:
    heard = ask(text)
    assert expected <= heard.ids("region")
    assert all(f.confidence < 0.8 for f in heard.reading.present("region"))


def test_a_specific_place_settles_a_vague_one() -> None:
    assert ask("back pain, it's my lower back").ids("region") == {"low_back"}


@pytest.mark.parametrize(
    ("text", "region", "side"),
    [
        ("left shoulder aches", "shoulder", Side.LEFT),
        ("pain in my R knee", "knee", Side.RIGHT),
        ("both calves are tight", "calf", Side.BOTH),
        ("right between the shoulder blades", "mid_back", Side.UNKNOWN),
        ("neck is stiff on the left side", "neck", Side.LEFT),
        ("my neck hurts right now", "neck", Side.UNKNOWN),
    ],
)
def test_sides(text: str, region: str, side: Side) -> None:
    found = [f for f in ask(text).reading.present("region") if f.id == region]
    assert [f.side for f in found] == [side]


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("8/10 in my hip", 8),
        ("knee pain 6 out of 10", 6),
        ("pain level is 7, neck", 7),
        ("4-5/10 elbow", 5),
        ("neck", None),
    ],
)
def test_severities(text: str, severity: int | None) -> None:
    assert ask(text).reading.severity == severity


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("neck pain for 3 days", 3),
        ("sore knee for two weeks", 14),
        ("hip pain since yesterday", 1),
        ("elbow, 6 months ago", 180),
    ],
)
def test_durations(text: str, days: int) -> None:
    assert ask(text).reading.duration_days == days


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("41yo with a stiff neck", 41),
        ("I'm 62, tight calves", 62),
        ("62M low back", 62),
        ("34/F sore hip", 34),
        ("aged 70, stiff knees", 70),
        ("sixty two years old, stiff neck", 62),
        ("my 9-year-old has a sore heel", 9),
        ("had it since I was 14, stiff neck", None),
        ("I'm 5 weeks post op, knee", None),
        ("my dad is 80 but it's my knee that hurts", None),
    ],
)
def test_ages(text: str, age: int | None) -> None:
    assert ask(text).reading.person.age == age


@pytest.mark.parametrize(
    ("text", "condition", "weeks"),
    [
        ("28 weeks pregnant, hips ache", "pregnancy_t3", 28),
        ("I'm 16 weeks gone, sore hips", "pregnancy_t2", 16),
        ("due in May, back aches", "pregnancy", None),
        ("my bump is heavy, lower back", "pregnancy", None),
        ("second trimester, hips ache", "pregnancy_t2", None),
    ],
)
def test_pregnancies(text: str, condition: str, weeks: int | None) -> None:
    heard = ask(text)
    assert heard.reading.person.pregnant is True
    assert heard.reading.person.pregnancy_weeks == weeks
    assert condition in heard.ids("condition")


def test_pregnancy_of_the_fields_becomes_a_condition() -> None:
    assert "pregnancy" in ask("hip", pregnant=True).ids("condition")
    assert "pregnancy_t2" in ask("hip", pregnant=True, pregnancy_weeks=20).ids("condition")
    assert ask("not pregnant, hip is stiff").reading.person.pregnant is False


@pytest.mark.parametrize(
    ("text", "sign", "status"),
    [
        ("no chest pain, neck is stiff", "chest_pain", Status.DENIED),
        ("Chest pain? No. Neck is stiff", "chest_pain", Status.DENIED),
        ("chest pain: none, stiff neck", "chest_pain", Status.DENIED),
        ("denies chest pain, fever or weight loss", "fever", Status.DENIED),
        ("no fever, chills, weight loss or night pain, stiff back", "weight_loss", Status.DENIED),
        ("no injury, chest pain since this morning", "chest_pain", Status.PRESENT),
        ("no pain and I can't feel between my legs", "saddle_numbness", Status.PRESENT),
        ("never had chest pain like this", "chest_pain", Status.PRESENT),
        ("what if I get chest pain, neck is stiff", "chest_pain", Status.HYPOTHETICAL),
        ("not sure if my bum is numb", "numb_bum", Status.UNCERTAIN),
    ],
)
def test_how_it_was_said(text: str, sign: str, status: Status) -> None:
    assert sign in ask(text).ids("sign", status)


def test_a_worry_about_a_disease_establishes_nothing() -> None:
    heard = ask("tight neck, should I worry about a stroke?")
    assert heard.flags == {}


def test_figures_of_speech_are_no_signs() -> None:
    assert ask("this lower back is killing me").flags == {}


def test_spans_are_offsets_into_the_text() -> None:
    text = "Well \u2014 my \u2018lower back\u2019 is stiff"
    found = ask(text).reading.present("region")
    assert [text[f.span[0] : f.span[1]] for f in found if f.span] == ["lower back"]


# --- the machinery ---


@pytest.mark.parametrize("phrase", ["(unclosed", "a <> b <> c", "stray)"])
def test_malformed_phrases_are_refused(phrase: str) -> None:
    with pytest.raises(PhraseError):
        parse(phrase)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tingling", "tingle"),
        ("knees", "knee"),
        ("running", "run"),
        ("stopped", "stop"),
        ("bodies", "body"),
        ("breathing", "breathe"),
    ],
)
def test_endings_fall_away(one: str, other: str) -> None:
    assert stem(one)[:5] == stem(other)[:5]


def test_dangerous_look_alikes_are_not_repaired() -> None:
    heard = ask("this is important: my neck is stiff")
    assert heard.ids("sign") <= {"neck_stiff_flex"}


def test_words_that_run_together_are_parted() -> None:
    assert "mid_back" in ask("shoulderblade ache").ids("region")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    try:
        heard = ask(text)
    except ValueError:
        return
    for found in heard.reading.findings:
        if found.span is not None:
            assert 0 <= found.span[0] < found.span[1] <= len(text)
    assert heard.disposition is not Disposition.SELF_CARE


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="abc can't 8/10.,\n\u2013'\u2019", max_size=120))
def test_tokens_lie_in_order_inside_the_text(text: str) -> None:
    tokens = tokenise(text)
    assert all(0 <= t.start < t.end <= len(text) for t in tokens)
    assert all(a.end <= b.start and a.part <= b.part for a, b in pairwise(tokens))


@pytest.mark.parametrize(
    "words", ["no pain ", "numb bum ", "both legs numb between my legs weak ", "the ", "3 days ago ", "xqzt "]
)
def test_hostile_texts_are_read_in_good_time(words: str) -> None:
    text = (words * 4000)[:4000]
    shipped()
    start = time.process_time()
    ask(text)
    assert time.process_time() - start < 1.0


def test_the_same_question_gives_the_same_reading() -> None:
    text = "left hip and lower back, 6/10, since Tuesday after rowing, no numbness"
    assert ask(text) == ask(text)
