"""Nothing that a person wrote gets into what a server prints or tells of itself, whatever goes wrong."""

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from data.database import normalised
from tests.conftest import Tenant
from tests.data.making import body
from tests.raw_exchange import exchange
from tests.serving import Server, free_port

CANARY = "qzcanary"
"""Stands in everything that a person could write; each place adds a name of its own."""

pytestmark = pytest.mark.endurance(
    "Nothing that a person wrote is in logs, errors or metrics",
    "a canary in every personal field",
)


@pytest.fixture
def metrics_port() -> int:
    return free_port()


@pytest.fixture
def server(database_url: str, tmp_path: Path, metrics_port: int) -> Iterator[Server]:
    settings = {
        "LIMBER_LOG_LEVEL": "debug",
        "LIMBER_LOG_FORMAT": "json",
        "LIMBER_METRICS_PORT": str(metrics_port),
    }
    with Server(database_url, free_port(), **settings) as started:
        started.start(tmp_path)
        yield started


def told(server: Server, metrics_port: int) -> str:
    """Return everything that the server has printed, and its metrics."""
    # A line is written after its answer was sent.
    time.sleep(0.5)
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics_port}/metrics") as answer:
        return server.printed.read_text() + answer.read().decode()


def lines(server: Server) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.printed.read_text().splitlines() if line.startswith("{")]


def personal(person: Any, **changes: Any) -> dict[str, Any]:
    return body(person, title=f"{CANARY} title", notes=f"{CANARY} notes", **changes)


def send_everything(server: Server, tenant: Tenant) -> list[int]:
    """Send canaries to every place that takes words, as they should be and as they should not; return the statuses."""
    headers = {**tenant.headers, "User-Agent": f"{CANARY}-agent", "X-Request-Id": f"{CANARY}-request-0123456789"}
    stored = personal(tenant.person_id)
    refused = personal(tenant.person_id, effort=f"{CANARY} effort", **{f"{CANARY}field": 1})
    text_ = {"text": f"{CANARY} sore between my shoulder blades"}
    sent = [
        ("POST", "/sessions", stored),
        ("POST", "/sessions", {**stored, "notes": f"{CANARY} other"}),
        ("POST", "/sessions", refused),
        ("POST", "/sessions/batch", {"sessions": [personal(tenant.person_id), refused]}),
        ("PATCH", f"/sessions/{stored['id']}", {"notes": f"{CANARY} patched"}),
        ("GET", f"/sessions/{CANARY}-path", None),
        ("GET", f"/sessions?cursor={CANARY}-cursor&{CANARY}=1", None),
        ("POST", "/people", {"external_id": f"{CANARY}@example.org"}),
        ("POST", "/people", {"external_id": f"{CANARY}@example.org", f"{CANARY}more": 1}),
        ("GET", f"/people?external_id={CANARY}%40example.org", None),
        ("POST", "/recommendations", text_),
        ("POST", "/recommendations", {**text_, "person_id": str(tenant.person_id)}),
        ("POST", "/recommendations", {**text_, "severity": f"{CANARY} severity"}),
        ("POST", "/triage", text_),
        ("POST", "/triage", {**text_, f"{CANARY}field": 1}),
        ("GET", f"/exercises?q={CANARY}", None),
        ("POST", "/auth/register", {"email": f"{CANARY}@example.org", "password": f"{CANARY} password"}),
        ("POST", "/auth/token", {"email": f"{CANARY}@example.org", "password": f"{CANARY} password"}),
        ("POST", "/auth/oidc", {"id_token": f"{CANARY}.{CANARY}.{CANARY}"}),
        ("POST", "/auth/refresh", {"refresh_token": f"limber_rt_{CANARY}"}),
        ("POST", "/auth/accept", {"token": f"limber_in_{CANARY}", "password": f"{CANARY} password"}),
        ("POST", "/organization/members", {"email": f"{CANARY}@example.org", "role": "viewer"}),
        ("POST", "/organization/issuers", {"issuer": CANARY, "audience": CANARY, "jwks_url": f"http://{CANARY}"}),
        ("GET", f"/{CANARY}/nowhere", None),
        ("DELETE", f"/{CANARY}", None),
        ("POST", "/auth/register", {"email": f"{CANARY}-mail@example.org", "password": f"{CANARY} password"}),
        ("POST", "/auth/register", {"email": f"{CANARY} no mail", "password": f"{CANARY}"}),
        ("POST", "/auth/token", {"email": f"{CANARY}-mail@example.org", "password": f"{CANARY} wrong one"}),
        ("POST", "/auth/refresh", {"refresh_token": f"limber_rt_{CANARY}"}),
        ("GET", f"/people/{tenant.person_id}/export", None),
        ("GET", f"/audit?record={CANARY}", None),
    ]
    return [server.ask(method, path, content, headers).status for method, path, content in sent]


def test_nothing_a_person_wrote_is_told(server: Server, tenant: Tenant, metrics_port: int) -> None:
    statuses = send_everything(server, tenant)
    assert {200, 201, 404, 409, 422, 428} <= set(statuses)
    raw = [f"GET /sessions/{CANARY} {CANARY}\r\n\r\n", f"POST /triage HTTP/1.1\r\n{CANARY} x: {CANARY}\r\n\r\n"]
    for request in raw:
        assert exchange(server.port, [request.encode()]).status == 400
    cut = f'POST /triage HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{{"text": "{CANARY}'
    exchange(server.port, [cut.encode()], seconds=0.3)
    found = told(server, metrics_port)
    assert CANARY not in found.lower()
    assert tenant.key not in found
    requests = [line for line in lines(server) if line["logger"] == "limber.request"]
    assert len(requests) >= len(statuses)
    assert {"/sessions", "/sessions/{session_id}", "/people", "unmatched"} <= {line["route"] for line in requests}
    assert str(tenant.organization_id) in {line.get("organization_id") for line in requests}


def test_nothing_is_told_when_the_database_is_gone_or_a_handler_crashes(
    server: Server, tenant: Tenant, metrics_port: int, database_url: str
) -> None:
    send_everything(server, tenant)
    engine = create_engine(normalised(database_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP TABLE session_exercise"))
        connection.execute(text("ALTER TABLE person RENAME TO nobody"))
    statuses = send_everything(server, tenant)
    with engine.connect() as connection:
        connection.execute(text("ALTER TABLE api_key RENAME TO no_key"))
    engine.dispose()
    other = {"Authorization": f"Bearer limber_{CANARY}{uuid4().hex}"}
    statuses += [server.ask("GET", f"/people?external_id={CANARY}", None, other).status]
    assert set(statuses) & {500, 503}
    found = told(server, metrics_port)
    assert CANARY not in found.lower()
    assert "Traceback" not in found
    failed = [line for line in lines(server) if line["logger"] == "limber.request" and line["status"] >= 500]
    assert failed
    assert all(line["level"] in ("error", "warning") for line in failed)
