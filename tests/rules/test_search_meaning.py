"""Searches in people's words for a spot, a complaint or an occasion find what is for it, whatever words that has."""

import pytest

from api.rules.reader import Reader
from api.rules.search import TextIndex, build_index
from api.rules.search_meaning import NOTHING_MEANT, Meant, understand
from api.rules.search_words import FIELDS
from api.rules.understanding import compile_reader
from schemas.catalog import Catalog, Lexicon, RuleSet

Parts = tuple[Catalog, RuleSet, Lexicon]


@pytest.fixture(scope="module")
def reader(parts: Parts) -> Reader:
    catalog, rules, lexicon = parts
    return compile_reader(lexicon, catalog, rules)


@pytest.fixture(scope="module")
def index(parts: Parts, reader: Reader) -> TextIndex:
    return build_index(*parts, reader=reader)


def meant(text: str, reader: Reader) -> dict[str, float]:
    return dict(understand(text, reader, lambda _: 1.0).terms)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("where my watch sits", "wrist"),
        ("guns feel tight", "upper_arm"),
        ("love handles ache", "ribs_side"),
        ("booty sore after squats", "glute"),
        ("tramp stamp area stiff", "low_back"),
        ("coat hanger ache", "upper_trap"),
        ("knee hurts on the way down", "knee"),
        ("ankle keeps rolling", "ankle"),
        ("funny bone zaps", "elbow"),
    ],
)
def test_a_search_for_a_spot_is_led_by_exercises_whose_main_region_it_is(
    index: TextIndex, parts: Parts, ids: list[str], text: str, region: str
) -> None:
    leading = [ids[number] for number, _ in index.search(text).hits[:3]]
    weights = [parts[0].exercises[id_].regions.get(region, 0.0) for id_ in leading]
    assert weights[0] == 1.0, leading
    assert sum(weight >= 0.5 for weight in weights) >= 2, leading


def test_hits_name_the_fields_that_were_meant(index: TextIndex, ids: list[str]) -> None:
    ranked = index.search("guns feel tight")
    assert {"regions", "symptoms"} <= set(index.fields_of(ranked, ids.index("biceps-wall-stretch")))
    ranked = index.search("carrying a baby all day")
    assert "causes" in index.fields_of(ranked, ids.index("seated-mid-back-reach"))


def test_the_fields_that_were_meant_are_those_that_have_the_term(
    parts: Parts, index: TextIndex, ids: list[str]
) -> None:
    only_knee = Meant((("regions knee", 1.0),), 1.0)
    for number, id_ in enumerate(ids):
        mask = only_knee.fields_of(number, index.words.named)
        assert mask == (1 << FIELDS.index("regions") if "knee" in parts[0].exercises[id_].regions else 0)


def test_a_whole_name_comes_first_with_a_reader_too(index: TextIndex, parts: Parts, ids: list[str]) -> None:
    names = [exercise.name for exercise in parts[0].exercises.values()]
    for id_, exercise in parts[0].exercises.items():
        if names.count(exercise.name) == 1:
            assert ids[index.search(exercise.name).hits[0][0]] == id_


def test_what_brought_a_complaint_on_counts_less_than_where_it_is(
    index: TextIndex, parts: Parts, reader: Reader, ids: list[str]
) -> None:
    assert understand("wrists ache from pushups", reader, lambda _: 1.0).behind == {"pushups"}
    leading = [ids[number] for number, _ in index.search("wrists ache from pushups").hits[:3]]
    assert all(parts[0].exercises[id_].regions.get("wrist") == 1.0 for id_ in leading), leading


def test_a_muscle_is_meant_rather_than_the_regions_it_lies_in(reader: Reader) -> None:
    assert "muscles sternocleidomastoid" in meant("scm", reader)
    assert not any(term.startswith("regions") for term in meant("scm", reader))


def test_a_condition_is_meant_rather_than_a_word_inside_its_name(reader: Reader) -> None:
    said = meant("thoracic outlet syndrome", reader)
    assert "conditions tos" in said
    assert "regions mid_back" not in said


def test_a_cause_alone_means_its_likeliest_regions_less_surely(reader: Reader) -> None:
    said = meant("after a long bike ride", reader)
    assert said["causes cycling"] == 1.0
    assert 0 < said["regions knee"] < 1.0


def test_what_is_denied_is_not_looked_for(reader: Reader) -> None:
    assert "regions knee" not in meant("my ankle hurts, no pain in my knee", reader)


@pytest.mark.parametrize("text", ["", "qqqzzzxxq", "downward dog"])
def test_words_that_say_nothing_mean_nothing(reader: Reader, text: str) -> None:
    assert understand(text, reader, lambda _: 1.0) == NOTHING_MEANT


def test_without_a_reader_words_are_found_and_nothing_is_meant(parts: Parts) -> None:
    ranked = build_index(*parts).search("knee hurts")
    assert ranked.hits
    assert ranked.meant == NOTHING_MEANT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dedbug", "dead-bug"),
        ("catcaw", "cat-cow"),
        ("birdog", "bird-dog"),
        ("foamroll itbnad", "foam-roll-outer-thigh"),
        ("seatedtwist", "seated-cross-leg-twist"),
        ("wallsit", "wall-sit"),
    ],
)
def test_words_that_were_glued_together_are_found_though_misspelt(
    index: TextIndex, ids: list[str], text: str, expected: str
) -> None:
    assert ids[index.search(text).hits[0][0]] == expected
