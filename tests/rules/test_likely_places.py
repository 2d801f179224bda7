"""Places that are well, and places that are meant although their words look denied."""

import pytest

from schemas.vocabulary import Status
from tests.rules.asking import ask


@pytest.mark.parametrize(
    ("text", "well", "meant"),
    [
        ("the knee itself is fine, my ankle is stiff", "knee", "ankle"),
        ("shoulder doesn't hurt, the elbow aches", "shoulder", "elbow"),
        ("Neck is fine, jaw is ok, it's only the tops of the shoulders that are tight", "neck", "upper_trap"),
        ("my back isn't the problem, the hamstring is tight", "low_back", "hamstring"),
        ("quads sore from squats, knees no problem", "knee", "quad"),
        ("hips fine, calf sore after the hill", "hip_lateral", "calf"),
    ],
)
def test_a_place_that_is_well_is_no_place_of_pain(text: str, well: str, meant: str) -> None:
    heard = ask(text)
    assert meant in heard.ids("region")
    assert well not in heard.ids("region")
    assert well in heard.ids("region", Status.DENIED)


@pytest.mark.parametrize(
    "text",
    [
        "my knee is fine until I kneel",
        "the knee doesn't hurt when I walk, only on stairs",
        "knee is not good",
        "knee feels good after stretching but aches again by night",
        "my knee doesn't hurt much",
    ],
)
def test_well_with_a_reservation_is_not_well(text: str) -> None:
    assert "knee" in ask(text).ids("region")


def test_a_place_that_is_surely_meant_stands_although_its_words_look_denied() -> None:
    text = "I dig over the allotment, and for a week I can't straighten without a groan from the lower back"
    assert ask(text).ids("region") >= {"low_back"}
    assert not ask("no pain in my neck").ids("region")
