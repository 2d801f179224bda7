"""Storing, changing and deleting session logs: once each, by version, with the daily rollup in the same transaction."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import update
from sqlmodel import Session, col, select
from uuid_utils.compat import uuid7

from data import audit, daily_progress, person_rows, session_entries, session_logs
from data.person_rows import PersonRow
from data.prepared import PreparedStatement
from data.session_entries import plain
from data.session_logs import CHANGEABLE, STAMPED, SessionLogRow
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.session_logs import SessionLog, SessionLogCreate, SessionLogFields, SessionLogUpdate
from schemas.vocabulary import Spread

_add_log = PreparedStatement(lambda insert: insert(SessionLogRow.__table__).on_conflict_do_nothing())  # type: ignore[attr-defined]
_NOTHING: dict[str, Any] = dict.fromkeys(SessionLog.model_fields)
_EMPTY = SessionLog.model_construct(**_NOTHING)
ANY_VERSION = "*"
RECORD = "session"
CHUNK = 500


class Outcome(StrEnum):
    """What became of a write."""

    CREATED = "created"
    REPLAYED = "replayed"
    CONFLICT = "conflict"
    DELETED = "deleted"
    CHANGED = "changed"
    STALE = "stale"
    UNVERSIONED = "unversioned"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    NO_PERSON = "no_person"


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome, the session as it now stands where there is one, and what is invalid in a change."""

    outcome: Outcome
    log: SessionLog | None = None
    invalid: ValidationError | None = None


def digest_of(body: SessionLogCreate) -> bytes:
    """Return the digest by which a repeated post of the same content is known."""
    return hashlib.sha256(body.__pydantic_serializer__.to_json(body, exclude={"id"})).digest()


def add(session: Session, body: SessionLogCreate, person_id: UUID, now: datetime) -> Written:
    """Store a session once. The same id with the same content is replayed; with other content it is a conflict."""
    subject = person_rows.pseudonym(session, person_id)
    if subject is None:
        return Written(Outcome.NO_PERSON)
    log, created = _new(body, person_id, now), digest_of(body)
    if _add_log.run(session, _columns([log], [created])) == 0:
        return _replay(session, log.id, created)
    session_entries.add(session, [log])
    daily_progress.count(session, [log])
    audit.write(session, AuditAction.WRITE, RECORD, {subject: 1})
    return Written(Outcome.CREATED, log)


def add_many(session: Session, bodies: Sequence[SessionLogCreate], now: datetime) -> list[Written]:
    """Store many sessions in one go; the outcomes stand in the order of the bodies. Each names its person."""
    known = person_rows.pseudonyms(session, {body.person_id for body in bodies if body.person_id})
    taken = _taken(session, [body.id for body in bodies if body.id is not None])
    outcomes: list[Written | None] = []
    fresh: dict[UUID, tuple[SessionLog, bytes]] = {}
    for body in bodies:
        if body.person_id not in known:
            outcomes.append(Written(Outcome.NO_PERSON))
            continue
        created = digest_of(body)
        if body.id in taken:
            outcomes.append(_replay(session, body.id, created))
        elif body.id in fresh:
            first, digest = fresh[body.id]
            outcomes.append(Written(Outcome.REPLAYED, first) if digest == created else Written(Outcome.CONFLICT))
        else:
            log = _new(body, body.person_id, now)
            fresh[log.id] = (log, created)
            outcomes.append(Written(Outcome.CREATED, log))
    logs = [log for log, _ in fresh.values()]
    _add_log.run(session, _columns(logs, [created for _, created in fresh.values()]))
    session_entries.add(session, logs)
    daily_progress.count(session, logs)
    counts = Counter(known[log.person_id] for log in logs)
    audit.write(session, AuditAction.WRITE, RECORD, counts)
    return [outcome for outcome in outcomes if outcome is not None]


def change(
    session: Session,
    session_id: UUID,
    versions: frozenset[str],
    patch: SessionLogUpdate,
    now: datetime,
    whose: UUID | None = None,
) -> Written:
    """Apply a merge patch to a session at one of `versions`, and recompute the days that it touches.

    With `whose` the sessions of other people are not found.
    """
    row = session_logs.living(session, session_id, whose)
    if row is None:
        return Written(Outcome.NOT_FOUND)
    before = session_logs.shaped(session, [row])[0]
    if (refused := _unmatched(before, versions)) is not None:
        return refused
    said = {name: getattr(patch, name) for name in patch.model_fields_set}
    try:
        fields = SessionLogFields.model_validate(
            {**{name: getattr(before, name) for name in SessionLogFields.model_fields}, **said}
        )
    except ValidationError as error:
        return Written(Outcome.INVALID, before, error)
    values: dict[str, Any] = {name: plain(getattr(fields, name)) for name in CHANGEABLE} | {
        "local_day": session_logs.local_day(fields.started_at, fields.timezone),
        "updated_at": now,
        "clock_ahead": fields.ended_at > now,
        "version": before.version + 1,
    }
    if not _claim(session, before, values):
        return Written(Outcome.STALE, before)
    after = before.model_copy(
        update={**values, "spread": fields.spread, "pain": fields.pain, "exercises": fields.exercises}
    )
    session_entries.drop(session, session_id)
    session_entries.add(session, [after])
    _recount(session, before.person_id, {before.local_day, after.local_day})
    audit.note(session, AuditAction.WRITE, RECORD, [before.person_id])
    return Written(Outcome.CHANGED, after)


def remove(
    session: Session, session_id: UUID, versions: frozenset[str], now: datetime, whose: UUID | None = None
) -> Written:
    """Turn a session at one of `versions` into a tombstone without personal data.

    With `whose` the sessions of other people are not found.
    """
    row = session_logs.living(session, session_id, whose)
    if row is None:
        return Written(Outcome.NOT_FOUND)
    before = session_logs.shaped(session, [row])[0]
    if (refused := _unmatched(before, versions)) is not None:
        return refused
    emptied: dict[str, Any] = {"title": None, "notes": None, "new_symptoms": [], "effort": None}
    emptied["spread"] = Spread.NONE.value
    if not _claim(session, before, {**emptied, "deleted_at": now, "updated_at": now, "version": before.version + 1}):
        return Written(Outcome.STALE, before)
    session_entries.drop(session, session_id)
    _recount(session, before.person_id, {before.local_day})
    audit.note(session, AuditAction.DELETE, RECORD, [before.person_id])
    return Written(Outcome.CHANGED)


def etag(log: SessionLog) -> str:
    """Return the strong entity tag of the session's version."""
    return f'"v{log.version}"'


def _unmatched(log: SessionLog, versions: frozenset[str]) -> Written | None:
    if not versions:
        return Written(Outcome.UNVERSIONED, log)
    if ANY_VERSION not in versions and etag(log) not in versions:
        return Written(Outcome.STALE, log)
    return None


def _new(body: SessionLogCreate, person_id: UUID, now: datetime) -> SessionLog:
    # Copying an empty log and filling it costs a third of constructing one; the order of its fields stays.
    return _EMPTY.model_copy(
        update={
            **vars(body),
            "id": body.id or uuid7(),
            "person_id": person_id,
            "local_day": session_logs.local_day(body.started_at, body.timezone),
            "clock_ahead": body.ended_at > now,
            "version": 1,
            "created_at": now,
            "updated_at": now,
        }
    )


def _replay(session: Session, session_id: UUID, created: bytes) -> Written:
    row = session.get(SessionLogRow, (tenant_of(session), session_id))
    if row is None:
        return Written(Outcome.NOT_FOUND)
    # A deletion is told even to a retry whose content differs: nothing is ever brought back.
    if row.deleted_at is not None:
        return Written(Outcome.DELETED)
    if row.created_digest != created:
        return Written(Outcome.CONFLICT)
    return Written(Outcome.REPLAYED, session_logs.shaped(session, [row])[0])


def _taken(session: Session, ids: Sequence[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        found.update(session.exec(select(SessionLogRow.id).where(col(SessionLogRow.id).in_(chunk))))
    return found


def _columns(logs: Sequence[SessionLog], digests: Sequence[bytes]) -> dict[str, Sequence[Any]]:
    columns: dict[str, Sequence[Any]] = {name: [getattr(log, name) for log in logs] for name in (*CHANGEABLE, *STAMPED)}
    columns["spread"] = [str(log.spread) for log in logs]
    return {**columns, "created_digest": digests}


def _claim(session: Session, log: SessionLog, values: dict[str, Any]) -> bool:
    statement = (
        update(SessionLogRow)
        .where(col(SessionLogRow.id) == log.id, col(SessionLogRow.version) == log.version)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return session.exec(statement).rowcount == 1


def _recount(session: Session, person_id: UUID, days: set[str]) -> None:
    # Storing a session holds a share of its person's row: whoever stores one in another process is waited for.
    session.exec(select(PersonRow.id).where(PersonRow.id == person_id).with_for_update()).one()
    # What this session has read is from before the change.
    session.expire_all()
    for day in sorted(days):
        daily_progress.recount(session, person_id, day, session_logs.of_day(session, person_id, day))
