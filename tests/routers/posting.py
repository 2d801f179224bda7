"""Posting sessions through the front door, for the tests of the rooms."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session
from starlette.testclient import TestClient

from data.database import Database
from data.session_entries import SessionExerciseRow, SessionPainRow
from data.session_logs import SessionLogRow
from tests.conftest import Tenant
from tests.data.making import body as made

NOW = datetime.now(UTC).replace(microsecond=0)
YESTERDAY = NOW - timedelta(days=1)


def body(person: UUID, /, **changes: Any) -> dict[str, Any]:
    return made(person, **{"started_at": YESTERDAY, **changes})


def pointers(answer: Any) -> list[str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return [error["pointer"] for error in answer.json()["errors"]]


def stored(database: Database) -> int:
    def count(session: Session) -> int:
        tables: tuple[Any, ...] = (SessionLogRow, SessionExerciseRow, SessionPainRow)
        return sum(len(session.execute(select(table)).all()) for table in tables)

    return database.system.read_now(count)


def post(client: TestClient, tenant: Tenant, session: Any) -> Any:
    return client.post("/sessions", json=session, headers=tenant.headers)


def sessions_of(client: TestClient, tenant: Tenant) -> Any:
    answer = client.get("/progress", params={"person_id": str(tenant.person_id)}, headers=tenant.headers)
    assert answer.status_code == 200
    return answer.json()["sessions"]
