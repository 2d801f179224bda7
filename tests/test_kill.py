"""A server that is killed without warning keeps every session that it acknowledged, exactly once."""

import http.client
import random
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from data.database import Database
from tests.conftest import Tenant, make_tenant
from tests.data.making import body
from tests.serving import Server, free_port

WRITERS = 8
KILLS = 10


class Phone(threading.Thread):
    """Posts sessions one after the other and remembers those that were acknowledged, and those that were not."""

    def __init__(self, server: Server, tenant: Tenant) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[dict[str, Any]] = []
        self.unknown: list[dict[str, Any]] = []
        self.strange: list[int] = []
        self.stop = threading.Event()
        self._server, self._tenant = server, tenant

    def run(self) -> None:
        while not self.stop.is_set():
            session = body(self._tenant.person_id, id=str(uuid4()))
            try:
                status, _ = self._server.request("POST", "/sessions", session, self._tenant.headers)
            except (OSError, http.client.HTTPException):
                self.unknown.append(session)
                time.sleep(0.02)
                continue
            if status == 201:
                self.acknowledged.append(session)
            elif status == 503:
                self.unknown.append(session)
            else:
                self.strange.append(status)


def stored_ids(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return [row[0] for row in connection.execute("SELECT id FROM session_log")]


def rollup(path: Path) -> tuple[int, int, int]:
    """Return the sessions that the rollup counted, those that exist, and those without any exercise."""
    with closing(sqlite3.connect(path)) as connection:
        counted = connection.execute("SELECT coalesce(sum(sessions), 0) FROM daily_progress WHERE region = ''")
        bare = connection.execute(
            "SELECT count(*) FROM session_log l WHERE NOT EXISTS "
            "(SELECT 1 FROM session_exercise e WHERE e.session_id = l.id)"
        )
        stored = connection.execute("SELECT count(*) FROM session_log")
        return counted.fetchone()[0], stored.fetchone()[0], bare.fetchone()[0]


def test_ten_kills_lose_nothing_that_was_acknowledged(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "limber.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    database.open()
    tenant = make_tenant(database, "clinic")
    database.close()
    chance = random.Random(20261122)
    server = Server(f"sqlite:///{path}", free_port())
    server.start(tmp_path)
    phones = [Phone(server, tenant) for _ in range(WRITERS)]
    for phone in phones:
        phone.start()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.5))
        server.kill()
        server.start(tmp_path)
    time.sleep(0.3)
    for phone in phones:
        phone.stop.set()
    for phone in phones:
        phone.join(20)
    acknowledged = [session for phone in phones for session in phone.acknowledged]
    unknown = [session for phone in phones for session in phone.unknown]
    assert not [status for phone in phones for status in phone.strange]
    assert len(acknowledged) > 100

    stored = [name.replace("-", "") for name in stored_ids(path)]
    assert len(stored) == len(set(stored))
    assert {session["id"].replace("-", "") for session in acknowledged} <= set(stored)

    sent = acknowledged[:50] + acknowledged[-100:] + unknown
    statuses = {server.request("POST", "/sessions", session, tenant.headers)[0] for session in sent}
    assert statuses <= {200, 201}
    server.kill()
    everything = {session["id"].replace("-", "") for session in [*acknowledged, *unknown]}
    assert sorted(name.replace("-", "") for name in stored_ids(path)) == sorted(everything)
    counted, existing, bare = rollup(path)
    assert (counted, bare) == (existing, 0)
