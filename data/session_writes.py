"""Storing, changing and deleting session logs: once each, by version, with the daily rollup in the same transaction."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import update
from sqlmodel import Session, col
from uuid_utils.compat import uuid7

from data import audit, person_rows, session_changes, session_logs, session_rows
from data.session_entries import plain
from data.session_logs import CHANGEABLE, EMPTIED, SessionLogRow
from data.tenancy import tenant_of
from data.versions import Mismatch, mismatch, names_before
from schemas.audit import AuditAction
from schemas.session_logs import SessionLog, SessionLogCreate, SessionLogFields, SessionLogUpdate
from schemas.session_triage import SessionTriage

_NOTHING: dict[str, Any] = dict.fromkeys(SessionLog.model_fields)
_EMPTY = SessionLog.model_construct(**_NOTHING)
_FIELDS = tuple(SessionLogFields.model_fields)
_RESTAMPED = ("local_day", "clock_ahead", "version", "updated_at")
NO_TRIAGES: Final[Mapping[int, SessionTriage]] = MappingProxyType({})
RECORD = "session"


class Outcome(StrEnum):
    """What became of a write."""

    CREATED = "created"
    REPLAYED = "replayed"
    CONFLICT = "conflict"
    DELETED = "deleted"
    CHANGED = "changed"
    STALE = "stale"
    MOVED = "moved"
    UNVERSIONED = "unversioned"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    NO_PERSON = "no_person"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome, the session as it now stands where there is one, and what is invalid in a change.

    `linked` tells that the session is new and its person has links; `before` is what was changed or deleted.
    """

    outcome: Outcome
    log: SessionLog | None = None
    invalid: ValidationError | None = None
    linked: bool = False
    before: SessionLog | None = None


@dataclass(frozen=True, slots=True)
class SignsHeard:
    """What the session tells of signs once it is changed, read from the version that the change was laid over."""

    version: int
    triage: SessionTriage | None


def digest_of(body: SessionLogCreate) -> bytes:
    """Return the digest by which a repeated post of the same content is known."""
    return hashlib.sha256(body.__pydantic_serializer__.to_json(body, exclude={"id"})).digest()


def add(
    session: Session, body: SessionLogCreate, person_id: UUID, now: datetime, triage: SessionTriage | None = None
) -> Written:
    """Store a session once. The same id with the same content is replayed; with other content it is a conflict.

    Signs that stop everything put the person on hold, however long ago the session was.
    """
    numbers = session_changes.take(session)
    # Looked up behind the counter: a link that another server makes meanwhile is not missed.
    person = person_rows.known(session, person_id)
    if person is None:
        return Written(Outcome.NO_PERSON)
    log, created = _new(body, person_id, now, triage), digest_of(body)
    if session_rows.insert(session, [log], [created], numbers) == 0:
        return _told(session, _replay(session, log.id, person_id, created))
    session_rows.complete(session, [log], now)
    audit.write(session, AuditAction.WRITE, RECORD, {person.pseudonym: 1})
    return Written(Outcome.CREATED, log, linked=person.linked)


def add_many(
    session: Session,
    bodies: Sequence[SessionLogCreate],
    now: datetime,
    triages: Mapping[int, SessionTriage] = NO_TRIAGES,
) -> list[Written]:
    """Store many sessions in one go; the outcomes stand in the order of the bodies. Each names its person.

    `triages` are those of some bodies, by their place.
    """
    numbers = session_changes.take(session, max(1, len(bodies)))
    known = person_rows.known_among(session, {body.person_id for body in bodies if body.person_id})
    taken = session_logs.taken(session, [body.id for body in bodies if body.id is not None])
    outcomes: list[Written | None] = []
    fresh: dict[UUID, tuple[SessionLog, bytes]] = {}
    for place, body in enumerate(bodies):
        person = known.get(body.person_id) if body.person_id else None
        if body.person_id is None or person is None:
            outcomes.append(Written(Outcome.NO_PERSON))
            continue
        created = digest_of(body)
        if body.id in taken:
            outcomes.append(_replay(session, body.id, body.person_id, created))
        elif body.id in fresh:
            first, digest = fresh[body.id]
            outcomes.append(Written(Outcome.REPLAYED, first) if digest == created else Written(Outcome.CONFLICT))
        else:
            log = _new(body, body.person_id, now, triages.get(place))
            fresh[log.id] = (log, created)
            outcomes.append(Written(Outcome.CREATED, log, linked=person.linked))
    logs = [log for log, _ in fresh.values()]
    session_rows.insert(session, logs, [created for _, created in fresh.values()], numbers[: len(logs)])
    session_rows.complete(session, logs, now)
    audit.write(session, AuditAction.WRITE, RECORD, Counter(known[log.person_id].pseudonym for log in logs))
    told = [outcome for outcome in outcomes if outcome is not None]
    shown = [each.log.person_id for each in told if each.outcome is Outcome.REPLAYED and each.log is not None]
    audit.note(session, AuditAction.READ, RECORD, shown)
    return told


def change(
    session: Session,
    session_id: UUID,
    versions: frozenset[str],
    patch: SessionLogUpdate,
    now: datetime,
    heard: SignsHeard | None = None,
    whose: UUID | None = None,
    link_id: UUID | None = None,
) -> Written:
    """Apply a merge patch to a session at one of `versions`, and recompute the days that it touches.

    A patch that was applied already, and whose answer was lost, is replayed. `heard` replaces the triage; it is MOVED
    when that was read from another version. With `whose` the sessions of other people are not found. What came by a
    link is changed by that link only.
    """
    (number,) = session_changes.take(session)
    row = session_logs.living(session, session_id, whose)
    if row is None or row.link_id != link_id:
        return Written(Outcome.NOT_FOUND if row is None else Outcome.SHARED)
    before = session_logs.shaped(session, [row])[0]
    if (refused := _unmatched(before, versions)) is not None:
        return _told(session, Written(Outcome.REPLAYED, before) if _applied(before, versions, patch) else refused)
    if heard is not None and heard.version != before.version:
        return Written(Outcome.MOVED, before)
    try:
        fields = merged(before, patch)
    except ValidationError as error:
        return Written(Outcome.INVALID, before, error)
    after = _changed(before, fields, now, heard)
    values = {name: plain(getattr(after, name)) for name in (*CHANGEABLE, *_RESTAMPED)}
    if not _claim(session, before, {**values, "triage": session_logs.signs(after.triage), "sequence": number}):
        return Written(Outcome.STALE, before)
    session_rows.rewrite(session, before, after, now)
    audit.note(session, AuditAction.WRITE, RECORD, [before.person_id])
    if heard is not None:
        session_rows.hold(session, after, now)
    return Written(Outcome.CHANGED, after, before=before)


def merged(before: SessionLog, patch: SessionLogUpdate) -> SessionLogFields:
    """Return what the session says once the patch is laid over it. Raises ValidationError when it cannot be."""
    said = {name: getattr(patch, name) for name in patch.model_fields_set}
    return SessionLogFields.model_validate({**{name: getattr(before, name) for name in _FIELDS}, **said})


def remove(
    session: Session, session_id: UUID, versions: frozenset[str], now: datetime, whose: UUID | None = None
) -> Written:
    """Turn a session at one of `versions` into a tombstone without personal data; one that is a tombstone stays it.

    With `whose` the sessions of other people are not found, nor their tombstones.
    """
    (number,) = session_changes.take(session)
    row = session_logs.stored(session, session_id, whose)
    if row is None:
        return Written(Outcome.NOT_FOUND)
    if row.deleted_at is not None:
        return Written(Outcome.REPLAYED)
    if row.link_id is not None:
        return Written(Outcome.SHARED)
    before = session_logs.shaped(session, [row])[0]
    if (refused := _unmatched(before, versions)) is not None:
        return _told(session, refused)
    stamps = {"deleted_at": now, "updated_at": now, "sequence": number, "version": before.version + 1}
    if not _claim(session, before, {**EMPTIED, **stamps}):
        return Written(Outcome.STALE, before)
    session_rows.rewrite(session, before, None, now)
    audit.note(session, AuditAction.DELETE, RECORD, [before.person_id])
    return Written(Outcome.CHANGED, before=before)


def _unmatched(log: SessionLog, versions: frozenset[str]) -> Written | None:
    match mismatch(log.version, versions):
        case Mismatch.UNNAMED:
            return Written(Outcome.UNVERSIONED, log)
        case Mismatch.STALE:
            return Written(Outcome.STALE, log)
    return None


def _applied(log: SessionLog, versions: frozenset[str], patch: SessionLogUpdate) -> bool:
    """Return True when the patch was laid over the version before, and changes nothing any more."""
    if not names_before(log.version, versions):
        return False
    try:
        return merged(log, patch).model_dump() == log.model_dump(include=set(_FIELDS))
    except ValidationError:
        return False


def _new(body: SessionLogCreate, person_id: UUID, now: datetime, triage: SessionTriage | None) -> SessionLog:
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
            "triage": triage,
        }
    )


def _changed(before: SessionLog, fields: SessionLogFields, now: datetime, heard: SignsHeard | None) -> SessionLog:
    triage = before.triage if heard is None else heard.triage
    return before.model_copy(
        update={
            **vars(fields),
            "local_day": session_logs.local_day(fields.started_at, fields.timezone),
            "clock_ahead": fields.ended_at > now,
            "version": before.version + 1,
            "updated_at": now,
            "triage": None if triage is None else triage.model_copy(update={"observed_at": fields.ended_at}),
        }
    )


def _replay(session: Session, session_id: UUID, person_id: UUID, created: bytes) -> Written:
    row = session.get(SessionLogRow, (tenant_of(session), session_id))
    if row is None:
        return Written(Outcome.NOT_FOUND)
    # Whether somebody else's session is still there is nobody's to learn.
    if row.person_id != person_id:
        return Written(Outcome.CONFLICT)
    # A deletion is told even to a retry whose content differs: nothing is ever brought back.
    if row.deleted_at is not None:
        return Written(Outcome.DELETED)
    if row.created_digest != created:
        return Written(Outcome.CONFLICT)
    return Written(Outcome.REPLAYED, session_logs.shaped(session, [row])[0])


def _told(session: Session, written: Written) -> Written:
    """Return what a refusal or a replay shows of a session, which is a reading."""
    if written.log is not None:
        audit.note(session, AuditAction.READ, RECORD, [written.log.person_id])
    return written


def _claim(session: Session, log: SessionLog, values: dict[str, Any]) -> bool:
    statement = (
        update(SessionLogRow)
        .where(col(SessionLogRow.id) == log.id, col(SessionLogRow.version) == log.version)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return session.exec(statement).rowcount == 1
