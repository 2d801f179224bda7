"""Learn from the practice texts how dangerous a text sounds, and write data/catalog/alarms.toml.

pip install -e ".[train]"
python tests/evaluation/train.py                             # learn from everything that may be tuned on
python tests/evaluation/train.py --hold s_ --write OTHER     # leave practice files out, print the scores on them
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from networks import Arrays, Learned, Network, Vocabulary, schedule, thinned, write
from practice import CATALOG, LEVELS, Practice, practice_texts, texts_hash

from api.rules.alarms import MODEL

FEWEST_TEXTS = 5
FEWEST_OF_SIGN = 8
UNITS = 60
NETWORKS = 2
ROUNDS = 10
OF_SIGNS = 0.5
OF_REGIONS = 0.5


class Alarms(Learned):
    """What was learned of danger, and which signs and regions have heads."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        networks: Sequence[Network],
        signs: list[str],
        regions: list[str],
        texts: Sequence[Practice],
    ) -> None:
        super().__init__(vocabulary, networks)
        self.signs, self.regions, self.texts = signs, regions, texts

    def document(self) -> Arrays:
        return {
            "id": MODEL,
            "levels": list(LEVELS),
            "signs": self.signs,
            "regions": self.regions,
            "texts": len({text.id for text in self.texts}),
            "texts_hash": texts_hash(),
            **super().document(),
        }


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


def learn(practice: Sequence[Practice]) -> Alarms:
    texts = [text for text in practice if text.allowed]
    vocabulary = Vocabulary([text.keys for text in texts if not text.varied], FEWEST_TEXTS)
    counts = Counter(sign for text in texts if text.label(0) == 1 for sign in text.signs)
    signs = sorted(name for name, count in counts.items() if count >= FEWEST_OF_SIGN)
    rows = [vocabulary.known(text.keys) for text in texts]
    regions = sorted({region for text in texts for region in text.regions or ()})
    labels, worth = labelled(texts, signs, regions)
    networks = []
    for seed in range(NETWORKS):
        network = Network(len(vocabulary.keys), UNITS, labels.shape[1], seed)
        for batch, rate in schedule(len(texts), ROUNDS, network.chance):
            some = vocabulary.matrix([thinned(rows[row], network.chance) for row in batch])
            network.learn(some, labels[batch], worth[batch] / (len(LEVELS) * len(batch)), rate)
        networks.append(network)
    return Alarms(vocabulary, networks, signs, regions, texts)


def shown(learned: Alarms, held: Sequence[Practice]) -> None:
    scores = learned.scores([text.keys for text in held])
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
    heading = (
        "What was learned from the practice texts about how danger sounds: see tests/evaluation/README.md. Made by",
        "tests/evaluation/train.py, not for editing by hand. No clinician has reviewed it yet.",
    )
    write(chosen.write, heading, "alarm", learned.document())


if __name__ == "__main__":
    main()
