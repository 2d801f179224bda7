"""Drawing charts in a process of their own: the plotting library is larger than the server, and no part of it."""

import asyncio
import logging
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Final
from uuid import UUID

from api.problems import Busy, Unavailable
from schemas.charts import Chart

COMMAND: Final = (sys.executable, "-m", "api.chart_drawing")
HOUSE: Final = Path(__file__).parents[1]
LENGTH_BYTES: Final = 4
LONGEST_SECONDS: Final = 20.0
"""A drawing takes a tenth of a second; the first one waits for the library to load."""
LONGEST_GOODBYE: Final = 2.0
MOST_WAITING: Final = 16
MOST_OF_ONE: Final = 4
"""So many drawings of one organisation wait at once: the others find room."""

log = logging.getLogger("limber.charts")


class Charts:
    """One process that draws, started when a chart is first asked for; it ends by itself when nobody asks for long."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._waiting: Counter[UUID] = Counter()

    async def draw(self, chart: Chart, organization_id: UUID) -> bytes:
        """Return the chart as SVG. Raises Busy when too many wait, Unavailable when it cannot be drawn."""
        if self._waiting.total() >= MOST_WAITING or self._waiting[organization_id] >= MOST_OF_ONE:
            raise Busy("too many charts are waiting", headers={"Retry-After": "1"})
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="charts")
        self._waiting[organization_id] += 1
        try:
            order = chart.model_dump_json().encode()
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._drawn, order)
        finally:
            self._waiting -= Counter([organization_id])

    def close(self) -> None:
        """Let the process and the thread that speaks to it go."""
        if self._pool is not None:
            self._pool.submit(self._end)
            self._pool.shutdown(wait=True)
            self._pool = None

    def _drawn(self, order: bytes) -> bytes:
        # A process that had ended for idleness is only noticed when it is spoken to.
        for _ in range(2):
            drawing = self._exchanged(order)
            if drawing is not None:
                return drawing
            self._end()
        log.error("a chart could not be drawn")
        raise Unavailable("the chart could not be drawn")

    def _exchanged(self, order: bytes) -> bytes | None:
        child = self._running()
        if child.stdin is None or child.stdout is None:
            return None
        watch = Timer(LONGEST_SECONDS, child.kill)
        watch.start()
        try:
            child.stdin.write(len(order).to_bytes(LENGTH_BYTES) + order)
            child.stdin.flush()
            length = int.from_bytes(child.stdout.read(LENGTH_BYTES))
            drawing = child.stdout.read(length)
        except OSError:
            return None
        finally:
            watch.cancel()
        return drawing if length and len(drawing) == length else None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            # It needs nothing of the server's: no settings, no terminal, no sockets.
            environment = {name: value for name, value in os.environ.items() if not name.startswith("LIMBER_")}
            self._child = subprocess.Popen(  # noqa: S603 - our own command, and nobody's input
                COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=HOUSE,
                env=environment,
                start_new_session=True,
            )
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        # At the end of its orders it ends by itself, and takes along what the library left in the temporary folder.
        with suppress(OSError):
            child.stdin.close()  # type: ignore[union-attr]
        try:
            child.wait(LONGEST_GOODBYE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()  # type: ignore[union-attr]
