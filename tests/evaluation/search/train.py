"""Learn from searches with their answers which exercises answer a search, and write data/catalog/answers.toml.

pip install -e ".[train]"
python tests/evaluation/search/train.py [--write OTHER]

Learned from: the searches of `practice` and of the sets that are tuned on, the phrases of topics, the names, nicknames
and lay words of the exercises, and the words of the vocabulary that they use, also two of them together.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(FOLDER.parent))

from labelled import cases, texts_hash  # noqa: E402
from networks import BATCH, RATE, Chooser, Learned, Vocabulary, thinned, write  # noqa: E402

from api.rules.lay_words import words  # noqa: E402
from api.rules.network import key_of  # noqa: E402
from api.rules.search_answers import MODEL, features  # noqa: E402
from api.rules.search_stems import Stemmer  # noqa: E402
from api.rules.search_words import NOTATION, gather  # noqa: E402
from data.catalog.loader import assemble, read_files  # noqa: E402
from schemas.catalog import Catalog, Lexicon, RuleSet  # noqa: E402
from schemas.translations import SOURCE_LANGUAGE  # noqa: E402

CATALOG = ROOT / "data" / "catalog"
FEWEST_TEXTS = 2
UNITS = 48
NETWORKS = 2
ROUNDS = 20
LAST = 0.6
TOGETHER = 0.4
OF_SEARCHES = 2.0
OF_WORDS = 0.6


@dataclass(frozen=True)
class Spoken:
    """A search or a phrase: its stems, what each exercise is worth as its answer, how much it counts."""

    stems: tuple[str, ...]
    answers: dict[int, float]
    worth: float
    word: bool = False


def spoken_of(catalog: Catalog, rules: RuleSet, lexicon: Lexicon) -> Iterator[Spoken]:
    stems = Stemmer(SOURCE_LANGUAGE).stems
    numbers = {id_: number for number, id_ in enumerate(sorted(catalog.exercises))}

    def said(phrase: str, answers: dict[int, float], worth: float, word: bool = False) -> Spoken:
        return Spoken(tuple(stems(one)[0] for one in words(phrase.lower())), answers, worth, word)

    for case in cases():
        yield said(case["query"], ranked([numbers[id_] for id_ in case["relevant"] if id_ in numbers]), OF_SEARCHES)
    for topic in catalog.topics.values():
        answers = ranked([numbers[id_] for id_ in topic.exercises])
        for phrase in dict.fromkeys((topic.name, *topic.lay_words)):
            yield said(phrase, answers, 1.0, word=True)
    for id_, exercise in catalog.exercises.items():
        nicknames = catalog.nicknames[id_].names if id_ in catalog.nicknames else []
        names = (exercise.name, id_.replace("-", " "), *exercise.aliases, *exercise.lay_words, *nicknames)
        for phrase in dict.fromkeys(names):
            yield said(phrase, {numbers[id_]: 1.0}, 1.0)
    gathered = gather(catalog, rules, lexicon, SOURCE_LANGUAGE, {})
    for term, places in gathered.named.items():
        answers = {number: share for number, _, share in places}
        for phrase in vocabulary_phrases(term, catalog, rules):
            yield said(phrase, answers, OF_WORDS, word=True)


def vocabulary_phrases(term: str, catalog: Catalog, rules: RuleSet) -> Iterator[str]:
    """The plain phrases of a region, a muscle, a cause ... that exercises name."""
    field, key = term.split(" ", 1)
    terms: Any = {
        "muscles": catalog.muscles,
        "regions": catalog.regions,
        "equipment": catalog.equipment,
        "causes": catalog.causes,
        "conditions": rules.conditions,
        "kind": catalog.kinds,
    }.get(field, {})
    yield key.replace("_", " ")
    found = terms.get(key)
    for phrase in (getattr(found, "name", ""), *getattr(found, "lay_words", ())):
        if phrase and not NOTATION.intersection(phrase) and "(" not in phrase:
            yield phrase


def ranked(numbers: Sequence[int]) -> dict[int, float]:
    """Answers, the best first, the last one worth a little less."""
    return {number: 1 - (1 - LAST) * place / len(numbers) for place, number in enumerate(numbers)}


def together(one: Spoken, other: Spoken, chance: random.Random) -> Spoken:
    """Two phrases at once, such as a place and a sport: what answers both; the first alone when nothing does."""
    answers = {
        number: worth * other.answers[number] for number, worth in one.answers.items() if number in other.answers
    }
    first, second = chance.sample([one.stems, other.stems], 2)
    return Spoken((*first, *second), answers, OF_WORDS) if answers else one


def learn(texts: Sequence[Spoken], exercises: int) -> Learned:
    chance = random.Random(20261122)
    single = [text for text in texts if text.word]
    vocabulary = Vocabulary([keys_of(text) for text in texts], FEWEST_TEXTS)
    networks = [Chooser(len(vocabulary.keys), UNITS, exercises, seed) for seed in range(NETWORKS)]
    steps = ROUNDS * len(texts) // BATCH
    for network in networks:
        for step in range(steps):
            batch = [
                together(text, chance.choice(single), chance) if chance.random() < TOGETHER else text
                for text in chance.choices(texts, k=BATCH)
            ]
            labels, worth = np.zeros((BATCH, exercises), "f4"), np.zeros((BATCH, 1), "f4")
            for row, text in enumerate(batch):
                whole = sum(text.answers.values())
                worth[row] = text.worth / BATCH
                for number, share in text.answers.items():
                    labels[row, number] = share / whole
            rows = [thinned(vocabulary.known(keys_of(text)), network.chance) for text in batch]
            network.learn(vocabulary.matrix(rows), labels, worth, RATE * (1 - step / steps))
    return Learned(vocabulary, networks)


def keys_of(text: Spoken) -> list[int]:
    return [key_of(feature) for feature in features(text.stems)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, default=CATALOG / "answers.toml")
    chosen = parser.parse_args()
    catalog, rules, lexicon = assemble((item.kind, item.id, item.document) for item in read_files(CATALOG))
    texts = [text for text in spoken_of(catalog, rules, lexicon) if text.stems and text.answers]
    learned = learn(texts, len(catalog.exercises))
    print(f"learned from {len(texts)} searches and phrases, {len(learned.vocabulary.keys)} features")
    document = {
        "id": MODEL,
        "exercises": sorted(catalog.exercises),
        "texts": len(texts),
        "texts_hash": texts_hash(),
        **learned.document(),
    }
    heading = (
        "What was learned about which exercises answer a search: see tests/evaluation/search/README.md. Made by",
        "tests/evaluation/search/train.py, not for editing by hand. No clinician has reviewed it yet.",
    )
    write(chosen.write, heading, "answers", document)


if __name__ == "__main__":
    main()
