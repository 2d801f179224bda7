"""The words of a search as known stems: in each language, in parts, of one family, repaired."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from api.rules.search_repair import Repairer
from api.rules.search_stems import SILENT, family
from api.rules.search_words import PHRASE_WORDS, Words

RELATED: Final = 0.6
"""What a word of the same family counts: `tightness` for `tight`."""

MISSPELT_FROM: Final = 4
"""A word is read as its neighbour too when that one stands in so many times as many places."""

DOUBTFUL: Final = 0.65
"""What such a neighbour counts that is merely more common: a word that somebody knows was hardly misspelt."""

SHORTEST_COMPOUND: Final = 6

Reading = tuple[str, float]
"""A known stem, and how like the word that was typed it is, 0 to 1."""

Meaning = list[Reading]
"""What one word may mean, the likeliest last."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What the words of searches may mean, in the words of one release."""

    words: Words
    repairer: Repairer
    _known_meanings: dict[str, Meaning] = field(default_factory=dict)
    _neighbours: dict[str, list[Reading]] = field(default_factory=dict)

    def meanings(self, asked: Sequence[str]) -> list[Meaning]:
        """Return what each word means; two words that are one when written together mean that one too."""
        found: list[Meaning] = []
        for at, word in enumerate(asked):
            if word in asked[:at]:
                continue
            pairs = (asked[max(0, at - 1) : at + 1], asked[at : at + 2])
            joined = [pair for pair in pairs if len(pair) == 2 and SILENT.isdisjoint(pair)]
            together = [(known, 1.0) for pair in joined if (known := self._compound("".join(pair)))]
            meanings = self._meanings(word, [*asked[:at], *asked[at + 1 :]])
            found.extend([*together, *meaning] for meaning in meanings)
            if together and not meanings:
                found.append(together)
        return found

    def _compound(self, word: str) -> str | None:
        stemmed = self.words.languages[0].stems(word)[0]
        return stemmed if len(word) >= SHORTEST_COMPOUND and self.words.knows(stemmed) else None

    def _meanings(self, word: str, beside: Sequence[str]) -> list[Meaning]:
        """Return what a word means: in each language, in parts when it is a compound, repaired when nobody knows it.

        A rare word beside a common one of nearly the same letters may be a typing error that was listed as a lay word:
        it is read both ways.
        """
        stems = [language.stems(word) for language in reversed(self.words.languages)]
        whole = list(dict.fromkeys(several[0] for several in stems))
        parts = [[(part, 1.0)] for several in stems for part in several[1:] if self.words.knows(part)]
        known = [stemmed for stemmed in whole if self.words.knows(stemmed)]
        if known:
            return [self._read_both_ways(known, beside), *parts]
        if parts:
            return parts
        partners = self._known(beside)
        related, repaired = self._related(whole[-1]), self._repaired(word, partners)
        if not related:
            return repaired
        fitting = len(repaired) == 1 and self.words.said_together(repaired[0][-1][0], partners)
        return [[*related, *repaired[0]] if fitting else related]

    def _known(self, typed: Sequence[str]) -> set[str]:
        stems = {one for word in typed for language in self.words.languages for one in language.stems(word)}
        return {one for one in stems if self.words.knows(one)}

    def _repaired(self, word: str, partners: Collection[str]) -> list[Meaning]:
        """Return what a word means that nobody knows, as one that is said together with a word beside it if any is."""
        repaired = [
            self.repairer.meant(
                language.stems(word)[0], language.plain(word), lambda one: self.words.said_together(one, partners)
            )
            for language in reversed(self.words.languages)
        ]
        return max(repaired, key=lambda meanings: max((meaning[-1][1] for meaning in meanings), default=0.0))

    def _read_both_ways(self, known: Sequence[str], beside: Sequence[str]) -> Meaning:
        first = known[-1]
        held = self._known_meanings.get(first)
        if held is None:
            held = self._known_meanings[first] = [*self._related(first), (first, 1.0)]
            self._neighbours[first] = self.repairer.neighbours(first)
        likelier = self._likelier(first, beside) if self._neighbours[first] else ()
        return [*((other, 1.0) for other in known[:-1]), *held, *likelier]

    def _likelier(self, known: str, beside: Sequence[str]) -> list[Reading]:
        """The neighbours that are far more common, and those that alone are said together with a word beside it."""
        partners = self._known(beside)
        alone = not self.words.said_together(known, partners)
        least = MISSPELT_FROM * self.words.commonness(known)
        fitting = [one for one in self._neighbours[known] if alone and self.words.said_together(one[0], partners)]
        return fitting or [
            (word, DOUBTFUL) for word, _ in self._neighbours[known] if self.words.commonness(word) >= least
        ]

    def _related(self, stemmed: str) -> Meaning:
        return [(one, RELATED) for one in family(stemmed) if one in self.repairer.strengths]

    def phrases_in(self, stems: Sequence[str]) -> list[tuple[str, ...]]:
        """Return the phrases of the vocabulary that stand in the text, longer ones before those inside them."""
        found: list[tuple[str, ...]] = []
        taken: set[int] = set()
        for length in reversed(PHRASE_WORDS):
            for at in range(len(stems) - length + 1):
                phrase = tuple(stems[at : at + length])
                if phrase in self.words.phrases and phrase not in found and taken.isdisjoint(range(at, at + length)):
                    taken.update(range(at, at + length))
                    found.append(phrase)
        return found
