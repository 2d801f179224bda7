"""What most people type first, a place and what they have, is judged by rules alone: a risk is no danger by itself."""

import pytest

from schemas.vocabulary import Disposition
from tests.rules.asking import ask, shipped

FRAMES = (
    *("{} pain", "my {} hurts", "stiff {}", "sore {} since last week", "{} pain since 3 days", "{} pain, 45"),
    *("left {} aches a bit", "tight {} for two weeks"),
)
RISKS = (
    *("I have osteoporosis", "diabetic", "I take warfarin", "30 weeks pregnant", "rheumatoid arthritis", "asthma"),
    *("high blood pressure", "on steroids", "had breast cancer 10 years ago", "sciatica", "hypermobile"),
)
DOUBTFUL = {"chest", "bone"}
"""A pain in the chest asks for more, and one in a bone may be a stress fracture."""

PLACES = ("neck", "low back", "mid back", "shoulder", "hip", "knee", "calf", "jaw", "elbow", "wrist", "thigh", "groin")
ALARMS = {Disposition.EMERGENCY, Disposition.URGENT, Disposition.SEE_CLINICIAN}


def spoken_places() -> list[str]:
    regions = shipped().catalog.regions.values()
    words = {words for region in regions for words in (region.name.lower(), *region.lay_words[:3])}
    return sorted(word for word in words if word.replace(" ", "").isalpha() and not DOUBTFUL & set(word.split()))


@pytest.mark.parametrize("place", spoken_places())
def test_a_bare_complaint_is_no_alarm(place: str) -> None:
    answers = {text: ask(text) for text in (frame.format(place) for frame in FRAMES)}
    assert not {text: heard.disposition for text, heard in answers.items() if heard.disposition in ALARMS}


@pytest.mark.parametrize("place", PLACES)
def test_a_risk_beside_a_bare_complaint_is_no_alarm(place: str) -> None:
    texts = [frame.format(place, risk) for risk in RISKS for frame in ("{} pain, {}", "sore {}. {}")]
    answers = {text: ask(text) for text in texts}
    assert not {text: heard.disposition for text, heard in answers.items() if heard.disposition in ALARMS}


@pytest.mark.parametrize(
    "text",
    [
        "low back pain and numb between my legs",
        "calf pain, hot and swollen",
        "jaw pain and sweating",
        "hip pain, 12 years old",
        "mid back pain, sudden, ripping",
        "low back pain, I have osteoporosis and I fell",
    ],
)
def test_one_word_of_danger_is_heard(text: str) -> None:
    assert ask(text).disposition in ALARMS
