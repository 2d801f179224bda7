"""How hard the tests of endurance are run: short with the suite, at their full figures by `make soak`.

A test of endurance says what it promises and at which figures: `@pytest.mark.endurance("promise", "figures")`. After a
run at full figures the page `tests/SOAK.md` says how each promise was kept; a run of some of them renews their rows.
"""

import os
import platform
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parent / "SOAK.md"
MARK = "endurance"
HEADING = """# Tests of endurance, at their full figures

Written by `make soak`: Python {python}, {cores} processor cores, SQLite and PostgreSQL side by side on one machine.
`make test` runs the same tests at smaller figures.

| what is promised | at | tests | seconds | on |
|---|---|---|---|---|
"""


def soaking() -> bool:
    """Return True when the tests run at their full figures."""
    return os.environ.get("LIMBER_SOAK") == "1"


def scaled(quick: int, soak: int) -> int:
    """Return the figure of this run."""
    return soak if soaking() else quick


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Carry the promise of a test with its report, from whichever worker runs it."""
    mark = item.get_closest_marker(MARK)
    if mark is not None:
        item.user_properties.append((MARK, mark.args))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Write the page."""
    if not soaking() or hasattr(config, "workerinput"):
        return
    kept: dict[tuple[str, str], list[tuple[bool, float]]] = defaultdict(list)
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            for name, promise in report.user_properties:
                if name == MARK and report.when == "call":
                    kept[tuple(promise)].append((outcome == "passed", report.duration))
    rows = _rows_before() | {promise: _row(*promise, runs) for promise, runs in kept.items()}
    heading = HEADING.format(python=platform.python_version(), cores=os.cpu_count() or 1)
    PAGE.write_text(heading + "".join(rows[promise] for promise in sorted(rows)), "utf-8")


def _rows_before() -> dict[tuple[str, str], str]:
    lines = PAGE.read_text("utf-8").splitlines(keepends=True) if PAGE.exists() else []
    rows = [line for line in lines if line.startswith("| ")][1:]
    return {(cells[1].strip(), cells[2].strip()): row for row in rows for cells in [row.split("|")]}


def _row(promise: str, figures: str, runs: list[tuple[bool, float]]) -> str:
    passed = sum(ok for ok, _ in runs)
    told = f"{passed} passed" if passed == len(runs) else f"**{len(runs) - passed} of {len(runs)} failed**"
    seconds = sum(taken for _, taken in runs)
    return f"| {promise} | {figures} | {told} | {seconds:.0f} | {datetime.now(UTC).date()} |\n"
