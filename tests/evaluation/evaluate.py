"""Run an evaluation set against the rules and print what they got right, with Wilson 95 % intervals.

.venv/bin/python tests/evaluation/evaluate.py set_1 [--varied mistyped] [--failures] [--record FILE]
"""

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from varied import VARIATIONS

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from api.rules import preparation, recommendation, triage, understanding  # noqa: E402
from data.catalog.loader import assemble, read_files  # noqa: E402
from schemas.catalog import ReleaseStamp  # noqa: E402
from schemas.recommendations import Recommendation, RecommendationQuestion  # noqa: E402

FOLDER = Path(__file__).parent
STOPPING = {"emergency", "urgent", "answer_first"}
ALARMS = {"emergency", "urgent", "see_clinician"}
SEVERITY = ("self_care", "caution", "answer_first", "see_clinician", "urgent", "emergency")
DANGERS = {"emergencies", "urgent", "see_clinician"}
SEED = 20261122


class Pipeline:
    """The rules over the files of the catalogue, without a server."""

    def __init__(self) -> None:
        documents = read_files(ROOT / "data" / "catalog")
        self.catalog, self.rules, lexicon = assemble((item.kind, item.id, item.document) for item in documents)
        self.reader = understanding.compile_reader(lexicon, self.catalog, self.rules)
        self.prepared = preparation.prepare(self.catalog, self.rules)
        self.stamp = ReleaseStamp(catalog=self.catalog.hash, ruleset=self.rules.hash)

    def answer(self, question: dict[str, Any]) -> Recommendation:
        asked = RecommendationQuestion.model_validate({"limit": 20, **question})
        reading = understanding.read(asked, self.reader)
        assessment = triage.assess(reading, asked.screening, asked.country, self.catalog, self.rules)
        return recommendation.recommend(asked, reading, assessment, self.prepared, self.stamp)


@dataclass
class Tally:
    """How many of how many."""

    right: int = 0
    total: int = 0

    def add(self, ok: bool) -> None:
        self.right += ok
        self.total += 1

    def __str__(self) -> str:
        if not self.total:
            return "-"
        low, high = wilson(self.right, self.total)
        return f"{self.right}/{self.total} = {self.right / self.total:.1%} ({low:.1%} to {high:.1%})"


def wilson(right: int, total: int, z: float = 1.96) -> tuple[float, float]:
    share = right / total
    centre = share + z * z / (2 * total)
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def cases(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            yield path.stem, json.loads(line)


def judged(kind: str, case: dict[str, Any], answer: Recommendation) -> Iterator[tuple[str, bool]]:
    expect, got = case["expect"], answer.triage.disposition.value
    if "disposition" in expect:
        yield from triaged(kind, expect["disposition"], got)
    yield from placed(kind, expect, [region.region for region in answer.understood.regions])
    if "cause" in expect:
        yield "cause", expect["cause"] in {cause.id for cause in answer.understood.causes}
    if "condition" in expect:
        yield "condition", expect["condition"] in {condition.id for condition in answer.understood.conditions}
    if got in STOPPING or expect.get("no_exercises"):
        yield "nothing offered where nothing may be", not answer.exercises and not answer.routine.items
    if expect.get("forbidden_exercise_properties"):
        banned = set(expect["forbidden_exercise_properties"])
        yield "contraindications kept", not any(banned & set(one.exercise.properties) for one in answer.exercises)


def triaged(kind: str, allowed: list[str], got: str) -> Iterator[tuple[str, bool]]:
    yield f"{kind}: disposition", got in allowed
    if kind in DANGERS:
        yield f"{kind}: not missed", SEVERITY.index(got) >= min(SEVERITY.index(one) for one in allowed)
    if kind == "emergencies":
        yield "emergencies: not below urgent", got in {"emergency", "urgent"}
    if kind in {"hard_negatives", "plain"}:
        yield f"{kind}: no false alarm", got not in ALARMS or got in allowed


def placed(kind: str, expect: dict[str, Any], regions: list[str]) -> Iterator[tuple[str, bool]]:
    if expect.get("regions_any_of_first"):
        wanted = set(expect["regions_any_of_first"])
        yield f"{kind}: region top-1", bool(regions) and regions[0] in wanted
        yield f"{kind}: region top-3", bool(wanted & set(regions[:3]))
    for region in expect.get("regions_include", ()):
        yield f"{kind}: region included", region in regions


Failure = tuple[str, str, Recommendation, dict[str, Any]]


def judge_set(pipeline: Pipeline, name: str, varied: str | None = None) -> tuple[dict[str, Tally], list[Failure], str]:
    """Return what was right of a set, what was not, and the hash of the set; `varied` says how it is mistyped."""
    tallies: dict[str, Tally] = {}
    failures: list[Failure] = []
    digest, chance = hashlib.sha256(), random.Random(SEED)
    for kind, case in cases(FOLDER / name):
        digest.update(json.dumps(case, sort_keys=True).encode())
        if varied:
            question = case["question"]
            case["question"] = {**question, "text": VARIATIONS[varied](question.get("text", ""), chance)}
        answer = pipeline.answer(case["question"])
        for score, ok in judged(kind, case, answer):
            tallies.setdefault(score, Tally()).add(ok)
            if not ok:
                failures.append((case["id"], score, answer, case))
    return tallies, failures, digest.hexdigest()[:16]


def show(failures: list[Failure]) -> None:
    for case_id, score, answer, case in failures:
        understood = [(r.region, r.confidence) for r in answer.understood.regions[:3]]
        flags = [flag.id for flag in answer.triage.flags]
        print(f"{case_id} {score}: got {answer.triage.disposition.value} {flags} {understood}")
        print(f"    {json.dumps(case['question'], ensure_ascii=False)}\n    {case['expect']}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("set")
    parser.add_argument("--varied", choices=sorted(VARIATIONS))
    parser.add_argument("--failures", action="store_true")
    parser.add_argument("--record", type=Path)
    chosen = parser.parse_args()
    pipeline = Pipeline()
    tallies, failures, digest = judge_set(pipeline, chosen.set, chosen.varied)
    for name in sorted(tallies):
        print(f"{name:45} {tallies[name]}")
    if chosen.failures:
        show(failures)
    if chosen.record:
        record = {
            "set": chosen.set,
            "set_hash": digest,
            "catalog": pipeline.stamp.catalog,
            "ruleset": pipeline.stamp.ruleset,
            "varied": chosen.varied or "",
            "scores": {name: [tally.right, tally.total] for name, tally in sorted(tallies.items())},
            "failed": sorted({case_id for case_id, *_ in failures}),
        }
        chosen.record.write_text(json.dumps(record, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
