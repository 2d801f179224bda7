"""Words of structured fields placed on ids, or asked about."""

import pytest

from schemas.vocabulary import Disposition, Side
from tests.rules.asking import ask


def test_ids_are_taken_as_they_are() -> None:
    heard = ask(
        pain_areas=[{"region": "mid_back", "side": "left", "severity": 4}], causes=["rowing"], conditions=["sciatica"]
    )
    found = heard.reading.present("region")[0]
    assert (found.id, found.side, found.severity, found.confidence) == ("mid_back", Side.LEFT, 4, 1.0)
    assert "rowing" in heard.ids("cause")
    assert "sciatica" in heard.ids("condition")


def test_words_of_fields_are_placed_with_their_pointer() -> None:
    heard = ask(
        pain_areas=[{"region": "between my shoulder blades"}],
        conditions=["total hip replacement 5 weeks ago"],
        equipment=["yoga strap"],
        positions=["on my back"],
    )
    pointers = {(f.kind, f.id, f.pointer) for f in heard.reading.findings}
    assert ("region", "mid_back", "/pain_areas/0/region") in pointers
    assert ("condition", "hip_replacement", "/conditions/0") in pointers
    assert ("equipment", "strap", "/equipment/0") in pointers
    assert ("position", "supine", "/positions/0") in pointers


def test_a_typing_slip_in_a_field_is_placed_carefully() -> None:
    assert "carpal_tunnel" in ask("wrist", conditions=["carpel tunel"]).ids("condition")


@pytest.mark.parametrize(
    ("field", "words"),
    [("conditions", "flurbian node"), ("causes", "moonlight"), ("equipment", "trombone"), ("positions", "levitating")],
)
def test_what_cannot_be_placed_is_asked_about(field: str, words: str) -> None:
    unplaced = ask("stiff neck", **{field: [words]}).reading.unplaced
    assert [u.pointer for u in unplaced] == [f"/{field}/0"]
    assert unplaced[0].question


def test_no_condition_is_no_unknown_condition() -> None:
    assert ask("stiff neck", conditions=["none"]).reading.unplaced == ()


def test_an_emergency_in_a_field_counts() -> None:
    heard = ask("low back", conditions=["can't feel when I wipe"])
    assert heard.disposition is Disposition.EMERGENCY


def test_conditions_said_in_the_text_count() -> None:
    assert "osteoporosis" in ask("stiff neck, I have osteoporosis").ids("condition")


def test_a_cause_names_likely_places_when_nobody_named_one() -> None:
    heard = ask("sore after rowing")
    assert "mid_back" in heard.ids("region")
    assert all(f.confidence <= 0.4 for f in heard.reading.present("region"))
