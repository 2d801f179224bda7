"""A misspelt word is taken for the nearest known one, sooner for one that is said with the words beside it."""

import pytest

from api.rules.search_repair import Repairer, repairer
from api.rules.tokens import stem

WORDS = ("raises", "easy", "calf", "swimming", "across", "sacrum", "restless", "carrying", "car", "stretch", "stride")


@pytest.fixture
def known() -> Repairer:
    forms = {word: stem(word) for word in WORDS}
    return repairer(dict.fromkeys(forms.values(), 4.0), (), forms)


def taken_for(known: Repairer, typed: str, *fitting: str) -> list[str]:
    meant = known.meant(stem(typed), typed, lambda one: one in {stem(word) for word in fitting})
    return [readings[-1][0] for readings in meant]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("swimmnig", "swimming"),
        ("acros", "across"),
        ("restlses", "restless"),
        ("carying", "carrying"),
        ("strectches", "stretch"),
        ("strhde", "stride"),
    ],
)
def test_a_word_is_repaired_though_the_error_hides_its_stem(known: Repairer, typed: str, wanted: str) -> None:
    assert taken_for(known, typed) == [stem(wanted)]


def test_a_word_that_fits_those_beside_it_comes_first(known: Repairer) -> None:
    assert taken_for(known, "rasies", "raises") == [stem("raises")]
    assert taken_for(known, "rasies", "easy") == [stem("easy")]


@pytest.mark.parametrize("typed", ["zq", "4", "qqqzzzxxq"])
def test_what_is_near_to_nothing_means_nothing(known: Repairer, typed: str) -> None:
    assert taken_for(known, typed) == []
