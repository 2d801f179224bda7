"""What is old enough is forgotten: by the command, and once a day by one of the servers."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.__main__ import cli
from api.main import create_app
from api.settings import Settings
from data import audit
from data.database import Database
from tests.conftest import Tenant
from tests.data.making import body
from tests.linking import pair
from tests.personal import counts, raw
from tests.routers.test_audit import events
from tests.signing import Clock

LONG_AGO = datetime.now(UTC) - timedelta(days=400)
DONE_WITHIN_SECONDS = 10


@pytest.fixture
def lived(client: TestClient, tenant: Tenant) -> dict[str, str]:
    """The ids of somebody who did something long ago, and of somebody who went on."""
    people = {}
    for name, days in (("gone", [400, 399]), ("going on", [400, 1])):
        added = client.post("/people", json={"external_id": name}, headers=tenant.headers).json()
        people[name] = str(added["id"])
        for ago in days:
            words = {"title": "Long walk", "notes": "felt old"} if name == "gone" else {}
            log = body(added["id"], started_at=datetime.now(UTC) - timedelta(days=ago), **words)
            assert client.post("/sessions", json=log, headers=tenant.headers).status_code == 201
    return people


def sessions(client: TestClient, tenant: Tenant, person_id: str) -> int:
    answer = client.get("/sessions", params={"person_id": person_id}, headers=tenant.headers)
    return len(answer.json()["items"])


def retain(database_url: str, monkeypatch: pytest.MonkeyPatch, days: int) -> Any:
    monkeypatch.setenv("LIMBER_DATABASE_URL", database_url)
    monkeypatch.setenv("LIMBER_RETENTION_DAYS", str(days))
    return CliRunner().invoke(cli, ["retain"])


def test_who_did_nothing_for_long_is_forgotten_and_stays_known(
    client: TestClient, tenant: Tenant, lived: dict[str, str], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = retain(database_url, monkeypatch, 365)
    assert done.exit_code == 0, done.output
    assert "1 people" in done.output
    assert (sessions(client, tenant, lived["gone"]), sessions(client, tenant, lived["going on"])) == (0, 2)
    assert client.get(f"/people/{lived['gone']}", headers=tenant.headers).status_code == 200
    left = counts(database_url)
    # Two of them are tombstones, by which followers learn of it.
    assert (left["session_log"], left["session_exercise"], left["session_pain"]) == (4, 2, 2)
    assert not [word for word in (b"Long walk", b"felt old") if word in raw(database_url)]
    figures = client.get("/progress", params={"person_id": lived["gone"], "days": 366}, headers=tenant.headers).json()
    assert figures["sessions"] == 0
    (event,) = events(client, tenant.headers, action="expire")
    assert (event["actor_kind"], event["record"]) == ("system", "history")
    assert retain(database_url, monkeypatch, 365).output.startswith("forgot what 0 people")


def test_what_links_brought_is_forgotten_with_it(
    client: TestClient, database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked = pair(client, database, datetime.now(UTC))
    own = body(linked.clinic.person_id, started_at=datetime.now(UTC) - timedelta(days=1))
    assert client.post("/sessions", json=own, headers=linked.clinic.headers).status_code == 201
    linked.post(LONG_AGO, notes="felt old")
    linked.link(covers_from=LONG_AGO - timedelta(days=1))
    assert len(linked.seen()) == 2
    assert "1 people" in retain(database_url, monkeypatch, 365).output
    assert [log["id"] for log in linked.seen()] == [own["id"]]
    assert linked.counted() == 1
    assert b"felt old" not in raw(database_url)


def test_everything_is_kept_unless_a_time_is_set(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = retain(database_url, monkeypatch, 0)
    assert refused.exit_code == 1


def test_the_audit_log_is_forgotten_by_age_alone(client: TestClient, tenant: Tenant, database: Database) -> None:
    assert client.post("/sessions", json=body(tenant.person_id), headers=tenant.headers).status_code == 201
    middle = datetime.now(UTC)
    assert client.post("/sessions", json=body(tenant.person_id), headers=tenant.headers).status_code == 201
    assert database.system.write_now(audit.forget, middle, 1) == 1
    assert database.system.write_now(audit.forget, middle) >= 1
    assert len(events(client, tenant.headers, record="session")) == 1
    assert database.system.write_now(audit.forget, middle) == 0


def test_one_of_the_servers_does_it_once_a_day(
    database_url: str, tenant: Tenant, lived: dict[str, str], database: Database
) -> None:
    clock = Clock()
    settings = Settings(database_url=database_url, retention_days=365, _env_file=None)
    with TestClient(create_app(settings, clock=clock)) as server:
        for _ in range(DONE_WITHIN_SECONDS * 10):
            if sessions(server, tenant, lived["gone"]) == 0:
                break
            time.sleep(0.1)
        assert sessions(server, tenant, lived["gone"]) == 0
        assert sessions(server, tenant, lived["going on"]) == 2
    now = clock.now
    assert not database.system.write_now(audit.begin_chores, now, now - timedelta(days=1)), "another server came first"
    tomorrow = now + timedelta(days=1)
    assert database.system.write_now(audit.begin_chores, tomorrow, tomorrow - timedelta(days=1))
    assert not database.system.write_now(audit.begin_chores, tomorrow, tomorrow - timedelta(days=1))
