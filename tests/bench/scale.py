"""What each further exercise costs: start-up and memory with 250, 2,500 and 10,000 exercises, and the pace of a page.

The further exercises are the catalogue's own with words changed, so that they are as long and as varied as real ones.
"""

import json
import random
import sqlite3
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from figures import Figure
from reading_driver import pace
from servers import Server, limber, new_database

SIZES = (250, 2_500, 10_000)
STARTS = 4
ROUNDS = 3
PAGE = "/exercises?limit=20"
WORDS = "/exercises?q=stretch&limit=20"
COPY = """
INSERT INTO exercise (id, kind, position, level, document, changed_in, changed_at, retired_in)
SELECT ?, kind, position, level, ?, changed_in, changed_at, retired_in FROM exercise WHERE id = ?
"""


def run(folder: Path) -> list[Figure]:
    """Return the figures, each with what one further exercise costs beyond the smallest catalogue."""
    full = folder / "full.db"
    new_database(full)
    found = {size: _measured(_sized(full, folder / f"{size}.db", size)) for size in SIZES}
    paces = _paces(folder)
    least, (seconds, _, warm) = SIZES[0], found[SIZES[0]]
    figures = []
    for size, (its_seconds, its_first, its_warm) in found.items():
        further = max(size - least, 1)
        figures += [
            Figure("scale", f"{size}: start to first page", "s", its_seconds),
            Figure("scale", f"{size}: resident when warm", "MB", its_warm, note=f"first {its_first:.0f} MB"),
        ]
        if size > least:
            milliseconds, kilobytes = (its_seconds - seconds) * 1e3 / further, (its_warm - warm) * 1e3 / further
            ratio = paces[size] / paces[least]
            figures += [
                Figure(
                    "scale", f"{size} exercises: start-up of one more", "ms", milliseconds, target=0.2, at_most=True
                ),
                Figure("scale", f"{size} exercises: memory of one more", "kB", kilobytes, target=30, at_most=True),
                Figure("scale", f"{size} exercises: page of 20", "/s", paces[size], paces[least], ratio),
            ]
    return figures


def _sized(full: Path, path: Path, size: int) -> Path:
    """Return a database with so many exercises: the catalogue's, as often as it takes."""
    path.write_bytes(full.read_bytes())
    rows = sqlite3.connect(path)
    documents = dict(rows.execute("SELECT id, document FROM exercise ORDER BY id").fetchall())
    words = [word for document in documents.values() for step in json.loads(document)["steps"] for word in step.split()]
    chance = random.Random(size)
    with rows:
        rows.executemany("DELETE FROM exercise WHERE id = ?", [(id_,) for id_ in sorted(documents)[size:]])
        for number in range(size - len(documents)):
            id_ = sorted(documents)[number % len(documents)]
            round_ = number // len(documents) + 2
            rows.execute(COPY, (f"{id_[:70]}-{round_}", _varied(documents[id_], round_, words, chance), id_))
    rows.close()
    return path


def _varied(document: str, round_: int, words: list[str], chance: random.Random) -> str:
    exercise = json.loads(document)
    exercise["id"], exercise["name"] = f"{exercise['id'][:70]}-{round_}", f"{exercise['name'][:70]} {round_}"
    exercise["easier"] = exercise["harder"] = []
    for name in ("steps", "cues", "mistakes"):
        exercise[name] = [_reworded(line, words, chance) for line in exercise[name]]
    return json.dumps(exercise, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _reworded(line: str, words: list[str], chance: random.Random) -> str:
    parts = line.split()
    parts[chance.randrange(len(parts))] = chance.choice(words)
    return " ".join(parts)


def _measured(database: Path) -> tuple[float, float, float]:
    """Return the best start in seconds, and the resident megabytes at the first answer and when warm."""
    seconds, first, warm = [], 0.0, 0.0
    for _ in range(STARTS):
        with limber(database) as server:
            seconds.append(time.perf_counter() - server.started)
            first = server.resident_megabytes
            if len(seconds) == STARTS:
                warm = _warm(server)
    return min(seconds), first, warm


def _warm(server: Server) -> float:
    """Return the resident megabytes once the words are indexed and pages were asked for."""
    for target in (WORDS, PAGE, "/regions", "/exercises?facets=region,muscle"):
        if server.get(target).status != 200:
            raise RuntimeError(f"{target} was refused")
    return server.resident_megabytes


def _paces(folder: Path) -> dict[int, float]:
    """Return the requests a second for a page of 20, the servers side by side."""
    with ExitStack() as stack:
        servers = {size: stack.enter_context(limber(folder / f"{size}.db")) for size in SIZES}
        for server in servers.values():
            _warm(server)
        reached: dict[int, list[float]] = {size: [] for size in SIZES}
        for _ in range(ROUNDS + 1):
            for size, server in servers.items():
                reached[size].append(pace(server.port, PAGE, {}, connections=32, seconds=1).rate)
    return {size: median(rates[1:]) for size, rates in reached.items()}
