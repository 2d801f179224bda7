"""The reference of the write benchmark: a plain session-per-request SQLModel application, as the tutorials teach it.

Synchronous endpoints, `Depends(get_session)`, one commit a request, rows through the ORM, a response model. It writes
the same rows to the same tables, on SQLite with WAL, BEGIN IMMEDIATE and synchronous=FULL, and checks the same: the
key by its digest, its scope, the person, the ids that a session names, the repeated id.

Environment: BENCH_DATABASE, BENCH_POOL (connections), BENCH_THREADS.
"""

import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from anyio.to_thread import current_default_thread_limiter
from fastapi import Depends, FastAPI, Header, HTTPException, Response
from pydantic import ValidationError
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import QueuePool
from sqlmodel import Session, col, create_engine, select
from uuid_utils.compat import uuid7

from data.access import ApiKeyRow
from data.audit import AuditEventRow
from data.daily_progress import WHOLE_DAY, DailyProgressRow
from data.person_rows import PersonRow
from data.releases import read
from data.session_changes import ChangeCounterRow
from data.session_entries import SessionExerciseRow, SessionPainRow
from data.session_logs import SessionLogRow, local_day, offset
from schemas.progress import RegionSums
from schemas.session_logs import (
    BatchAnswer,
    BatchResult,
    BatchStatus,
    SessionLog,
    SessionLogBatch,
    SessionLogCreate,
)

engine = create_engine(
    f"sqlite:///{os.environ['BENCH_DATABASE']}",
    poolclass=QueuePool,
    pool_size=int(os.environ["BENCH_POOL"]),
    max_overflow=0,
    pool_timeout=30,
    connect_args={"check_same_thread": False, "timeout": 30, "isolation_level": None},
)
known: dict[str, frozenset[str]] = {}
KEY = ("organization_id", "person_id", "day", "region")
ZEROS = dict.fromkeys(RegionSums.model_fields, 0)
Days = dict[tuple[UUID, UUID, str, str], DailyProgressRow]
_id = col(SessionLogRow.id)


@event.listens_for(engine, "connect")
def _pragmas(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=8000"):
        connection.execute(f"PRAGMA {pragma}").fetchall()


@event.listens_for(engine, "begin")
def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    current_default_thread_limiter().total_tokens = int(os.environ["BENCH_THREADS"])
    with Session(engine) as session:
        release = read(session)
    if release is None:
        raise RuntimeError("the database holds no catalogue")
    known["exercises"] = frozenset(release.catalog.exercises) | frozenset(release.retired)
    known["regions"] = frozenset(release.catalog.regions)
    known["symptoms"] = frozenset(release.lexicon.concepts)
    yield


app = FastAPI(lifespan=lifespan)


def get_session() -> Iterator[Session]:
    with Session(engine, expire_on_commit=False) as session:
        yield session


Opened = Annotated[Session, Depends(get_session)]


def get_organization(session: Opened, authorization: Annotated[str, Header()]) -> UUID:
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).digest()
    key = session.exec(select(ApiKeyRow).where(ApiKeyRow.key_digest == digest)).one_or_none()
    if key is None or key.revoked_at is not None:
        raise HTTPException(401)
    if "sessions:write" not in key.scopes:
        raise HTTPException(403)
    return key.organization_id


Organization = Annotated[UUID, Depends(get_organization)]


@app.get("/ready")
def ready() -> str:
    return "ready"


@app.post("/sessions", status_code=201, response_model=SessionLog)
def create_session(body: SessionLogCreate, session: Opened, organization: Organization, response: Response) -> Any:
    now = datetime.now(UTC)
    _check(body)
    if session.get(PersonRow, (organization, body.person_id)) is None:
        raise HTTPException(404)
    row = _row(body, organization, now)
    try:
        _add(session, [(body, row)])
        session.commit()
    except IntegrityError:
        session.rollback()
        stored = session.get(SessionLogRow, (organization, row.id))
        if stored is None or stored.created_digest != row.created_digest:
            raise HTTPException(409) from None
        response.status_code, row = 200, stored
    return _shape(body, row)


@app.post("/sessions/batch", response_model=BatchAnswer)
def create_sessions(body: SessionLogBatch, session: Opened, organization: Organization) -> Any:
    now = datetime.now(UTC)
    logs = [_parsed(item) for item in body.sessions]
    ids = [log.id for log in logs if log is not None]
    found = session.exec(select(SessionLogRow).where(SessionLogRow.organization_id == organization, _id.in_(ids)))
    stored = {row.id: row.created_digest for row in found}
    results, fresh = [], []
    for index, log in enumerate(logs):
        if log is None:
            status = BatchStatus.INVALID
        elif session.get(PersonRow, (organization, log.person_id)) is None:
            status = BatchStatus.NOT_FOUND
        elif log.id in stored:
            status = BatchStatus.REPLAYED if stored[log.id] == _digest(log) else BatchStatus.CONFLICT
        else:
            status = BatchStatus.CREATED
            row = _row(log, organization, now)
            stored[row.id] = row.created_digest
            fresh.append((log, row))
        results.append(BatchResult(index=index, id=None if log is None else log.id, status=status))
    _add(session, fresh)
    session.commit()
    return BatchAnswer(results=results)


def _parsed(item: object) -> SessionLogCreate | None:
    try:
        log = SessionLogCreate.model_validate(item)
        _check(log)
    except (ValidationError, HTTPException):
        return None
    return log


def _check(body: SessionLogCreate) -> None:
    wrong = [entry.exercise_id for entry in body.exercises if entry.exercise_id not in known["exercises"]]
    wrong += [entry.region for entry in body.pain if entry.region not in known["regions"]]
    wrong += [symptom for symptom in body.new_symptoms if symptom not in known["symptoms"]]
    if wrong or body.person_id is None:
        raise HTTPException(422)


def _digest(body: SessionLogCreate) -> bytes:
    return hashlib.sha256(body.model_dump_json(exclude={"id"}).encode()).digest()


def _row(body: SessionLogCreate, organization: UUID, now: datetime) -> SessionLogRow:
    return SessionLogRow(
        **{name: getattr(body, name) for name in SessionLogRow.model_fields if name in SessionLogCreate.model_fields}
        | {"id": body.id or uuid7(), "spread": body.spread.value},
        organization_id=organization,
        local_day=local_day(body.started_at, body.timezone),
        clock_ahead=body.ended_at > now,
        version=1,
        created_digest=_digest(body),
        created_at=now,
        updated_at=now,
    )


def _add(session: Session, logs: list[tuple[SessionLogCreate, SessionLogRow]]) -> None:
    for _, row in logs:
        row.sequence = _next_change(session, row.organization_id)
    session.add_all(row for _, row in logs)
    # The tables have no relationships, so that the parents have to be sent first.
    session.flush()
    for rows, name in ((SessionExerciseRow, "exercises"), (SessionPainRow, "pain")):
        session.add_all(
            rows(
                organization_id=row.organization_id,
                session_id=row.id,
                position=position,
                **entry.model_dump(mode="json"),
            )
            for body, row in logs
            for position, entry in enumerate(getattr(body, name))
        )
    session.add_all(_event(session, row) for _, row in logs)
    days: Days = {}
    with session.no_autoflush:
        for body, row in logs:
            _count(session, days, body, row)


def _event(session: Session, row: SessionLogRow) -> AuditEventRow:
    person = session.get(PersonRow, (row.organization_id, row.person_id))
    return AuditEventRow(
        organization_id=row.organization_id,
        id=uuid7(),
        at=datetime.now(UTC),
        actor_kind="key",
        action="write",
        record="session",
        subject=None if person is None else person.pseudonym,
        count=1,
    )


def _next_change(session: Session, organization: UUID) -> int:
    counter = session.get(ChangeCounterRow, organization)
    if counter is None:
        counter = ChangeCounterRow(organization_id=organization, value=0, epoch=uuid4())
        session.add(counter)
    counter.value += 1
    return counter.value


def _count(session: Session, days: Days, body: SessionLogCreate, row: SessionLogRow) -> None:
    whole = _day(session, days, row, WHOLE_DAY)
    whole.sessions += 1
    whole.seconds += int((body.ended_at - body.started_at).total_seconds())
    whole.exercises += len(body.exercises)
    ahead = offset(body.started_at, body.timezone)
    whole.first_at = min(whole.first_at or body.started_at, body.started_at)
    whole.offset_least = ahead if whole.offset_least is None else min(whole.offset_least, ahead)
    for region in {entry.region for entry in body.pain}:
        _day(session, days, row, region).sessions += 1
    for entry in body.pain:
        day = _day(session, days, row, entry.region)
        for measure in ("before", "after", "next_morning"):
            value = getattr(entry, measure)
            if value is not None:
                setattr(day, f"{measure}_sum", getattr(day, f"{measure}_sum") + value)
                setattr(day, f"{measure}_count", getattr(day, f"{measure}_count") + 1)
        if entry.before is not None and entry.after is not None:
            day.change_sum += entry.after - entry.before
            day.change_count += 1


def _day(session: Session, days: Days, row: SessionLogRow, region: str) -> DailyProgressRow:
    key = (row.organization_id, row.person_id, row.local_day, region)
    if key not in days:
        found = session.get(DailyProgressRow, key)
        if found is None:
            found = DailyProgressRow(**dict(zip(KEY, key, strict=True)), **ZEROS)
            session.add(found)
        days[key] = found
    return days[key]


def _shape(body: SessionLogCreate, row: SessionLogRow) -> dict[str, Any]:
    return {name: getattr(row, name, None) for name in SessionLog.model_fields} | {
        "pain": body.pain,
        "exercises": body.exercises,
        "spread": body.spread,
    }
