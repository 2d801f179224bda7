"""The topics of a search: what many exercises answer, such as a sport. The telling words of a phrase are all in it.

A phrase that lacks a word counts in part, and all the more the more of the search the topic has in other phrases.
"""

import math
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from api.rules.lay_words import words
from api.rules.search_asked import Meaning
from api.rules.search_stems import SILENT, Stems
from schemas.regions import Topic

LAST: Final = 0.55
"""What the last exercise of a topic is worth beside the first one."""

STEEP: Final = 1.5
"""How steeply a topic counts less the less of the words of a search are words of its own."""

ALIKE: Final = 0.7
"""A word is a word of a phrase when it is at least so like it; less like ones say the phrase in part."""

LEAST_LIKE: Final = 0.5

NEARLY: Final = 0.6
"""The least part of a phrase that must be said, by the weight of its words."""

NEARLY_STEEP: Final = 2.0
"""How steeply a topic counts less the less of its phrase is said."""

NEARLY_WORDS: Final = 2
"""So many words of a phrase must be there when others are missing: one of them alone may be about anything."""

INSIDE: Final = 0.4
"""How much a phrase counts that is inside a longer one that is said: `tennis` in `tennis elbow`."""

FURTHER: Final = 0.8
"""What each further topic adds that an exercise answers, beside the one that it answers best."""

Weight = Callable[[str], float]


@dataclass(slots=True)
class Topics:
    """The phrases of every topic as stems, and what each of its exercises is worth in it, by number.

    Phrases and topics are numbered: `topic_of` is the topic of each phrase, `by_stem` the phrases and `of_stem` the
    topics that have a stem.
    """

    phrases: list[tuple[str, ...]] = field(default_factory=list)
    topic_of: "array[int]" = field(default_factory=lambda: array("H"))
    by_stem: dict[str, "array[int]"] = field(default_factory=dict)
    of_stem: dict[str, "array[int]"] = field(default_factory=dict)
    telling: dict[str, float] = field(default_factory=dict)
    worths: list[tuple[tuple[int, float], ...]] = field(default_factory=list)

    def found(self, meanings: Sequence[Meaning], weight: Weight) -> dict[int, float]:
        """Return what each exercise of the topics that are asked for is worth, about 0 to 1, by number.

        `weight` is what a stem counts in a search.
        """
        whole = sum(weight(meaning[-1][0]) for meaning in meanings)
        best: dict[int, float] = {}
        every: dict[int, float] = {}
        said = self._said(meanings, weight)
        own = self._own_words(said, meanings, weight)
        for topic, part in sorted(said.items()):
            share = min(1.0, own[topic] / whole) if whole else 1.0
            for number, worth in self.worths[topic]:
                worth *= part * share**STEEP
                best[number] = max(worth, best.get(number, 0.0))
                every[number] = every.get(number, 0.0) + worth
        return {number: worth + FURTHER * (every[number] - worth) for number, worth in best.items()}

    def _said(self, meanings: Sequence[Meaning], weight: Weight) -> dict[int, float]:
        """How fully the best phrase of each topic is said, for those of which enough is."""
        asked: dict[str, float] = {}
        for stemmed, likeness in (reading for meaning in meanings for reading in meaning):
            if likeness >= LEAST_LIKE and stemmed in self.by_stem:
                asked[stemmed] = max(likeness, asked.get(stemmed, 0.0))
        there = Counter(at for stemmed in asked for at in self.by_stem[stemmed])
        said: dict[int, float] = {}
        whole: dict[frozenset[str], list[int]] = {}
        for at, count in there.items():
            stems, topic = self.phrases[at], self.topic_of[at]
            part = self._part_of(stems, asked, weight) if count == len(stems) or count >= NEARLY_WORDS else 0.0
            if part == 1.0:
                whole.setdefault(frozenset(stems), []).append(topic)
            elif part >= NEARLY:
                said[topic] = max(part**NEARLY_STEEP, said.get(topic, 0.0))
        for phrase, named in whole.items():
            part = INSIDE if any(phrase < longer for longer in whole) else 1.0
            said.update({topic: max(part, said.get(topic, 0.0)) for topic in named})
        return said

    def _part_of(self, stems: Sequence[str], asked: Mapping[str, float], weight: Weight) -> float:
        if all(asked.get(stemmed, 0.0) >= ALIKE for stemmed in stems):
            return 1.0
        if len(stems) < NEARLY_WORDS:
            return 0.0
        telling = [self.telling[stemmed] * (weight(stemmed) > 0) for stemmed in stems]
        said = sum(worth * asked.get(stemmed, 0.0) for stemmed, worth in zip(stems, telling, strict=True))
        return said / (sum(telling) or 1.0)

    def _own_words(self, topics: Collection[int], meanings: Sequence[Meaning], weight: Weight) -> dict[int, float]:
        """What the words of the search weigh together that stand in any phrase of each of these topics."""
        own = dict.fromkeys(topics, 0.0)
        for meaning in meanings if topics else ():
            most: dict[int, float] = {}
            for stemmed, likeness in meaning:
                held = own.keys() & self.of_stem.get(stemmed, ()) if likeness >= LEAST_LIKE else ()
                worth = weight(stemmed) * likeness if held else 0.0
                for topic in held:
                    most[topic] = max(worth, most.get(topic, 0.0))
            for topic, worth in most.items():
                own[topic] += worth
        return own


def topics_of(topics: Mapping[str, Topic], numbers: Mapping[str, int], stems: Stems) -> Topics:
    """Return the topics of a release; `numbers` are those of its exercises by id."""
    made = Topics()
    shared: dict[str, str] = {}
    for at, topic in enumerate(topics.values()):
        made.worths.append(tuple(_worths([numbers[id_] for id_ in topic.exercises if id_ in numbers])))
        for phrase in dict.fromkeys(_phrase(spoken, stems, shared) for spoken in (topic.name, *topic.lay_words)):
            for stemmed in phrase:
                made.by_stem.setdefault(stemmed, array("I")).append(len(made.phrases))
            made.phrases.append(phrase)
            made.topic_of.append(at)
    for stemmed, held in made.by_stem.items():
        made.of_stem[stemmed] = array("H", dict.fromkeys(made.topic_of[at] for at in held))
        made.telling[stemmed] = math.log1p(len(topics) / len(made.of_stem[stemmed]))
    return made


def _phrase(spoken: str, stems: Stems, shared: dict[str, str]) -> tuple[str, ...]:
    """The telling stems of a phrase; equal ones of all phrases are one string, of which there are many."""
    found = {stems(word)[0] for word in words(spoken.lower()) if word not in SILENT}
    return tuple(sorted(shared.setdefault(stemmed, stemmed) for stemmed in found))


def _worths(numbers: Sequence[int]) -> Iterator[tuple[int, float]]:
    for place, number in enumerate(numbers):
        yield number, 1 - (1 - LAST) * place / len(numbers)
