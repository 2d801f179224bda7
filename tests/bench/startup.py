"""From the start of the process to the first answered page, and the memory once it is warm."""

import time
from itertools import islice
from pathlib import Path

from driver import drive, request_bytes
from figures import Figure
from samples import Sessions, list_targets, make_people, questions, vocabulary
from servers import Server, limber, new_database

STARTS = 5


def run(folder: Path) -> list[Figure]:
    """Return the figures of a start on a database that is migrated and loaded."""
    database = folder / "limber.db"
    headers = {"Authorization": f"Bearer {new_database(database)}"}
    seconds = []
    for _ in range(STARTS):
        with limber(database) as server:
            seconds.append(time.perf_counter() - server.started)
            cold = server.resident_megabytes
    with limber(database) as server:
        _warm(server, headers)
        warm = server.resident_megabytes
    note = f"best of {STARTS}, worst {max(seconds):.2f} s"
    return [
        Figure("startup", "start to first page", "s", min(seconds), target=1.5, at_most=True, note=note),
        Figure("startup", "resident at first answer", "MB", cold),
        Figure("startup", "resident when warm", "MB", warm, target=150, at_most=True),
    ]


def _warm(server: Server, headers: dict[str, str]) -> None:
    """Use every part of the server: each exercise, many filters in each coding, questions, posts."""
    words = vocabulary(server)
    sessions = Sessions(make_people(server, headers), words)
    targets = [
        *list_targets(words, 300),
        *(f"/exercises/{exercise}" for exercise in words.exercises),
        "/catalog/export",
    ]
    gets = [
        request_bytes("GET", target, {"Accept-Encoding": coding}) for target in targets for coding in ("identity", "br")
    ]
    asked = [request_bytes("POST", "/recommendations", body=body) for body in islice(questions(), 300)]
    posts = [request_bytes("POST", "/sessions", headers, body) for body in sessions.bodies(500)]
    for requests, expected in ((gets, 200), (asked, 200), (posts, 201)):
        load = drive(server.port, requests, connections=32, seconds=30)
        if load.errors(expected):
            raise RuntimeError(f"the warm-up was answered with {dict(load.statuses)}")
