"""256 connections: nothing stalls, nothing fails but with 503, and what was answered 201 is stored."""

import sqlite3
from collections.abc import Iterable
from itertools import chain, cycle, islice
from pathlib import Path

from driver import Load, drive, request_bytes
from figures import Figure, percentile
from samples import Sessions, list_targets, make_people, vocabulary
from servers import limber, new_database

CONNECTIONS = 256
SECONDS = 4.0
LONGEST_GAP = 2.0
NEW_FILTERS = 20_000
POSTS = 40_000


def run(folder: Path) -> list[Figure]:
    """Return the figures of a server with more clients than it can serve at once."""
    database = folder / "limber.db"
    headers = {"Authorization": f"Bearer {new_database(database)}"}
    with limber(database) as server:
        words = vocabulary(server)
        sessions = Sessions(make_people(server, headers), words)
        reads = drive(server.port, _reads(list_targets(words, NEW_FILTERS)), connections=CONNECTIONS, seconds=SECONDS)
        posts = (request_bytes("POST", "/sessions", headers, body) for body in sessions.bodies(POSTS))
        writes = drive(server.port, posts, connections=CONNECTIONS, seconds=SECONDS)
        after = server.get("/livez").status
    with sqlite3.connect(database) as connection:
        stored = connection.execute("SELECT count(*) FROM session_log").fetchone()[0]
    lost = abs(stored - writes.statuses[201])
    return [
        *_figures("reads", reads, 200),
        *_figures("posts", writes, 201),
        Figure("overload", "rows off", "", lost, target=0, at_most=True, note=f"{stored:,} sessions stored"),
        Figure("overload", "alive afterwards", "", float(after == 200), target=1),
    ]


def _reads(targets: list[str]) -> Iterable[bytes]:
    """Yield the default page and a filter that was never seen in turn, for ever."""
    page = request_bytes("GET", "/exercises")
    fresh = (request_bytes("GET", target) for target in targets)
    return islice(chain.from_iterable(zip(cycle([page]), fresh, strict=False)), 2 * len(targets))


def _figures(name: str, load: Load, expected: int) -> list[Figure]:
    answers = ", ".join(f"{count:,} x {status}" for status, count in sorted(load.statuses.items()))
    late = percentile(load.latencies, 0.99) * 1000 if load.latencies else 0.0
    return [
        Figure("overload", f"{name}, 256 connections", "/s", load.rate, note=f"{answers}; p99 {late:.0f} ms"),
        Figure("overload", f"{name}, longest gap", "s", load.longest_gap, target=LONGEST_GAP, at_most=True),
        Figure("overload", f"{name}, errors but 503", "", load.errors(expected, 503), target=0, at_most=True),
    ]
