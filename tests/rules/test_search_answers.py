"""What was learned from searches raises what likely answers, and leaves alone what it knows nothing of."""

import sys
import tomllib
from pathlib import Path

import pytest

from api.rules.search import TextIndex, build_index
from api.rules.search_answers import FOUND, LEARNED, Answers, answerer, answers_for, features
from api.rules.search_wishes import way_of, worth_of
from api.rules.understanding import compile_reader
from schemas.catalog import Catalog, Lexicon, RuleSet

Parts = tuple[Catalog, RuleSet, Lexicon]
SEARCHES = Path(__file__).parents[1] / "evaluation" / "search"
CATALOG = Path(__file__).parents[2] / "data" / "catalog"


@pytest.fixture(scope="module")
def ids(parts: Parts) -> list[str]:
    return sorted(parts[0].exercises)


@pytest.fixture(scope="module")
def index(parts: Parts) -> TextIndex:
    catalog, rules, lexicon = parts
    return build_index(catalog, rules, lexicon, reader=compile_reader(lexicon, catalog, rules))


@pytest.fixture(scope="module")
def answers(parts: Parts, ids: list[str]) -> Answers:
    learned = answerer(parts[0].answers)
    assert learned is not None
    return answers_for(learned, {id_: number for number, id_ in enumerate([*ids, "own-one"])})


def test_features_are_telling_words_and_pairs_of_them() -> None:
    assert features(["pain", "in", "the", "neck", "pain"]) == ["u pain", "u neck", "b pain neck", "b neck pain"]


def test_words_that_were_never_looked_for_say_nothing(answers: Answers) -> None:
    assert answers.likely(["xyzzy", "plugh"]) == {}
    scores, cover = [1.0, 2.0], [1.0, 1.0]
    assert answers.raise_likely(["xyzzy"], scores, cover) == frozenset()
    assert scores == [1.0, 2.0]


def test_the_likeliest_answer_counts_whole_and_none_more(answers: Answers, ids: list[str]) -> None:
    likely = answers.likely(["achill", "pain"])
    assert max(likely.values()) == 1.0
    assert min(likely.values()) >= 0.0
    assert set(likely) == set(range(len(ids)))


def test_an_exercise_that_nothing_was_learned_of_rises_by_its_own_score(answers: Answers, ids: list[str]) -> None:
    own = len(ids)
    scores, cover = [0.0] * (own + 1), [0.0] * (own + 1)
    scores[own] = cover[own] = 10.0
    likely = answers.raise_likely(["neck", "stretch"], scores, cover)
    assert own not in likely
    assert scores[own] == pytest.approx(10.0 * (1 + LEARNED))
    assert scores[own] >= max(scores[:own]), "what is best by its words stays so"
    assert all(cover[number] == 10.0 for number in likely)


def test_a_hit_without_any_of_the_words_says_that_it_was_learned(index: TextIndex) -> None:
    ranked = index.search("wearing heels all weekend")
    assert ranked.likely
    for number, _ in ranked.hits[:10]:
        assert index.fields_of(ranked, number), number
    assert 0 < FOUND < 1


@pytest.mark.parametrize(
    ("text", "asked", "avoided"),
    [
        ("hip flexor stretch cant kneel", {"standing", "supine", "seated", "prone", "side_lying"}, "half_kneeling"),
        ("back stretch without lying down", {"standing", "seated"}, "supine"),
    ],
)
def test_what_a_person_cannot_do_stands_behind(
    index: TextIndex, parts: Parts, ids: list[str], text: str, asked: set[str], avoided: str
) -> None:
    leading = [parts[0].exercises[ids[number]] for number, _ in index.search(text).hits[:3]]
    assert leading[0].position in asked
    assert sum(one.position == avoided for one in leading) <= 1


def test_wishes_weigh_kind_and_position(parts: Parts) -> None:
    reach = way_of(parts[0].exercises["standing-mid-back-reach"])
    assert worth_of(reach, {"wish_stretch"}) > 1 > worth_of(reach, {"wish_strengthen"})
    assert (
        worth_of(reach, {"wish_no_standing"})
        < worth_of(reach, {"wish_seated"})
        < 1
        < worth_of(reach, {"wish_standing"})
    )
    assert worth_of(reach, frozenset()) == 1


def test_it_was_learned_from_the_searches_that_stand_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(SEARCHES), *sys.path])
    from labelled import texts_hash  # noqa: PLC0415

    (model,) = tomllib.loads((CATALOG / "answers.toml").read_text())["answers"]
    assert model["texts_hash"] == texts_hash(), "run tests/evaluation/search/train.py"


def test_nicknames_find_their_exercise(index: TextIndex, parts: Parts, ids: list[str]) -> None:
    missed = [
        (name, id_)
        for id_, known in parts[0].nicknames.items()
        for name in known.names
        if ids.index(id_) not in [number for number, _ in index.search(name).hits[:5]]
    ]
    total = sum(len(known.names) for known in parts[0].nicknames.values())
    assert len(missed) < 0.05 * total, missed[:20]
