"""Clients that follow by cursor hold what the server holds, while eight threads write over the real server."""

import http.client
import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from data.database import Database
from tests.conftest import Tenant, make_tenant
from tests.routers.posting import YESTERDAY, body
from tests.serving import Server, free_port
from tests.session_follower import Follower
from tests.soak import scaled

WRITERS = 8
CHANGES = scaled(2_000, 20_000)
BATCH = 5
DAYS = 1_000

pytestmark = pytest.mark.endurance(
    "Clients that follow the sessions by cursor miss nothing and see no phantom",
    f"{CHANGES:,} changes by {WRITERS} writers, on each database",
)


@dataclass
class Answer:
    status_code: int
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


class Line:
    """One kept connection to a server."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get(self, path: str, params: dict[str, str], headers: dict[str, str]) -> Answer:
        return self.send("GET", f"{path}?{urlencode(params)}", None, headers)

    def send(self, method: str, path: str, content: Any, headers: dict[str, str]) -> Answer:
        sent = None if content is None else json.dumps(content)
        self._connection.request(method, path, sent, {"Content-Type": "application/json", **headers})
        answer = self._connection.getresponse()
        return Answer(answer.status, answer.read().decode())

    def close(self) -> None:
        self._connection.close()


class Device(threading.Thread):
    """Posts, edits and deletes sessions of its own until it has made its share of the changes."""

    def __init__(self, port: int, tenant: Tenant, seed: int) -> None:
        super().__init__(daemon=True)
        self.versions: dict[str, int] = {}
        self.gone: set[str] = set()
        self.changes = 0
        self._line, self._tenant, self._chance = Line(port), tenant, random.Random(seed)

    def run(self) -> None:
        with closing(self._line):
            while self.changes < CHANGES // WRITERS:
                self._chance.choice(
                    [self._post_one, self._post_one, self._edit_one, self._delete_one, self._post_many]
                )()

    def _post_one(self) -> None:
        session = self._session()
        self._send("POST", "/sessions", session, {}, 201)
        self._count(session)

    def _post_many(self) -> None:
        sessions = [self._session() for _ in range(BATCH)]
        self._send("POST", "/sessions/batch", {"sessions": sessions}, {}, 200)
        for session in sessions:
            self._count(session)

    def _edit_one(self) -> None:
        if self.versions:
            key = self._chance.choice(list(self.versions))
            match = {"If-Match": f'"v{self.versions[key]}"'}
            self._send("PATCH", f"/sessions/{key}", {"effort": self._chance.randint(0, 10)}, match, 200)
            self.versions[key] += 1
            self.changes += 1

    def _delete_one(self) -> None:
        if len(self.versions) > 10:
            key = self._chance.choice(list(self.versions))
            self._send("DELETE", f"/sessions/{key}", None, {"If-Match": f'"v{self.versions.pop(key)}"'}, 204)
            self.gone.add(key)
            self.changes += 1

    def _session(self) -> dict[str, Any]:
        # The figures of a day are made anew from all its sessions, which are few in a life.
        started_at = YESTERDAY - timedelta(days=self._chance.randrange(DAYS))
        return body(self._tenant.person_id, id=str(uuid4()), notes=None, started_at=started_at)

    def _count(self, session: dict[str, Any]) -> None:
        self.versions[session["id"]] = 1
        self.changes += 1

    def _send(self, method: str, path: str, content: Any, headers: dict[str, str], expected: int) -> None:
        answer = self._line.send(method, path, content, {**self._tenant.headers, **headers})
        assert answer.status_code == expected, answer.text


class Following(threading.Thread):
    """Asks again and again, and waits a moment only when nothing was new."""

    def __init__(self, port: int, tenant: Tenant, limit: int, person_id: str | None) -> None:
        super().__init__(daemon=True)
        self.stop = threading.Event()
        self.done = False
        self._line = Line(port)
        self.follower = Follower(self._line, tenant.headers, limit, person_id)

    def run(self) -> None:
        with closing(self._line):
            while not self.stop.is_set():
                if not self.follower.ask():
                    time.sleep(0.05)
            self.follower.catch_up()
            self.done = True


@pytest.fixture
def servers(backend: str, database_url: str, tmp_path: Path) -> Iterator[list[Server]]:
    """One server on SQLite; two that share PostgreSQL."""
    started = [Server(database_url, free_port()) for _ in range(1 if backend == "sqlite" else 2)]
    for server in started:
        server.start(tmp_path)
    yield started
    for server in started:
        server.kill()


def test_followers_miss_nothing_and_see_no_phantom(servers: list[Server], database: Database) -> None:
    tenants = [make_tenant(database, name) for name in ("clinic", "other clinic")]
    ports = [server.port for server in servers]
    # Both organisations write at both servers: their counters must not wait for each other in a ring.
    devices = [Device(ports[number % len(ports)], tenants[number // 2 % 2], number) for number in range(WRITERS)]
    following = [
        Following(ports[number % len(ports)], tenant, limit, person_id)
        for number, (tenant, limit, person_id) in enumerate(
            [(tenants[0], 10, None), (tenants[0], 200, str(tenants[0].person_id)), (tenants[1], 50, None)]
        )
    ]
    for thread in [*following, *devices]:
        thread.start()
    for device in devices:
        device.join(600)
    for one in following:
        one.stop.set()
        one.join(60)
    assert sum(device.changes for device in devices) >= CHANGES
    for one, tenant in zip(following, (tenants[0], tenants[0], tenants[1]), strict=True):
        assert one.done
        mine = [device for number, device in enumerate(devices) if tenants[number // 2 % 2] is tenant]
        meant = {key: version for device in mine for key, version in device.versions.items()}
        assert {key: log["version"] for key, log in one.follower.held.items()} == meant
        assert one.follower.restarts == 0
        # A device that begins now is told of every session that there is, once.
        with closing(Line(ports[-1])) as line:
            late = Follower(line, tenant.headers, 200)
            late.catch_up()
        assert (late.held, late.told) == (one.follower.held, len(meant))
