"""The benchmarks: `python tests/bench/run.py [SECTION...]`; without any, all but the long ones.

The real server and its references run in the same run, on one core; the drivers run on another. Figures are this
machine's; ratios are what to compare.
"""

import argparse
import importlib
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure, save, table
from servers import pin_driver

SECTIONS = ("startup", "read", "recommend", "search", "write", "overload", "scale")
LONG = ("growth",)
ROOT = Path(__file__).parent.parent.parent


def main() -> int:
    """Run the sections, print their figures, and return 1 when `--strict` and a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"any of {', '.join((*SECTIONS, *LONG))}")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a target was missed")
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.sections) - {*SECTIONS, *LONG})
    if unknown:
        parser.error(f"no such section: {', '.join(unknown)}")
    sys.path.append(str(ROOT))
    pin_driver()
    figures: list[Figure] = []
    for section in chosen.sections or SECTIONS:
        figures += _run(section)
    print(table(figures))
    if chosen.json:
        save(figures, chosen.json)
    missed = [figure.name for figure in figures if figure.met is False]
    print(f"\n{len(missed)} targets missed" + (f": {', '.join(missed)}" if missed else ""))
    return 1 if chosen.strict and missed else 0


def _run(section: str) -> list[Figure]:
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix=f"limber_{section}_") as folder:
        figures: list[Figure] = importlib.import_module(section).run(Path(folder))
    print(f"{section}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return figures


if __name__ == "__main__":
    sys.exit(main())
