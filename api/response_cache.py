"""The outermost layer of the catalogue: repeated questions are answered with bytes that are ready.

A first answer and a repeated one are made by the same function, so they are the same to the byte, headers included.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answer_store import Answer, AnswerStore, Headers, Key, RawKey
from api.compression import SMALLEST, Compressor
from api.negotiation import CODINGS, IDENTITY, canonical, coding, language
from api.ready import digest_of
from schemas.translations import SOURCE_LANGUAGE

CATALOG_PATHS: Final = frozenset(
    {
        "/exercises",
        "/regions",
        "/muscles",
        "/equipment",
        "/kinds",
        "/topics",
        "/conditions",
        "/causes",
        "/red-flags",
        "/catalog",
        "/catalog/export",
        "/catalog/lexicon",
        "/catalog/changes",
    }
)
ONE_EXERCISE: Final = "/exercises/"
PUBLIC: Final = b"public, max-age=300, stale-while-revalidate=86400"
PRIVATE: Final = b"private, no-cache"
VARY: Final = (b"vary", b"Accept-Encoding, Accept-Language, Authorization")
OWN: Final = frozenset(
    {b"content-length", b"content-encoding", b"etag", b"cache-control", b"vary", b"date", b"server"}
) | {b"x-request-id"}
KEPT_ON_304: Final = frozenset({b"content-language", b"link"})


class ResponseCache:
    """An ASGI layer in front of everything else that looks at a request.

    `public` is false when the catalogue is closed: then, as for requests with credentials, the application decides each
    time, and only ETag, 304 and compression are added. `headers` are put on every catalogue answer.
    """

    def __init__(self, app: ASGIApp, *, megabytes: int, public: bool = True, headers: Headers = ()) -> None:
        self.app = app
        self._capacity = megabytes << 20
        self._public = public
        self._headers = headers
        self.hits = self.misses = 0
        self._set_here = OWN | {name for name, _ in headers}
        self.clear((SOURCE_LANGUAGE,))

    def clear(self, languages: Sequence[str]) -> None:
        """Forget every answer, and serve these languages. What is being computed now is not kept either."""
        self._languages = languages
        # What is compressed counts against the same megabytes.
        compressed = self._capacity // 8
        self.store = AnswerStore(self._capacity - compressed)
        self._compressor = Compressor(max(compressed, 1 << 20))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or let the application answer and remember what it said."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        headers = dict(scope["headers"])
        raw: RawKey = (
            path,
            scope["query_string"],
            headers.get(b"accept-encoding"),
            headers.get(b"accept-language"),
        )
        answer = self.store.ready.get(raw)
        if answer is not None and _plain(headers, scope["headers"]):
            answer.used = True
            self.hits += 1
            await _send(answer, headers.get(b"if-none-match"), scope["method"], send)
        elif path in CATALOG_PATHS or (path.startswith(ONE_EXERCISE) and "/" not in path[len(ONE_EXERCISE) :]):
            await self._answer(raw, _joined(scope["headers"]), scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _answer(
        self, raw: RawKey, headers: dict[bytes, bytes], scope: Scope, receive: Receive, send: Send
    ) -> None:
        store = self.store
        wanted = coding(_text(headers.get(b"accept-encoding")))
        spoken = language(_text(headers.get(b"accept-language")), self._languages)
        key = (raw[0], canonical(raw[1]), spoken, wanted)
        raw = (*raw[:2], headers.get(b"accept-encoding"), headers.get(b"accept-language"))
        shared = self._public and b"authorization" not in headers and b"cookie" not in headers
        answer = store.find(key, raw) if shared else None
        if answer is not None:
            self.hits += 1
        else:
            self.misses += 1
            recorded = _Recorded()
            inner = scope if scope["method"] == "GET" else {**scope, "method": "GET"}
            await self.app(inner, receive, recorded)
            if not recorded.cacheable:
                await recorded.replay(send, with_body=scope["method"] == "GET")
                return
            answer = await self._made(key, recorded, shared)
            if shared:
                store.put(answer, raw)
        await _send(answer, headers.get(b"if-none-match"), scope["method"], send)

    async def _made(self, key: Key, recorded: "_Recorded", shared: bool) -> Answer:
        """Return the answer with its headers: the one place that makes them, for a first and a repeated answer."""
        body, used = recorded.body, IDENTITY
        spoken, wanted = key[2], key[3]
        digest = recorded.digest or digest_of(body)
        if wanted in CODINGS and len(body) >= SMALLEST:
            smaller = await self._compressor.compressed(digest, body, wanted)
            if len(smaller) < len(body):
                body, used = smaller, wanted
        etag = f'"{digest}-{spoken}-{used}"'.encode()
        fresh: Headers = ((b"etag", etag), (b"cache-control", PUBLIC if shared else PRIVATE), VARY)
        kept = tuple((name, value) for name, value in recorded.headers if name not in self._set_here)
        coded: Headers = ((b"content-encoding", used.encode()),) if used != IDENTITY else ()
        length = ((b"content-length", str(len(body)).encode()),)
        not_modified = (*(pair for pair in kept if pair[0] in KEPT_ON_304), *fresh, *self._headers)
        return Answer(key, etag, (*kept, *coded, *length, *fresh, *self._headers), not_modified, body)


class _Recorded:
    """What the application sent, copied."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [(bytes(name).lower(), bytes(value)) for name, value in message.get("headers", ())]
        elif message["type"] == "http.response.body":
            self._parts.append(bytes(message.get("body", b"")))

    @property
    def body(self) -> bytes:
        """The whole body."""
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)

    @property
    def digest(self) -> str:
        """What the application's own ETag says, when it is a strong one."""
        tag = dict(self.headers).get(b"etag", b"").decode("latin-1")
        return tag[1:-1] if tag.startswith('"') and tag.endswith('"') and len(tag) > 2 else ""

    @property
    def cacheable(self) -> bool:
        """True for a whole, plain 200 that is nobody's own."""
        names = {name for name, _ in self.headers}
        return self.status == 200 and b"set-cookie" not in names and b"content-encoding" not in names

    async def replay(self, send: Send, *, with_body: bool) -> None:
        """Send what was recorded."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body if with_body else b""})


async def _send(answer: Answer, if_none_match: bytes | None, method: str, send: Send) -> None:
    if if_none_match is not None and (if_none_match == answer.etag or _matches(if_none_match, answer.etag)):
        await send({"type": "http.response.start", "status": 304, "headers": answer.not_modified})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body if method == "GET" else b""})


def _matches(if_none_match: bytes, etag: bytes) -> bool:
    """Compare weakly, as If-None-Match wants it."""
    tags = [tag.strip() for tag in if_none_match.split(b",")]
    return etag in tags or b"W/" + etag in tags or tags == [b"*"]


def _plain(headers: dict[bytes, bytes], lines: Sequence[tuple[bytes, bytes]]) -> bool:
    """True without credentials and without a header that stands there twice."""
    return b"authorization" not in headers and b"cookie" not in headers and len(headers) == len(lines)


def _joined(lines: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    joined: dict[bytes, bytes] = {}
    for name, value in lines:
        joined[name] = joined[name] + b", " + value if name in joined else value
    return joined


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
