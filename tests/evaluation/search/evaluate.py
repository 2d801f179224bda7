"""Run a set of searches against the catalogue and print how far up the exercises stand that answer them.

.venv/bin/python tests/evaluation/search/evaluate.py tests/evaluation/search/set_tune.json [--write RESULT.json]

Mean reciprocal rank: one over the place of the first hit that answers, 0 when none does, on average.
Recall at 10: the answers among the first ten hits, of those that there are, or of ten if there are more, on average.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent.parent
sys.path.insert(0, str(ROOT))

from api.rules.search import TextIndex, build_index  # noqa: E402
from api.rules.understanding import compile_reader  # noqa: E402
from data.catalog.loader import assemble, read_files  # noqa: E402
from schemas.catalog import Catalog  # noqa: E402
from schemas.translations import SOURCE_LANGUAGE  # noqa: E402

DEPTH = 10


@dataclass(frozen=True)
class Outcome:
    """What one search brought: the first hits, the place of the first one that answers, the answers among ten."""

    case: dict[str, Any]
    hits: list[str]
    reciprocal_rank: float
    recall: float
    recall_of_best: float

    @property
    def missing(self) -> list[str]:
        return [id_ for id_ in self.case["relevant"] if id_ not in self.hits[:DEPTH]]

    @property
    def right(self) -> bool:
        return self.reciprocal_rank == 1 and self.recall == 1


def outcome(case: dict[str, Any], hits: list[str]) -> Outcome:
    relevant = set(case["relevant"])
    place = next((place for place, id_ in enumerate(hits, 1) if id_ in relevant), None)
    best = case.get("best", case["relevant"])
    return Outcome(case, hits[:DEPTH], 1 / place if place else 0.0, recalled(relevant, hits), recalled(best, hits))


def recalled(wanted: Collection[str], hits: list[str]) -> float:
    return len(set(wanted) & set(hits[:DEPTH])) / min(DEPTH, len(wanted)) if wanted else 0.0


def shown(found: Outcome) -> str:
    lines = [f"{found.case['query']!r} ({found.case['meant']}): {found.reciprocal_rank:.2f} {found.recall:.2f}"]
    relevant = found.case["relevant"]
    hits = found.hits[: max(5, len(relevant))]
    lines.append("    " + " ".join(f"*{id_}" if id_ in relevant else id_ for id_ in hits))
    if found.missing:
        lines.append(f"    missing: {' '.join(found.missing)}")
    return "\n".join(lines)


def mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def indexed(language: str) -> tuple[Catalog, TextIndex]:
    """The catalogue and its index, as a server has it: what people mean is read in English only."""
    documents = read_files(ROOT / "data" / "catalog")
    catalog, rules, lexicon = assemble((item.kind, item.id, item.document) for item in documents)
    reader = compile_reader(lexicon, catalog, rules) if language == SOURCE_LANGUAGE else None
    return catalog, build_index(catalog, rules, lexicon, language, reader)


def figures(found: list[Outcome]) -> dict[str, float | int]:
    return {
        "searches": len(found),
        "mean_reciprocal_rank": round(mean([one.reciprocal_rank for one in found]), 4),
        "recall_at_10": round(mean([one.recall for one in found]), 4),
        "recall_at_10_of_the_best": round(mean([one.recall_of_best for one in found]), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path)
    parser.add_argument("--language", default=SOURCE_LANGUAGE)
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args()
    content = chosen.set.read_bytes()
    catalog, index = indexed(chosen.language)
    ids = sorted(catalog.exercises)
    found = [outcome(case, [ids[at] for at, _ in index.search(case["query"]).hits]) for case in json.loads(content)]
    parts = {
        "all": found,
        "with_an_answer_in_the_catalogue": [one for one in found if one.case["relevant"]],
        "one_answer_meant": [one for one in found if not one.case["broad"]],
        "broad": [one for one in found if one.case["broad"]],
    }
    for name, part in parts.items():
        print(f"{name:32}", *(f"{figure} {value:<8}" for figure, value in figures(part).items()))
    for one in found:
        if not one.right:
            print(shown(one))
    if chosen.write:
        record = {
            "set": chosen.set.stem,
            "set_hash": hashlib.sha256(content).hexdigest()[:16],
            "catalog": catalog.hash,
            "language": chosen.language,
            **{name: figures(part) for name, part in parts.items()},
            "not_first": [one.case["query"] for one in found if one.reciprocal_rank < 1],
            "not_all_in_ten": {one.case["query"]: one.missing for one in found if one.recall < 1},
        }
        chosen.write.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
