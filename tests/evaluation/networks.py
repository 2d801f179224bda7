"""Small networks over the features of texts: learned here with numpy, packed as data of a release."""

import base64
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

RARITY_UNIT = 25.0
BATCH = 64
RATE = 3e-3
DECAY = 1e-4
LEFT_OUT = 0.2
SILENT_UNITS = 0.3
Arrays = dict[str, Any]
Keys = Sequence[int]


class Vocabulary:
    """The features that are known: those of a few texts."""

    def __init__(self, learned: Sequence[Keys], fewest: int) -> None:
        counts = Counter(key for keys in learned for key in keys)
        self.keys = np.array(sorted(key for key, count in counts.items() if count >= fewest), dtype="<u4")
        self.at = {int(key): at for at, key in enumerate(self.keys)}
        rarity = np.log((1 + len(learned)) / (1 + np.array([counts[int(key)] for key in self.keys]))) + 1
        self.rarities = np.clip(np.round(rarity * RARITY_UNIT), 1, 255).astype("u1")

    def known(self, keys: Iterable[int]) -> Any:
        return np.array(sorted({self.at[key] for key in keys if key in self.at}) or [0])

    def matrix(self, rows: Sequence[Any]) -> csr_matrix:
        """One row for each text, its features weighed by rarity and scaled to length 1."""
        weighed = [self.rarities[row].astype("f4") for row in rows]
        values = np.concatenate([row / np.sqrt((row * row).sum()) for row in weighed])
        starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
        return csr_matrix((values, np.concatenate(rows), starts), shape=(len(rows), len(self.keys)))


class Network:
    """One hidden layer, trained by Adam with decay; the heads are binary, some unlabelled."""

    def __init__(self, features: int, units: int, heads: int, seed: int) -> None:
        self.chance = np.random.default_rng(seed)
        normal = self.chance.standard_normal
        bound = 1 / np.sqrt(units)
        self.held: Arrays = {
            "words": (normal((features, units)) * 0.1).astype("f4"),
            "hidden": np.zeros(units, "f4"),
            "heads": self.chance.uniform(-bound, bound, (units, heads)).astype("f4"),
            "bias": np.zeros(heads, "f4"),
        }
        self.first = {name: np.zeros_like(value) for name, value in self.held.items()}
        self.second = {name: np.zeros_like(value) for name, value in self.held.items()}
        self.steps = 0

    def learn(self, batch: csr_matrix, labels: Any, worth: Any, rate: float = RATE) -> None:
        """One step; `worth` weighs each label, 0 where there is none."""
        before = batch @ self.held["words"] + self.held["hidden"]
        heard = self.chance.random(before.shape) >= SILENT_UNITS
        hidden = np.maximum(before, 0) * heard / (1 - SILENT_UNITS)
        scores = hidden @ self.held["heads"] + self.held["bias"]
        wrong = (self.shares(scores) - labels) * worth
        back = wrong @ self.held["heads"].T * (before > 0) * heard / (1 - SILENT_UNITS)
        slopes = {"words": batch.T @ back, "hidden": back.sum(0), "heads": hidden.T @ wrong, "bias": wrong.sum(0)}
        self._step(slopes, rate)

    def shares(self, scores: Any) -> Any:
        """What the scores of the heads mean, 0 to 1."""
        return 1 / (1 + np.exp(-scores))

    def _step(self, slopes: Arrays, rate: float) -> None:
        self.steps += 1
        for name, slope in slopes.items():
            first, second, value = self.first[name], self.second[name], self.held[name]
            first += 0.1 * (slope - first)
            second += 0.001 * (slope * slope - second)
            mean, spread = first / (1 - 0.9**self.steps), second / (1 - 0.999**self.steps)
            value *= 1 - rate * DECAY
            value -= (rate * mean / (np.sqrt(spread) + 1e-8)).astype("f4")


class Chooser(Network):
    """A network whose heads share out one whole: which of them is it."""

    def shares(self, scores: Any) -> Any:
        exact = np.exp(scores - scores.max(axis=1, keepdims=True))
        return exact / exact.sum(axis=1, keepdims=True)


class Learned:
    """Networks side by side, as one: their hidden units in a row, their heads the mean."""

    def __init__(self, vocabulary: Vocabulary, networks: Sequence[Network]) -> None:
        self.vocabulary = vocabulary
        self.words = np.concatenate([network.held["words"] for network in networks], axis=1)
        self.hidden = np.concatenate([network.held["hidden"] for network in networks])
        self.heads = np.concatenate([network.held["heads"] for network in networks]) / len(networks)
        self.bias = np.mean([network.held["bias"] for network in networks], axis=0)

    def scores(self, held: Sequence[Keys]) -> Any:
        matrix = self.vocabulary.matrix([self.vocabulary.known(keys) for keys in held])
        return np.maximum(matrix @ self.words + self.hidden, 0) @ self.heads + self.bias

    def document(self) -> Arrays:
        """What `schemas.networks.NetworkModel` wants of the numbers."""
        folded = self.words * (self.vocabulary.rarities[:, None] / RARITY_UNIT)
        units = 127 / np.abs(folded).max(axis=0)
        return {
            "rarity_unit": RARITY_UNIT,
            "weight_units": [round(float(unit), 3) for unit in units],
            "hidden_biases": [round(float(bias), 4) for bias in self.hidden],
            "head_biases": [round(float(bias), 4) for bias in self.bias],
            "keys": packed(self.vocabulary.keys),
            "rarities": packed(self.vocabulary.rarities),
            "weights": packed(np.round(folded * units).astype("i1")),
            "head_weights": packed(self.heads.T.astype("<f4")),
        }


def write(path: Path, heading: Sequence[str], table: str, document: Arrays) -> None:
    """Write what was learned as a file of the catalogue."""
    said = (f"{name} = {json.dumps(value)}" for name, value in document.items())
    path.write_text("\n".join([*(f"# {line}" for line in heading), "", f"[[{table}]]", *said]) + "\n", "utf-8")


def packed(numbers: Any) -> str:
    """Base64 with capitals in twos at most, so that no word of capitals is ever in it; decoding skips the spaces."""
    said = base64.b64encode(zlib.compress(np.ascontiguousarray(numbers).tobytes(), 9)).decode()
    return re.sub(r"([A-Z]{2})(?=[A-Z])", r"\1 ", said)


def batches(size: int, chance: Any) -> Iterator[Any]:
    order = chance.permutation(size)
    yield from (order[at : at + BATCH] for at in range(0, size, BATCH))


def schedule(size: int, rounds: int, chance: Any) -> Iterator[tuple[Any, float]]:
    """Every batch of every round, with a rate that falls from `RATE` to nothing along a half wave."""
    steps = rounds * -(-size // BATCH)
    found = (batch for _ in range(rounds) for batch in batches(size, chance))
    for step, batch in enumerate(found):
        yield batch, RATE * (1 + np.cos(np.pi * step / steps)) / 2


def thinned(row: Any, chance: Any) -> Any:
    """A text without some of its features, so that no single one is relied on."""
    left = row[chance.random(len(row)) >= LEFT_OUT]
    return left if len(left) else row
