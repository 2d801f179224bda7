"""Recommendations at one connection, each question new, then the same questions again, then at 32 connections."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from driver import Load, drive, request_bytes
from figures import Figure, percentile
from samples import questions
from servers import Server, limber, new_database

COLD = 2000
WARM = 500
WARM_ROUNDS = 4
BUSY_SECONDS = 3.0
CONNECTIONS = 32


def run(folder: Path) -> list[Figure]:
    """Return the figures of POST /recommendations."""
    asked = questions()
    database = folder / "limber.db"
    new_database(database)
    with limber(database) as server:
        _drive(server, islice(asked, 200), 1, 60)
        cold_bodies = list(islice(asked, COLD))
        cold = _drive(server, cold_bodies, 1, 60)
        spent = [_processor_milliseconds(server, body) for body in islice(asked, COLD)]
        repeated = cold_bodies[-WARM:]
        _drive(server, repeated, 1, 60)
        warm = _drive(server, repeated * WARM_ROUNDS, 1, 60)
        busy_cold = _drive(server, asked, CONNECTIONS, BUSY_SECONDS)
        busy_warm = _drive(server, repeated * 60, CONNECTIONS, BUSY_SECONDS)
        memory = server.resident_megabytes
    errors = sum(load.errors(200) for load in (cold, warm, busy_cold, busy_warm))
    return [
        Figure("recommend", "new question, median", "ms", _milliseconds(cold, 0.5), target=5, at_most=True,
               note=f"{len(cold.latencies):,} questions, 1 connection"),
        Figure("recommend", "new question, p99", "ms", _milliseconds(cold, 0.99)),
        Figure("recommend", "new question, processor p99", "ms", percentile(spent, 0.99), target=15, at_most=True,
               note=f"median {percentile(spent, 0.5):.2f} ms, {COLD:,} questions"),
        Figure("recommend", "seen question, median", "ms", _milliseconds(warm, 0.5)),
        Figure("recommend", "seen question, p99", "ms", _milliseconds(warm, 0.99)),
        Figure("recommend", "new questions, 32 connections", "/s", busy_cold.rate,
               note=f"p99 {_milliseconds(busy_cold, 0.99):.0f} ms"),
        Figure("recommend", "seen questions, 32 connections", "/s", busy_warm.rate,
               note=f"p99 {_milliseconds(busy_warm, 0.99):.0f} ms"),
        Figure("recommend", "errors", "", errors, target=0, at_most=True),
        Figure("recommend", "resident after it", "MB", memory),
    ]  # fmt: skip


def _drive(server: Server, bodies: Iterable[bytes], connections: int, seconds: float) -> Load:
    requests = (request_bytes("POST", "/recommendations", body=body) for body in bodies)
    return drive(server.port, requests, connections=connections, seconds=seconds)


def _processor_milliseconds(server: Server, body: bytes) -> float:
    before = server.processor_milliseconds
    status = server.post("/recommendations", body).status
    if status != 200:
        raise RuntimeError(f"a question was answered with {status}")
    return server.processor_milliseconds - before


def _milliseconds(load: Load, share: float) -> float:
    return percentile(load.latencies, share) * 1000
