"""In German and Spanish people type compounds, endings and letters without their marks; English still works there."""

import pytest

from api.rules.search import TextIndex, build_index
from api.rules.search_stems import Stemmer, family, folded, stemmer
from schemas.catalog import Catalog, Lexicon, RuleSet

Parts = tuple[Catalog, RuleSet, Lexicon]
LANGUAGES = ("de", "es")


@pytest.fixture(scope="module")
def indexes(parts: Parts) -> dict[str, TextIndex]:
    return {language: build_index(*parts, language) for language in LANGUAGES}


def found(index: TextIndex, ids: list[str], text: str, most: int = 4) -> list[str]:
    return [ids[number] for number, _ in index.search(text).hits[:most]]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Nackendehnung", "chin-to-chest-stretch"),
        ("de", "Nacken dehnen", "chin-to-chest-stretch"),
        ("de", "Waden dehnen an der Wand", "wall-calf-stretch-straight-knee"),
        ("de", "Hueftbeuger dehnen", "half-kneeling-hip-flexor-stretch"),
        ("de", "Huftbeugerdehnung", "half-kneeling-hip-flexor-stretch"),
        ("de", "steissbein entlasten", "cushion-offload-lean"),
        ("de", "Pirifomis", "supine-figure-four"),
        ("de", "Fussohle", "frozen-bottle-ball-roll"),
        ("de", "Kuh Katze", "cat-cow"),
        ("es", "estirar gemelos en la pared", "wall-calf-stretch-straight-knee"),
        ("es", "munecas", "wrist-circles"),
        ("es", "respiracion diafragmatica", "diaphragmatic-breathing"),
        ("es", "estiramiento de cuadriceps", "standing-quad-stretch"),
        ("es", "hombro congelado", "pendulum"),
        ("es", "vaca gato", "cat-cow"),
    ],
)
def test_peoples_words_find_the_exercise(
    indexes: dict[str, TextIndex], ids: list[str], language: str, text: str, expected: str
) -> None:
    assert expected in found(indexes[language], ids, text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("text", "expected"),
    [("calf stretch", "wall-calf-stretch-straight-knee"), ("pigeon pose", "pigeon-pose"), ("clams", "clamshell")],
)
def test_english_words_still_work(
    indexes: dict[str, TextIndex], ids: list[str], language: str, text: str, expected: str
) -> None:
    assert expected in found(indexes[language], ids, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translated_name_comes_first(
    indexes: dict[str, TextIndex], parts: Parts, ids: list[str], language: str
) -> None:
    names = {id_: parts[0].translations.get(f"{language}.exercise.{id_}") for id_ in ids}
    translated = {id_: text.name for id_, text in names.items() if text is not None and text.name}
    assert len(translated) > 200
    for id_, name in translated.items():
        assert found(indexes[language], ids, name, 1) == [id_]


def test_marks_may_be_left_out_or_spelt_out(indexes: dict[str, TextIndex]) -> None:
    german = indexes["de"]
    assert german.search("R\u00fcckenschmerzen").hits == german.search("rueckenschmerzen").hits
    assert german.search("r\u00fccken").hits == german.search("rucken").hits
    assert german.search("Fu\u00dfsohle").hits == german.search("fusssohle").hits
    assert indexes["es"].search("mu\u00f1eca").hits == indexes["es"].search("muneca").hits


def test_translated_words_are_named_as_matches(indexes: dict[str, TextIndex], ids: list[str]) -> None:
    index = indexes["de"]
    ranked = index.search("Wadendehnung")
    assert "name" in index.fields_of(ranked, ids.index("wall-calf-stretch-straight-knee"))


def test_words_of_other_editions_are_not_found(parts: Parts) -> None:
    assert build_index(*parts).search("Wadendehnung").hits == ()


@pytest.mark.parametrize(
    ("language", "one"),
    [
        ("de", ["dehnen", "Dehnung", "Dehnungen", "dehne"]),
        ("de", ["Schulter", "Schultern"]),
        ("de", ["F\u00fc\u00dfe", "Fu\u00df", "fuessen", "fuss"]),
        ("de", ["Lockerung", "lockern"]),
        ("de", ["Muskel", "Muskeln"]),
        ("es", ["estirar", "estiramiento", "estiramientos", "estirando"]),
        ("es", ["gemelo", "gemelos"]),
        ("es", ["rotaci\u00f3n", "rotaciones", "rotar"]),
        ("es", ["tal\u00f3n", "talones"]),
        ("es", ["sentado", "sentada", "sentarse"]),
    ],
)
def test_forms_of_one_word_have_one_stem(language: str, one: list[str]) -> None:
    assert len({Stemmer(language).stems(word)[0] for word in one}) == 1


def test_compounds_are_taken_apart_into_known_words() -> None:
    german = stemmer("de", ["Nacken", "dehnen", "Schulter", "Blatt", "Bl\u00e4tter", "R\u00fccken", "Schmerz"])
    assert german.stems("Nackendehnung") == ("nackendehn", "nack", "dehn")
    assert german.stems("schulterbl\u00e4ttern")[1:] == ("schult", "blatt")
    assert german.stems("Rueckenschmerzen")[1:] == ("ruck", "schmerz")
    assert german.stems("Nackenkissen") == ("nackenkiss",)
    assert stemmer("es", ["sacacorchos"]).stems("sacacorchos") == ("sacacorch",)


def test_a_language_without_endings_keeps_its_words() -> None:
    assert stemmer("fi", ["venytys"]).stems("Venytys") == ("venytys",)
    assert folded("\u00c5ngstr\u00f6m", "sv") == "angstrom"


@pytest.mark.parametrize(("word", "other"), [("tight", "tightness"), ("strong", "stronger"), ("rower", "row")])
def test_families_join_words_made_of_one_another(word: str, other: str) -> None:
    assert other in family(word)
