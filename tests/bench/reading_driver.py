"""Repeated GET requests, by wrk where it is installed, else by the driver of this folder."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from driver import drive, request_bytes

WRK = shutil.which("wrk")
SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets that are asked for in turn, in a file of one a line, from `offset` on."""

    path: Path
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Pace:
    """What a round reached; latencies in milliseconds."""

    rate: float
    answers: int
    errors: int
    p50: float
    p99: float


def pace(port: int, targets: str | Targets, headers: Mapping[str, str], *, connections: int, seconds: int) -> Pace:
    """Ask for one target or many for some seconds and return what was reached."""
    if WRK is None:
        return _paced_here(port, targets, headers, connections, seconds)
    base = f"http://127.0.0.1:{port}"
    arguments = [WRK, "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(SCRIPT)]
    for name, value in headers.items():
        arguments += ["-H", f"{name}: {value}"]
    if isinstance(targets, str):
        arguments += [base + targets]
    else:
        arguments += [base, "--", str(targets.path), str(targets.offset)]
    output = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    found = json.loads(output.strip().splitlines()[-1])
    return Pace(
        found["requests"] / found["microseconds"] * 1e6,
        found["requests"],
        found["status"] + found["broken"],
        found["p50"] / 1000,
        found["p99"] / 1000,
    )


def _paced_here(port: int, targets: str | Targets, headers: Mapping[str, str], connections: int, seconds: int) -> Pace:
    if isinstance(targets, str):
        lines, offset = [targets], 0
    else:
        lines, offset = targets.path.read_text().splitlines(), targets.offset
    requests = [request_bytes("GET", line, headers) for line in lines]
    load = drive(port, islice(cycle(requests), offset, None), connections=connections, seconds=seconds)
    ordered = sorted(load.latencies) or [0.0]
    middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    return Pace(load.rate, len(load.latencies), load.errors(200, 304), middle * 1000, late * 1000)
