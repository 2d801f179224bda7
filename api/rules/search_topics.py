"""The topics of a search: what many exercises answer, such as a sport. The telling words of a phrase are all in it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Final

from api.rules.lay_words import words
from api.rules.search_words import Stems
from schemas.regions import Topic

LAST: Final = 0.55
"""What the last exercise of a topic is worth beside the first one."""

STEEP: Final = 1.5
"""How steeply a topic counts less the less of the words of a search say it."""

SILENT: Final = frozenset(
    {*("a", "an", "the", "my", "your"), *("and", "or", "with"), *("at", "for", "in", "is", "of", "on", "to")}
)
"""Words that nobody misses in a phrase."""

Weight = Callable[[str], float]


@dataclass(slots=True)
class Topics:
    """The phrases of every topic as stems, and what each of its exercises is worth in it, by number."""

    phrases: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    by_stem: dict[str, list[int]] = field(default_factory=dict)
    worths: dict[str, tuple[tuple[int, float], ...]] = field(default_factory=dict)

    @property
    def stems(self) -> Collection[str]:
        """The stems of all phrases."""
        return self.by_stem.keys()

    def found(self, asked: frozenset[str], whole: float, weight: Weight) -> dict[int, float]:
        """Return what each exercise of the topics that are asked for is worth, about 0 to 1, by number.

        `asked` are the stems of the search, `whole` is what they weigh together, `weight` is what one counts.
        """
        shares: dict[str, float] = {}
        for topic, telling in self._matching(asked, weight):
            share = min(1.0, telling / whole) if whole else 1.0
            shares[topic] = max(share, shares.get(topic, 0.0))
        found: dict[int, float] = {}
        for topic, share in shares.items():
            for number, worth in self.worths[topic]:
                found[number] = found.get(number, 0.0) + worth * share**STEEP
        return found

    def _matching(self, asked: frozenset[str], weight: Weight) -> Iterator[tuple[str, float]]:
        for at in {at for stemmed in asked for at in self.by_stem.get(stemmed, ())}:
            stems, topic = self.phrases[at]
            if asked.issuperset(stems):
                yield topic, sum(weight(stemmed) for stemmed in stems)


def topics_of(topics: Mapping[str, Topic], numbers: Mapping[str, int], stems: Stems) -> Topics:
    """Return the topics of a release; `numbers` are those of its exercises by id."""
    made = Topics()
    for key, topic in topics.items():
        made.worths[key] = tuple(_worths([numbers[id_] for id_ in topic.exercises if id_ in numbers]))
        for phrase in dict.fromkeys(_phrase(spoken, stems) for spoken in (topic.name, *topic.lay_words)):
            for stemmed in phrase:
                made.by_stem.setdefault(stemmed, []).append(len(made.phrases))
            made.phrases.append((phrase, key))
    return made


def _phrase(spoken: str, stems: Stems) -> tuple[str, ...]:
    said = [word for word in words(spoken.lower()) if word not in SILENT]
    return tuple(sorted({intern(stems(word)[0]) for word in said}))


def _worths(numbers: Sequence[int]) -> Iterator[tuple[int, float]]:
    for place, number in enumerate(numbers):
        yield number, 1 - (1 - LAST) * place / len(numbers)
