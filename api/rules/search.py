"""Ranked text search over exercises that forgives word order, plurals, spelling variants and typing errors.

Every word of a field is stemmed and weighted by its field; a rare word counts more than a common one. A word that
nobody knows is taken as the nearest known ones. Words that stand in every exercise weigh next to nothing, so no list of
stop words is needed.
"""

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.rules.lay_words import words
from api.rules.search_repair import Repairer, repairer
from api.rules.tokens import fold, stem
from schemas.catalog import Catalog, Lexicon, RuleSet
from schemas.exercises import ExerciseDefinition

FIELDS: Final = (
    "name",
    "aliases",
    "lay_words",
    "muscles",
    "regions",
    "symptoms",
    "causes",
    "conditions",
    "equipment",
    "kind",
    "summary",
    "steps",
)
WEIGHTS: Final[Mapping[str, float]] = {
    "name": 10.0,
    "aliases": 8.0,
    "lay_words": 5.0,
    "muscles": 4.0,
    "regions": 4.0,
    "symptoms": 2.0,
    "causes": 2.5,
    "conditions": 2.0,
    "equipment": 3.0,
    "kind": 3.0,
    "summary": 1.0,
    "steps": 0.7,
}
SECONDARY_MUSCLE: Final = 0.4
FURTHER_FIELD: Final = 0.15
"""What a word adds for each further field that has it, of that field's weight."""

WHOLE_NAME: Final = 50.0
"""What it adds when the words are exactly a name."""

LEAST_COVER: Final = 0.6
"""A hit needs this share of the weight of the words that the best hit has."""

LEAST_SCORE: Final = 0.12
"""A hit needs this share of the best score."""

MOST_WORDS: Final = 24


@dataclass(frozen=True, slots=True)
class Postings:
    """The exercises that have a word: their numbers, the weight in each, the fields as a bit mask."""

    documents: "array[int]"
    weights: "array[float]"
    fields: "array[int]"
    rarity: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a search found: (number, score), best first, and the words that were looked for."""

    hits: tuple[tuple[int, float], ...]
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextIndex:
    """The words of one release."""

    size: int
    postings: Mapping[str, Postings]
    names: Mapping[frozenset[str], tuple[int, ...]]
    repairer: Repairer

    def search(self, text: str) -> Ranked:
        """Return the exercises that the words mean, best first, ties by number."""
        stems = list(dict.fromkeys(stems_of(text)))[:MOST_WORDS]
        scores, cover = [0.0] * self.size, [0.0] * self.size
        terms: list[str] = []
        for stemmed in stems:
            meanings = [[(stemmed, 1.0)]] if stemmed in self.postings else self.repairer.meant(stemmed)
            for meaning in meanings:
                terms.extend(term for term, _ in meaning)
                self._add(meaning, scores, cover)
        for number in self.names.get(frozenset(terms), ()):
            scores[number] += WHOLE_NAME
        return Ranked(_best(scores, cover), tuple(terms))

    def fields_of(self, ranked: Ranked, number: int) -> list[str]:
        """Return the fields of a hit in which its words were found, weightiest first."""
        found = 0
        for term in ranked.terms:
            held = self.postings[term]
            at = bisect_left(held.documents, number)
            if at < len(held.documents) and held.documents[at] == number:
                found |= held.fields[at]
        named = [name for bit, name in enumerate(FIELDS) if found >> bit & 1]
        return sorted(named, key=lambda name: (-WEIGHTS[name], name))

    def _add(self, meaning: Sequence[tuple[str, float]], scores: list[float], cover: list[float]) -> None:
        """Add one word; of several readings an exercise gets the one that fits it best."""
        if len(meaning) == 1:
            held, likeness = self.postings[meaning[0][0]], meaning[0][1]
            rarity = held.rarity * likeness
            for number, weight in zip(held.documents, held.weights, strict=True):
                scores[number] += weight * rarity
                cover[number] += rarity
            return
        best: dict[int, tuple[float, float]] = {}
        for term, likeness in meaning:
            held = self.postings[term]
            rarity = held.rarity * likeness
            for number, weight in zip(held.documents, held.weights, strict=True):
                candidate = (weight * rarity, rarity)
                if candidate > best.get(number, (0.0, 0.0)):
                    best[number] = candidate
        for number, (gain, covered) in best.items():
            scores[number] += gain
            cover[number] += covered


def _best(scores: Sequence[float], cover: Sequence[float]) -> tuple[tuple[int, float], ...]:
    fullest = max(cover, default=0.0)
    if fullest <= 0:
        return ()
    kept = [
        (number, score * (cover[number] / fullest) ** 2)
        for number, score in enumerate(scores)
        if cover[number] >= LEAST_COVER * fullest
    ]
    least = LEAST_SCORE * max(score for _, score in kept)
    ordered = sorted((-round(score, 4), number) for number, score in kept if score >= least)
    return tuple((number, -score) for score, number in ordered)


def stems_of(text: str) -> list[str]:
    """Return the stems of the words of a text, in order, spelling variants made one."""
    return [stem(fold(word)) for word in words(text)]


@dataclass(slots=True)
class _Collector:
    """Gathers the words of all exercises; each distinct word is stemmed once."""

    stems: dict[str, str]
    sets: dict[str, frozenset[str]]

    def of(self, texts: Iterable[str]) -> frozenset[str]:
        known = self.stems
        found = set()
        for text in texts:
            for word in words(text.lower()):
                stemmed = known.get(word)
                if stemmed is None:
                    stemmed = known[word] = stem(fold(word))
                found.add(stemmed)
        return frozenset(found)

    def term(self, kind: str, id_: str, texts: Iterable[str]) -> frozenset[str]:
        key = f"{kind} {id_}"
        if key not in self.sets:
            self.sets[key] = self.of([id_.replace("_", " ").replace("-", " "), *texts])
        return self.sets[key]


def build_index(catalog: Catalog, rules: RuleSet, lexicon: Lexicon) -> TextIndex:
    """Return the index over a release; exercises are numbered in id order."""
    collector = _Collector({}, {})
    gathered: dict[str, "tuple[array[int], array[float], array[int]]"] = {}
    names: dict[frozenset[str], list[int]] = {}
    ids = sorted(catalog.exercises)
    for number, id_ in enumerate(ids):
        definition = catalog.exercises[id_]
        for stemmed, (weight, mask) in _weighed(_fields(definition, catalog, rules, lexicon, collector)).items():
            held = gathered.get(stemmed)
            if held is None:
                held = gathered[stemmed] = (array("H"), array("f"), array("H"))
            held[0].append(number)
            held[1].append(weight)
            held[2].append(mask)
        for name in (definition.name, definition.id.replace("-", " "), *definition.aliases):
            numbers = names.setdefault(collector.of([name]), [])
            if number not in numbers:
                numbers.append(number)
    postings = {
        stemmed: Postings(documents, weights, masks, math.log((len(ids) + 1) / len(documents)) + 0.02)
        for stemmed, (documents, weights, masks) in gathered.items()
    }
    strengths = {stemmed: max(held.weights) for stemmed, held in postings.items()}
    return TextIndex(len(ids), postings, {key: tuple(held) for key, held in names.items()}, repairer(strengths))


def _weighed(fields: Iterable[tuple[str, float, frozenset[str]]]) -> dict[str, tuple[float, int]]:
    """The weightiest field counts whole, every further one a little. Fields come weightiest first."""
    weighed: dict[str, tuple[float, int]] = {}
    for name, share, stems in fields:
        weight, bit = WEIGHTS[name] * share, 1 << FIELDS.index(name)
        for stemmed in stems:
            held = weighed.get(stemmed)
            if held is None:
                weighed[stemmed] = (weight, bit)
            elif held[1] & bit:
                weighed[stemmed] = (max(held[0], weight), held[1])
            else:
                weighed[stemmed] = (max(held[0], weight) + FURTHER_FIELD * min(held[0], weight), held[1] | bit)
    return weighed


def _fields(
    definition: ExerciseDefinition, catalog: Catalog, rules: RuleSet, lexicon: Lexicon, collector: _Collector
) -> Iterable[tuple[str, float, frozenset[str]]]:
    yield "name", 1.0, collector.of([definition.name])
    yield "aliases", 1.0, collector.of(definition.aliases)
    yield "lay_words", 1.0, collector.of(definition.lay_words)
    for share, muscles in ((1.0, definition.muscles.primary), (SECONDARY_MUSCLE, definition.muscles.secondary)):
        for id_ in muscles:
            yield "muscles", share, _named(catalog.muscles, "muscle", id_, collector)
    for id_, share in definition.regions.items():
        yield "regions", share, _named(catalog.regions, "region", id_, collector)
    for id_ in (*definition.equipment, *definition.equipment_optional):
        yield "equipment", 1.0, _named(catalog.equipment, "equipment", id_, collector)
    yield "kind", 1.0, collector.term("kind", f"{definition.kind.value} {definition.position.value}", ())
    for id_ in definition.causes:
        yield "causes", 1.0, _named(catalog.causes, "cause", id_, collector)
    for id_ in definition.conditions:
        yield "conditions", 1.0, _named(rules.conditions, "condition", id_, collector)
    for id_ in definition.symptoms:
        concept = lexicon.concepts.get(id_)
        yield "symptoms", 1.0, collector.term("symptom", id_, concept.phrases if concept is not None else ())
    prose = (definition.summary, definition.setup, definition.feel, *definition.movements)
    yield "summary", 1.0, collector.of(prose)
    yield "steps", 1.0, collector.of((*definition.steps, *definition.cues))


def _named(terms: Mapping[str, object], kind: str, id_: str, collector: _Collector) -> frozenset[str]:
    held = terms.get(id_)
    name, lay_words = getattr(held, "name", ""), getattr(held, "lay_words", ())
    return collector.term(kind, id_, (name, *lay_words))
