"""The image and the composition, read as text: small, unprivileged, read-only, and true to the code."""

import fnmatch
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from api.__main__ import cli
from api.settings import Settings

ROOT = Path(__file__).parents[2]
SETTINGS = {f"LIMBER_{name.upper()}" for name in Settings.model_fields}
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    pairs = [line.strip().partition(" ") for line in lines if line.strip()]
    return [(name.upper(), rest.strip()) for name, _, rest in pairs]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for name, rest in instructions():
        if name == "FROM":
            found.append([])
        found[-1].append((name, rest))
    return found


def said(stage: list[tuple[str, str]], wanted: str) -> list[str]:
    return [rest for name, rest in stage if name == wanted]


def test_there_are_two_stages_on_the_slim_image() -> None:
    build, final = stages()
    assert said(build, "FROM") == ["python:3.11-slim AS build"]
    assert said(final, "FROM") == ["python:3.11-slim"]
    assert not any("pip install" in step for step in said(final, "RUN"))


def test_what_is_installed_is_what_is_locked() -> None:
    (install,) = [step for step in said(stages()[0], "RUN") if "install" in step]
    assert "--require-hashes" in install
    assert "-r requirements.lock" in install
    assert "PIP_NO_CACHE_DIR=1" in said(stages()[0], "ENV")[0]


def test_the_image_runs_as_nobody_in_particular() -> None:
    _, final = stages()
    user = said(final, "USER")[-1]
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    names = [name for name, _ in final]
    assert names.index("USER") > max(place for place, name in enumerate(names) if name in {"RUN", "COPY"})
    assert json.loads(said(final, "VOLUME")[0]) == ["/data"]


def test_the_image_serves_as_the_command_line_does() -> None:
    _, final = stages()
    command = json.loads(said(final, "CMD")[0])
    assert command[:3] == ["python", "-m", "api"]
    assert command[3] in typer.main.get_command(cli).commands
    environment = dict(pair.split("=", 1) for line in said(final, "ENV") for pair in line.split())
    assert environment["LIMBER_DATABASE_URL"] == "sqlite:////data/limber.db"
    assert {name for name in environment if name.startswith("LIMBER_")} <= SETTINGS
    assert said(final, "EXPOSE") == [environment["LIMBER_PORT"]]
    assert said(final, "STOPSIGNAL") == ["SIGTERM"]


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line[1:] for line in lines if line.startswith("!")}
    left_out = [line for line in lines if line and line[0] not in "!#"]
    assert left_out[0] == "*"
    for stage in stages():
        for step in said(stage, "COPY"):
            if not step.startswith("--from"):
                source = step.split()[0].removeprefix("./")
                assert (ROOT / source).exists(), source
                assert source in kept, f".dockerignore leaves out {source}"
    private = (".env", ".git", ".venv", "var", "tests")
    assert not any(fnmatch.fnmatch(name, pattern) for name in private for pattern in kept)


@contextmanager
def answering(status: int) -> Iterator[tuple[int, list[str]]]:
    asked: list[str] = []

    class Stub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Stub) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield server.server_port, asked
        server.shutdown()
        serving.join()


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (404, False)])
def test_the_health_check_asks_whether_the_server_is_ready(status: int, healthy: bool) -> None:
    rest = said(stages()[1], "HEALTHCHECK")[0]
    python, *arguments = json.loads(rest[rest.index("CMD ") + 4 :])
    assert python == "python"
    with answering(status) as (port, asked):
        environment = {"LIMBER_PORT": str(port), "PATH": ""}
        done = subprocess.run([sys.executable, *arguments], env=environment, check=False, timeout=20)
    assert (done.returncode == 0) is healthy
    assert asked == ["/readyz"]


def test_the_health_check_fails_fast_when_nobody_listens() -> None:
    rest = said(stages()[1], "HEALTHCHECK")[0]
    arguments = json.loads(rest[rest.index("CMD ") + 4 :])[1:]
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, *arguments], env={"LIMBER_PORT": "9"}, check=False, timeout=20, stderr=subprocess.DEVNULL
    )
    assert done.returncode != 0
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "cap_add" not in service
    assert any(str(mount).startswith("/tmp") for mount in service["tmpfs"])
    assert {"mem_limit", "pids_limit", "restart", "logging"} <= service.keys()


def test_secrets_come_from_the_environment_and_are_required() -> None:
    for service in SERVICES.values():
        for variable, value in service["environment"].items():
            if "PASSWORD" in variable or "password" in str(value).lower():
                assert re.search(r"\$\{POSTGRES_PASSWORD:\?[^}]+\}", value), variable


def test_the_server_waits_for_the_migrations_and_these_for_the_database() -> None:
    waits = {name: service.get("depends_on", {}) for name, service in SERVICES.items()}
    assert waits["migrate"] == {"database": {"condition": "service_healthy"}}
    assert waits["api"]["migrate"] == {"condition": "service_completed_successfully"}
    assert "pg_isready" in SERVICES["database"]["healthcheck"]["test"]
    known = typer.main.get_command(cli).commands
    assert {"migrate", "load-catalog"} == set(re.findall(r"-m api ([a-z-]+)", SERVICES["migrate"]["command"][2]))
    assert {"migrate", "load-catalog"} <= known.keys()


def test_the_database_keeps_its_data_and_is_not_published() -> None:
    database = SERVICES["database"]
    # The image of PostgreSQL 18 keeps its data one folder higher than those before it.
    assert database["image"].startswith("postgres:18")
    assert database["volumes"] == ["database:/var/lib/postgresql"]
    assert "database" in COMPOSE["volumes"]
    assert "ports" not in database
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["api"]["ports"])


def test_the_composition_names_real_settings() -> None:
    for name in ("migrate", "api"):
        assert set(SERVICES[name]["environment"]) <= SETTINGS
        assert SERVICES[name]["environment"]["LIMBER_DATABASE_URL"].startswith("postgresql://")
