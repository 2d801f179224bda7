"""Illnesses named in a text that no condition covers: at least caution, nothing extreme, and a question."""

import pytest

from schemas.vocabulary import Disposition
from tests.rules.asking import ask

UNKNOWN = [
    "I've been diagnosed with Blenkinsop-Varga syndrome. My upper back is stiff from hunching over a microscope.",
    "tight calves, and I have Orlov-Tennant disease",
    "got a diagnosis of Tarvinian ligamosis last year, stiff neck",
    "pt with known Kartofel disorder, stiff neck from the desk",
]
NONE = [
    "my sister has Orlov-Tennant syndrome, I just have a stiff neck",
    "never been diagnosed with anything, stiff neck",
    "diagnosed with a tight hamstring",
    "no disease that I know of, tight calves",
    "I have Marfan syndrome and tight calves",
    "diagnosed with osteoporosis, stiff neck",
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_an_unknown_illness_is_asked_about_and_keeps_to_caution(text: str) -> None:
    heard = ask(text)
    assert [(words.pointer, words.kind) for words in heard.reading.unplaced] == [("/text", "condition")]
    assert heard.disposition in {Disposition.CAUTION, Disposition.ANSWER_FIRST}


@pytest.mark.parametrize("text", NONE)
def test_what_is_known_or_not_the_persons_is_no_unknown_illness(text: str) -> None:
    assert ask(text).reading.unplaced == ()
