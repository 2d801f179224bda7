"""What a session tells of signs: words and ticks are read, pain alone never sends anybody to a professional."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from api.rules import triage, understanding
from api.rules.reader import Reader
from api.rules.session_signs import TOLD, signs_of
from schemas.catalog import Catalog, Lexicon, RuleSet
from schemas.recommendations import PainArea, ScreeningAnswers, TriageQuestion
from schemas.session_logs import SessionLogFields
from schemas.session_triage import SessionTriage

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
Parts = tuple[Catalog, RuleSet, Lexicon]


@pytest.fixture(scope="module")
def reader(parts: Parts) -> Reader:
    catalog, rules, lexicon = parts
    return understanding.compile_reader(lexicon, catalog, rules)


def told(parts: Parts, reader: Reader, **said: Any) -> SessionTriage | None:
    catalog, rules, lexicon = parts
    log = SessionLogFields.model_validate(
        {
            "started_at": NOW,
            "ended_at": NOW + timedelta(minutes=8),
            "timezone": "UTC",
            "exercises": [{"exercise_id": "any"}],
            **said,
        }
    )
    return signs_of(log, reader, lexicon, catalog, rules)


@pytest.mark.parametrize(
    ("said", "disposition", "flag"),
    [
        ({"notes": "numb between my legs after the last set"}, "emergency", "rf01"),
        ({"notes": "chest tightness and sweating while stretching"}, "emergency", "rf09"),
        ({"notes": "calf swollen and warm"}, "urgent", "rf14"),
        ({"notes": "could not sleep because of it", "pain": [{"region": "low_back", "after": 8}]}, "urgent", "rf49"),
        ({"new_symptoms": ["saddle_numbness"]}, "emergency", "rf01"),
        ({"new_symptoms": ["tight", "calf_swelling"]}, "urgent", "rf14"),
    ],
)
def test_signs_in_notes_and_ticks_are_told(
    parts: Parts, reader: Reader, said: dict[str, Any], disposition: str, flag: str
) -> None:
    found = told(parts, reader, **said)
    assert found is not None
    assert found.disposition == disposition
    assert flag in {each.id for each in found.flags}
    assert found.advice
    assert (found.if_still_so, found.observed_at) == (True, NOW + timedelta(minutes=8))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"notes": ""},
        {"notes": " \n"},
        {"notes": "felt fine"},
        {"notes": "a bit sore in my calf, no swelling, chest fine"},
        {"notes": "skipped the last set", "pain": [{"region": "knee", "before": 9}]},
        {"new_symptoms": ["tight", "ache", "sharp"]},
    ],
)
def test_ordinary_sessions_tell_of_nothing(parts: Parts, reader: Reader, said: dict[str, Any]) -> None:
    assert told(parts, reader, **said) is None


def test_pain_without_a_word_needs_no_reading(parts: Parts, reader: Reader) -> None:
    """The reason why a session without notes and ticks is not read: whatever hurts, and however much."""
    catalog, rules, _ = parts
    for count in (1, 2):
        for regions in combinations(sorted(catalog.regions), count):
            areas = [PainArea(region=region, severity=10) for region in regions]
            reading = understanding.read(TriageQuestion(pain_areas=areas), reader)
            found = triage.assess(reading, ScreeningAnswers(), None, catalog, rules)
            assert found.disposition not in TOLD, regions


def test_the_most_painful_places_are_read_where_there_are_many(parts: Parts, reader: Reader) -> None:
    regions = sorted(parts[0].regions)[:19]
    pain = [{"region": region, "after": 1} for region in regions if region != "low_back"]
    pain.append({"region": "low_back", "after": 9})
    found = told(parts, reader, pain=pain, notes="kept me awake all night")
    assert found is not None
    assert found.disposition == "urgent"
