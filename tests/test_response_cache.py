"""A repeated answer is the first one to the byte; nothing stale, private or half-made is ever kept."""

import asyncio
import gzip
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from api.main import create_app
from api.observing import REQUEST_ID
from api.response_cache import ResponseCache
from api.settings import Settings
from data import releases
from data.catalog.documents import CatalogDocument
from data.database import Database

Seen = tuple[int, list[tuple[bytes, bytes]], bytes]

PATHS = (
    "/exercises",
    "/exercises?limit=3&region=back&region=hip",
    "/exercises?q=strech&limit=2",
    "/exercises/standing-mid-back-reach",
    "/regions",
    "/muscles",
    "/equipment",
    "/conditions",
    "/causes",
    "/red-flags",
    "/catalog",
    "/catalog/export",
)
ENCODINGS = (None, "br", "zstd", "gzip", "gzip;q=0.5, br;q=0.1", "*", "identity", "br;q=0, gzip;q=0")


def ask(app: Any, target: str, *headers: tuple[str, str], method: str = "GET") -> Seen:
    """Send one request straight to the ASGI application; the body comes back as it travels."""
    path, _, query = target.partition("?")
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(b"host", b"test"), *((name.encode(), value.encode()) for name, value in headers)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 1),
        "state": {},
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    # Every request has an id of its own, cached or not.
    return sent[0]["status"], [pair for pair in sent[0]["headers"] if pair[0] != REQUEST_ID], body


def header(seen: Seen, name: str) -> str | None:
    return {key.decode(): value.decode() for key, value in seen[1]}.get(name)


def decoded(seen: Seen) -> bytes:
    match header(seen, "content-encoding"):
        case "br":
            return bytes(brotli.decompress(seen[2]))
        case "zstd":
            return zstandard.ZstdDecompressor().decompress(seen[2])
        case "gzip":
            return gzip.decompress(seen[2])
    return seen[2]


def start(sqlite_template: Path, folder: Path, **settings: Any) -> TestClient:
    path = folder / "limber.db"
    shutil.copyfile(sqlite_template, path)
    unlimited = Settings(database_url=f"sqlite:///{path}", rate_limits=False, _env_file=None, **settings)
    return TestClient(create_app(unlimited))


@pytest.fixture(scope="module")
def app(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ResponseCache]:
    with start(sqlite_template, tmp_path_factory.mktemp("cache")) as client:
        assert isinstance(client.app, ResponseCache)
        yield client.app


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_repeated_answer_is_the_first_one_to_the_byte(app: ResponseCache, encoding: str | None) -> None:
    headers = [("accept-encoding", encoding)] if encoding is not None else []
    for target in PATHS:
        app.clear(("en",))
        first = ask(app, target, *headers)
        assert len(app.store) == 1
        again = ask(app, target, *headers)
        app.clear(("en",))
        afresh = ask(app, target, *headers)
        assert first == again == afresh
        assert first[0] == 200
        assert header(first, "content-length") == str(len(first[2]))
        assert decoded(first) == ask(app, target)[2]


def test_what_the_application_says_is_what_the_cache_says(app: ResponseCache) -> None:
    for target in PATHS:
        inner, outer = ask(app.app, target), ask(app, target)
        assert inner[2] == outer[2]
        own = {b"etag", b"content-length"}
        assert {pair for pair in inner[1] if pair[0] not in own} <= set(outer[1])


def test_equal_queries_share_an_answer_and_others_do_not(app: ResponseCache) -> None:
    app.clear(("en",))
    one = ask(app, "/exercises?limit=2&region=back&level=1")
    assert ask(app, "/exercises?region=back&level=1&limit=2") == one
    assert ask(app, "/exercises?region=%62ack&level=1&limit=2") == one
    assert len(app.store) == 1
    assert ask(app, "/exercises?region=back&level=2&limit=2") != one
    assert len(app.store) == 2


def assert_not_modified(seen: Seen, full: Seen) -> None:
    assert (seen[0], seen[2]) == (304, b"")
    for name in ("etag", "cache-control", "vary", "content-language"):
        assert header(seen, name) == header(full, name)
    assert header(seen, "content-length") is None


@pytest.mark.parametrize("encoding", [None, "br", "gzip"])
def test_the_known_tag_is_answered_with_304(app: ResponseCache, encoding: str | None) -> None:
    headers = [("accept-encoding", encoding)] if encoding is not None else []
    for clear in (True, False):
        for target in PATHS:
            full = ask(app, target, *headers)
            tag = header(full, "etag")
            assert tag is not None
            for condition in (tag, f"W/{tag}", f'"a", {tag},W/"b"', "*"):
                app.clear(("en",)) if clear else None
                assert_not_modified(ask(app, target, *headers, ("if-none-match", condition)), full)
            assert ask(app, target, *headers, ("if-none-match", '"other"')) == full
            assert ask(app, target, *headers, ("if-none-match", tag), method="HEAD")[0] == 304


def test_a_tag_names_one_sequence_of_bytes(app: ResponseCache) -> None:
    bodies: dict[str, bytes] = {}
    for target in PATHS:
        for encoding in ENCODINGS:
            seen = ask(app, target, *([("accept-encoding", encoding)] if encoding else []))
            tag = header(seen, "etag") or ""
            assert tag.startswith('"')
            assert bodies.setdefault(tag, seen[2]) == seen[2]
    assert len(bodies) > len(PATHS) * 3


def test_head_has_the_headers_of_get_and_no_body(app: ResponseCache) -> None:
    for target in (*PATHS, "/exercises/nope", "/exercises?region=nowhere"):
        for clear in (True, False):
            if clear:
                app.clear(("en",))
            head = ask(app, target, method="HEAD")
            get = ask(app, target)
            assert head[2] == b""
            assert head[:2] == get[:2]


def test_headers_that_stand_twice_are_read_together(app: ResponseCache) -> None:
    tag = header(ask(app, "/muscles"), "etag") or ""
    seen = ask(app, "/muscles", ("if-none-match", tag), ("if-none-match", '"x"'))
    assert seen[0] == 304
    coded = ask(app, "/muscles", ("accept-encoding", "gzip"), ("accept-encoding", "br;q=0"))
    assert header(coded, "content-encoding") == "gzip"


def test_credentials_go_past_the_cache(app: ResponseCache) -> None:
    app.clear(("en",))
    full = ask(app, "/muscles")
    refused = ask(app, "/muscles", ("authorization", "Bearer wrong"))
    assert refused[0] == 401
    assert ask(app, "/muscles") == full
    before = len(app.store)
    seen = ask(app, "/equipment", ("cookie", "a=b"), ("accept-encoding", "br"))
    assert seen[0] == 200
    assert header(seen, "cache-control") == "private, no-cache"
    assert len(app.store) == before
    tag = header(seen, "etag") or ""
    again = ask(app, "/equipment", ("cookie", "a=b"), ("accept-encoding", "br"), ("if-none-match", tag))
    assert again[0] == 304


def test_only_whole_answers_of_the_catalogue_are_kept(app: ResponseCache) -> None:
    app.clear(("en",))
    for target in ("/exercises/nope", "/exercises?region=nowhere", "/livez", "/nowhere", "/exercises/a/b"):
        ask(app, target)
    ask(app, "/exercises", method="POST")
    assert len(app.store) == 0


def test_a_closed_catalogue_keeps_nothing(sqlite_template: Path, tmp_path: Path) -> None:
    with start(sqlite_template, tmp_path, public_catalog=False) as client:
        app: Any = client.app
        for target in PATHS:
            assert ask(app, target)[0] == 401
        assert len(app.store) == 0


def test_a_new_release_is_served_at_once_and_the_old_one_is_forgotten(
    sqlite_template: Path, tmp_path: Path, documents: list[CatalogDocument]
) -> None:
    with start(sqlite_template, tmp_path) as client:
        app: Any = client.app
        old = ask(app, "/exercises?limit=200")
        assert ask(app, "/exercises/cat-cow")[0] == 200
        kept = [item for item in documents if (item.kind, item.id) != ("exercise", "cat-cow")]
        database = Database(f"sqlite:///{tmp_path / 'limber.db'}")
        database.open()
        database.system.write_now(releases.load, kept, datetime(2026, 12, 1, tzinfo=UTC))
        database.close()
        for _ in range(60):
            if ask(app, "/exercises/cat-cow")[0] != 200:
                break
            client.portal.call(asyncio.sleep, 0.1)  # type: ignore[union-attr]
        gone = ask(app, "/exercises/cat-cow")
        assert gone[0] == 410
        assert ask(app, "/exercises?limit=200") != old
        tag = header(old, "etag") or ""
        assert ask(app, "/exercises?limit=200", ("if-none-match", tag))[0] == 200


def test_an_answer_from_before_the_swap_is_not_kept_after_it() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        cache.clear(("en",))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"old"})

    cache = ResponseCache(slow, megabytes=1)
    assert ask(cache, "/muscles")[2] == b"old"
    assert len(cache.store) == 0


def test_answers_with_cookies_are_nobody_elses() -> None:
    async def personal(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"set-cookie", b"a=b")]})
        await send({"type": "http.response.body", "body": b"yours"})

    cache = ResponseCache(personal, megabytes=1)
    assert header(ask(cache, "/muscles"), "set-cookie") == "a=b"
    assert len(cache.store) == 0
