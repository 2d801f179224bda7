"""The words of all exercises, by field: their own texts, and those of the muscles, regions, causes ... they name."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Final

from api.rules.lay_words import plain, words
from api.rules.search_arrays import Place, Places
from api.rules.search_stems import Stemmer, Stems, remembering, stemmer
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
    "topics",
    "nicknames",
    "answers",
)
"""The fields that are searched, in the order in which matches are named."""

TRUST: Final = (10.0, 8.0, 5.0, 4.0, 4.0, 3.0, 3.0, 2.5, 2.0, 2.0, 1.0, 0.7, 4.0, 5.0, 0.0)
"""How readily an unknown word is taken for one of each field: sooner for one of a name than for one of a step."""

SECONDARY_MUSCLE: Final = 0.4
OF: Final = {
    "muscles": Translated.MUSCLE,
    "regions": Translated.REGION,
    "equipment": Translated.EQUIPMENT,
    "causes": Translated.CAUSE,
    "conditions": Translated.CONDITION,
}
NUMBER: Final = {name: number for number, name in enumerate(FIELDS)}
SPOKEN: Final = frozenset(NUMBER[name] for name in ("name", "aliases", "lay_words", "nicknames"))
"""The fields whose lines people say as they stand."""

PHRASE_WORDS: Final = range(2, 5)
NOTATION: Final = frozenset("~=@<>")
"""Phrases with these marks are more than plain words in a row."""

PARENT_REGION: Final = 0.5
"""How much the words of the region above count, beside those of the exercise's own region."""

OF_PHRASE: Final = (0.0, 1.0, 0.8, 0.6, 0.4)
"""How much a word counts that stands in a phrase of so many words, or more, of the vocabulary."""


@dataclass(slots=True)
class Words:
    """Where every stem stands: in which lines of the exercises, in which terms of the vocabulary that exercises name.

    A line is a name, a lay word, a sentence or a step. Lines are numbered on through the exercises; `first` holds the
    first one of each exercise and, at its end, how many there are. `names` are whole names, word order apart;
    `phrases` are the plain phrases of two to four words of the vocabulary. `languages` are the stemmers, that of the
    edition last. `further` are other known stems, with the numbers of the phrases they stand in.
    """

    languages: tuple[Stemmer, ...]
    own: dict[str, "array[int]"] = field(default_factory=dict)
    first: "array[int]" = field(default_factory=lambda: array("I"))
    owners: "array[int]" = field(default_factory=lambda: array("H"))
    fields: "array[int]" = field(default_factory=lambda: array("B"))
    terms: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    named: dict[str, Places] = field(default_factory=dict)
    names: dict[frozenset[str], list[int]] = field(default_factory=dict)
    phrases: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    further: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def places(self, stemmed: str) -> Iterator[Place]:
        """Return every place of a stem."""
        for line in self.own.get(stemmed, ()):
            yield self.owners[line], self.fields[line], 1.0
        for term, part in self.terms.get(stemmed, ()):
            for number, at, share in self.named[term]:
                yield number, at, share * part

    def phrase_places(self, phrase: tuple[str, ...]) -> Iterator[Place]:
        """Return every place of a plain phrase of the vocabulary."""
        for term in self.phrases[phrase]:
            yield from self.named[term]

    def knows(self, stemmed: str) -> bool:
        """Return whether a stem stands anywhere."""
        return stemmed in self.own or stemmed in self.terms or stemmed in self.further

    def said_together(self, stemmed: str, others: Collection[str]) -> bool:
        """Return whether a stem stands in a name, a lay word or another phrase with one of the others."""
        lines = {line for line in self.own.get(stemmed, ()) if self.fields[line] in SPOKEN}
        terms = {term for term, _ in self.terms.get(stemmed, ())}
        phrases = self.further.get(stemmed, ())
        return any(
            not lines.isdisjoint(self.own.get(other, ()))
            or not set(phrases).isdisjoint(self.further.get(other, ()))
            or not terms.isdisjoint(term for term, _ in self.terms.get(other, ()))
            for other in others
            if other != stemmed
        )

    def commonness(self, stemmed: str) -> int:
        """Return in how many places a stem stands."""
        own = len({(self.owners[line], self.fields[line]) for line in self.own.get(stemmed, ())})
        return own + sum(len(self.named[term]) for term, _ in self.terms.get(stemmed, ()))

    def strengths(self) -> dict[str, float]:
        """Return how readily an unknown word is taken for each stem."""
        best = {stemmed: max(TRUST[self.fields[line]] for line in lines) for stemmed, lines in self.own.items()}
        for stemmed, terms in self.terms.items():
            trust = max(TRUST[self.named[term][0][1]] for term, _ in terms)
            best[stemmed] = max(trust, best.get(stemmed, 0.0))
        for stemmed in self.further:
            best[stemmed] = max(TRUST[NUMBER["topics"]], best.get(stemmed, 0.0))
        return best

    def pairs(self) -> tuple[str, ...]:
        """Return the names and the phrases of two words, written apart, whichever order names are typed in."""
        names = {" ".join(pair) for name in self.names if len(name) == 2 for pair in permutations(name)}
        return tuple(sorted(names.union(" ".join(phrase) for phrase in self.phrases if len(phrase) == 2)))

    def add_own(self, number: int, name: str, texts: Iterable[str], stems: Stems) -> None:
        """Add texts of an exercise itself, each a line."""
        for text in texts:
            line = len(self.owners)
            self.owners.append(number)
            self.fields.append(NUMBER[name])
            for stemmed in _stems(text, stems):
                held = self.own.get(stemmed)
                if held is None:
                    held = self.own[stemmed] = array("I")
                held.append(line)

    def add_named(
        self, number: int, name: str, key: str, share: float, spoken: Iterable[tuple[Stems, Iterable[str]]]
    ) -> None:
        """Add a term that an exercise names, with its phrases by language; the words of each term are read once."""
        term = f"{name} {key}"
        places = self.named.get(term)
        if places is None:
            places = self.named[term] = Places(NUMBER[name])
            self._read(term, spoken)
        places.add(number, share)

    def add_name(self, number: int, name: str, stems: Stems) -> None:
        """Remember a whole name."""
        numbers = self.names.setdefault(frozenset(stems(word)[0] for word in words(name.lower())), [])
        if number not in numbers:
            numbers.append(number)

    def _keep(self, term: str, spoken: Iterable[str], stems: Stems) -> None:
        for way in spoken:
            phrase = tuple(stems(word)[0] for word in words(way.lower()))
            if len(phrase) in PHRASE_WORDS:
                held = self.phrases.setdefault(phrase, [])
                if term not in held:
                    held.append(term)

    def _read(self, term: str, spoken: Iterable[tuple[Stems, Iterable[str]]]) -> None:
        found: dict[str, float] = {}
        for stems, phrases in spoken:
            for phrase in phrases:
                read = [stems(word) for word in words(phrase.lower())]
                part = OF_PHRASE[min(len(read), len(OF_PHRASE) - 1)]
                found.update({one: max(part, found.get(one, 0.0)) for several in read for one in several})
                if not NOTATION.intersection(phrase):
                    self._keep(term, plain(phrase), stems)
        # The same pair for all words of a term: there are many words and few terms.
        pairs = {part: (term, part) for part in found.values()}
        for stemmed, part in found.items():
            self.terms.setdefault(stemmed, []).append(pairs[part])


Phrases = tuple[Iterable[str], Iterable[str]]
"""What a term is called: in English, in the language of the edition."""


def gather(catalog: Catalog, rules: RuleSet, lexicon: Lexicon, language: str, forms: dict[str, str]) -> Words:
    """Return the words of a release, English and of the language; exercises are numbered in id order.

    Every word is written down in `forms` with its stem.
    """
    languages = [Stemmer(SOURCE_LANGUAGE)]
    if language != SOURCE_LANGUAGE:
        languages.append(stemmer(language, _words_of(catalog, language)))
    gathered = Words(tuple(languages))
    # Only here: what is typed later must not be kept.
    english, *others = [remembering(one, forms) for one in languages]
    for number, id_ in enumerate(sorted(catalog.exercises)):
        definition = catalog.exercises[id_]
        gathered.first.append(len(gathered.owners))
        _add_texts(gathered, number, definition, english)
        if id_ in catalog.nicknames:
            _add_nicknames(gathered, number, catalog.nicknames[id_].names, english)
        translation = catalog.translations.get(f"{language}.exercise.{id_}")
        for other in others:
            if translation is not None:
                _add_translation(gathered, number, translation, other)
        for name, share, key, (plain_words, translated) in _named(definition, catalog, rules, lexicon, language):
            spoken = [(english, (key.replace("_", " ").replace("-", " "), *plain_words))]
            gathered.add_named(number, name, key, share, [*spoken, *((other, translated) for other in others)])
    gathered.first.append(len(gathered.owners))
    return gathered


def _stems(text: str, stems: Stems) -> set[str]:
    return {stemmed for word in set(words(text.lower())) for stemmed in stems(word)}


def _words_of(catalog: Catalog, language: str) -> Iterator[str]:
    for translation in catalog.translations.values():
        if translation.language == language:
            for phrase in (*_phrases_of(translation), *(translation.aliases or ())):
                yield from words(phrase.lower())


def _add_texts(gathered: Words, number: int, definition: ExerciseDefinition, english: Stems) -> None:
    for name in (definition.name, definition.id.replace("-", " "), *definition.aliases):
        gathered.add_name(number, name, english)
    gathered.add_own(number, "name", [definition.name], english)
    gathered.add_own(number, "aliases", definition.aliases, english)
    gathered.add_own(number, "lay_words", definition.lay_words, english)
    prose = (definition.summary, definition.setup, definition.feel, *definition.movements)
    gathered.add_own(number, "summary", prose, english)
    gathered.add_own(number, "steps", (*definition.steps, *definition.cues), english)


def _add_nicknames(gathered: Words, number: int, names: Sequence[str], english: Stems) -> None:
    for name in names:
        gathered.add_name(number, name, english)
    gathered.add_own(number, "nicknames", names, english)


def _add_translation(gathered: Words, number: int, translation: Translation, stems: Stems) -> None:
    for name in (translation.name, *(translation.aliases or ())):
        if name is not None:
            gathered.add_name(number, name, stems)
            gathered.add_own(number, "name", [name], stems)
    gathered.add_own(number, "lay_words", translation.lay_words or (), stems)
    prose = (translation.summary, translation.setup, translation.feel)
    gathered.add_own(number, "summary", [text for text in prose if text], stems)
    steps = [str(step) for step in (*(translation.steps or ()), *(translation.cues or ()))]
    gathered.add_own(number, "steps", steps, stems)


def _named(
    definition: ExerciseDefinition, catalog: Catalog, rules: RuleSet, lexicon: Lexicon, language: str
) -> Iterator[tuple[str, float, str, Phrases]]:
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
            yield name, share, key, (_phrases(terms, key), _phrases_of(translation))
    for key in definition.symptoms:
        concept = lexicon.concepts.get(key)
        yield "symptoms", 1.0, key, (concept.phrases if concept is not None else (), ())
    kind = definition.kind.value
    translation = catalog.translations.get(f"{language}.{Translated.KIND}.{kind}")
    yield "kind", 1.0, kind, (_phrases(catalog.kinds, kind), _phrases_of(translation))
    yield "kind", 1.0, definition.position.value, ((), ())


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
