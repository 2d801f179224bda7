"""Storing, changing and deleting programs: once each, by version, and each version is kept."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy import delete, update
from sqlmodel import Session, col
from uuid_utils.compat import uuid7

from data import attention, audit, person_rows, programs
from data.prepared import PreparedStatement
from data.programs import RECORD, ProgramRow, ProgramVersionRow
from data.tenancy import tenant_of
from data.versions import Mismatch, mismatch, names_before
from schemas.audit import AuditAction
from schemas.program_days import moved, redosed
from schemas.programs import (
    Program,
    ProgramCreate,
    ProgramMaker,
    ProgramPlan,
    ProgramState,
    ProgramUpdate,
    cleared_as_said,
)

_PLAN: Final = tuple(ProgramPlan.model_fields)
_THEIRS: Final = {"state"}
"""What a person may change of a program that the organisation made."""

MOST_PROGRAMS: Final = 100
"""So many a person has at once; each of them is looked at for every figure of progress."""
MOST_VERSIONS: Final = 500
"""So many versions are kept of a program. One that has them all can still be ended, and be deleted."""


class ProgramOutcome(StrEnum):
    """What became of a write of a program."""

    CREATED = "created"
    REPLAYED = "replayed"
    CONFLICT = "conflict"
    DELETED = "deleted"
    CHANGED = "changed"
    STALE = "stale"
    UNVERSIONED = "unversioned"
    INVALID = "invalid"
    OVER = "over"
    TOO_MANY = "too_many"
    FULL = "full"
    NOT_THEIRS = "not_theirs"
    NOT_FOUND = "not_found"
    NO_PERSON = "no_person"


@dataclass(frozen=True, slots=True)
class ProgramWritten:
    """The outcome, the program as it now stands where there is one, and what is invalid in a change."""

    outcome: ProgramOutcome
    program: Program | None = None
    invalid: ValidationError | None = None


_add = PreparedStatement(
    lambda insert: insert(ProgramRow.__table__).on_conflict_do_nothing()  # type: ignore[attr-defined]
)


def digest_of(body: ProgramCreate, person_id: UUID) -> bytes:
    """Return the digest by which a repeated post of the same content for the same person is known."""
    content = body.__pydantic_serializer__.to_json(body, exclude={"id", "person_id"})
    return hashlib.sha256(person_id.bytes + content).digest()


def posted(session: Session, body: ProgramCreate, person_id: UUID) -> ProgramWritten | None:
    """Return what a post says that was stored already, None when its id is new.

    Read before anything is made of the body: a retry is answered though what it was made from is gone.
    """
    row = None if body.id is None else programs.stored(session, body.id)
    return None if row is None else _replay(session, row, person_id, digest_of(body, person_id))


def add(
    session: Session, body: ProgramCreate, plan: ProgramPlan, person_id: UUID, made_by: ProgramMaker, now: datetime
) -> ProgramWritten:
    """Store the plan that was made of a body, once. The same id with the same content is replayed."""
    if not person_rows.exists(session, person_id):
        return ProgramWritten(ProgramOutcome.NO_PERSON)
    if (known := posted(session, body, person_id)) is not None:
        return known
    if programs.count(session, person_id) >= MOST_PROGRAMS:
        return ProgramWritten(ProgramOutcome.TOO_MANY)
    key, created = body.id or uuid7(), digest_of(body, person_id)
    columns: dict[str, Any] = {
        "id": key,
        "person_id": person_id,
        "made_by": made_by.value,
        "state": plan.state.value,
        "from_recommendation_id": body.from_recommendation_id,
        "version": 1,
        "created_digest": created,
        "created_at": now,
        "updated_at": now,
    }
    if _add.run(session, {name: [value] for name, value in columns.items()}) == 0:
        return _replay(session, programs.stored(session, key), person_id, created)
    _keep(session, key, 1, plan, now)
    attention.mark(session, [person_id])
    audit.note(session, AuditAction.WRITE, RECORD, [person_id])
    return ProgramWritten(ProgramOutcome.CREATED, _read(session, programs.stored(session, key)))


def change(
    session: Session,
    program_id: UUID,
    versions: frozenset[str],
    patch: ProgramUpdate,
    now: datetime,
    whose: UUID | None = None,
) -> ProgramWritten:
    """Lay a merge patch over the program at one of `versions`, as a new version; the older ones stay.

    With `whose` the programs of others are not found, and of one that the organisation made only the state changes.
    A patch that was applied already, and whose answer was lost, is replayed; so is one that changes nothing.
    """
    row = programs.living(session, program_id, whose)
    before = _read(session, row)
    if row is None or before is None:
        return ProgramWritten(ProgramOutcome.NOT_FOUND)
    if (refused := _unmatched(before, versions)) is not None:
        return _shown(session, before) if _applied(before, versions, patch) else _told(session, refused)
    if not _may_change(before, whose, patch.model_fields_set):
        return ProgramWritten(ProgramOutcome.NOT_THEIRS, before)
    try:
        plan = merged(before, patch, now)
    except ValidationError as error:
        return ProgramWritten(ProgramOutcome.INVALID, before, error)
    if before.state is ProgramState.ENDED and patch.state not in {None, ProgramState.ENDED}:
        return ProgramWritten(ProgramOutcome.OVER, before)
    day = _today(programs.zone_of(session, row, plan), now)
    plan = moved(redosed(before, plan, day), patch.state or before.state, day)
    if plan.model_dump() == before.model_dump(include=set(_PLAN)):
        return _shown(session, before)
    if before.version >= MOST_VERSIONS and not _ends(before, plan):
        return ProgramWritten(ProgramOutcome.FULL, before)
    if not _claim(session, before, {"version": before.version + 1, "state": plan.state.value, "updated_at": now}):
        return ProgramWritten(ProgramOutcome.STALE, before)
    _keep(session, program_id, before.version + 1, plan, now)
    attention.mark(session, [before.person_id])
    audit.note(session, AuditAction.WRITE, RECORD, [before.person_id])
    session.expire_all()
    return ProgramWritten(ProgramOutcome.CHANGED, _read(session, programs.living(session, program_id)))


def merged(before: ProgramPlan, patch: ProgramUpdate, now: datetime | None) -> ProgramPlan:
    """Return the plan once the patch is laid over it, save its state. Raises ValidationError when it cannot be.

    Where it begins on another day, its weeks are counted anew.
    """
    said = {name: getattr(patch, name) for name in patch.model_fields_set - {"state"}}
    if said.get("starts_on", before.starts_on) != before.starts_on:
        said["days_paused"] = 0
    if patch.state is None and "state" in patch.model_fields_set:
        said["state"] = None
    plan = ProgramPlan.model_validate({**{name: getattr(before, name) for name in _PLAN}, **said})
    return cleared_as_said(plan, patch.cleared, now)


def remove(
    session: Session, program_id: UUID, versions: frozenset[str], now: datetime, whose: UUID | None = None
) -> ProgramWritten:
    """Turn a program at one of `versions` into a tombstone without its versions; one that is a tombstone stays it."""
    row = programs.stored(session, program_id, whose)
    if row is None:
        return ProgramWritten(ProgramOutcome.NOT_FOUND)
    if row.deleted_at is not None:
        return ProgramWritten(ProgramOutcome.REPLAYED)
    before = _read(session, row)
    if before is None:
        return ProgramWritten(ProgramOutcome.NOT_FOUND)
    if (refused := _unmatched(before, versions)) is not None:
        return _told(session, refused)
    if whose is not None and before.made_by is not ProgramMaker.PERSON:
        return ProgramWritten(ProgramOutcome.NOT_THEIRS, before)
    stamps = {"deleted_at": now, "updated_at": now, "version": before.version + 1}
    if not _claim(session, before, {**programs.EMPTIED, **stamps}):
        return ProgramWritten(ProgramOutcome.STALE, before)
    gone = delete(ProgramVersionRow).where(col(ProgramVersionRow.program_id) == program_id)
    session.exec(gone.execution_options(synchronize_session=False))
    attention.mark(session, [before.person_id])
    audit.note(session, AuditAction.DELETE, RECORD, [before.person_id])
    return ProgramWritten(ProgramOutcome.CHANGED)


def _today(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def _may_change(program: Program, whose: UUID | None, named: set[str]) -> bool:
    return whose is None or program.made_by is ProgramMaker.PERSON or named <= _THEIRS


def _read(session: Session, row: ProgramRow | None) -> Program | None:
    return None if row is None else programs.in_version(session, row, row.version)


def _keep(session: Session, program_id: UUID, version: int, plan: ProgramPlan, now: datetime) -> None:
    session.add(
        ProgramVersionRow(
            organization_id=tenant_of(session),
            program_id=program_id,
            version=version,
            plan=plan.model_dump(mode="json", include=set(_PLAN)),
            made_at=now,
        )
    )
    session.flush()


def _replay(session: Session, row: ProgramRow | None, person_id: UUID, created: bytes) -> ProgramWritten:
    if row is None:
        return ProgramWritten(ProgramOutcome.NOT_FOUND)
    # Whether somebody else's program is still there is nobody's to learn.
    if row.person_id != person_id:
        return ProgramWritten(ProgramOutcome.CONFLICT)
    # A deletion is told even to a retry whose content differs: nothing is ever brought back.
    if row.deleted_at is not None:
        return ProgramWritten(ProgramOutcome.DELETED)
    program = _read(session, row)
    if row.created_digest != created or program is None:
        return ProgramWritten(ProgramOutcome.CONFLICT)
    return _shown(session, program)


def _shown(session: Session, program: Program) -> ProgramWritten:
    return _told(session, ProgramWritten(ProgramOutcome.REPLAYED, program))


def _told(session: Session, written: ProgramWritten) -> ProgramWritten:
    """Return what a refusal or a replay shows of a program, which is a reading."""
    if written.program is not None:
        audit.note(session, AuditAction.READ, RECORD, [written.program.person_id])
    return written


def _ends(before: Program, plan: ProgramPlan) -> bool:
    return plan.state is ProgramState.ENDED and before.state is not ProgramState.ENDED


def _unmatched(program: Program, versions: frozenset[str]) -> ProgramWritten | None:
    match mismatch(program.version, versions):
        case Mismatch.UNNAMED:
            return ProgramWritten(ProgramOutcome.UNVERSIONED, program)
        case Mismatch.STALE:
            return ProgramWritten(ProgramOutcome.STALE, program)
    return None


def _applied(program: Program, versions: frozenset[str], patch: ProgramUpdate) -> bool:
    """Return True when the patch was laid over the version before, and changes nothing any more."""
    if not names_before(program.version, versions):
        return False
    if patch.state not in {None, program.state}:
        return False
    try:
        return merged(program, patch, program.cleared_at).model_dump() == program.model_dump(include=set(_PLAN))
    except ValidationError:
        return False


def _claim(session: Session, program: Program, values: dict[str, Any]) -> bool:
    statement = (
        update(ProgramRow)
        .where(col(ProgramRow.id) == program.id, col(ProgramRow.version) == program.version)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return session.exec(statement).rowcount == 1
