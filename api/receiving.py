"""The receiving end of HTTP: clients that send too slowly or too much are let go before they cost anything.

uvicorn waits for ever for the rest of a request, and its fast parser takes a head of any size. Here one look a second
at all connections keeps the time, so that a request costs a few assignments and no timer.
"""

import asyncio
from collections.abc import Iterable
from enum import Enum
from functools import partial
from math import inf
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import AddressTooLong, BodyTooLarge, HeadersTooLarge, MalformedRequest, Problem, RequestTimeout

LONGEST_ADDRESS: Final = 8 * 1024
LARGEST_HEAD: Final = 32 * 1024
MOST_HEADERS: Final = 100
LARGEST_MESSAGE: Final = 16 * 1024 * 1024
"""No body is larger, also where the answer was given before all of it had come."""

BODY_SHARE: Final = 3
"""A body has so many times what a head has."""

LINGER: Final = 2.0
"""Seconds that an answered client has to stop sending."""


class Expected(Enum):
    """What the client has to do next."""

    HEAD = "head"
    BODY = "body"
    NOTHING = "nothing"
    END = "end"


class Patience:
    """How long clients may take, in seconds; looks after all the connections of a server."""

    def __init__(self, seconds: float) -> None:
        self._allowed = {
            Expected.HEAD: seconds,
            Expected.BODY: seconds * BODY_SHARE,
            Expected.NOTHING: inf,
            Expected.END: min(LINGER, seconds),
        }
        self._writing = seconds * BODY_SHARE
        self._interval = min(1.0, seconds / 4)
        self._watching = False

    def protocol(self) -> Any:
        """Return the protocol for uvicorn's `http=`."""
        return partial(PatientProtocol, self)

    def watch(self, loop: asyncio.AbstractEventLoop, connections: Iterable[Any]) -> None:
        """Look at the connections again and again, as long as there are any."""
        if not self._watching:
            self._watching = True
            loop.call_later(self._interval, self._look, loop, connections)

    def _look(self, loop: asyncio.AbstractEventLoop, connections: Iterable[Any]) -> None:
        now, found = loop.time(), [one for one in connections if isinstance(one, PatientProtocol)]
        for connection in found:
            connection.judge(now, self._allowed, self._writing)
        self._watching = False
        if found:
            self.watch(loop, connections)


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol with bounds on the time and the size of what comes in."""

    def __init__(self, patience: Patience, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._patience = patience
        self._expected = Expected.HEAD
        self._due: float | None = None
        self._stuck_until: float | None = None
        self._chunk = 0
        self._received = 0
        self._refusal: Problem | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._patience.watch(self.loop, self.connections)

    def data_received(self, data: bytes) -> None:
        """Take what came, unless it is too much."""
        if self._expected is Expected.END:
            return
        if self._expected is Expected.NOTHING:
            # Whatever comes now begins a request, even if it is an empty line that the parser passes over.
            self._expect(Expected.HEAD)
        self._received += self._chunk
        self._chunk = len(data)
        super().data_received(data)
        if self._expected is not Expected.NOTHING:
            self._measure()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._expected, self._due = Expected.HEAD, None
        self._received = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Start the request. Raises ValueError, which the parser reports, when its head is too large."""
        if len(self.url) > LONGEST_ADDRESS:
            self._refusal = AddressTooLong()
        elif len(self.headers) > MOST_HEADERS or (self._received + self._chunk > LARGEST_HEAD and self._is_heavy()):
            self._refusal = HeadersTooLarge()
        if self._refusal is not None:
            raise ValueError(self._refusal.title)
        self._expected, self._due = Expected.BODY, None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The whole request is here."""
        self._expected, self._due = Expected.NOTHING, None
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words; ours are the problem's
        """Answer what the parser could not take with the problem that it is, and stop listening."""
        self._refuse(self._refusal or MalformedRequest())

    def judge(self, now: float, allowed: dict[Expected, float], writing: float) -> None:
        """Let the client go when it has taken longer than is allowed, reading included."""
        stuck = self.transport.is_closing() or self.flow.write_paused
        self._stuck_until = (self._stuck_until or now + writing) if stuck else None
        if self._due is None:
            self._due = now + allowed[self._expected]
        if self._expected is Expected.BODY and self.cycle.response_complete:
            # It was answered early; whoever goes on sending need not be heard to the end.
            self._due = min(self._due, now + allowed[Expected.END])
        if (self._expected is Expected.END and now > self._due) or (self._stuck_until or inf) < now:
            self.transport.abort()
        elif now > self._due:
            self._give_up()

    def _expect(self, expected: Expected) -> None:
        self._expected = expected
        self._due = None

    def _is_heavy(self) -> bool:
        return sum(len(name) + len(value) for name, value in self.headers) > LARGEST_HEAD

    def _measure(self) -> None:
        if self._expected is Expected.HEAD and self._received > LARGEST_HEAD:
            self._refuse(AddressTooLong() if len(self.url) > LONGEST_ADDRESS else HeadersTooLarge())
        elif self._expected is Expected.BODY and self._received > LARGEST_MESSAGE:
            self._refuse(BodyTooLarge())
        elif self.headers is not None and len(self.headers) > MOST_HEADERS:
            self._refuse(HeadersTooLarge())

    def _give_up(self) -> None:
        if self._expected is Expected.BODY or self._received + self._chunk > 0:
            self._refuse(RequestTimeout())
        else:
            self.transport.close()

    def _refuse(self, problem: Problem) -> None:
        answered = self._expected is Expected.END or (self._expected is Expected.BODY and self.cycle.response_started)
        self._expect(Expected.END)
        if self.transport.is_closing():
            return
        if not answered:
            self._answer(problem)
        # Closed at once, what the client still sends would cost it the answer.
        self.transport.write_eof()

    def _answer(self, problem: Problem) -> None:
        response = problem.response()
        lines = [f"HTTP/1.1 {problem.status} {problem.title}".encode()]
        lines += [name + b": " + value for name, value in response.raw_headers]
        self.transport.write(b"\r\n".join([*lines, b"connection: close", b"", bytes(response.body)]))
