"""Searches that nobody has asked before, one after the other over HTTP."""

import json
import time
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from figures import Figure, percentile
from servers import ROOT, limber, new_database

SETS = ROOT / "tests" / "evaluation" / "search"


def run(folder: Path) -> list[Figure]:
    """Return how long a new search takes, whole answer of one exercise included."""
    database = folder / "limber.db"
    new_database(database)
    asked = sorted({case["query"] for path in SETS.glob("set_*.json") for case in json.loads(path.read_text())})
    taken = []
    with limber(database) as server:
        server.get("/exercises?q=stretch")
        time.sleep(3)
        for query in asked:
            began = time.perf_counter()
            answer = server.get(f"/exercises?{urlencode({'q': query, 'limit': 1})}")
            taken.append((time.perf_counter() - began) * 1e3)
            if answer.status != 200:
                raise RuntimeError(f"{query} was answered with {answer.status}")
    note = f"{len(asked)} searches, 1 connection"
    return [
        Figure("search", "new search, median", "ms", median(taken), target=5, at_most=True, note=note),
        Figure("search", "new search, p99", "ms", percentile(taken, 0.99)),
    ]
