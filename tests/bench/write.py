"""Durable session posts against the plain session-per-request handler, single and in batches of 500."""

import pickle
import random
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from driver import Load, drive, request_bytes
from figures import Figure, percentile, same_round_ratio
from samples import Sessions, make_people, vocabulary
from servers import Server, limber, new_database, uvicorn

CONNECTIONS = 32
ROUNDS = 5
SECONDS = 2.0
TUNING_SECONDS = 1.5
TUNINGS = ((1, 40), (2, 40), (4, 40), (12, 40))
"""Connections and threads that the reference is tried with; its best goes into the comparison.

With fewer threads than clients it stands still: every thread waits for a connection whose owner waits for a thread.
"""

BATCHES = 3
MOST_A_SECOND = {"limber": 9000, "textbook": 2500, "bare": 40000}
UNIQUE_ROWS = ("session_log", "session_exercise", "session_pain")
ROWS_EACH = (1, 6, 2)


@dataclass(slots=True)
class Side:
    """One of the two servers with what it has answered."""

    name: str
    server: Server
    database: Path
    headers: Mapping[str, str]
    sessions: Sessions
    rates: list[float] = field(default_factory=list)
    batch_seconds: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    batch_cpu: list[float] = field(default_factory=list)
    created: int = 0
    errors: int = 0

    def post(self, seconds: float) -> Load:
        """Post single sessions for some seconds."""
        bodies = self.sessions.bodies(int(MOST_A_SECOND[self.name] * seconds))
        requests = [request_bytes("POST", "/sessions", self.headers, body) for body in bodies]
        before = self.server.cpu_seconds
        load = drive(self.server.port, requests, connections=CONNECTIONS, seconds=seconds)
        self.cpu.append((self.server.cpu_seconds - before) / max(1, load.statuses[201]))
        self.created += load.statuses[201]
        self.errors += load.errors(201)
        return load

    def post_batches(self) -> None:
        """Post batches one after the other."""
        requests = [
            request_bytes("POST", "/sessions/batch", self.headers, body) for body in self.sessions.batches(BATCHES)
        ]
        before = self.server.cpu_seconds
        load = drive(self.server.port, requests, connections=1, seconds=60)
        self.batch_cpu.append((self.server.cpu_seconds - before) / BATCHES / 500)
        self.batch_seconds.append(median(load.latencies))
        self.created += 500 * load.statuses[200]
        self.errors += load.errors(200)

    def lost(self) -> int:
        """Return by how many rows the tables differ from what was answered."""
        with sqlite3.connect(self.database) as connection:
            counts = [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in UNIQUE_ROWS]
            rolled = connection.execute("SELECT sum(sessions) FROM daily_progress WHERE region = ''").fetchone()[0]
        wanted = [self.created * each for each in ROWS_EACH]
        return sum(
            abs(count - want) for count, want in zip([*counts, rolled or 0], [*wanted, self.created], strict=True)
        )


def run(folder: Path) -> list[Figure]:
    """Return the figures of the write path."""
    with ExitStack() as stack:
        ours = _limber_side(stack, folder)
        theirs, tuning = _textbook_side(stack, folder, ours)
        for side in (ours, theirs):
            side.post(TUNING_SECONDS)
        order = [ours, theirs]
        for _ in range(ROUNDS):
            random.shuffle(order)
            for side in order:
                load = side.post(SECONDS)
                side.rates.append(load.rate)
                side.latencies += load.latencies
            random.shuffle(order)
            for side in order:
                side.post_batches()
        driver = _driver_alone(stack, folder, ours)
        memory = ours.server.resident_megabytes
    return _figures(ours, theirs, tuning, driver, memory)


def _limber_side(stack: ExitStack, folder: Path) -> Side:
    database = folder / "limber.db"
    headers = {"Authorization": f"Bearer {new_database(database)}"}
    server = stack.enter_context(limber(database))
    sessions = Sessions(make_people(server, dict(headers)), vocabulary(server))
    return Side("limber", server, database, headers, sessions)


def _textbook_side(stack: ExitStack, folder: Path, ours: Side) -> tuple[Side, str]:
    """Return the reference with the pool and the threads that served it best. It starts as a copy of our database."""
    tried = []
    for pool, threads in TUNINGS:
        with ExitStack() as trial:
            side = _textbook(trial, folder / f"tuning_{pool}_{threads}.db", ours, pool, threads)
            side.post(0.3)
            load = side.post(TUNING_SECONDS)
            tried.append((side.errors == 0, load.rate, pool, threads))
    _, _, pool, threads = max(tried)
    return _textbook(stack, folder / "textbook.db", ours, pool, threads), f"pool {pool}, {threads} threads"


def _textbook(stack: ExitStack, database: Path, ours: Side, pool: int, threads: int) -> Side:
    with sqlite3.connect(ours.database) as source, sqlite3.connect(database) as copy:
        source.backup(copy)
    settings = {"BENCH_DATABASE": str(database), "BENCH_POOL": str(pool), "BENCH_THREADS": str(threads)}
    server = stack.enter_context(uvicorn("textbook:app", "/ready", settings))
    return Side("textbook", server, database, ours.headers, ours.sessions)


def _driver_alone(stack: ExitStack, folder: Path, ours: Side) -> float:
    """Return the requests a second that the driver reaches where nothing is done: it must not be the bottleneck."""
    answer = ours.server.post("/sessions", ours.sessions.bodies(1)[0], ours.headers)
    ours.created += 1
    path = folder / "write_answers.pickle"
    answers = {("/", b""): [(200, [], b"")], ("/sessions", b""): [(answer.status, answer.headers, answer.body)]}
    path.write_bytes(pickle.dumps(answers))
    server = stack.enter_context(uvicorn("bare:app", "/", {"BENCH_ANSWERS": str(path)}))
    return Side("bare", server, ours.database, ours.headers, ours.sessions).post(1.0).rate


def _figures(ours: Side, theirs: Side, tuning: str, driver: float, memory: float) -> list[Figure]:
    late = f"p50 {percentile(ours.latencies, 0.5) * 1000:.1f} ms, p99 {percentile(ours.latencies, 0.99) * 1000:.1f} ms"
    single = median(ours.rates), median(theirs.rates)
    batch = 500 / median(ours.batch_seconds), 500 / median(theirs.batch_seconds)
    in_round = same_round_ratio(ours.rates, theirs.rates)
    note = f"{late}; {_processor(ours.cpu, theirs.cpu)}; reference: {tuning}"
    batch_note = _processor(ours.batch_cpu, theirs.batch_cpu) + " a session"
    figures = [
        Figure("write", "POST /sessions, 32 connections", "/s", *single, single[0] / single[1], 7, note=note),
        Figure("write", "the same, by round", "x", in_round, note=_spread(ours.rates, theirs.rates)),
        Figure("write", "batch of 500 sessions", "sessions/s", *batch, batch[0] / batch[1], 10, note=batch_note),
        Figure("write", "driver alone", "/s", driver, target=10_000),
        Figure("write", "resident after it", "MB", memory),
    ]
    for side in (ours, theirs):
        figures.append(Figure("write", f"errors, {side.name}", "", side.errors, target=0, at_most=True))
        note = f"{side.created:,} sessions answered"
        figures.append(Figure("write", f"rows off, {side.name}", "", side.lost(), target=0, at_most=True, note=note))
    return figures


def _processor(ours: list[float], theirs: list[float]) -> str:
    return f"processor {median(ours) * 1e6:,.0f} against {median(theirs) * 1e6:,.0f} us"


def _spread(*sides: Iterable[float]) -> str:
    return " against ".join(f"{min(rates):,.0f}..{max(rates):,.0f}/s" for rates in map(list, sides))
