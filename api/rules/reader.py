"""What the reading of people's words needs, built once per release: the automata and the meanings they lead to."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from api.rules.alarms import Listener, listener
from api.rules.automaton import Automaton, AutomatonBuilder, Keys
from api.rules.foreign import EmergencyPhrases, emergency_phrases
from api.rules.search_answers import Answerer, answerer
from api.rules.spelling import Speller, speller
from api.rules.tokens import stem, tokenise
from api.rules.told_conditions import ConditionListener, condition_listener
from schemas.catalog import Catalog, Lexicon, RuleSet
from schemas.lexicon import Concept

PLACES = ("region", "vague_region")
_ASIDE: Final = re.compile(r"[(,<]| / ")
OPTION_KINDS = ("equipment", "position")
COMMON = "common_words"
MISSPELT = "misspelt"
SPELLING = "spelling_"
BARE_VERB = "ing"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase means. `never` marks innocent look-alikes; `regions` are what a vague word may stand for."""

    kind: str
    id: str
    never: bool = False
    value: float | None = None
    lasting_days: int | None = None
    lingers: bool = True
    diagnosis: bool = False
    firm: bool = False
    regions: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Everything compiled of one release. `numbers` are those of the keys that phrases use.

    `names` maps plain lay words to (kind, id) for careful fuzzy placing; `ordinary` are the (kind, id) of what is no
    danger by itself.
    """

    numbers: Mapping[str, int]
    sets: Automaton
    phrases: Automaton
    set_ids: tuple[str, ...]
    meanings: tuple[Meaning, ...]
    speller: Speller
    ids: Mapping[str, frozenset[str]]
    names: Mapping[str, tuple[tuple[str, str], ...]]
    parents: Mapping[str, str]
    mechanical: frozenset[str]
    priors: tuple[tuple[str, dict[str, float]], ...]
    unites: Mapping[str, tuple[str, ...]]
    clearance: frozenset[str]
    measures: tuple[Concept, ...]
    limits: Mapping[str, float]
    foreign: EmergencyPhrases
    ordinary: frozenset[tuple[str, str]] = frozenset()
    listener: Listener | None = None
    condition_listener: ConditionListener | None = None
    answerer: Answerer | None = None


@dataclass(slots=True)
class _Words:
    """What was compiled so far."""

    sets: AutomatonBuilder
    phrases: AutomatonBuilder
    set_ids: list[str]
    meanings: list[Meaning]
    names: dict[str, list[tuple[str, str]]]
    common: set[str]
    misspelt: set[str]
    spelt: dict[str, str]


def build(lexicon: Lexicon, catalog: Catalog, rules: RuleSet) -> Reader:
    """Return the reader of one release; raises PhraseError on a malformed phrase."""
    words = _compiled(lexicon, catalog, rules)
    numbers = words.phrases.keys.numbers
    exact = {key[1:] for key in numbers if key[0] == "="}
    vocabulary = ({key for key in numbers if key[0] not in "@="} | exact) - words.misspelt
    concepts = list(lexicon.concepts.values())
    sets, phrases = words.sets.built(), words.phrases.built()
    return Reader(
        numbers=words.sets.keys.packed(),
        sets=sets,
        phrases=phrases,
        set_ids=tuple(words.set_ids),
        meanings=tuple(words.meanings),
        speller=speller(vocabulary, words.common, words.spelt),
        ids=_ids(words.meanings, catalog, rules),
        ordinary=frozenset((concept.kind, _bare(concept)) for concept in concepts if concept.ordinary),
        names={kind: tuple(sorted(set(pairs))) for kind, pairs in words.names.items()},
        parents={region.id: region.parent for region in catalog.regions.values() if region.parent},
        mechanical=frozenset(cause.id for cause in catalog.causes.values() if cause.mechanical),
        priors=tuple((cause.id, dict(cause.regions)) for cause in catalog.causes.values()),
        unites={c.id: tuple(c.unites) for c in rules.conditions.values() if c.unites},
        clearance=frozenset(c.id for c in rules.conditions.values() if c.clearance_required),
        measures=tuple(c for c in concepts if (c.at_least or c.at_most) and c.kind != "limit"),
        limits={f"{c.id}.{name}": most for c in concepts if c.kind == "limit" for name, most in c.at_least.items()},
        foreign=emergency_phrases(lexicon.emergency_words.values()),
        listener=listener(rules.alarms, rules.tuning.values.get("alarm_least", 0.0)),
        condition_listener=condition_listener(rules),
        answerer=answerer(catalog.answers),
    )


def _compiled(lexicon: Lexicon, catalog: Catalog, rules: RuleSet) -> _Words:
    keys = Keys()
    words = _Words(AutomatonBuilder(keys), AutomatonBuilder(keys), [], [], {}, set(), set(), {})
    for concept in lexicon.concepts.values():
        if concept.id in (COMMON, MISSPELT):
            forms = {form for word in concept.phrases for form in (word, stem(word))}
            (words.common if concept.id == COMMON else words.misspelt).update(forms)
        elif concept.id.startswith(SPELLING):
            words.spelt.update(dict.fromkeys(concept.phrases, stem(concept.id.removeprefix(SPELLING))))
        elif concept.kind == "set":
            for phrase in concept.phrases:
                words.sets.add(phrase, len(words.set_ids))
            words.set_ids.append(f"@{concept.id}")
    for meaning, spoken in _all_meanings(lexicon, catalog, rules):
        for phrase in spoken:
            words.phrases.add(phrase, len(words.meanings))
            if not meaning.never and phrase.replace(" ", "").isalpha():
                words.names.setdefault(meaning.kind, []).append((phrase.lower(), meaning.id))
        words.meanings.append(meaning)
    return words


def _all_meanings(lexicon: Lexicon, catalog: Catalog, rules: RuleSet) -> Iterator[tuple[Meaning, list[str]]]:
    for concept in lexicon.concepts.values():
        if concept.kind not in ("set", "limit"):
            yield _meaning(concept), list(concept.phrases)
        if concept.never:
            yield Meaning(concept.kind, _bare(concept), never=True), list(concept.never)
    inner = {region.parent for region in catalog.regions.values() if region.parent}
    for region in catalog.regions.values():
        if region.id not in inner:
            yield Meaning("region", region.id), [*region.lay_words, *spoken_names(region.id, region.name)]
    for muscle in catalog.muscles.values():
        regions = tuple((region, 0.8) for region in muscle.regions)
        if regions:
            yield (
                Meaning("vague_region", f"muscle.{muscle.id}", regions=regions),
                [
                    *muscle.lay_words,
                    *spoken_names(muscle.id, muscle.name),
                ],
            )
    lasting = {(c.kind, _bare(c)): c.lasting_days for c in lexicon.concepts.values() if c.lasting_days}
    ending = {(c.kind, _bare(c)) for c in lexicon.concepts.values() if not c.lingers}
    for kind, items in (("cause", catalog.causes), ("equipment", catalog.equipment), ("condition", rules.conditions)):
        for item in items.values():
            spoken = [name for name in spoken_names(item.id, item.name) if kind != "cause" or not _bare_verb(name)]
            key = (kind, item.id)
            meaning = Meaning(kind, item.id, lasting_days=lasting.get(key), lingers=key not in ending)
            yield meaning, [*item.lay_words, *spoken]


def _meaning(concept: Concept) -> Meaning:
    return Meaning(
        kind=concept.kind,
        id=_bare(concept),
        value=concept.value,
        lasting_days=concept.lasting_days,
        lingers=concept.lingers,
        diagnosis=concept.diagnosis,
        firm=concept.firm,
        regions=tuple(sorted(concept.regions.items())),
    )


def _bare(concept: Concept) -> str:
    """Concepts may carry their kind in front (`region.neck`) so that ids stay unique across kinds."""
    return concept.id.removeprefix(f"{concept.kind}-").removeprefix(f"{concept.kind}_")


def spoken_names(identifier: str, name: str) -> list[str]:
    """Return an id and a name as phrases; what stands in parentheses, behind a comma or a slash is left out."""
    plain = _ASIDE.split(name, maxsplit=1)[0]
    spoken = {" ".join(token.word for token in tokenise(words)) for words in (identifier.replace("_", " "), plain)}
    return sorted(phrase for phrase in spoken if phrase)


def _bare_verb(name: str) -> bool:
    """True for a name such as `running`: as a plain word it says too many other things."""
    return " " not in name and name.endswith(BARE_VERB)


def _ids(meanings: list[Meaning], catalog: Catalog, rules: RuleSet) -> dict[str, frozenset[str]]:
    return {
        "region": frozenset(catalog.regions),
        "cause": frozenset(catalog.causes),
        "condition": frozenset(rules.conditions),
        "equipment": frozenset(catalog.equipment),
        "position": frozenset(meaning.id for meaning in meanings if meaning.kind == "position"),
    }
