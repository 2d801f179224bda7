"""Requests that are far too large: refused fast, as problems, without the server growing."""

import gzip
import itertools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Tenant
from tests.raw_exchange import exchange
from tests.serving import Server, free_port

ANSWER_SECONDS = 1.0
WAITING_SECONDS = 5.0
GROWTH_MEGABYTES = 50
JSON = b"Content-Type: application/json\r\n"

pytestmark = pytest.mark.endurance(
    "Requests that are far too large are refused within a second and held by nobody",
    "10 MB and more, endless, 5,000 headers, 100,000 keys",
)


@pytest.fixture(params=["sqlite"])
def backend(request: pytest.FixtureRequest) -> str:
    """What is refused here never reaches a database."""
    return str(request.param)


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    with Server(database_url, free_port()) as started:
        started.start(tmp_path)
        yield started


def post(path: str, body: Iterable[bytes], *lines: bytes) -> Iterable[bytes]:
    head = b"".join([f"POST {path} HTTP/1.1\r\nHost: limber\r\n".encode(), JSON, *lines, b"\r\n"])
    return itertools.chain([head], body)


def sized(path: str, body: bytes, *lines: bytes) -> Iterable[bytes]:
    return post(path, [body], b"Content-Length: %d\r\n" % len(body), *lines)


def chunked(part: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(part), part)


def get(path: bytes, *lines: bytes) -> Iterable[bytes]:
    return [b"GET " + path + b" HTTP/1.1\r\nHost: limber\r\n" + b"".join(lines) + b"\r\n"]


def oversized(key: bytes) -> dict[str, tuple[int, Iterable[bytes]]]:
    """Return what is sent and the status that it must have, by name."""
    endless = itertools.chain([chunked(b'{"text": "')], itertools.repeat(chunked(b"a" * 4000)))
    trailers = itertools.chain([chunked(b"{}"), b"0\r\n"], (b"x-%d: 1\r\n" % number for number in itertools.count()))
    many = json.dumps({f"k{number}": number for number in range(100_000)}).encode()
    chunks = b"Transfer-Encoding: chunked\r\n"
    return {
        "10 MB of JSON": (413, sized("/triage", b'{"text": "' + b"a" * 10_000_000 + b'"}')),
        "10 MB of JSON for a batch": (413, sized("/sessions/batch", b"[" * 10_000_000, key)),
        "an endless body": (413, post("/triage", endless, chunks)),
        "endless trailers": (431, post("/triage", trailers, chunks)),
        "5,000 headers": (431, get(b"/livez", *(b"x-%d: 1\r\n" % number for number in range(5000)))),
        "101 headers": (431, get(b"/livez", *(b"x-%d: 1\r\n" % number for number in range(100)))),
        "a header of 33 kB": (431, get(b"/livez", b"x-long: " + b"a" * 33_000 + b"\r\n")),
        "a header of 2 MB": (431, get(b"/livez", b"x-long: " + b"a" * 2_000_000 + b"\r\n")),
        "an endless header": (431, itertools.chain([b"GET /livez HTTP/1.1\r\nx: "], itertools.repeat(b"a" * 1000))),
        "an address of 64 kB": (414, get(b"/exercises?q=" + b"a" * 64_000)),
        "an address of 9 kB": (414, get(b"/exercises?q=" + b"a" * 9_000)),
        "100,000 members": (422, sized("/sessions/batch", many, key)),
        "100,000 members of a small object": (413, sized("/triage", many)),
        "30,000 levels": (400, sized("/triage", b"[" * 30_000)),
        "30,000 levels in a batch": (400, sized("/sessions/batch", b'{"sessions":' + b"[" * 1_000_000, key)),
        "a bomb": (415, sized("/triage", gzip.compress(b" " * 50_000_000), b"Content-Encoding: gzip\r\n")),
        "no HTTP": (400, [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"]),
    }


def test_what_is_too_large_is_refused_fast_and_held_by_nobody(server: Server, tenant: Tenant) -> None:
    key = f"Authorization: Bearer {tenant.key}\r\n".encode()
    for name, (status, pieces) in oversized(key).items():
        before, spent = server.resident_megabytes, server.processor_seconds
        answer = exchange(server.port, pieces)
        assert answer.status == status, name
        assert server.processor_seconds - spent < ANSWER_SECONDS, name
        assert answer.seconds < WAITING_SECONDS, name
        assert answer.problem["status"] == status, name
        assert server.resident_megabytes - before < GROWTH_MEGABYTES, name
        assert server.ask("GET", answer.problem["type"]).status == 200, name
    assert server.ask("GET", "/readyz").status == 200


def test_what_is_just_small_enough_is_answered(server: Server) -> None:
    lines = [b"x-%d: 1\r\n" % number for number in range(99)]
    assert exchange(server.port, get(b"/livez", *lines)).status == 200
    assert exchange(server.port, get(b"/livez", b"x-long: " + b"a" * 31_000 + b"\r\n")).status == 200
    assert exchange(server.port, get(b"/exercises?q=" + b"a" * 200)).status in (200, 422)


def test_a_connection_serves_on_after_a_body_that_was_too_large(server: Server) -> None:
    body = b'{"text": "' + b"a" * 70_000 + b'"}'
    twice = itertools.chain(sized("/triage", body), get(b"/livez", b"Connection: close\r\n"))
    answer = exchange(server.port, [b"".join(twice)])
    assert answer.status == 413
