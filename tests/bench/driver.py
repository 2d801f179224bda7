"""A load driver on plain sockets: prebuilt requests, keep-alive, every answer counted, and drained at the end."""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import uvloop

DRAIN_SECONDS = 35.0
"""Longer than any time-out of a server under test, so that a late answer is counted as late and not as lost."""


@dataclass(slots=True)
class Load:
    """What a run got: answers by status, latencies in seconds, the longest time without any answer, and the rest."""

    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    longest_gap: float = 0.0
    broken: int = 0
    unanswered: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return sum(self.statuses.values()) / self.seconds if self.seconds else 0.0

    def errors(self, *expected: int) -> int:
        """Return how many requests ended otherwise than with an expected status."""
        wrong = sum(count for status, count in self.statuses.items() if status not in expected)
        return wrong + self.broken + self.unanswered


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer; header names as they were sent."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: str) -> str:
        """Return the value of a header; KeyError when it is missing."""
        return {key.lower(): value for key, value in self.headers}[name.encode()].decode()


def request_bytes(method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> bytes:
    """Return a whole HTTP/1.1 request."""
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def ask(port: int, request: bytes) -> Answer:
    """Send one request on a connection of its own and return the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += _more(connection)
        first, *lines = received[:end].split(b"\r\n")
        headers = [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]
        wanted = end + 4 + _length(received[: end + 4])
        while len(received) < wanted:
            received += _more(connection)
    return Answer(int(first[9:12]), headers, received[end + 4 : wanted])


def drive(port: int, requests: Iterable[bytes], *, connections: int, seconds: float) -> Load:
    """Send the requests, each once, over `connections` connections until they or the seconds run out."""
    return uvloop.run(_drive(port, iter(requests), connections, seconds))


async def _drive(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Load:
    run = _Run(requests)
    loop = asyncio.get_running_loop()
    lanes = [(await loop.create_connection(lambda: _Lane(run), "127.0.0.1", port))[1] for _ in range(connections)]
    run.begin(seconds)
    for lane in lanes:
        lane.next()
    try:
        await asyncio.wait_for(run.done.wait(), seconds + DRAIN_SECONDS)
    except TimeoutError:
        run.load.unanswered = run.under_way
    for lane in lanes:
        lane.transport.abort()
    run.load.seconds = run.last - run.started
    return run.load


class _Run:
    def __init__(self, requests: Iterator[bytes]) -> None:
        self.requests = requests
        self.load = Load()
        self.done = asyncio.Event()
        self.under_way = 0
        self.started = self.last = self.deadline = 0.0

    def begin(self, seconds: float) -> None:
        self.started = self.last = time.perf_counter()
        self.deadline = self.started + seconds

    def take(self) -> bytes | None:
        request = next(self.requests, None) if time.perf_counter() < self.deadline else None
        if request is not None:
            self.under_way += 1
        elif self.under_way == 0:
            self.done.set()
        return request

    def answered(self, status: int, sent: float) -> None:
        now = time.perf_counter()
        load = self.load
        load.statuses[status] += 1
        load.latencies.append(now - sent)
        load.longest_gap = max(load.longest_gap, now - self.last)
        self.last = now
        self.under_way -= 1

    def broke(self) -> None:
        self.load.broken += 1
        self.under_way -= 1
        if self.under_way == 0:
            self.done.set()


class _Lane(asyncio.Protocol):
    """One connection with one request under way at a time."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._received = b""
        self._missing = 0
        self._status = 0
        self._waiting = False
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def next(self) -> None:
        request = self._run.take()
        if request is None:
            return
        self._waiting = True
        self._sent = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            data = self._received = self._received + data
            end = data.find(b"\r\n\r\n")
            if end < 0:
                return
            self._status = int(data[9:12])
            length = 0 if self._status in (204, 304) else _length(data[: end + 4])
            self._missing = end + 4 + length - len(data)
            self._received = b""
        if self._missing == 0:
            self._waiting = False
            self._run.answered(self._status, self._sent)
            self.next()

    def connection_lost(self, _error: Exception | None) -> None:
        if self._waiting:
            self._waiting = False
            self._run.broke()


def _length(head: bytes) -> int:
    lowered = head.lower()
    start = lowered.find(b"\r\ncontent-length:")
    if start < 0:
        return 0
    return int(lowered[start + 17 : lowered.index(b"\r\n", start + 17)])


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(1 << 16)
    if not data:
        raise ConnectionError("the server closed the connection in the middle of an answer")
    return data
