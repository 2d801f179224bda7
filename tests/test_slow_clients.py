"""Clients that send or read too slowly: they are let go, and nobody else notices them."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.serving import Server, free_port
from tests.soak import soaking

CLIENTS = 500 if soaking() else 150
RECEIVE_SECONDS = 2
GONE_SECONDS = 15
NORMAL_SECONDS = 1

HALVES = {
    "silent": b"",
    "empty lines": b"\r\n",
    "half a head": b"GET /livez HTTP/1.1\r\nHost: lim",
    "half a body": b'POST /triage HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{"text": "',
    "reads nothing": b"GET /catalog/export HTTP/1.1\r\nHost: limber\r\n\r\n" * 40,
}

pytestmark = pytest.mark.endurance(
    "Who sends or reads too slowly is let go, and nobody else notices",
    f"{CLIENTS} sockets, 15 s",
)


@pytest.fixture(params=["sqlite"])
def backend(request: pytest.FixtureRequest) -> str:
    """Slow clients never reach a database."""
    return str(request.param)


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    with Server(database_url, free_port(), LIMBER_RECEIVE_SECONDS=str(RECEIVE_SECONDS)) as started:
        started.start(tmp_path)
        yield started


def slow_client(port: int, sent: bytes) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(sent)
    return client


@pytest.fixture
def crowd() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_slow_clients_are_let_go_and_nobody_notices_them(server: Server, crowd: ExitStack) -> None:
    assert server.ask("GET", "/catalog/export").status == 200
    before = server.open_files
    kinds = list(HALVES.values())
    for number in range(CLIENTS):
        crowd.enter_context(slow_client(server.port, kinds[number % len(kinds)]))
    started, waits, most = time.monotonic(), [], 0
    while (
        most < before + CLIENTS * 0.9 or server.open_files > before + 2
    ) and time.monotonic() - started < GONE_SECONDS:
        answer = server.ask("GET", "/exercises?limit=5")
        assert answer.status == 200
        waits.append(answer.seconds)
        most = max(most, server.open_files)
        time.sleep(0.05)
    assert server.open_files <= before + 2
    assert most >= before + CLIENTS * 0.9
    assert len(waits) > 5
    assert sorted(waits)[int(len(waits) * 0.99) - 1] < NORMAL_SECONDS
    assert "unhandled" not in server.printed.read_text()


@pytest.mark.parametrize("kind", ["half a head", "half a body"])
def test_half_a_request_is_answered_with_what_was_wrong(server: Server, kind: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=GONE_SECONDS) as client:
        client.sendall(HALVES[kind])
        received = b"".join(iter(lambda: client.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 408 ")
    assert b"application/problem+json" in received
    assert b"connection: close" in received
    assert b"/problems/request-timeout" in received


def test_a_slow_request_that_comes_in_time_is_answered(server: Server) -> None:
    body = b'{"text": "sore between my shoulder blades"}'
    head = b"POST /triage HTTP/1.1\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    sent = head % len(body) + body
    with socket.create_connection(("127.0.0.1", server.port), timeout=GONE_SECONDS) as client:
        for piece in (sent[:40], sent[40 : len(sent) - 20], sent[len(sent) - 20 :]):
            time.sleep(RECEIVE_SECONDS * 0.4)
            client.sendall(piece)
        received = b"".join(iter(lambda: client.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 200 ")
