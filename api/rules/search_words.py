"""The words of all exercises, by field: their own texts, and those of the muscles, regions, causes ... they name."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from api.rules.lay_words import words
from api.rules.tokens import fold, stem
from schemas.catalog import Catalog, Lexicon, RuleSet
from schemas.exercises import ExerciseDefinition
from schemas.translations import SOURCE_LANGUAGE, Translated, Translation

FIELDS: Final = (
    "name",
    "aliases",
    "lay_words",
    "muscles",
    "regions",
    "equipment",
    "kind",
    "causes",
    "symptoms",
    "conditions",
    "summary",
    "steps",
)
"""The fields that are searched, the weightiest first."""

WEIGHTS: Final = (10.0, 8.0, 5.0, 4.0, 4.0, 3.0, 3.0, 2.5, 2.0, 2.0, 1.0, 0.7)
SECONDARY_MUSCLE: Final = 0.4
OF: Final = {
    "muscles": Translated.MUSCLE,
    "regions": Translated.REGION,
    "equipment": Translated.EQUIPMENT,
    "causes": Translated.CAUSE,
    "conditions": Translated.CONDITION,
}
NUMBER: Final = {name: number for number, name in enumerate(FIELDS)}

PHRASE_WORDS: Final = range(2, 5)
NOTATION: Final = frozenset("()|~=@<>")

PARENT_REGION: Final = 0.5
"""How much the words of the region above count, beside those of the exercise's own region."""

Place = tuple[int, int, float]
"""Where a word stands: the number of the exercise, that of the field, and the share of the field's weight."""


@dataclass(slots=True)
class Words:
    """In which lines of their own texts exercises have a stem, which vocabulary terms have it, which exercises name those.

    A line is a name, a lay word, a sentence or a step; lines are numbered on through the exercises, whose first ones
    stand in `first`. `names` are whole names, word order apart; `phrases` are the plain phrases of two to four words of
    the vocabulary.
    """

    own: dict[str, "array[int]"] = field(default_factory=dict)
    first: "array[int]" = field(default_factory=lambda: array("I"))
    owners: "array[int]" = field(default_factory=lambda: array("H"))
    fields: "array[int]" = field(default_factory=lambda: array("B"))
    lengths: "array[int]" = field(default_factory=lambda: array("B"))
    terms: dict[str, list[str]] = field(default_factory=dict)
    named: dict[str, list[Place]] = field(default_factory=dict)
    names: dict[frozenset[str], list[int]] = field(default_factory=dict)
    phrases: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    _stems: dict[str, str] = field(default_factory=dict)

    def places(self, stemmed: str) -> Iterator[Place]:
        """Return every place of a stem."""
        for line in self.own.get(stemmed, ()):
            yield self.owners[line], self.fields[line], 1.0
        for term in self.terms.get(stemmed, ()):
            yield from self.named[term]

    def phrase_places(self, phrase: tuple[str, ...]) -> Iterator[Place]:
        """Return every place of a plain phrase of the vocabulary."""
        for term in self.phrases[phrase]:
            yield from self.named[term]

    def commonness(self, stemmed: str) -> int:
        """Return in how many places a stem stands."""
        return len(self.own.get(stemmed, ())) + sum(len(self.named[term]) for term in self.terms.get(stemmed, ()))

    def strengths(self) -> dict[str, float]:
        """Return the weight of the weightiest field of each stem."""
        best = {stemmed: WEIGHTS[min(self.fields[line] for line in lines)] for stemmed, lines in self.own.items()}
        for stemmed, terms in self.terms.items():
            weight = max(WEIGHTS[self.named[term][0][1]] for term in terms)
            best[stemmed] = max(weight, best.get(stemmed, 0.0))
        return best

    def add_own(self, number: int, name: str, texts: Iterable[str]) -> None:
        """Add texts of an exercise itself, each a line."""
        for text in texts:
            found = self.stems(text)
            line = len(self.owners)
            self.owners.append(number)
            self.fields.append(NUMBER[name])
            self.lengths.append(min(len(found), 255))
            for stemmed in found:
                held = self.own.get(stemmed)
                if held is None:
                    held = self.own[stemmed] = array("I")
                held.append(line)

    def add_named(self, number: int, name: str, key: str, share: float, phrases: Iterable[str]) -> None:
        """Add a term that an exercise names; the words of each term are read once."""
        term = f"{name} {key}"
        places = self.named.get(term)
        if places is None:
            places = self.named[term] = []
            self._read(term, (key.replace("_", " ").replace("-", " "), *phrases))
        places.append((number, NUMBER[name], share))

    def add_name(self, number: int, name: str) -> None:
        """Remember a whole name."""
        numbers = self.names.setdefault(frozenset(self.stems(name)), [])
        if number not in numbers:
            numbers.append(number)

    def stems(self, text: str) -> set[str]:
        """Return the stems of a text."""
        return {self._stem(word) for word in set(words(text.lower()))}

    def _read(self, term: str, phrases: Iterable[str]) -> None:
        found: set[str] = set()
        for phrase in phrases:
            stems = [self._stem(word) for word in words(phrase.lower())]
            found.update(stems)
            if len(stems) in PHRASE_WORDS and not NOTATION.intersection(phrase):
                held = self.phrases.setdefault(tuple(stems), [])
                if term not in held:
                    held.append(term)
        for stemmed in found:
            self.terms.setdefault(stemmed, []).append(term)

    def _stem(self, word: str) -> str:
        stemmed = self._stems.get(word)
        if stemmed is None:
            stemmed = self._stems[word] = stem(fold(word))
        return stemmed


def gather(catalog: Catalog, rules: RuleSet, lexicon: Lexicon, language: str = SOURCE_LANGUAGE) -> Words:
    """Return the words of a release, English and of the language; exercises are numbered in id order."""
    gathered = Words()
    for number, id_ in enumerate(sorted(catalog.exercises)):
        definition = catalog.exercises[id_]
        gathered.first.append(len(gathered.owners))
        for name in (definition.name, definition.id.replace("-", " "), *definition.aliases):
            gathered.add_name(number, name)
        _add_texts(gathered, number, definition)
        _add_translation(gathered, number, catalog.translations.get(f"{language}.exercise.{id_}"))
        for name, share, key, phrases in _named(definition, catalog, rules, lexicon, language):
            gathered.add_named(number, name, key, share, phrases)
    gathered.first.append(len(gathered.owners))
    return gathered


def _add_texts(gathered: Words, number: int, definition: ExerciseDefinition) -> None:
    gathered.add_own(number, "name", [definition.name])
    gathered.add_own(number, "aliases", definition.aliases)
    gathered.add_own(number, "lay_words", definition.lay_words)
    prose = (definition.summary, definition.setup, definition.feel, *definition.movements)
    gathered.add_own(number, "summary", prose)
    gathered.add_own(number, "steps", (*definition.steps, *definition.cues))


def _add_translation(gathered: Words, number: int, translation: Translation | None) -> None:
    if translation is None:
        return
    for name in (translation.name, *(translation.aliases or ())):
        if name is not None:
            gathered.add_name(number, name)
            gathered.add_own(number, "name", [name])
    gathered.add_own(number, "lay_words", translation.lay_words or ())


def _named(
    definition: ExerciseDefinition, catalog: Catalog, rules: RuleSet, lexicon: Lexicon, language: str
) -> Iterator[tuple[str, float, str, Iterable[str]]]:
    muscles = definition.muscles
    shares = {**dict.fromkeys(muscles.secondary, SECONDARY_MUSCLE), **dict.fromkeys(muscles.primary, 1.0)}
    for name, weighed, terms in (
        ("muscles", shares, catalog.muscles),
        ("regions", _regions(definition, catalog), catalog.regions),
        ("equipment", dict.fromkeys((*definition.equipment, *definition.equipment_optional), 1.0), catalog.equipment),
        ("causes", dict.fromkeys(definition.causes, 1.0), catalog.causes),
        ("conditions", dict.fromkeys(definition.conditions, 1.0), rules.conditions),
    ):
        for key, share in weighed.items():
            translation = catalog.translations.get(f"{language}.{OF[name]}.{key}")
            yield name, share, key, (*_phrases(terms, key), *_phrases_of(translation))
    for key in definition.symptoms:
        concept = lexicon.concepts.get(key)
        yield "symptoms", 1.0, key, concept.phrases if concept is not None else ()
    kind = definition.kind.value
    translation = catalog.translations.get(f"{language}.kind.{kind}")
    yield "kind", 1.0, kind, (*_phrases(catalog.kinds, kind), *_phrases_of(translation))
    yield "kind", 1.0, definition.position.value, ()


def _regions(definition: ExerciseDefinition, catalog: Catalog) -> dict[str, float]:
    """The regions of an exercise and, at a lower share, those above them."""
    shares = dict(definition.regions)
    for key, share in definition.regions.items():
        region = catalog.regions.get(key)
        if region is not None and region.parent is not None and region.parent not in definition.regions:
            shares[region.parent] = max(shares.get(region.parent, 0.0), share * PARENT_REGION)
    return shares


def _phrases_of(translation: Translation | None) -> Iterable[str]:
    return () if translation is None else (translation.name or "", *(translation.lay_words or ()))


def _phrases(terms: Mapping[str, object], key: str) -> Iterable[str]:
    term = terms.get(key)
    return (getattr(term, "name", ""), *getattr(term, "lay_words", ()))
