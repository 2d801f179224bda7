"""Phones that post sessions without end, and what must hold of a database that they posted to."""

import http.client
import threading
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import create_engine, text

from data.database import normalised
from tests.conftest import Tenant
from tests.data.making import body
from tests.serving import Server


class Phone(threading.Thread):
    """Posts sessions one after the other and remembers those that were acknowledged, and those that were not."""

    def __init__(self, server: Server, tenant: Tenant) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[dict[str, Any]] = []
        self.unknown: list[dict[str, Any]] = []
        self.strange: list[int] = []
        self.last = 0.0
        self.stop = threading.Event()
        self._server, self._tenant = server, tenant

    def run(self) -> None:
        while not self.stop.is_set():
            self._post(body(self._tenant.person_id, id=str(uuid4())))

    def _post(self, session: dict[str, Any]) -> None:
        try:
            answer = self._server.ask("POST", "/sessions", session, self._tenant.headers)
        except (OSError, http.client.HTTPException):
            self.unknown.append(session)
            time.sleep(0.2)
            return
        if answer.status == 201:
            self.acknowledged.append(session)
            self.last = time.monotonic()
        elif answer.status == 503 and answer.headers["Retry-After"]:
            self.unknown.append(session)
            time.sleep(0.2)
        else:
            self.strange.append(answer.status)


class Crowd:
    """Some phones at once."""

    def __init__(self, server: Server, tenant: Tenant, phones: int) -> None:
        self._phones = [Phone(server, tenant) for _ in range(phones)]

    def __enter__(self) -> "Crowd":
        for phone in self._phones:
            phone.start()
        return self

    def __exit__(self, *_: object) -> None:
        for phone in self._phones:
            phone.stop.set()
        for phone in self._phones:
            phone.join(30)
            assert not phone.is_alive()

    @property
    def acknowledged(self) -> list[dict[str, Any]]:
        return [session for phone in self._phones for session in phone.acknowledged]

    @property
    def unknown(self) -> list[dict[str, Any]]:
        return [session for phone in self._phones for session in phone.unknown]

    @property
    def strange(self) -> list[int]:
        return [status for phone in self._phones for status in phone.strange]

    def post(self, more: int, patience: float = 60) -> None:
        """Wait until so many more posts are acknowledged: load is counted, since machines differ in pace."""
        enough, asked = len(self.acknowledged) + more, time.monotonic()
        while len(self.acknowledged) < enough:
            assert time.monotonic() - asked < patience
            time.sleep(0.01)

    def seconds_to_the_next(self, patience: float) -> float:
        """Wait until a post is acknowledged and return how long that took."""
        asked = time.monotonic()
        while time.monotonic() - asked < patience:
            if any(phone.last > asked for phone in self._phones):
                return time.monotonic() - asked
            time.sleep(0.01)
        return patience


def keys(sessions: Sequence[dict[str, Any]]) -> set[str]:
    """Return the ids of posted sessions as `stored` returns them."""
    return {UUID(session["id"]).hex for session in sessions}


def stored(url: str) -> list[str]:
    """Return the id of every session in the database."""
    return [UUID(str(row[0])).hex for row in _rows(url, "SELECT id FROM session_log")]


def assert_whole(url: str) -> None:
    """Assert that the rollup counts what exists and that no session lacks its exercises."""
    counted, existing, bare = (
        _rows(url, statement)[0][0]
        for statement in (
            "SELECT coalesce(sum(sessions), 0) FROM daily_progress WHERE region = ''",
            "SELECT count(*) FROM session_log",
            (
                "SELECT count(*) FROM session_log l WHERE NOT EXISTS "
                "(SELECT 1 FROM session_exercise e WHERE e.session_id = l.id)"
            ),
        )
    )
    assert (counted, bare) == (existing, 0)
    if url.startswith("sqlite"):
        assert _rows(url, "PRAGMA integrity_check") == [("ok",)]
        assert _rows(url, "PRAGMA foreign_key_check") == []


def assert_kept(url: str, server: Server, tenant: Tenant, crowd: Crowd) -> None:
    """Assert that what was acknowledged is stored once, and that a replay stores all that was meant."""
    assert not crowd.strange
    found = stored(url)
    assert len(found) == len(set(found))
    assert keys(crowd.acknowledged) <= set(found)
    for session in (*crowd.acknowledged[:50], *crowd.acknowledged[-50:], *crowd.unknown):
        assert server.ask("POST", "/sessions", session, tenant.headers).status in (200, 201)
    server.kill()
    assert sorted(stored(url)) == sorted(keys([*crowd.acknowledged, *crowd.unknown]))
    assert_whole(url)


def _rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    engine = create_engine(normalised(url))
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]
    finally:
        engine.dispose()
