"""A topic is found by all of a phrase, by nearly all of it, or not at all; what answers several topics comes first."""

import pytest

from api.rules.search_asked import Meaning
from api.rules.search_topics import INSIDE, Topics, topics_of
from api.rules.tokens import stem
from schemas.regions import Topic

NUMBERS = {"first": 0, "second": 1, "third": 2}


def made(**phrases: tuple[str, ...]) -> Topics:
    exercises = {"desk": ["first", "second"], "riding": ["second"], "football": ["third"], "before": ["first"]}
    topics = {
        key: Topic(id=key, name=spoken[0], lay_words=list(spoken), exercises=exercises[key])
        for key, spoken in phrases.items()
    }
    return topics_of(topics, NUMBERS, lambda word: (stem(word),))


def meanings(text: str) -> list[Meaning]:
    return [[(stem(word), 1.0)] for word in text.split()]


def found(topics: Topics, text: str) -> dict[int, float]:
    return topics.found(meanings(text), lambda _: 1.0)


def test_a_whole_phrase_is_worth_one_and_its_last_exercise_less() -> None:
    worths = found(made(desk=("quick desk break",)), "break quick desk")
    assert worths[0] == 1.0
    assert 0.5 < worths[1] < 1.0


def test_a_phrase_that_lacks_a_word_counts_in_part() -> None:
    topics = made(desk=("quick desk break",))
    assert 0 < found(topics, "desk break")[0] < 1.0
    assert found(topics, "desk") == {}
    assert found(topics, "quick lunch") == {}


def test_one_word_of_a_phrase_of_two_is_not_enough() -> None:
    assert found(made(riding=("horse riding",)), "horse") == {}


def test_a_word_of_the_same_family_says_a_phrase_in_part() -> None:
    topics = made(riding=("horse riding hips",))
    related: list[Meaning] = [[("hors", 1.0)], [("rid", 1.0), (stem("riding"), 0.6)], [("hip", 1.0)]]
    assert 0 < topics.found(related, lambda _: 1.0)[1] < found(topics, "horse riding hips")[1]


def test_the_less_of_a_search_is_about_a_topic_the_less_it_counts() -> None:
    topics = made(riding=("horse riding",))
    assert found(topics, "horse riding")[1] > found(topics, "horse riding sore neck")[1] > 0


def test_words_of_other_phrases_of_a_topic_are_about_it_too() -> None:
    topics = made(riding=("horse riding", "saddle hips"))
    assert found(topics, "horse riding hips")[1] > found(topics, "horse riding neck")[1]


def test_a_phrase_inside_a_longer_one_that_is_said_counts_less() -> None:
    topics = made(football=("football",), before=("before football",))
    worths = found(topics, "before football")
    assert worths[0] == 1.0
    assert worths[2] <= INSIDE


def test_what_answers_two_topics_comes_before_what_answers_one() -> None:
    worths = found(made(desk=("desk break",), riding=("horse riding",)), "desk break horse riding")
    assert worths[1] > worths[0] * 0.9
    assert worths[1] > found(made(riding=("horse riding",)), "desk break horse riding")[1]


@pytest.mark.parametrize("text", ["", "nothing of it"])
def test_what_says_no_phrase_finds_nothing(text: str) -> None:
    assert found(made(desk=("desk break",)), text) == {}
