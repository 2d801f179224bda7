"""Compressed bodies, made once for each content and coding and then remembered."""

import asyncio
import gzip
from collections import OrderedDict
from typing import Final

import brotli  # type: ignore[import-untyped]
import zstandard

SMALLEST: Final = 1024
"""Bodies below this many bytes travel as they are: they fit one packet."""

OFF_THE_LOOP: Final = 16 * 1024
"""Larger bodies are compressed on another thread, so that nobody else waits."""

Content = tuple[str, str]
"""The digest of a body and the coding."""


def compress(body: bytes, coding: str) -> bytes:
    """Return the body in the coding, the same bytes every time."""
    if coding == "br":
        return bytes(brotli.compress(body, quality=5))
    if coding == "zstd":
        return zstandard.ZstdCompressor(level=6).compress(body)
    return gzip.compress(body, compresslevel=6, mtime=0)


class Compressor:
    """Compresses each content once, however many ask for it at the same time; remembers up to `capacity` bytes."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._size = 0
        self._made: OrderedDict[Content, bytes] = OrderedDict()
        self._pending: dict[Content, asyncio.Future[bytes]] = {}

    async def compressed(self, digest: str, body: bytes, coding: str) -> bytes:
        """Return the body in the coding; `digest` must name exactly these bytes."""
        content = (digest, coding)
        made = self._made.get(content)
        if made is not None:
            self._made.move_to_end(content)
            return made
        if len(body) < OFF_THE_LOOP:
            made = compress(body, coding)
        else:
            made = await self._shared(content, body, coding)
        self._remember(content, made)
        return made

    async def _shared(self, content: Content, body: bytes, coding: str) -> bytes:
        pending = self._pending.get(content)
        if pending is None:
            loop = asyncio.get_running_loop()
            pending = self._pending[content] = loop.run_in_executor(None, compress, body, coding)
            pending.add_done_callback(lambda _: self._pending.pop(content, None))
        return await asyncio.shield(pending)

    def _remember(self, content: Content, made: bytes) -> None:
        if content in self._made or len(made) * 4 > self._capacity:
            return
        self._made[content] = made
        self._size += len(made)
        while self._size > self._capacity:
            _, dropped = self._made.popitem(last=False)
            self._size -= len(dropped)
