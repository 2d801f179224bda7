"""The public keys of issuers (JWKS, RFC 7517): fetched in threads of their own within bounds, and kept for a while."""

import asyncio
import http.client
import json
import socket
import ssl
import threading
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from api.problems import Unavailable

KEPT: Final = timedelta(minutes=10)
ASKED_AGAIN: Final = timedelta(minutes=1)
"""An unknown key makes an issuer be asked again, but no oftener than this; a failing issuer too."""

LARGEST_BYTES: Final = 64 * 1024
SECONDS: Final = 3.0
THREADS: Final = 2
MOST_HELD: Final = 64
PORTS: Final = {"http": 80, "https": 443}
RETRY: Final = {"Retry-After": "60"}

Keys = Mapping[str, Mapping[str, Any]]
"""The keys of one issuer by their `kid`."""


@dataclass(slots=True)
class _Held:
    keys: Keys = field(default_factory=dict)
    fetched_at: datetime | None = None
    tried_at: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class IssuerKeys:
    """The keys of the issuers that were asked for most recently."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._pool: ThreadPoolExecutor | None = None

    async def find(self, url: str, key_id: str, now: datetime) -> Mapping[str, Any] | None:
        """Return the key with this id, or None. Raises Unavailable when the issuer's keys cannot be had just now."""
        held = self._held.setdefault(url, _Held())
        self._held.move_to_end(url)
        if len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        async with held.lock:
            fresh = held.fetched_at is not None and now - held.fetched_at < KEPT
            may_ask = held.tried_at is None or now - held.tried_at >= ASKED_AGAIN
            if may_ask and not (fresh and key_id in held.keys):
                fresh = await self._fetch(held, url, now)
        if not fresh:
            raise Unavailable("the issuer's keys cannot be had just now", headers=RETRY)
        return held.keys.get(key_id)

    def close(self) -> None:
        """Let the threads go."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    async def _fetch(self, held: _Held, url: str, now: datetime) -> bool:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="issuer-keys")
        held.tried_at = now
        try:
            held.keys = await asyncio.get_running_loop().run_in_executor(self._pool, fetch, url)
        except (OSError, ValueError, RecursionError, http.client.HTTPException):
            return False
        held.fetched_at = now
        return True


def fetch(url: str) -> Keys:
    """Return the keys at the address. Raises OSError, ValueError or HTTPException when they cannot be had.

    Follows no redirect and no proxy, and takes at most 64 kB and 3 seconds, however slowly the answer drips.
    """
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    # The timeout of a socket begins anew with every byte: only a cut from outside stops what drips.
    with _opened(parts) as opened, closing(connection):
        deadline = threading.Timer(SECONDS, _cut, [opened])
        deadline.daemon = True
        deadline.start()
        try:
            if isinstance(opened, ssl.SSLSocket):
                opened.do_handshake()
            connection.sock = opened
            connection.request("GET", path, headers={"Accept": "application/json", "Accept-Encoding": "identity"})
            answer = connection.getresponse()
            content = answer.read(LARGEST_BYTES + 1)
        finally:
            deadline.cancel()
    if answer.status != http.client.OK or len(content) > LARGEST_BYTES:
        raise ValueError("this is no set of keys")
    return _keys(json.loads(content))


def _opened(parts: SplitResult) -> socket.socket:
    host = parts.hostname or ""
    plain = socket.create_connection((host, parts.port or PORTS[parts.scheme]), timeout=SECONDS)
    if parts.scheme != "https":
        return plain
    context = ssl.create_default_context()
    return context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)


def _cut(opened: socket.socket) -> None:
    with suppress(OSError):
        # Past the TLS layer, which would want to say goodbye first.
        socket.socket.shutdown(opened, socket.SHUT_RDWR)


def _keys(document: Any) -> Keys:
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("this is no set of keys")
    return {key["kid"]: key for key in listed if isinstance(key, dict) and isinstance(key.get("kid"), str)}
