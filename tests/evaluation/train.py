"""Learn from practice texts how dangerous a text sounds, and write data/catalog/alarms.toml.

pip install -e ".[train]"
python tests/evaluation/train.py            # learn from everything that may be tuned on
python tests/evaluation/train.py --hold q   # leave files out whose name starts so, and print the scores on them

Two models: `levels` (a clinician, one today, an ambulance), `signs` (which red flag it sounds like, among dangers).
"""

import argparse
import base64
import hashlib
import json
import sys
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent.parent))

from api.rules import alarms, understanding  # noqa: E402
from api.rules.hearing import hear  # noqa: E402
from data.catalog.loader import assemble, read_files  # noqa: E402
from schemas.recommendations import RecommendationQuestion  # noqa: E402

CATALOG = FOLDER.parent.parent / "data" / "catalog"
TUNED_ON = ("set_1", "set_2", "practice")
LEVELS = ("see_clinician", "urgent", "emergency")
ALARMING = set(LEVELS)
FEWEST_TEXTS = 2
FEWEST_OF_SIGN = 8
STRENGTH = {"levels": 20.0, "signs": 30.0}
RARITY_UNIT = 25.0


@dataclass
class Text:
    """A practice text: its features, what it may be answered, and the signs it is about."""

    id: str
    file: str
    keys: list[int]
    allowed: frozenset[str]
    signs: frozenset[str]

    def label(self, level: int) -> int | None:
        """1 when it needs at least the level, 0 when it needs less, None when both are right."""
        needed = set(LEVELS[level:])
        if self.allowed <= needed:
            return 1
        return None if self.allowed & needed else 0


def texts() -> list[Text]:
    documents = read_files(CATALOG)
    catalog, rules, lexicon = assemble((item.kind, item.id, item.document) for item in documents)
    reader = understanding.compile_reader(lexicon, catalog, rules)
    found = []
    for name in TUNED_ON:
        for path in sorted((FOLDER / name).glob("*.jsonl")):
            for line in path.read_text("utf-8").splitlines():
                case = json.loads(line)
                asked = RecommendationQuestion.model_validate(case["question"])
                expect = case["expect"]
                if not expect.get("disposition") or not asked.text.strip():
                    continue
                person = understanding.read(asked, reader).person
                tokens = hear(asked.text, reader, bool(asked.pain_areas)).tokens
                keys = [feature.key for feature in alarms.features(tokens, person)]
                allowed, signs = frozenset(expect["disposition"]), frozenset(expect.get("flags_any_of", ()))
                found.append(Text(case["id"], path.stem, keys, allowed, signs))
    return found


class Vocabulary:
    """The features that are known: those of at least two texts."""

    def __init__(self, learned: list[Text]) -> None:
        counts = Counter(key for text in learned for key in text.keys)
        self.keys = np.array(sorted(key for key, count in counts.items() if count >= FEWEST_TEXTS), dtype="<u4")
        self.at = {int(key): at for at, key in enumerate(self.keys)}
        rarity = np.log((1 + len(learned)) / (1 + np.array([counts[int(key)] for key in self.keys]))) + 1
        self.rarities = np.clip(np.round(rarity * RARITY_UNIT), 1, 255).astype("u1")

    def matrix(self, some: list[Text]) -> csr_matrix:
        rows, columns = [], []
        for row, text in enumerate(some):
            known = [self.at[key] for key in text.keys if key in self.at]
            rows += [row] * len(known)
            columns += known
        values = self.rarities[columns].astype(float)
        made = csr_matrix((values, (rows, columns)), shape=(len(some), len(self.keys)))
        lengths = np.sqrt(made.multiply(made).sum(1)).A.ravel() if hasattr(made, "A") else norms(made)
        lengths[lengths == 0] = 1
        return csr_matrix(made.multiply(1 / lengths[:, None]))


def norms(made: csr_matrix) -> Any:
    return np.sqrt(np.asarray(made.multiply(made).sum(1)).ravel())


def fitted(matrix: csr_matrix, labels: list[int | None], strength: float) -> tuple[Any, float]:
    known = [row for row, label in enumerate(labels) if label is not None]
    wanted = np.array([labels[row] for row in known])
    model = LogisticRegression(C=strength, max_iter=4000, class_weight="balanced")
    model.fit(matrix[known], wanted)
    return model.coef_[0], float(model.intercept_[0])


@dataclass
class Model:
    """A fitted model: one row of weights for each head."""

    id: str
    heads: list[str]
    vocabulary: Vocabulary
    weights: Any
    biases: list[float]
    learned: list[Text]

    def document(self) -> dict[str, Any]:
        folded = self.weights * self.vocabulary.rarities[None, :] / RARITY_UNIT
        units = 127 / np.abs(folded).max(axis=1)
        quantised = np.round(folded * units[:, None]).astype("i1").T
        said = sorted(f"{text.id} {sorted(text.allowed)} {sorted(text.signs)}" for text in self.learned)
        return {
            "id": self.id,
            "heads": self.heads,
            "biases": [round(bias, 4) for bias in self.biases],
            "weight_units": [round(float(unit), 4) for unit in units],
            "rarity_unit": RARITY_UNIT,
            "keys": packed(self.vocabulary.keys.tobytes()),
            "rarities": packed(self.vocabulary.rarities.tobytes()),
            "weights": packed(np.ascontiguousarray(quantised).tobytes()),
            "texts": len(self.learned),
            "texts_hash": hashlib.sha256("\n".join(said).encode()).hexdigest()[:16],
        }


def packed(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, 9)).decode()


def levels_of(learned: list[Text]) -> Model:
    vocabulary = Vocabulary(learned)
    matrix = vocabulary.matrix(learned)
    heads = [fitted(matrix, [t.label(level) for t in learned], STRENGTH["levels"]) for level in range(len(LEVELS))]
    weights = np.array([weights for weights, _ in heads])
    return Model("levels", list(LEVELS), vocabulary, weights, [bias for _, bias in heads], learned)


def signs_of(learned: list[Text]) -> Model:
    dangers = [text for text in learned if text.signs and text.allowed <= ALARMING]
    counts = Counter(sign for text in dangers for sign in text.signs)
    names = sorted(name for name, count in counts.items() if count >= FEWEST_OF_SIGN)
    vocabulary = Vocabulary(dangers)
    matrix = vocabulary.matrix(dangers)
    heads = [fitted(matrix, [int(name in text.signs) for text in dangers], STRENGTH["signs"]) for name in names]
    weights = np.array([weights for weights, _ in heads])
    return Model("signs", names, vocabulary, weights, [bias for _, bias in heads], dangers)


def written(models: list[Model]) -> str:
    lines = [
        "# What was learned from the practice texts about how danger sounds: see tests/evaluation/README.md. Made by",
        "# tests/evaluation/train.py; not for editing by hand. No clinician has reviewed it yet.",
    ]
    for model in models:
        lines += ["", "[[alarm]]"]
        lines += [f"{name} = {json.dumps(value)}" for name, value in model.document().items()]
    return "\n".join(lines) + "\n"


def held_out(models: list[Model], held: list[Text]) -> None:
    levels, signs = models
    matrix = levels.vocabulary.matrix(held)
    scores = matrix @ levels.weights.T + np.array(levels.biases)
    for level, name in enumerate(LEVELS):
        labels = np.array([-1 if (label := text.label(level)) is None else label for text in held])
        harmless = np.sort(scores[(labels == 0) & np.array([not text.allowed & ALARMING for text in held]), level])
        found = scores[labels == 1, level]
        for share in (0.03, 0.05, 0.1):
            least = harmless[int(len(harmless) * (1 - share)) - 1]
            print(f"{name:14} {share:.0%} false alarms at {least:+.2f}: {np.mean(found > least):.3f} found of {len(found)}")
    likely = signs.vocabulary.matrix(held) @ signs.weights.T + np.array(signs.biases)
    named = [(row, text) for row, text in enumerate(held) if text.signs and text.allowed <= ALARMING]
    right = sum(signs.heads[int(likely[row].argmax())] in text.signs for row, text in named)
    print(f"sign right: {right} of {len(named)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hold", default="")
    parser.add_argument("--write", type=Path, default=CATALOG / "alarms.toml")
    chosen = parser.parse_args()
    found = texts()
    held = [text for text in found if chosen.hold and text.file.startswith(chosen.hold)]
    learned = [text for text in found if text not in held]
    models = [levels_of(learned), signs_of(learned)]
    print(f"learned from {len(learned)} texts; {[len(model.vocabulary.keys) for model in models]} features")
    if held:
        held_out(models, held)
    if not held or chosen.write != CATALOG / "alarms.toml":
        chosen.write.write_text(written(models), "utf-8")


if __name__ == "__main__":
    main()
