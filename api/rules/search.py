"""Ranked text search over exercises that forgives word order, plurals, spelling variants and typing errors.

Every word is stemmed and weighted by the fields it stands in; a word that few exercises are about counts more than a
common one. An exercise rises that has much of what is asked in one line of its own, such as a lay word or a step, and
one whose name is in the question. A word that nobody knows is taken as the nearest known ones. Words that stand in
every exercise weigh little, so no list of stop words is needed.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Final

from api.rules.lay_words import words
from api.rules.reader import Reader
from api.rules.search_meaning import NOTHING_MEANT, Meant, understand
from api.rules.search_repair import Repairer, repairer
from api.rules.search_stems import family
from api.rules.search_weights import Postings, weighed
from api.rules.search_words import FIELDS, PHRASE_WORDS, Words, gather
from schemas.catalog import Catalog, Lexicon, RuleSet
from schemas.translations import SOURCE_LANGUAGE

WHOLE_PHRASE: Final = 3.0
"""How much a phrase of the vocabulary counts, such as `lower back`, beside its words."""

INSIDE_PHRASE: Final = 0.5
"""How much a word counts by itself that is inside such a phrase: a bra strap is no strap."""

WHOLE_NAME: Final = 50.0
"""What it adds when the words are exactly a name; less when there are other words beside the name."""

UNKNOWN: Final = 1.0
"""What a word that nobody knows weighs beside a name."""

LONGEST_NAME: Final = 7
"""Names of more words are found as the whole question only."""

TELLING: Final = 0.5
"""Words of less rarity are not looked for in single lines."""

SLIGHT: Final = 0.4
"""Words of less rarity are looked for only when there are no others: they stand in most exercises and mean little."""

ONE_LINE: Final = 5.0
"""What it adds when all that is asked stands in one line, for each unit of rarity."""

LINES: Final = (1.0, 1.0, 0.8, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.5)
"""How much a line of each field counts."""

RAISED: Final = 30
"""So many of the best hits are looked at line by line: the time that takes must not grow with the catalogue."""

COVER: Final = 0.5
"""How steeply a hit counts less that has less of the words."""

LEAST_COVER: Final = 0.2
"""A hit needs this share of the weight of the words that the best hit has."""

LEAST_SCORE: Final = 0.12
"""A hit needs this share of the best score."""

RELATED: Final = 0.6
"""What a word of the same family counts: `tightness` for `tight`."""

MISSPELT_FROM: Final = 4
"""A word is read as its neighbour too when that one stands in so many times as many places."""

MOST_WORDS: Final = 24
SHORTEST_COMPOUND: Final = 6

Reading = tuple[str, float]
"""A known stem, and how like the word that was typed it is, 0 to 1."""

Meaning = list[Reading]
"""What one word may mean, the likeliest last."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a search found: (number, score), best first, and the words that were looked for."""

    hits: tuple[tuple[int, float], ...]
    terms: tuple[str, ...]
    meant: Meant = NOTHING_MEANT


class P: M=8.0; low=0.15; pw=1.0; D=0.6; npw=2; verbose=False; minb=1.0; Q=0.7
NOTHING: Final = Ranked((), ())


@dataclass(frozen=True, slots=True)
class TextIndex:
    """The words of one release. What a word weighs in each exercise is worked out when it is first asked for."""

    size: int
    words: Words
    repairer: Repairer
    reader: Reader | None = None
    _postings: dict[str, Postings] = field(default_factory=dict)
    _named: dict[int, list[str]] = field(default_factory=dict)
    _known_meanings: dict[str, Meaning] = field(default_factory=dict)

    def search(self, text: str) -> Ranked:
        """Return the exercises that the words mean, best first, ties by number."""
        asked = words(text.lower())[:MOST_WORDS]
        every = self._all_meanings(asked)
        meant = NOTHING_MEANT if self.reader is None else understand(text, self.reader, self._weight)
        if not every and not meant.terms:
            return NOTHING
        meanings = [one for one in every if self.postings(one[-1][0]).rarity >= SLIGHT] or every
        scores, cover = [0.0] * self.size, [0.0] * self.size
        likeliest = [meaning[-1][0] for meaning in every]
        phrases = self._phrases_in(likeliest)
        inside = {stemmed for phrase in phrases for stemmed in phrase}
        for meaning in meanings:
            self._add(meaning, INSIDE_PHRASE if meaning[-1][0] in inside else 1.0, scores, cover)
        fullest = max(cover)
        named = self._named_share(meanings, scores, sum(self.postings(m[-1][0]).rarity for m in meanings))
        for phrase in phrases:
            held = self._phrase_postings(phrase)
            for number, weight in zip(held.numbers, held.weights, strict=True):
                scores[number] += weight * held.rarity * WHOLE_PHRASE
        for number, found in enumerate(cover):
            if found:
                scores[number] *= (found / fullest) ** COVER
        self._add_lines(meanings, scores)
        self._add_names(asked, likeliest, scores)
        self._add_meaning(meant, meanings, named, scores, cover)
        terms = dict.fromkeys(term for meaning in meanings for term, _ in meaning)
        return Ranked(_best(scores, cover, LEAST_COVER * fullest), tuple(terms), meant)

    def _weight(self, stemmed):
        w = self.postings(stemmed).rarity if self.words.knows(stemmed) else UNKNOWN
        return w if w >= SLIGHT else 0.0

    def _named_share(self, meanings, scores, whole):
        best=0.0
        if not whole: return 0.0
        got={}
        for m in meanings:
            one={}
            for t,like in m:
                held=self.postings(t)
                for n,mask in zip(held.numbers,held.fields):
                    if mask & 3: one[n]=max(one.get(n,0),like*self.postings(m[-1][0]).rarity)
            for n,v in one.items(): got[n]=got.get(n,0)+v
        return min(1.0,max(got.values(),default=0)/whole)

    def _add_meaning(self, meant, meanings, named, scores, cover):
        if not meant.terms: return
        whole = sum(self.postings(m[-1][0]).rarity for m in meanings)
        aim = meant.share**P.pw * (1 - P.D*named**P.npw)
        bonus = P.M * max(whole,1.0) * aim
        if P.verbose: print('   ', round(meant.share,2), 'named', round(named,2), meant.terms, 'bonus', round(bonus,1))
        placed = meant.placed(self.words.named)
        if placed is not None:
            for n, sc in enumerate(scores):
                if sc: scores[n] = sc * (1 - P.Q*aim*(1-min(1,placed.get(n,0.0))))
        for n, w in meant.worths(self.words.named).items():
            scores[n] += bonus*w
            if bonus*w>P.minb: cover[n]=max(cover)

    def fields_of(self, ranked: Ranked, number: int) -> list[str]:
        """Return the fields of a hit in which its words were found, in the order of `FIELDS`."""
        found = ranked.meant.fields_of(number, self.words.named)
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
            lines = self.words.own.get(stemmed)
            held = self._postings[stemmed] = weighed(self.words.places(stemmed), self.size, lines)
        return held

    def _phrase_postings(self, phrase: tuple[str, ...]) -> Postings:
        key = " ".join(phrase)
        held = self._postings.get(key)
        if held is None:
            held = self._postings[key] = weighed(self.words.phrase_places(phrase), self.size)
        return held

    def _all_meanings(self, asked: Sequence[str]) -> list[Meaning]:
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
            [(self._postings[term].lines, likeness * self._postings[term].rarity) for term, likeness in meaning]
            for meaning in meanings
            if self._postings[meaning[-1][0]].rarity >= TELLING
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

    def _add_names(self, asked: Sequence[str], likeliest: Sequence[str], scores: list[float]) -> None:
        """Raise the exercises whose whole name is in the question, the more the less there is beside it."""
        spelt = [[language.stems(word)[0] for word in asked] for language in self.words.languages]
        best: dict[int, float] = {}
        for number, share in (found for stems in (*spelt, likeliest) for found in self._names_in(stems)):
            best[number] = max(share, best.get(number, 0.0))
        for number, share in best.items():
            scores[number] += WHOLE_NAME * share**2

    def _names_in(self, stems: Sequence[str]) -> Iterator[tuple[int, float]]:
        """Every whole name that stands in the words, by the number of its exercise, with its share of their weight."""
        worths = [self.postings(one).rarity if self.words.knows(one) else UNKNOWN for one in stems]
        whole = sum(worths)
        lengths = {*range(1, min(len(stems), LONGEST_NAME) + 1), len(stems)}
        spans = ((at, at + length) for length in sorted(lengths) for at in range(len(stems) - length + 1))
        for start, end in spans:
            for number in self.words.names.get(frozenset(stems[start:end]), ()):
                yield number, sum(worths[start:end]) / whole


def build_index(catalog: Catalog, rules: RuleSet, lexicon: Lexicon, language: str = SOURCE_LANGUAGE, reader=None) -> TextIndex:
    """Return the index over a release in a language and in English; exercises are numbered in id order."""
    gathered = gather(catalog, rules, lexicon, language)
    return TextIndex(len(catalog.exercises), gathered, repairer(gathered.strengths()), reader)


def _best(scores: Sequence[float], cover: Sequence[float], covered: float) -> tuple[tuple[int, float], ...]:
    kept = [(score, number) for number, score in enumerate(scores) if score > 0 and cover[number] >= covered]
    least = LEAST_SCORE * max(kept, default=(0.0, 0))[0]
    ordered = sorted([(-round(score, 4), number) for score, number in kept if score >= least])
    return tuple([(number, -score) for score, number in ordered])
