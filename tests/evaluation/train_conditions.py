"""Learn from the practice texts which conditions people tell, and write data/catalog/told_conditions.toml.

pip install -e ".[train]"
python tests/evaluation/train_conditions.py                             # learn from everything that may be tuned on
python tests/evaluation/train_conditions.py --hold k_f --write OTHER    # leave practice files out, print how it does
"""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from networks import Arrays, Chooser, Learned, Network, Vocabulary, schedule, thinned, write
from practice import CATALOG, Practice, practice_texts, texts_hash

from api.rules.told_conditions import MODEL

FEWEST_TEXTS = 3
UNITS = 64
NETWORKS = 1
ROUNDS = 16
OTHERS = 10_000
"""So many texts without any condition are learned from."""

BOUNDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.8)


class Conditions(Learned):
    """What was learned of the conditions; the last head says that none is told."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        networks: Sequence[Network],
        conditions: list[str],
        texts: Sequence[Practice],
    ) -> None:
        super().__init__(vocabulary, networks)
        self.conditions, self.texts = conditions, texts

    def shares(self, texts: Sequence[Practice]) -> Any:
        scores = self.scores([text.unnamed_keys for text in texts])
        exact = np.exp(scores - scores.max(axis=1, keepdims=True))
        return exact / exact.sum(axis=1, keepdims=True)

    def document(self) -> Arrays:
        return {
            "id": MODEL,
            "conditions": self.conditions,
            "texts": len({text.id for text in self.texts}),
            "texts_hash": texts_hash(),
            **super().document(),
        }


def learn(practice: Sequence[Practice]) -> Conditions:
    named = [text for text in practice if text.sure or text.conditions]
    others = [text for text in practice if not (text.sure or text.conditions or text.unclear)]
    texts = [*named, *random.Random(1).sample(others, min(OTHERS, len(others)))]
    conditions = sorted({condition for text in texts for condition in text.conditions})
    vocabulary = Vocabulary([text.unnamed_keys for text in texts if not text.varied], FEWEST_TEXTS)
    rows = [vocabulary.known(text.unnamed_keys) for text in texts]
    labels = np.zeros((len(texts), len(conditions) + 1), "f4")
    for row, text in enumerate(texts):
        heads = [conditions.index(condition) for condition in text.conditions] or [len(conditions)]
        labels[row, heads] = 1 / len(heads)
    networks: list[Network] = []
    for seed in range(NETWORKS):
        network = Chooser(len(vocabulary.keys), UNITS, labels.shape[1], seed)
        for batch, rate in schedule(len(texts), ROUNDS, network.chance):
            some = vocabulary.matrix([thinned(rows[row], network.chance) for row in batch])
            network.learn(some, labels[batch], np.ones_like(labels[batch]) / len(batch), rate)
        networks.append(network)
    return Conditions(vocabulary, networks, conditions, texts)


def shown(learned: Conditions, held: Sequence[Practice]) -> None:
    shares = learned.shares(held)[:, :-1]
    have = np.array([bool(text.sure and text.conditions) for text in held])
    free = np.array([not text.conditions for text in held])
    for bound in BOUNDS:
        said = [{learned.conditions[at] for at in np.flatnonzero(row >= bound)} for row in shares]
        found = sum(bool(said[row] & held[row].conditions) for row in np.flatnonzero(have))
        wrong = sum(bool(said[row]) for row in np.flatnonzero(free))
        print(f"from {bound}: {found} of {have.sum()} told, {wrong} of {free.sum()} texts without any")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hold", default="")
    parser.add_argument("--write", type=Path, default=CATALOG / "told_conditions.toml")
    chosen = parser.parse_args()
    texts = practice_texts()
    held = [text for text in texts if chosen.hold and text.file.startswith(chosen.hold)]
    learned = learn([text for text in texts if text not in held])
    print(f"learned from {len(learned.texts)} texts, {len(learned.vocabulary.keys)} features")
    if held:
        shown(learned, [text for text in held if not text.varied])
    heading = (
        "What was learned from the practice texts about how people tell a condition: see tests/evaluation/README.md.",
        "Made by tests/evaluation/train_conditions.py, not by hand. No clinician has reviewed it yet.",
    )
    write(chosen.write, heading, "told_conditions", learned.document())


if __name__ == "__main__":
    main()
