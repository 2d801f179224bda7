"""One exchange over a bare socket, for requests that no client library would send."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterable
from typing import Any, NamedTuple


class RawAnswer(NamedTuple):
    """The status, the body, and after how many seconds the answer began; status 0 when there was none."""

    status: int
    body: bytes
    seconds: float

    @property
    def problem(self) -> Any:
        return json.loads(self.body)


def exchange(port: int, pieces: Iterable[bytes], seconds: float = 10) -> RawAnswer:
    """Send the pieces as long as the server listens, and read its answer meanwhile."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        answered = threading.Event()
        started = time.monotonic()
        sender = threading.Thread(target=_send, args=(connection, pieces, answered), daemon=True)
        sender.start()
        received, first = b"", 0.0
        with contextlib.suppress(OSError):
            while not _complete(received) and (part := connection.recv(65536)):
                first = first or time.monotonic() - started
                received += part
        answered.set()
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        sender.join(seconds)
    head, _, body = received.partition(b"\r\n\r\n")
    return RawAnswer(int(head.split()[1]) if head else 0, body, first)


def _send(connection: socket.socket, pieces: Iterable[bytes], answered: threading.Event) -> None:
    with contextlib.suppress(OSError):
        for piece in pieces:
            if answered.is_set():
                return
            connection.sendall(piece)


def _complete(received: bytes) -> bool:
    head, found, body = received.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(found and lengths and len(body) >= int(lengths[0]))
