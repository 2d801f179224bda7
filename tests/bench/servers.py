"""Servers under test as processes of their own, pinned to one core while this process and its drivers take another."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
from driver import Answer, ask, request_bytes

ROOT = Path(__file__).parent.parent.parent
SERVER_CORE = 0
DRIVER_CORE = 1
SCOPES = ("catalog:read", "recommendations:read", "sessions:read", "sessions:write", "people:read", "people:write",
          "progress:read")  # fmt: skip
START_LIMIT = 30.0
UVICORN = (
    "--loop=uvloop",
    "--http=httptools",
    "--no-access-log",
    "--no-server-header",
    "--no-proxy-headers",
    "--log-level=warning",
    "--limit-concurrency=1000",
    "--timeout-keep-alive=5",
)
"""The settings that the real server runs with."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    port: int
    process: "subprocess.Popen[bytes]"
    started: float

    def get(self, target: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Return the answer to one GET."""
        return ask(self.port, request_bytes("GET", target, headers))

    def post(self, target: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Return the answer to one POST."""
        return ask(self.port, request_bytes("POST", target, headers, body))

    @property
    def cpu_seconds(self) -> float:
        """The processor time that the process has taken so far."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    @property
    def processor_milliseconds(self) -> float:
        """The same of all its threads, exact enough for one call."""
        spent = (task.read_text().split()[0] for task in Path(f"/proc/{self.process.pid}/task").glob("*/schedstat"))
        return sum(map(int, spent)) / 1e6

    @property
    def resident_megabytes(self) -> float:
        """The resident memory of the process, in 10^6 bytes."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / 1e6


def pin_driver() -> None:
    """Keep this process and what it starts on the driver's core, where the system can."""
    _pin(0, DRIVER_CORE)


def _pin(pid: int, core: int) -> None:
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


@contextmanager
def running(command: list[str], port: int, first: str, settings: Mapping[str, str]) -> Iterator[Server]:
    """Yield the server once it answers `first` with 200; it is ended afterwards."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=_environment(settings), stdout=subprocess.DEVNULL)
    _pin(process.pid, SERVER_CORE)
    try:
        server = Server(port, process, started)
        _await_answer(server, first)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(25)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_answer(server: Server, first: str) -> None:
    while time.perf_counter() - server.started < START_LIMIT:
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended at once with {server.process.returncode}: {server.process.args}")
        with suppress(OSError):
            if server.get(first).status == 200:
                return
        time.sleep(0.005)
    raise RuntimeError(f"the server did not answer within {START_LIMIT:g} s: {server.process.args}")


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    # A machine that forbids compiled modules would have every start compile the server anew.
    left_out = ("LIMBER_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    # The handlers are measured, not how soon one driver is refused.
    return {**kept, "PYTHONPATH": str(ROOT), "LIMBER_RATE_LIMITS": "false", **settings}


def database_settings(database: Path | str) -> dict[str, str]:
    """Return the settings of a server on this SQLite file, or on the database of this URL."""
    return {"LIMBER_DATABASE_URL": database if isinstance(database, str) else f"sqlite:///{database}"}


def new_database(database: Path | str) -> str:
    """Make a migrated database with the catalogue loaded, and return a key of its organisation."""
    settings = database_settings(database)
    _command(settings, "migrate")
    _command(settings, "load-catalog")
    scopes = [part for scope in SCOPES for part in ("--scope", scope)]
    return _command(settings, "keys", "create", "--organization", "bench", *scopes)


def _command(settings: Mapping[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "api", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=_environment(settings), check=True, capture_output=True)
    return done.stdout.decode().strip()


@contextmanager
def limber(database: Path | str) -> Iterator[Server]:
    """Yield the real server, started as its users start it."""
    port = free_port()
    command = [sys.executable, "-m", "api", "serve", "--port", str(port)]
    with running(command, port, "/exercises", database_settings(database)) as server:
        yield server


@contextmanager
def uvicorn(app: str, first: str, settings: Mapping[str, str]) -> Iterator[Server]:
    """Yield an application of this folder on uvicorn, with the settings that the real server runs with."""
    port = free_port()
    here = str(Path(__file__).parent)
    command = [sys.executable, "-m", "uvicorn", app, "--app-dir", here, "--port", str(port), *UVICORN]
    with running(command, port, first, settings) as server:
        yield server
