"""The topics of a search: what many exercises answer, such as a sport. The telling words of a phrase are all in it.

A phrase that lacks a word counts in part, and all the more the more of the search the topic has in other phrases.
"""

import math
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.rules.lay_words import words
from api.rules.search_arrays import ByStem
from api.rules.search_asked import Meaning
from api.rules.search_stems import SILENT, Stems
from schemas.regions import Topic

LAST: Final = 0.45
"""What the last exercise of a topic is worth beside the first one."""

STEEP: Final = 1.9
"""How steeply a topic counts less the less of the words of a search are words of its own."""

ALIKE: Final = 0.7
"""A word is a word of a phrase when it is at least so like it."""

NEARLY: Final = 0.45
"""The least part of a phrase that must be said, by the weight of its words."""

NEARLY_STEEP: Final = 3.0
"""How steeply a topic counts less the less of its phrase is said."""

NEARLY_WORDS: Final = 2
"""So many words of a phrase must be there when others are missing: one of them alone may be about anything."""

INSIDE: Final = 0.7
"""How much a phrase counts that is inside a longer one that is said: `tennis` in `tennis elbow`."""

FURTHER: Final = 0.88
"""What each further topic adds that an exercise answers, beside the one that it answers best."""

MOST: Final = 3
"""So many topics are asked for at most: the others are like them, and too many make one answer of all."""

Weight = Callable[[str], float]


@dataclass(slots=True)
class Topics:
    """The phrases of every topic as stems, and which exercises answer it, by number.

    Stems, phrases and topics are numbered. The stems of phrase `at` are `said_in[starts[at]:starts[at + 1]]`, its topic
    is `topic_of[at]`; the exercises of a topic lie so in `answers`. `telling` is how much a stem says of its topic.
    """

    stems: tuple[str, ...]
    by_stem: ByStem
    telling: "array[float]"
    starts: "array[int]"
    said_in: "array[int]"
    topic_of: "array[int]"
    answers: "array[int]"
    answered_from: "array[int]"

    def worths(self, topic: int) -> Iterator[tuple[int, float]]:
        """Return the exercises that answer a topic, by number, with what each is worth: the first 1, the last less."""
        answers = self.answers[self.answered_from[topic] : self.answered_from[topic + 1]]
        for place, number in enumerate(answers):
            yield number, 1 - (1 - LAST) * place / len(answers)

    def __len__(self) -> int:
        return len(self.answered_from) - 1

    def found(self, meanings: Sequence[Meaning], weight: Weight) -> dict[int, float]:
        """Return what each exercise of the topics that are asked for is worth, about 0 to 1, by number.

        `weight` is what a stem counts in a search.
        """
        whole = sum(weight(meaning[-1][0]) for meaning in meanings)
        best: dict[int, float] = {}
        every: dict[int, float] = {}
        said = self._said(meanings, weight)
        own = self._own_words(said, meanings, weight)
        shares = {topic: (min(1.0, own[topic] / whole) if whole else 1.0) ** STEEP for topic in said}
        fits = sorted(((part * shares[topic], topic) for topic, part in said.items()), key=lambda it: (-it[0], it[1]))
        for fit, topic in fits[:MOST]:
            for number, worth in self.worths(topic):
                worth *= fit
                best[number] = max(worth, best.get(number, 0.0))
                every[number] = every.get(number, 0.0) + worth
        return {number: worth + FURTHER * (every[number] - worth) for number, worth in best.items()}

    def _said(self, meanings: Sequence[Meaning], weight: Weight) -> dict[int, float]:
        """How fully the best phrase of each topic is said, for those of which enough is."""
        likeliest: dict[str, float] = {}
        for stemmed, likeness in (reading for meaning in meanings for reading in meaning):
            if likeness >= ALIKE and stemmed in self.by_stem:
                likeliest[stemmed] = max(likeness, likeliest.get(stemmed, 0.0))
        there = Counter(at for stemmed in likeliest for at in self.by_stem[stemmed])
        asked = {self.by_stem.numbers[stemmed]: likeness for stemmed, likeness in likeliest.items()}
        said: dict[int, float] = {}
        whole: dict[frozenset[int], list[int]] = {}
        for at, count in there.items():
            if count < NEARLY_WORDS and count < self.starts[at + 1] - self.starts[at]:
                continue
            phrase, topic = self._phrase(at), self.topic_of[at]
            part = self._part_of(phrase, asked, weight)
            if part == 1.0:
                whole.setdefault(frozenset(phrase), []).append(topic)
            elif part >= NEARLY:
                said[topic] = max(part**NEARLY_STEEP, said.get(topic, 0.0))
        for numbers, named in whole.items():
            part = INSIDE if any(numbers < longer for longer in whole) else 1.0
            said.update({topic: max(part, said.get(topic, 0.0)) for topic in named})
        return said

    def _phrase(self, at: int) -> "array[int]":
        return self.said_in[self.starts[at] : self.starts[at + 1]]

    def _part_of(self, phrase: Sequence[int], asked: Mapping[int, float], weight: Weight) -> float:
        if all(number in asked for number in phrase):
            return 1.0
        if len(phrase) < NEARLY_WORDS:
            return 0.0
        telling = [self.telling[number] * (weight(self.stems[number]) > 0) for number in phrase]
        said = sum(worth * asked.get(number, 0.0) for number, worth in zip(phrase, telling, strict=True))
        return said / (sum(telling) or 1.0)

    def _own_words(self, topics: Collection[int], meanings: Sequence[Meaning], weight: Weight) -> dict[int, float]:
        """What the words of the search weigh together that stand in any phrase of each of these topics."""
        own = dict.fromkeys(topics, 0.0)
        for meaning in meanings if topics else ():
            most: dict[int, float] = {}
            for stemmed, likeness in meaning:
                phrases = self.by_stem.get(stemmed, ()) if likeness >= ALIKE else ()
                held = own.keys() & {self.topic_of[at] for at in phrases}
                worth = weight(stemmed) * likeness if held else 0.0
                for topic in held:
                    most[topic] = max(worth, most.get(topic, 0.0))
            for topic, worth in most.items():
                own[topic] += worth
        return own


def topics_of(topics: Mapping[str, Topic], numbers: Mapping[str, int], stems: Stems) -> Topics:
    """Return the topics of a release; `numbers` are those of its exercises by id."""
    held: dict[str, list[int]] = {}
    topic_of, starts, said = array("H"), array("I", [0]), list[str]()
    answers, answered_from = array("H"), array("I", [0])
    for at, topic in enumerate(topics.values()):
        answers.extend(numbers[id_] for id_ in topic.exercises if id_ in numbers)
        answered_from.append(len(answers))
        for phrase in dict.fromkeys(_phrase(spoken, stems) for spoken in (topic.name, *topic.lay_words)):
            for stemmed in phrase:
                held.setdefault(stemmed, []).append(len(topic_of))
            said.extend(phrase)
            starts.append(len(said))
            topic_of.append(at)
    by_stem = ByStem(held)
    spread = (len({topic_of[at] for at in phrases}) for phrases in held.values())
    return Topics(
        stems=tuple(held),
        by_stem=by_stem,
        telling=array("f", (math.log1p(len(topics) / count) for count in spread)),
        starts=starts,
        said_in=array("H", (by_stem.numbers[stemmed] for stemmed in said)),
        topic_of=topic_of,
        answers=answers,
        answered_from=answered_from,
    )


def _phrase(spoken: str, stems: Stems) -> tuple[str, ...]:
    """The telling stems of a phrase."""
    return tuple(sorted({stems(word)[0] for word in words(spoken.lower()) if word not in SILENT}))
