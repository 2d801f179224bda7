"""Ranked text search over exercises that forgives word order, plurals, spelling variants and typing errors.

Every word is stemmed and weighted by the fields it stands in; a word that few exercises are about counts more than a
common one. An exercise rises that has much of what is asked in one line of its own, such as a lay word or a step, and
one whose name is in the question. A word that nobody knows is taken as the nearest known ones. Words that stand in
every exercise weigh little, so no list of stop words is needed. Beside its words counts what a search means.
"""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Final

from api.rules.lay_words import words
from api.rules.reader import Reader
from api.rules.search_answers import Answers, answers_for
from api.rules.search_asked import Interpreter, Meaning
from api.rules.search_hits import NOBODY, NOTHING, Ranked
from api.rules.search_meaning import NOTHING_MEANT, Meant, understand
from api.rules.search_names import best_in_names, named_in
from api.rules.search_order import Kinship, in_order, kinship
from api.rules.search_repair import repairer
from api.rules.search_stems import remembering
from api.rules.search_topics import Topics, topics_of
from api.rules.search_weights import Postings, weighed
from api.rules.search_wishes import Way, way_of, worth_of
from api.rules.search_words import FIELDS, NUMBER, Words, gather
from api.rules.tuning import tables_of
from schemas.catalog import Catalog, Lexicon, RuleSet
from schemas.translations import SOURCE_LANGUAGE

WHOLE_PHRASE: Final = 2.2
"""How much a phrase of the vocabulary counts, such as `lower back`, beside its words."""

INSIDE_PHRASE: Final = 0.35
"""How much a word counts by itself that is inside such a phrase: a bra strap is no strap."""

WHOLE_NAME: Final = 85.0
"""What it adds when the words are exactly a name; less when there are other words beside the name."""

UNKNOWN: Final = 1.0
"""What a word that nobody knows weighs beside a name."""

TELLING: Final = 0.5
"""Words of less rarity are not looked for in single lines."""

SLIGHT: Final = 0.4
"""Words of less rarity are looked for only when there are no others: they stand in most exercises and mean little."""

ONE_LINE: Final = 3.2
"""What it adds when all that is asked stands in one line, for each unit of rarity."""

LINES: Final = (1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.8, 0.5, 0.0, 1.0, 0.0)
"""How much a line of each field counts."""

RAISED: Final = 30
"""So many of the best hits are looked at line by line: the time that takes must not grow with the catalogue."""

COVER: Final = 0.55
"""How steeply a hit counts less that has less of the words."""

LEAST_COVER: Final = 0.2
"""A hit needs this share of the weight of the words that the best hit has."""

MOST_WORDS: Final = 24

MEANT: Final = 6.75
"""What it adds when an exercise is for all that is meant, for each unit of rarity of the words."""

MEANT_STEEP: Final = 1.4
"""How steeply that counts less the less of the words says it."""

NAMED: Final = 0.5
"""How much less that counts when the words stand in the names of one exercise: what is named is not described."""

BEHIND: Final = 0.45
"""How much a word counts that says what brought a complaint on."""

TOPIC: Final = 8.0
"""What it adds when an exercise is the first of a topic that is all that is asked, for each unit of rarity."""

LEAST_MEANT: Final = 1.0
"""An exercise that has none of the words is found when what is meant adds at least so much."""


@dataclass(frozen=True, slots=True)
class TextIndex:
    """The words of one release. What a word weighs in each exercise is worked out when it is first asked for."""

    size: int
    words: Words
    interpreter: Interpreter
    leanings: "array[float]"
    ways: Sequence[Way]
    topics: Topics
    kin: Kinship
    reader: Reader | None = None
    answers: Answers | None = None
    _postings: dict[str, Postings] = field(default_factory=dict)
    _named: dict[int, list[str]] = field(default_factory=dict)

    def search(self, text: str) -> Ranked:
        """Return the exercises that the words mean, best first, ties by number."""
        asked = words(text.lower())[:MOST_WORDS]
        every = self.interpreter.meanings(asked)
        if not every:
            return NOTHING
        meant = self._meant(text)
        meanings = [one for one in every if self.postings(one[-1][0]).rarity >= SLIGHT] or every
        scores, cover = [0.0] * self.size, [0.0] * self.size
        likeliest = [meaning[-1][0] for meaning in every]
        phrases = self.interpreter.phrases_in(likeliest)
        behind = {one[-1][0] for word in meant.behind for one in self.interpreter.meanings([word])}
        inside = {stemmed for phrase in phrases for stemmed in phrase}
        for meaning in meanings:
            part = INSIDE_PHRASE if meaning[-1][0] in inside else 1.0
            self._add(meaning, part * (BEHIND if meaning[-1][0] in behind else 1.0), scores, cover)
        fullest = max(cover)
        for phrase in phrases:
            held = self._phrase_postings(phrase)
            for number, weight in zip(held.numbers, held.weights, strict=True):
                scores[number] += weight * held.rarity * WHOLE_PHRASE
        for number, found in enumerate(cover):
            if found:
                scores[number] *= (found / fullest) ** COVER
        self._add_lines(meanings, scores)
        self._add_names(asked, likeliest, scores)
        if meant.terms:
            self._add_meant(meant, meanings, scores, cover)
        of_topics = self._add_topics(meanings, behind, scores, cover)
        if meant.wishes:
            worths = {way: worth_of(way, meant.wishes) for way in dict.fromkeys(self.ways)}
            scores = [score * worths[way] for score, way in zip(scores, self.ways, strict=True)]
        likely = NOBODY if self.answers is None else self.answers.raise_likely(likeliest, scores, cover)
        terms = dict.fromkeys(term for meaning in meanings for term, _ in meaning)
        hits = in_order(scores, cover, LEAST_COVER * fullest, self.kin)
        return Ranked(hits, tuple(terms), meant, of_topics, likely)

    def fields_of(self, ranked: Ranked, number: int) -> list[str]:
        """Return the fields of a hit in which its words were found, in the order of `FIELDS`."""
        found = ranked.meant.fields_of(number, self.words.named)
        found |= (number in ranked.of_topics) << NUMBER["topics"] | (number in ranked.likely) << NUMBER["answers"]
        for term in ranked.terms:
            held = self.postings(term)
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
            lines = self.words.own.get(stemmed)
            held = self._postings[stemmed] = weighed(self.words.places(stemmed), self.size, lines)
        return held

    def _phrase_postings(self, phrase: tuple[str, ...]) -> Postings:
        key = " ".join(phrase)
        held = self._postings.get(key)
        if held is None:
            held = self._postings[key] = weighed(self.words.phrase_places(phrase), self.size)
        return held

    def _add(self, meaning: Meaning, part: float, scores: list[float], cover: list[float]) -> None:
        """Add one word; of several readings an exercise gets the one that fits it best."""
        if len(meaning) == 1:
            held = self.postings(meaning[0][0])
            rarity = held.rarity * meaning[0][1]
            for number, weight in zip(held.numbers, held.weights, strict=True):
                scores[number] += weight * rarity * part
                cover[number] += rarity
            return
        best: dict[int, float] = {}
        rarities: dict[int, float] = {}
        for term, likeness in meaning:
            held = self.postings(term)
            rarity = held.rarity * likeness
            for number, weight in zip(held.numbers, held.weights, strict=True):
                if weight * rarity > best.get(number, 0.0):
                    best[number], rarities[number] = weight * rarity, rarity
        for number, score in best.items():
            scores[number] += score * part
            cover[number] += rarities[number]

    def _add_lines(self, meanings: Sequence[Meaning], scores: list[float]) -> None:
        """Raise the best hits by how much of what is asked stands together in one line of theirs."""
        telling = [
            [(self.postings(term).lines, likeness * self.postings(term).rarity) for term, likeness in meaning]
            for meaning in meanings
            if self.postings(meaning[-1][0]).rarity >= TELLING
        ]
        whole = sum(max(worth for _, worth in readings) for readings in telling)
        if len(telling) < 2:
            return
        first = self.words.first
        worth_of_field = [worth / whole**2 * ONE_LINE for worth in LINES]
        flat = [reading for readings in telling for reading in readings]
        for number in nlargest(RAISED, range(self.size), key=scores.__getitem__):
            start, end = first[number], first[number + 1]
            worths: dict[int, float] = {}
            for lines, worth in flat:
                at = bisect_left(lines, start)
                for line in lines[at : bisect_left(lines, end, at)]:
                    worths[line] = worths.get(line, 0.0) + worth
            if worths:
                fields = self.words.fields
                scores[number] += max([worth_of_field[fields[line]] * worth**3 for line, worth in worths.items()])

    def _meant(self, text: str) -> Meant:
        return NOTHING_MEANT if self.reader is None else understand(text, self.reader, self._importance)

    def _importance(self, stemmed: str) -> float:
        worth = self._worth(stemmed)
        return worth if worth >= SLIGHT else 0.0

    def _add_meant(self, meant: Meant, meanings: Sequence[Meaning], scores: list[float], cover: list[float]) -> None:
        """Raise the exercises that suit what is meant, whatever words they have."""
        whole = sum(self.postings(meaning[-1][0]).rarity for meaning in meanings)
        named = self._share_in_names(meanings) / whole
        most = MEANT * max(whole, 1.0) * meant.share**MEANT_STEEP * (1 - NAMED * named**2)
        fullest = max(cover)
        for number, worth in meant.worths(self.words.named, self.leanings).items():
            scores[number] += most * worth
            if most * worth >= LEAST_MEANT:
                cover[number] = fullest

    def _add_topics(
        self, meanings: Sequence[Meaning], behind: Collection[str], scores: list[float], cover: list[float]
    ) -> frozenset[int]:
        """Raise the exercises that answer a topic that is asked for; return their numbers."""

        def weight(stemmed: str) -> float:
            return self._importance(stemmed) * (BEHIND if stemmed in behind else 1.0)

        whole = sum(self._importance(meaning[-1][0]) for meaning in meanings)
        found = self.topics.found(meanings, weight)
        fullest = max(cover)
        for number, worth in found.items():
            scores[number] += TOPIC * max(whole, 1.0) * worth
            cover[number] = fullest
        return frozenset(found)

    def _share_in_names(self, meanings: Sequence[Meaning]) -> float:
        """Return the most weight of the words that stand in the names of one exercise."""
        found: dict[int, float] = {}
        for meaning in meanings:
            rarity = self.postings(meaning[-1][0]).rarity
            readings = ((self.postings(term), likeness) for term, likeness in meaning)
            for number, likeness in best_in_names(readings).items():
                found[number] = found.get(number, 0.0) + likeness * rarity
        return max(found.values(), default=0.0)

    def _add_names(self, asked: Sequence[str], likeliest: Sequence[str], scores: list[float]) -> None:
        """Raise the exercises whose whole name is in the question, the more the less there is beside it."""
        spelt = [[language.stems(word)[0] for word in asked] for language in self.words.languages]
        for number, share in named_in((*spelt, likeliest), self.words.names, self._worth).items():
            scores[number] += WHOLE_NAME * share**2

    def _worth(self, stemmed: str) -> float:
        return self.postings(stemmed).rarity if self.words.knows(stemmed) else UNKNOWN


def build_index(
    catalog: Catalog,
    rules: RuleSet,
    lexicon: Lexicon,
    language: str = SOURCE_LANGUAGE,
    reader: Reader | None = None,
) -> TextIndex:
    """Return the index over a release in a language and in English; exercises are numbered in id order.

    With the reader of the release it also finds what is meant, in English.
    """
    forms: dict[str, str] = {}
    gathered = gather(catalog, rules, lexicon, language, forms)
    ids = sorted(catalog.exercises)
    numbers = {id_: number for number, id_ in enumerate(ids)}
    topics = topics_of(catalog.topics, numbers, remembering(gathered.languages[0], forms))
    gathered.further = topics.by_stem
    interpreter = Interpreter(gathered, repairer(gathered.strengths(), gathered.pairs(), forms))
    leaning = tables_of(rules.tuning).kind
    leanings = array("f", [leaning[catalog.exercises[id_].kind] for id_ in ids])
    named = [
        (term.partition(" ")[0], [(number, share) for number, _, share in places])
        for term, places in gathered.named.items()
    ]
    kin = kinship(len(ids), [*named, *(("topics", list(topics.worths(at))) for at in range(len(topics)))])
    known: dict[Way, Way] = {}
    ways = [known.setdefault(way, way) for way in (way_of(catalog.exercises[id_]) for id_ in ids)]
    learned = None if reader is None or reader.answerer is None else answers_for(reader.answerer, numbers)
    return TextIndex(len(ids), gathered, interpreter, leanings, ways, topics, kin, reader, learned)
