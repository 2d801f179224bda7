"""What an unknown word of a search may mean: the known words it begins, is two of, or is nearest to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from api.rules.tokens import stem

SHORTEST: Final = 3
SHORTEST_LAST: Final = 2
"""The last part of a joined word may be shorter: `pushup`."""

LEAST_STRENGTH: Final = 1.5
"""Words that stand in prose alone are not what an unknown word is taken for."""

STRONG: Final = 8.0
"""Words of this strength stand in a name or an alias."""

LONG: Final = 5
NEARLY: Final = 0.6
"""Of equally near words, those count that are at least so strong, compared with the strongest."""

MOST_MEANINGS: Final = 3
EDITS: Final = ((12, 3), (7, 2), (3, 1))
"""Words of at least so many letters may have so many typing errors."""

GLUED_EDITS: Final = ((9, 2), (6, 1))
"""Two words that were written as one, of at least so many letters, may have so many typing errors."""

LIKENESS: Final = (1.0, 0.8, 0.6, 0.45)
BEGINNING: Final = 0.85


MOST_CANDIDATES: Final = 12
"""So many of the nearest words are looked at."""

FARTHER: Final = 1
"""A word that fits the words beside it may be so many typing errors farther away than the nearest one."""

ENDING: Final = 0.5
"""How much farther a word is when only the stems are near, although the ending might have been typed right."""

Fits = Callable[[str], bool]
"""Whether a known stem is said together with another word of the search."""

ByLength = Mapping[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Repairer:
    """The words that unknown ones are repaired to, sorted, by length; `strengths` is the best weight of each.

    `forms` are words as they are written that are not their own stem, and the stem of each: an error in an ending, or
    one that looks like an ending, hides the stem.
    """

    strengths: Mapping[str, float]
    ordered: tuple[str, ...]
    by_length: ByLength
    strong: ByLength
    pairs: tuple[str, ...] = ()
    forms: Mapping[str, str] = field(default_factory=dict)
    forms_by_length: ByLength = field(default_factory=dict)

    def meant(self, unknown: str, typed: str, fits: Fits) -> list[list[tuple[str, float]]]:
        """Return what a stem, typed so, means: for each word in it up to three known ones, best last.

        A word that `fits` those beside it comes before others that are as near.
        """
        if len(unknown) < SHORTEST or not unknown.isalpha():
            return []
        near, fitting = self._nearest(unknown, typed, fits)
        if near and (fitting or near[-1][1] >= LIKENESS[1]):
            return [near]
        begun = self._begun(unknown)
        if begun:
            return [begun]
        return self._joined(unknown) or self._glued(unknown) or ([near] if near else [])

    def neighbours(self, known: str) -> list[tuple[str, float]]:
        """Return the words of names that are one typing error away from a longer word that stands in no name."""
        if len(known) < LONG or not known.isalpha() or self.strengths.get(known, 0.0) >= STRONG:
            return []
        candidates = [word for length in range(len(known) - 1, len(known) + 2) for word in self.strong.get(length, ())]
        found = process.extract(known, candidates, scorer=OSA.distance, score_cutoff=1, limit=MOST_MEANINGS)
        return [(word, LIKENESS[1]) for word in sorted(word for word, _, _ in found)]

    def _nearest(self, unknown: str, typed: str, fits: Fits) -> tuple[list[tuple[str, float]], bool]:
        """Return the nearest words, best last, and whether they fit those beside the unknown one."""
        ending = ENDING if typed != unknown else 0.0
        distances = {word: distance + ending for word, distance in _near(unknown, self.by_length)}
        whole = _near(typed, self.by_length) if typed != unknown else []
        for form, distance in (*whole, *_near(typed, self.forms_by_length)):
            stemmed = self.forms.get(form, form)
            distances[stemmed] = min(distance, distances.get(stemmed, distance))
        if not distances:
            return [], False
        fewest = min(distances.values())
        fitting = [word for word, distance in distances.items() if distance <= fewest + FARTHER and fits(word)]
        if fitting:
            fewest = min(distances[word] for word in fitting)
        nearest = [word for word in fitting or distances if distances[word] == fewest]
        nearest.sort(key=lambda word: (word[0] != unknown[0], -self.strengths[word], word))
        least = NEARLY * self.strengths[nearest[0]]
        kept = [word for word in nearest if word[0] == nearest[0][0] and self.strengths[word] >= least]
        if len(unknown) == SHORTEST and nearest[0][0] != unknown[0]:
            return [], False
        return [(word, LIKENESS[int(fewest)]) for word in reversed(kept[:MOST_MEANINGS])], bool(fitting)

    def _begun(self, unknown: str) -> list[tuple[str, float]]:
        longer = [word for word in self.ordered if word.startswith(unknown)]
        longer.sort(key=lambda word: (-self.strengths[word], len(word), word))
        return [(word, BEGINNING) for word in reversed(longer[:MOST_MEANINGS])]

    def _joined(self, unknown: str) -> list[list[tuple[str, float]]]:
        """Return the two known words it is made of; the first may have an ending of its own: `seatedtwist`."""
        splits = [(unknown[:at], unknown[at:]) for at in range(len(unknown) - SHORTEST_LAST, SHORTEST - 1, -1)]
        ended = [(stem(left), right) for left, right in splits if len(right) >= SHORTEST]
        for left, right in (*splits, *ended):
            if left in self.strengths and right in self.strengths:
                return [[(left, 1.0)], [(right, 1.0)]]
        return []

    def _glued(self, unknown: str) -> list[list[tuple[str, float]]]:
        """Return the two words of a name or a phrase that were written as one, with typing errors besides."""
        most = next((edits for least, edits in GLUED_EDITS if len(unknown) >= least), 0)
        if not most:
            return []
        # The gap between the words is one edit by itself.
        found = process.extract(unknown, self.pairs, scorer=OSA.distance, score_cutoff=most + 1, limit=MOST_MEANINGS)
        pairs = sorted((distance, pair) for pair, distance, _ in found if pair[0] == unknown[0])
        return [[(word, LIKENESS[int(pairs[0][0]) - 1])] for word in pairs[0][1].split()] if pairs else []


def _near(word: str, by_length: ByLength) -> list[tuple[str, int]]:
    most = next((edits for least, edits in EDITS if len(word) >= least), 0)
    lengths = range(len(word) - most, len(word) + most + 1)
    candidates = [other for length in lengths for other in by_length.get(length, ())]
    found = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=most, limit=MOST_CANDIDATES)
    return [(other, int(distance)) for other, distance, _ in found]


def repairer(
    strengths: Mapping[str, float], pairs: tuple[str, ...] = (), forms: Mapping[str, str] | None = None
) -> Repairer:
    """Return the repairer towards the words that are strong enough, and towards the pairs of them that are said.

    `forms` are the stems of all words as they are written.
    """
    kept = {word: strengths[word] for word in sorted(strengths) if strengths[word] >= LEAST_STRENGTH and word.isalpha()}
    by_length = _by_length(kept)
    strong = {length: tuple(word for word in held if kept[word] >= STRONG) for length, held in by_length.items()}
    written = {form: stemmed for form, stemmed in (forms or {}).items() if form != stemmed and stemmed in kept}
    return Repairer(kept, tuple(kept), by_length, strong, pairs, written, _by_length(sorted(written)))


def _by_length(ordered: Iterable[str]) -> dict[int, tuple[str, ...]]:
    by_length: dict[int, list[str]] = {}
    for word in ordered:
        by_length.setdefault(len(word), []).append(word)
    return {length: tuple(held) for length, held in by_length.items()}
