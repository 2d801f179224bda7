"""The real server as a process of its own, for tests that kill it or send it what no test client would."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from email.message import Message
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from tests.conftest import ROOT

PORT_TRIES = 400


class Answer(NamedTuple):
    """What a server said, and after how many seconds."""

    status: int
    headers: Message
    body: bytes
    seconds: float


class Server:
    """The real server on one database, started again on the same port each time it was killed."""

    def __init__(self, database_url: str, port: int, **settings: str) -> None:
        self.port = port
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LIMBER_")}
        set_here = {"LIMBER_DATABASE_URL": database_url, "LIMBER_RATE_LIMITS": "false", "PYTHONPATH": str(ROOT)}
        self._environment = {**kept, **set_here, **settings}
        self._command = [sys.executable, "-m", "api", "serve", "--host", "127.0.0.1", "--port", str(port)]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def start(self, folder: Path) -> None:
        self.printed = folder / f"server-{self.port}.txt"
        with self.printed.open("ab") as printed:
            self._process = subprocess.Popen(
                self._command, cwd=folder, env=self._environment, stdout=printed, stderr=printed
            )
        for _ in range(PORT_TRIES):
            try:
                if self.request("GET", "/livez", None, {})[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    @property
    def resident_megabytes(self) -> float:
        """The resident memory of the process."""
        assert self._process is not None
        return psutil.Process(self._process.pid).memory_info().rss / 1e6

    @property
    def processor_seconds(self) -> float:
        """The processor time that the process has taken; unlike the clock's, no neighbour makes it longer."""
        assert self._process is not None
        times = psutil.Process(self._process.pid).cpu_times()
        return times.user + times.system

    @property
    def open_files(self) -> int:
        """How many files and sockets the process has open."""
        assert self._process is not None
        return psutil.Process(self._process.pid).num_fds()

    def request(self, method: str, path: str, content: Any, headers: dict[str, str]) -> tuple[int, Any]:
        answer = self.ask(method, path, content, headers)
        return answer.status, answer.body

    def ask(
        self, method: str, path: str, content: Any = None, headers: dict[str, str] | None = None, timeout: float = 20
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        with closing(connection):
            sent = None if content is None else json.dumps(content)
            started = time.monotonic()
            connection.request(method, path, sent, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            body = answer.read()
            return Answer(answer.status, answer.headers, body, time.monotonic() - started)


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
