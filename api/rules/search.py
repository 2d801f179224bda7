"""Ranked text search over exercises that forgives word order, plurals, spelling variants and typing errors.

Every word is stemmed and weighted by the field it stands in; a rare word counts more than a common one. A word that
nobody knows is taken as the nearest known ones. Words that stand in every exercise weigh next to nothing, so no list of
stop words is needed.
"""

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Final

from api.rules.lay_words import words
from api.rules.search_repair import Repairer, repairer
from api.rules.search_words import FIELDS, PHRASE_WORDS, WEIGHTS, Place, Words, gather
from api.rules.tokens import fold, stem
from schemas.catalog import Catalog, Lexicon, RuleSet
from schemas.translations import SOURCE_LANGUAGE

WHOLE_PHRASE: Final = 1.5
"""How much a phrase of the vocabulary counts, such as `lower back`, beside its words."""

FURTHER_FIELD: Final = 0.15
"""What a word adds for each further field that has it, of that field's weight."""

WHOLE_NAME: Final = 50.0
"""What it adds when the words are exactly a name."""

LEAST_RARITY: Final = 0.02
"""The weight of a word that stands in every exercise."""

LEAST_COVER: Final = 0.6
"""A hit needs this share of the weight of the words that the best hit has."""

LEAST_SCORE: Final = 0.12
"""A hit needs this share of the best score."""

MISSPELT_FROM: Final = 4
"""A word is read as its neighbour too when that one stands in so many times as many places."""

MOST_WORDS: Final = 24
COVER_POWER = 2
TELLING = 0.3
RERANKED = 40
LINE = 10.0
LINES = (1.0, 1.0, 1.0, 0, 0, 0, 0, 0, 0, 0, 0.6, 0.6)
LINE_POWER = 1.0
LENGTH_POWER = 0.2
STRONG_WEIGHT = 5.0
SOFT = 1.0
RARITY_POWER = 1.0
NO_LINES = array("I")


@dataclass(frozen=True, slots=True)
class Postings:
    """The exercises that have a word: their numbers, the weight in each, the fields as a bit mask."""

    numbers: "array[int]"
    weights: "array[float]"
    fields: "array[int]"
    lines: "array[int]"
    rarity: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a search found: (number, score), best first, and the words that were looked for."""

    hits: tuple[tuple[int, float], ...]
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextIndex:
    """The words of one release. What a word weighs in each exercise is worked out when it is first asked for."""

    size: int
    words: Words
    repairer: Repairer
    _postings: dict[str, Postings] = field(default_factory=dict)
    _named: dict[int, list[str]] = field(default_factory=dict)
    _known_meanings: dict[str, list[list[tuple[str, float]]]] = field(default_factory=dict)

    def search(self, text: str) -> Ranked:
        """Return the exercises that the words mean, best first, ties by number."""
        scores, cover = [0.0] * self.size, [0.0] * self.size
        terms: list[str] = []
        stems = stems_of(text)[:MOST_WORDS]
        meanings = {stemmed: self._meanings(stemmed) for stemmed in stems}
        for meaning in (meaning for readings in meanings.values() for meaning in readings):
            terms.extend(term for term, _ in meaning)
            self._add([(self.postings(term), likeness) for term, likeness in meaning], scores, cover)
        fullest = max(cover, default=0.0)
        for phrase in self._phrases_in([meaning[-1][0] for stemmed in stems for meaning in meanings[stemmed]]):
            self._add([(self._phrase_postings(phrase), WHOLE_PHRASE)], scores, cover)
        for number in self.words.names.get(frozenset(terms), ()):
            scores[number] += WHOLE_NAME
        if fullest <= 0:
            return Ranked((), tuple(terms))
        scores = [score * (held / fullest) ** COVER_POWER for score, held in zip(scores, cover, strict=True)]
        readings = [
            [(self._postings[term].lines, likeness * self._postings[term].rarity) for term, likeness in meaning]
            for found in meanings.values()
            for meaning in found
            if self._postings[meaning[-1][0]].rarity >= TELLING
        ]
        self._add_lines(readings, scores)
        return Ranked(_best(scores, cover, fullest), tuple(terms))

    def _add_lines(self, readings: "list[list[tuple[array[int], float]]]", scores: list[float]) -> None:
        """Raise the best hits by how much of what is asked stands in one line of theirs."""
        whole = sum(max(worth for _, worth in reading) for reading in readings)
        if whole <= 0:
            return
        for number in nlargest(RERANKED, range(self.size), key=scores.__getitem__):
            if scores[number] > 0:
                scores[number] += LINE * self._best_line(number, readings, whole)

    def _best_line(self, number: int, readings: "list[list[tuple[array[int], float]]]", whole: float) -> float:
        first, past = self.words.first[number], self.words.first[number + 1]
        found: dict[int, float] = {}
        for reading in readings:
            for lines, worth in reading:
                at, end = bisect_left(lines, first), len(lines)
                while at < end and lines[at] < past:
                    found[lines[at]] = found.get(lines[at], 0.0) + worth
                    at += 1
        fields, lengths = self.words.fields, self.words.lengths
        return max(
            (LINES[fields[line]] * worth * (worth / whole) ** LINE_POWER / lengths[line] ** LENGTH_POWER for line, worth in found.items()),
            default=0.0,
        )

    def fields_of(self, ranked: Ranked, number: int) -> list[str]:
        """Return the fields of a hit in which its words were found, the weightiest first."""
        found = 0
        for term in ranked.terms:
            held = self._postings[term]
            at = bisect_left(held.numbers, number)
            if at < len(held.numbers) and held.numbers[at] == number:
                found |= held.fields[at]
        names = self._named.get(found)
        if names is None:
            names = self._named[found] = [name for bit, name in enumerate(FIELDS) if found >> bit & 1]
        return names

    def postings(self, stemmed: str) -> Postings:
        """Return what a known stem weighs in each exercise that has it."""
        held = self._postings.get(stemmed)
        if held is None:
            held = self._postings[stemmed] = _weighed(
                self.words.places(stemmed), self.size, self.words.own.get(stemmed, NO_LINES)
            )
        return held

    def _phrase_postings(self, phrase: tuple[str, ...]) -> Postings:
        key = " ".join(phrase)
        held = self._postings.get(key)
        if held is None:
            held = self._postings[key] = _weighed(self.words.phrase_places(phrase), self.size)
        return held

    def _meanings(self, stemmed: str) -> list[list[tuple[str, float]]]:
        """Return what a word means, the likeliest reading last.

        A rare word beside a common one of nearly the same letters may be a typing error that was listed as a lay word:
        it is read both ways.
        """
        if stemmed not in self.words.own and stemmed not in self.words.terms:
            return self.repairer.meant(stemmed)
        known = self._known_meanings.get(stemmed)
        if known is None:
            count = self.words.commonness(stemmed)
            likelier = [
                (word, likeness)
                for word, likeness in self.repairer.neighbours(stemmed)
                if self.words.commonness(word) >= MISSPELT_FROM * count
            ]
            known = self._known_meanings[stemmed] = [[(stemmed, 1.0), *likelier]]
        return known

    def _phrases_in(self, stems: Sequence[str]) -> list[tuple[str, ...]]:
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

    def _add(self, meaning: Sequence[tuple[Postings, float]], scores: list[float], cover: list[float]) -> None:
        """Add one word; of several readings an exercise gets the one that fits it best."""
        if len(meaning) == 1:
            held, likeness = meaning[0]
            rarity = held.rarity * likeness
            for number, weight in zip(held.numbers, held.weights, strict=True):
                scores[number] += weight * rarity
                cover[number] += rarity
            return
        rarity = min(held.rarity for held, _ in meaning)
        best: dict[int, float] = {}
        for held, likeness in meaning:
            for number, weight in zip(held.numbers, held.weights, strict=True):
                best[number] = max(weight * likeness, best.get(number, 0.0))
        for number, weight in best.items():
            scores[number] += weight * rarity
            cover[number] += rarity


def build_index(catalog: Catalog, rules: RuleSet, lexicon: Lexicon, language: str = SOURCE_LANGUAGE) -> TextIndex:
    """Return the index over a release in a language and in English; exercises are numbered in id order."""
    gathered = gather(catalog, rules, lexicon, language)
    return TextIndex(len(catalog.exercises), gathered, repairer(gathered.strengths()))


def stems_of(text: str) -> list[str]:
    """Return the stems of the words of a text, in order, spelling variants made one."""
    return [stem(fold(word)) for word in words(text)]


def _weighed(places: Iterable[Place], size: int, lines: "array[int]" = NO_LINES) -> Postings:
    """The weightiest place counts whole, every further field a little."""
    weights: dict[int, float] = {}
    masks: dict[int, int] = {}
    for number, at, share in places:
        weight, bit = WEIGHTS[at] * share, 1 << at
        held, mask = weights.get(number, 0.0), masks.get(number, 0)
        further = 0.0 if mask & bit else FURTHER_FIELD * min(held, weight)
        weights[number] = max(held, weight) + further
        masks[number] = mask | bit
    numbers = sorted(weights)
    # Exercises that have the word in their prose alone make it less common than those that are named after it.
    strong = sum(min(1.0, (weight / STRONG_WEIGHT)**SOFT) for weight in weights.values())
    return Postings(
        array("H", numbers),
        array("f", [weights[number] for number in numbers]),
        array("H", [masks[number] for number in numbers]),
        lines,
        math.log((size + 1) / max(1.0, strong)) ** RARITY_POWER + LEAST_RARITY,
    )


def _best(scores: Sequence[float], cover: Sequence[float], fullest: float) -> tuple[tuple[int, float], ...]:
    covered = LEAST_COVER * fullest
    kept = [(scores[number], number) for number in range(len(scores)) if cover[number] >= covered]
    least = LEAST_SCORE * max(kept)[0]
    ordered = sorted([(-round(score, 4), number) for score, number in kept if score >= least])
    return tuple([(number, -score) for score, number in ordered])
