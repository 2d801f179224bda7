"""Programs in tables: the program, and every version of it as the person saw it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, and_, delete, func, update
from sqlmodel import Field, Session, col, select

from data import audit, holds, overrides, recommendations, session_logs
from data.table import TenantTable, choice, digest, one_of
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.overrides import Override
from schemas.programs import Program, ProgramMaker, ProgramPlan, ProgramQuery, ProgramState
from schemas.session_logs import SessionLog
from schemas.told import ToldAt
from schemas.vocabulary import Disposition

RECORD: Final = "program"
EMPTIED: Final[Mapping[str, Any]] = MappingProxyType({"from_recommendation_id": None, "created_digest": b""})
"""What a tombstone holds where a program has something personal."""


class ProgramRow(TenantTable, table=True):
    """A program. A deleted one keeps its key as a tombstone and nothing personal."""

    __tablename__ = "program"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        Index(None, "organization_id", "person_id", "id"),
        one_of("made_by", ProgramMaker),
        one_of("state", ProgramState),
        CheckConstraint("version >= 1", name="version"),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID
    made_by: str = choice()
    state: str = choice()
    from_recommendation_id: UUID | None = None
    version: int
    created_digest: bytes = digest()
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


class ProgramVersionRow(TenantTable, table=True):
    """What a program said from one moment until the next version."""

    __tablename__ = "program_version"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "program_id"], ["program.organization_id", "program.id"], ondelete="CASCADE"
        ),
        CheckConstraint("version >= 1", name="version"),
    )

    program_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    plan: dict[str, object] = Field(sa_type=JSON)
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ProgramDay:
    """What a day of a program is made from: since when it names each of its conditions, the flags that hold the person
    (None without a hold), the sessions of late and what was told, newest first, what was answered since the person was
    last free to exercise, and what clinicians let the person do."""

    program: Program
    named_at: Mapping[str, datetime]
    held: list[str] | None
    logs: Sequence[SessionLog]
    told: Sequence[ToldAt]
    since_open: Sequence[tuple[Disposition, bytes, datetime]]
    allowed: Sequence[Override]


def find(session: Session, program_id: UUID, whose: UUID | None = None, version: int | None = None) -> Program | None:
    """Return a program in one of its versions, the newest by default; None when it is unknown, deleted, or of another
    person than `whose`."""
    row = living(session, program_id, whose)
    found = None if row is None else in_version(session, row, version or row.version)
    if found is not None:
        audit.note(session, AuditAction.READ, RECORD, [found.person_id])
    return found


def living(session: Session, program_id: UUID, whose: UUID | None = None) -> ProgramRow | None:
    """Return the row of a program that is not deleted, or None; for units of work only."""
    row = stored(session, program_id, whose)
    return None if row is None or row.deleted_at is not None else row


def stored(session: Session, program_id: UUID, whose: UUID | None = None) -> ProgramRow | None:
    """Return the row of a program or its tombstone, or None; for units of work only."""
    row = session.get(ProgramRow, (tenant_of(session), program_id))
    return None if row is None or whose not in {None, row.person_id} else row


def in_version(session: Session, row: ProgramRow, version: int) -> Program | None:
    """Return the program of a row as it stood in a version, None when there is no such version."""
    plan = session.get(ProgramVersionRow, (tenant_of(session), row.id, version))
    return None if plan is None else _shape(row, plan)


def page(session: Session, query: ProgramQuery, after: UUID | None, whose: UUID | None = None) -> list[Program]:
    """Return up to `limit` + 1 programs after the given id, in the order of their ids; with `whose` only theirs."""
    key = col(ProgramRow.id)
    newest = and_(
        col(ProgramVersionRow.organization_id) == tenant_of(session),
        col(ProgramVersionRow.program_id) == key,
        col(ProgramVersionRow.version) == col(ProgramRow.version),
    )
    statement = select(ProgramRow, ProgramVersionRow).join(ProgramVersionRow, newest).order_by(key)
    statement = statement.where(col(ProgramRow.deleted_at).is_(None))
    for person in {query.person_id, whose} - {None}:
        statement = statement.where(ProgramRow.person_id == person)
    if query.state is not None:
        statement = statement.where(ProgramRow.state == query.state.value)
    if after is not None:
        statement = statement.where(key > after)
    found = [_shape(row, plan) for row, plan in session.exec(statement.limit(query.limit + 1))]
    audit.note(session, AuditAction.READ, RECORD, [program.person_id for program in found])
    return found


def day(
    session: Session, program_id: UUID, whose: UUID | None, done_since: datetime, told_since: datetime, now: datetime
) -> ProgramDay | None:
    """Return what today of a program is made from: what the person did and told since then; None as `find`."""
    program = find(session, program_id, whose)
    held = None if program is None else holds.of_person(session, program.person_id)
    if program is None or held is None:
        return None
    logs = _naming_programs(session, program.person_id, session_logs.of_late(session, program.person_id, done_since))
    told = recommendations.told_since(session, program.person_id, told_since)
    since_open = recommendations.since_open(session, program.person_id, done_since)
    allowed = overrides.standing(session, program.person_id, now)
    audit.note(session, AuditAction.READ, overrides.RECORD, [override.person_id for override in allowed])
    return ProgramDay(program, _named_at(session, program), held.flags, logs, told, since_open, allowed)


def count(session: Session, person_id: UUID) -> int:
    """Return how many programs the person has."""
    mine = select(func.count()).where(ProgramRow.person_id == person_id, col(ProgramRow.deleted_at).is_(None))
    return session.exec(mine.select_from(ProgramRow)).one()


def _named_at(session: Session, program: Program) -> dict[str, datetime]:
    """Return since when the program has named each of its conditions without a break."""
    if not program.conditions:
        return {}
    versions = session.exec(
        select(col(ProgramVersionRow.plan)["conditions"], ProgramVersionRow.made_at)
        .where(ProgramVersionRow.program_id == program.id, col(ProgramVersionRow.version) <= program.version)
        .order_by(col(ProgramVersionRow.version).desc())
    )
    since: dict[str, datetime] = {}
    still = {*program.conditions}
    for conditions, made_at in versions:
        still &= {*conditions}
        since |= dict.fromkeys(still, made_at)
    return since


def _naming_programs(session: Session, person_id: UUID, logs: list[SessionLog]) -> list[SessionLog]:
    """Return the sessions without the ids of what is no program of the person: those count toward all of them."""
    named = {log.program_id for log in logs} - {None}
    if not named:
        return logs
    mine = session.exec(
        select(ProgramRow.id).where(ProgramRow.person_id == person_id, col(ProgramRow.deleted_at).is_(None))
    )
    known = set(mine)
    return [log if log.program_id in known else log.model_copy(update={"program_id": None}) for log in logs]


def forget(session: Session, person_id: UUID, now: datetime) -> None:
    """Turn the person's programs into tombstones without their versions."""
    mine = select(ProgramRow.id).where(
        ProgramRow.organization_id == tenant_of(session), ProgramRow.person_id == person_id
    )
    versions = delete(ProgramVersionRow).where(col(ProgramVersionRow.program_id).in_(mine))
    living = update(ProgramRow).where(col(ProgramRow.person_id) == person_id, col(ProgramRow.deleted_at).is_(None))
    stamps = {"deleted_at": now, "updated_at": now, "version": col(ProgramRow.version) + 1}
    for statement in (versions, living.values(**EMPTIED, **stamps)):
        session.exec(statement.execution_options(synchronize_session=False))


def zone_of(session: Session, row: ProgramRow, plan: ProgramPlan) -> str:
    """Return the time zone where the person is: that of the newest session, else the program's."""
    newest = session_logs.newest_zone(session, row.person_id)
    return newest or plan.timezone or "UTC"


def _shape(row: ProgramRow, version: ProgramVersionRow) -> Program:
    plan = version.plan
    if plan.get("cleared") and "cleared_for" not in plan:
        # Older servers kept no more than that it was cleared: then for what it names, and no later than it was made.
        plan = {**plan, "cleared_for": plan.get("conditions", []), "cleared_at": row.created_at}
    return Program.model_validate(
        {
            **plan,
            "id": row.id,
            "person_id": row.person_id,
            "made_by": row.made_by,
            "from_recommendation_id": row.from_recommendation_id,
            "version": version.version,
            "created_at": row.created_at,
            "updated_at": version.made_at,
        }
    )
