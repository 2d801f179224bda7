"""The words of a search as known stems: in each language, in parts, of one family, repaired."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from api.rules.search_repair import Repairer
from api.rules.search_stems import family
from api.rules.search_words import PHRASE_WORDS, Words

RELATED: Final = 0.6
"""What a word of the same family counts: `tightness` for `tight`."""

MISSPELT_FROM: Final = 4
"""A word is read as its neighbour too when that one stands in so many times as many places."""

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

    def meanings(self, asked: Sequence[str]) -> list[Meaning]:
        """Return what each word means; two words that are one when written together mean that one too."""
        found: list[Meaning] = []
        for at, word in enumerate(asked):
            if word in asked[:at]:
                continue
            joined = [one for one in (asked[max(0, at - 1) : at + 1], asked[at : at + 2]) if len(one) == 2]
            together = [(known, 1.0) for pair in joined if (known := self._compound("".join(pair)))]
            meanings = self._meanings(word)
            found.extend([*together, *meaning] for meaning in meanings)
            if together and not meanings:
                found.append(together)
        return found

    def _compound(self, word: str) -> str | None:
        stemmed = self.words.languages[0].stems(word)[0]
        return stemmed if len(word) >= SHORTEST_COMPOUND and self.words.knows(stemmed) else None

    def _meanings(self, word: str) -> list[Meaning]:
        """Return what a word means: in each language, in parts when it is a compound, repaired when nobody knows it.

        A rare word beside a common one of nearly the same letters may be a typing error that was listed as a lay word:
        it is read both ways.
        """
        stems = [language.stems(word) for language in reversed(self.words.languages)]
        whole = list(dict.fromkeys(several[0] for several in stems))
        parts = [[(part, 1.0)] for several in stems for part in several[1:] if self.words.knows(part)]
        known = [stemmed for stemmed in whole if self.words.knows(stemmed)]
        if known:
            return [self._read_both_ways(known), *parts]
        if parts:
            return parts
        related = self._related(whole[-1])
        if related:
            return [related]
        repaired = [self.repairer.meant(stemmed) for stemmed in whole]
        return max(repaired, key=lambda meanings: max((meaning[-1][1] for meaning in meanings), default=0.0))

    def _read_both_ways(self, known: Sequence[str]) -> Meaning:
        first = known[-1]
        held = self._known_meanings.get(first)
        if held is None:
            least = MISSPELT_FROM * self.words.commonness(first)
            neighbours = self.repairer.neighbours(first)
            likelier = [reading for reading in neighbours if self.words.commonness(reading[0]) >= least]
            held = self._known_meanings[first] = [*self._related(first), (first, 1.0), *likelier]
        return [*((other, 1.0) for other in known[:-1]), *held]

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
