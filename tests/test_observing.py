"""What a server tells of its requests: ids, lines and metrics, by route templates."""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Tenant
from tests.data.making import body
from tests.serving import Server, free_port

SETTLING_SECONDS = 0.5
TRACE = "0199f3a2-7c1e-7b3a-9d55-2f6a4c8e1b07"


@pytest.fixture(params=["sqlite"])
def backend(request: pytest.FixtureRequest) -> str:
    """What is told does not depend on the database."""
    return str(request.param)


@pytest.fixture
def metrics_port() -> int:
    return free_port()


@pytest.fixture
def observed(database_url: str, tmp_path: Path, metrics_port: int) -> Iterator[Server]:
    settings = {"LIMBER_METRICS_PORT": str(metrics_port), "LIMBER_LOG_FORMAT": "json", "LIMBER_LOG_LEVEL": "info"}
    with Server(database_url, free_port(), **settings) as started:
        started.start(tmp_path)
        yield started


@pytest.fixture
def quiet(database_url: str, tmp_path: Path) -> Iterator[Server]:
    with Server(database_url, free_port()) as started:
        started.start(tmp_path)
        yield started


def figures(port: int) -> dict[str, float]:
    time.sleep(SETTLING_SECONDS)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[0] != "#"}


def counted(found: dict[str, float], route: str, method: str, status: str) -> float:
    return found.get(f'limber_request_seconds_count{{method="{method}",route="{route}",status="{status}"}}', 0)


def lines(server: Server) -> list[dict[str, Any]]:
    # A line is written after its answer was sent.
    time.sleep(SETTLING_SECONDS)
    printed = (line for line in server.printed.read_text().splitlines() if line.startswith("{"))
    return [line for line in map(json.loads, printed) if line["logger"] == "limber.request"]


def test_requests_are_counted_by_template_method_and_class(observed: Server, tenant: Tenant, metrics_port: int) -> None:
    session = body(tenant.person_id)
    assert observed.ask("POST", "/sessions", session, tenant.headers).status == 201
    for _ in range(3):
        observed.ask("GET", f"/sessions/{session['id']}", None, tenant.headers)
        observed.ask("GET", "/exercises?limit=3")
    observed.ask("HEAD", "/exercises/standing-mid-back-reach")
    for number in range(4):
        observed.ask("GET", f"/nowhere/{number}")
    found = figures(metrics_port)
    assert counted(found, "/sessions", "POST", "2xx") == 1
    assert counted(found, "/sessions/{session_id}", "GET", "2xx") == 3
    assert counted(found, "/exercises", "GET", "2xx") == 3
    assert counted(found, "/exercises/{exercise_id}", "HEAD", "2xx") == 1
    assert counted(found, "unmatched", "GET", "4xx") == 4
    assert found["limber_cache_hits_total"] == 2
    # The session is one; the notes of what was read and of the use of a key are units of the server's own.
    assert found['limber_writer_units_total{writer="writer-0"}'] >= 1
    assert found['limber_writes_waiting{writer="writer-0"}'] == 0
    assert found["limber_catalog_release"] == 1
    assert found["process_resident_memory_bytes"] > 1e6
    endless = 'limber_request_seconds_bucket{le="+Inf",method="GET",route="/exercises",status="2xx"}'
    assert found[endless] == 3


def test_every_request_has_its_line(observed: Server, tenant: Tenant) -> None:
    observed.ask("GET", "/sessions?limit=5", None, {**tenant.headers, "X-Request-Id": TRACE})
    observed.ask("GET", "/exercises?limit=3")
    observed.ask("GET", "/exercises?limit=3")
    keyed, *free = lines(observed)[-3:]
    assert keyed["request_id"] == TRACE
    assert keyed["organization_id"] == str(tenant.organization_id)
    assert (keyed["method"], keyed["route"], keyed["status"]) == ("GET", "/sessions", 200)
    assert keyed["duration_ms"] > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", keyed["time"])
    assert [line["route"] for line in free] == ["/exercises", "/exercises"]
    assert not any("organization_id" in line for line in free)


@pytest.mark.parametrize("sent", ["short", "someone@example.org", "a" * 65, "name of a person!", ""])
def test_an_id_of_another_form_is_replaced(observed: Server, sent: str) -> None:
    answer = observed.ask("GET", "/livez", None, {"X-Request-Id": sent})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"])


def test_an_id_of_the_clients_comes_back(observed: Server) -> None:
    for path in ("/livez", "/exercises", "/exercises", "/nowhere"):
        assert observed.ask("GET", path, None, {"X-Request-Id": TRACE}).headers["X-Request-Id"] == TRACE


def test_without_metrics_and_lines_ready_answers_are_left_alone(quiet: Server, tenant: Tenant) -> None:
    first, again = quiet.ask("GET", "/exercises?limit=3"), quiet.ask("GET", "/exercises?limit=3")
    assert first.headers["X-Request-Id"] is None
    assert [pair for pair in first.headers.items() if pair[0] != "date"] == [
        pair for pair in again.headers.items() if pair[0] != "date"
    ]
    named = quiet.ask("GET", "/sessions", None, {**tenant.headers, "X-Request-Id": TRACE})
    assert named.headers["X-Request-Id"] == TRACE
    assert "request" not in quiet.printed.read_text()


def test_the_metrics_are_not_on_the_port_of_the_api(observed: Server, metrics_port: int) -> None:
    assert observed.ask("GET", "/metrics").status == 404
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{free_port()}/metrics")
