"""Learn from the practice texts how dangerous a text sounds, and write data/catalog/alarms.toml.

pip install -e ".[train]"
python tests/evaluation/train.py                             # learn from everything that may be tuned on
python tests/evaluation/train.py --hold s_ --write OTHER     # leave practice files out, print the scores on them
"""

import argparse
import base64
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from practice import CATALOG, LEVELS, Practice, practice_texts, texts_hash
from scipy.sparse import csr_matrix

from api.rules.alarms import MODEL

FEWEST_TEXTS = 4
FEWEST_OF_SIGN = 8
RARITY_UNIT = 25.0
HIDDEN = 48
NETWORKS = 2
ROUNDS = 20
BATCH = 64
RATE = 3e-3
DECAY = 1e-4
LEFT_OUT = 0.2
SILENT_UNITS = 0.3
OF_SIGNS = 0.5
OF_REGIONS = 0.5
Arrays = dict[str, Any]


Heads = tuple[list[str], list[str]]
"""The signs and the regions that have heads."""


class Vocabulary:
    """The features that are known: those of a few texts."""

    def __init__(self, learned: Sequence[Practice]) -> None:
        counts = Counter(key for text in learned if not text.varied for key in text.keys)
        self.keys = np.array(sorted(key for key, count in counts.items() if count >= FEWEST_TEXTS), dtype="<u4")
        self.at = {int(key): at for at, key in enumerate(self.keys)}
        rarity = np.log((1 + len(learned)) / (1 + np.array([counts[int(key)] for key in self.keys]))) + 1
        self.rarities = np.clip(np.round(rarity * RARITY_UNIT), 1, 255).astype("u1")

    def known(self, text: Practice) -> Any:
        return np.array(sorted({self.at[key] for key in text.keys if key in self.at}) or [0])

    def matrix(self, rows: Sequence[Any]) -> csr_matrix:
        """One row for each text, its features weighed by rarity and scaled to length 1."""
        weighed = [self.rarities[row].astype("f4") for row in rows]
        values = np.concatenate([row / np.sqrt((row * row).sum()) for row in weighed])
        starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
        return csr_matrix((values, np.concatenate(rows), starts), shape=(len(rows), len(self.keys)))


class Network:
    """One hidden layer, trained by Adam with decay; binary heads, some unlabelled."""

    def __init__(self, features: int, heads: int, seed: int) -> None:
        self.chance = np.random.default_rng(seed)
        normal = self.chance.standard_normal
        bound = 1 / np.sqrt(HIDDEN)
        self.held: Arrays = {
            "words": (normal((features, HIDDEN)) * 0.1).astype("f4"),
            "hidden": np.zeros(HIDDEN, "f4"),
            "heads": self.chance.uniform(-bound, bound, (HIDDEN, heads)).astype("f4"),
            "bias": np.zeros(heads, "f4"),
        }
        self.first = {name: np.zeros_like(value) for name, value in self.held.items()}
        self.second = {name: np.zeros_like(value) for name, value in self.held.items()}
        self.steps = 0

    def learn(self, batch: csr_matrix, labels: Any, worth: Any) -> None:
        """One step; `worth` weighs each label, 0 where there is none."""
        before = batch @ self.held["words"] + self.held["hidden"]
        heard = self.chance.random(before.shape) >= SILENT_UNITS
        hidden = np.maximum(before, 0) * heard / (1 - SILENT_UNITS)
        scores = hidden @ self.held["heads"] + self.held["bias"]
        wrong = (1 / (1 + np.exp(-scores)) - labels) * worth
        back = wrong @ self.held["heads"].T * (before > 0) * heard / (1 - SILENT_UNITS)
        slopes = {"words": batch.T @ back, "hidden": back.sum(0), "heads": hidden.T @ wrong, "bias": wrong.sum(0)}
        self._step(slopes)

    def _step(self, slopes: Arrays) -> None:
        self.steps += 1
        for name, slope in slopes.items():
            first, second, value = self.first[name], self.second[name], self.held[name]
            first += 0.1 * (slope - first)
            second += 0.001 * (slope * slope - second)
            mean, spread = first / (1 - 0.9**self.steps), second / (1 - 0.999**self.steps)
            value *= 1 - RATE * DECAY
            value -= (RATE * mean / (np.sqrt(spread) + 1e-8)).astype("f4")


class Learned:
    """Networks side by side, as one: their hidden units in a row, their heads the mean."""

    def __init__(self, vocabulary: Vocabulary, heads: Heads, networks: Sequence[Network], texts: Any) -> None:
        self.vocabulary, self.signs, self.regions, self.texts = vocabulary, *heads, texts
        self.words = np.concatenate([network.held["words"] for network in networks], axis=1)
        self.hidden = np.concatenate([network.held["hidden"] for network in networks])
        self.heads = np.concatenate([network.held["heads"] for network in networks]) / len(networks)
        self.bias = np.mean([network.held["bias"] for network in networks], axis=0)

    def scores(self, held: Sequence[Practice]) -> Any:
        matrix = self.vocabulary.matrix([self.vocabulary.known(text) for text in held])
        return np.maximum(matrix @ self.words + self.hidden, 0) @ self.heads + self.bias

    def document(self) -> Arrays:
        folded = self.words * (self.vocabulary.rarities[:, None] / RARITY_UNIT)
        units = 127 / np.abs(folded).max(axis=0)
        return {
            "id": MODEL,
            "levels": list(LEVELS),
            "signs": self.signs,
            "regions": self.regions,
            "rarity_unit": RARITY_UNIT,
            "weight_units": [round(float(unit), 3) for unit in units],
            "hidden_biases": [round(float(bias), 4) for bias in self.hidden],
            "head_biases": [round(float(bias), 4) for bias in self.bias],
            "texts": len({text.id for text in self.texts}),
            "texts_hash": texts_hash(),
            "keys": packed(self.vocabulary.keys),
            "rarities": packed(self.vocabulary.rarities),
            "weights": packed(np.round(folded * units).astype("i1")),
            "head_weights": packed(self.heads.T.astype("<f4")),
        }


def packed(numbers: Any) -> str:
    """Base64 with capitals in twos at most, so that no word of capitals is ever in it; decoding skips the spaces."""
    said = base64.b64encode(zlib.compress(np.ascontiguousarray(numbers).tobytes(), 9)).decode()
    return re.sub(r"([A-Z]{2})(?=[A-Z])", r"\1 ", said)


def labelled(texts: Sequence[Practice], signs: list[str], regions: list[str]) -> tuple[Any, Any]:
    """The labels of every head, and what each is worth: nothing where both would be right."""
    labels = np.zeros((len(texts), len(LEVELS) + len(signs) + len(regions)), "f4")
    worth = np.zeros_like(labels)
    first = len(LEVELS) + len(signs)
    for row, text in enumerate(texts):
        for level in range(len(LEVELS)):
            label = text.label(level)
            labels[row, level], worth[row, level] = label or 0, label is not None
        if text.label(0) != 1 or text.signs:
            worth[row, len(LEVELS) : first] = OF_SIGNS * len(LEVELS)
        for sign in text.signs.intersection(signs) if text.label(0) == 1 else ():
            labels[row, len(LEVELS) + signs.index(sign)] = 1
        if text.regions is not None:
            worth[row, first:] = OF_REGIONS * len(LEVELS)
        for region in text.regions or ():
            labels[row, first + regions.index(region)] = 1
    return labels, worth


def learn(texts: Sequence[Practice]) -> Learned:
    vocabulary = Vocabulary(texts)
    counts = Counter(sign for text in texts if text.label(0) == 1 for sign in text.signs)
    signs = sorted(name for name, count in counts.items() if count >= FEWEST_OF_SIGN)
    rows = [vocabulary.known(text) for text in texts]
    regions = sorted({region for text in texts for region in text.regions or ()})
    labels, worth = labelled(texts, signs, regions)
    networks = []
    for seed in range(NETWORKS):
        network = Network(len(vocabulary.keys), labels.shape[1], seed)
        for _ in range(ROUNDS):
            for batch in batches(len(texts), network.chance):
                some = vocabulary.matrix([thinned(rows[row], network.chance) for row in batch])
                network.learn(some, labels[batch], worth[batch] / (len(LEVELS) * len(batch)))
        networks.append(network)
    return Learned(vocabulary, (signs, regions), networks, texts)


def batches(size: int, chance: Any) -> Iterator[Any]:
    order = chance.permutation(size)
    yield from (order[at : at + BATCH] for at in range(0, size, BATCH))


def thinned(row: Any, chance: Any) -> Any:
    """A text without some of its words, so that no single one is relied on."""
    left = row[chance.random(len(row)) >= LEFT_OUT]
    return left if len(left) else row


def shown(learned: Learned, held: Sequence[Practice]) -> None:
    scores = learned.scores(held)
    harmless = np.array([not text.allowed & set(LEVELS) for text in held])
    for level, name in enumerate(LEVELS):
        wanted = np.array([text.label(level) == 1 for text in held])
        least = [np.quantile(scores[harmless, level], 1 - share) for share in (0.03, 0.05, 0.1)]
        found = " ".join(f"{np.mean(scores[wanted, level] > bound):.3f} at {bound:+.2f}" for bound in least)
        print(f"{name:14} of {wanted.sum()}, with 3, 5, 10 % false alarms: {found}")
    named = [row for row, text in enumerate(held) if text.signs and text.label(0) == 1]
    first = len(LEVELS) + len(learned.signs)
    best = scores[:, len(LEVELS) : first].argmax(1)
    print(f"sign right: {sum(learned.signs[best[row]] in held[row].signs for row in named)} of {len(named)}")
    placed = [row for row, text in enumerate(held) if text.regions]
    likeliest = scores[:, first:].argmax(1)
    print(
        f"region right: {sum(learned.regions[likeliest[row]] in held[row].regions for row in placed)} of {len(placed)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hold", default="")
    parser.add_argument("--write", type=Path, default=CATALOG / "alarms.toml")
    chosen = parser.parse_args()
    texts = practice_texts()
    held = [text for text in texts if chosen.hold and text.file.startswith(chosen.hold)]
    learned = learn([text for text in texts if text not in held])
    print(f"learned from {len(learned.texts)} texts, {len(learned.vocabulary.keys)} features")
    if held:
        shown(learned, [text for text in held if not text.varied])
    lines = [
        "# What was learned from the practice texts about how danger sounds: see tests/evaluation/README.md. Made by",
        "# tests/evaluation/train.py, not for editing by hand. No clinician has reviewed it yet.",
        "",
        "[[alarm]]",
        *(f"{name} = {json.dumps(value)}" for name, value in learned.document().items()),
    ]
    chosen.write.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
