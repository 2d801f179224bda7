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
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

PORT_TRIES = 200


class Server:
    """The real server on one database, started again on the same port each time it was killed."""

    def __init__(self, database_url: str, port: int, **settings: str) -> None:
        self.port = port
        set_here = {"LIMBER_DATABASE_URL": database_url, "LIMBER_RATE_LIMITS": "false", "PYTHONPATH": str(ROOT)}
        self._environment = {**os.environ, **set_here, **settings}
        self._command = [sys.executable, "-m", "api", "serve", "--host", "127.0.0.1", "--port", str(port)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            self._command, cwd=folder, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
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

    def request(self, method: str, path: str, content: Any, headers: dict[str, str]) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with closing(connection):
            sent = None if content is None else json.dumps(content)
            connection.request(method, path, sent, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
