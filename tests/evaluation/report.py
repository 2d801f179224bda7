"""Print today's figures of every set, also mistyped, in capitals ..., and write the first runs into the README.

.venv/bin/python tests/evaluation/report.py [--check]     # --check: only say whether the README is up to date
"""

import argparse
import json
import sys
from typing import Any

from evaluate import FOLDER, ROOT, Pipeline, judge_set, wilson
from varied import VARIATIONS

README = ROOT / "README.md"
BEGIN, END = "<!-- first runs: make evaluate writes this -->\n", "<!-- /first runs -->\n"
ORDER = (
    "set_1",
    "set_2",
    "check_2",
    "check_1",
    "set_3",
    "set_4",
    "set_5",
    "set_6",
    "set_7",
    "set_8",
    "set_9",
    "set_10",
    "set_11",
    "set_12",
)
"""As they were run."""

COLUMNS = {
    "emergencies": "emergencies: disposition",
    "urgent": "urgent: disposition",
    "see a clinician": "see_clinician: disposition",
    "innocent texts with alarming words left alone": "hard_negatives: no false alarm",
    "ordinary texts left alone": "plain: no false alarm",
    "region first": "plain: region top-1",
    "region among three": "plain: region top-3",
}


def table(results: list[dict[str, Any]]) -> str:
    lines = [f"| first run | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 1) + "|"]
    for result in results:
        cells = [cell(*result["scores"][name]) for name in COLUMNS.values()]
        lines.append(f"| {result['set'].replace('_', ' ')} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def cell(right: int, total: int) -> str:
    low, high = wilson(right, total)
    return f"{right} of {total} ({low:.0%} to {high:.0%})"


def first_runs() -> list[dict[str, Any]]:
    results = [json.loads(path.read_text()) for path in (FOLDER / "results").glob("*_first_run.json")]
    return sorted(results, key=lambda result: ORDER.index(result["set"]))


def with_table(readme: str) -> str:
    """Return the README with the table of today's results between its marks."""
    before, rest = readme.split(BEGIN)
    return before + BEGIN + "\n" + table(first_runs()) + "\n" + END + rest.split(END)[1]


def show(pipeline: Pipeline, name: str) -> None:
    plain = judge_set(pipeline, name)[0]
    print(f"\n{name}")
    for score in sorted(plain):
        print(f"  {score:45} {plain[score]}")
    for varied in VARIATIONS:
        tallies = judge_set(pipeline, name, varied)[0]
        found = tallies["emergencies: not missed"], tallies["plain: region top-1"]
        print(f"  {varied:15} emergencies not missed {found[0]}, region top-1 {found[1]}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args()
    readme = README.read_text("utf-8")
    if chosen.check:
        sys.exit(0 if with_table(readme) == readme else "the README is not up to date: make evaluate")
    README.write_text(with_table(readme), "utf-8")
    pipeline = Pipeline()
    for result in first_runs():
        show(pipeline, result["set"])


if __name__ == "__main__":
    main()
