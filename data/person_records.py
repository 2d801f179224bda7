"""Everything of one person: found by the foreign keys that lead to the person's row, so that no table is forgotten.

A table that holds personal data must refer to `person`, or to a table that does. Then its rows are exported and erased
without another word.
"""

import json
import zlib
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, ColumnElement, LargeBinary, and_, delete, or_, select
from sqlalchemy import Table as CoreTable
from sqlmodel import Session

from data import (
    accounts,
    adverse_events,
    attention,
    audit,
    consents,
    daily_progress,
    erased_sessions,
    erasures,
    function_scores,
    holds,
    link_invitations,
    links,
    overrides,
    person_rows,
    programs,
    recommendations,
    session_changes,
    session_entries,
    session_logs,
    shared_progress,
    shared_sessions,
    sign_ins,
)
from data.audit import AuditEventRow
from data.migrations.state import HEAD
from data.person_rows import PersonKey, PersonRow, hold, pseudonyms
from data.table import Table
from data.tenancy import tenant_of
from data.tenant_binds import COLUMN
from schemas.audit import AuditAction
from schemas.people import Erasure, LedgerEntry
from schemas.person_archives import HeldArchive, HeldRecords

ROOMS: Final = (
    accounts, adverse_events, attention, consents, daily_progress, function_scores, holds, link_invitations, overrides,
    programs, recommendations,
    session_entries, session_logs, shared_progress, shared_sessions, sign_ins,
)  # fmt: skip
"""The rooms that hold what is personal: a table is only known once its room is imported."""

AT_ONCE: Final = 1_000
SECRETS: Final = frozenset({"password_hash"})
"""Columns that are nobody's to read, beside every digest."""

READABLE: Final[dict[str, Callable[[bytes], Any]]] = {
    "recommendation.answer": lambda content: json.loads(zlib.decompress(content)),
    "recommendation.shared_answer": lambda content: json.loads(zlib.decompress(content)) if content else None,
}
"""How bytes that are no digest become readable."""


@cache
def personal_tables() -> tuple[CoreTable, ...]:
    """Return the tables whose rows belong to a person, each after those it refers to."""
    found: list[CoreTable] = []
    for table in Table.metadata.sorted_tables:
        if table.name == PersonRow.__tablename__ or _links(table, found):
            found.append(table)
    return tuple(found)


def exported_columns(table: CoreTable) -> list[Column[Any]]:
    """Return the columns of a personal table that an archive holds: all but the tenant, secrets and digests."""
    return [
        column
        for column in table.columns
        if column.name not in SECRETS | {COLUMN}
        and (not isinstance(column.type, LargeBinary) or f"{table.name}.{column.name}" in READABLE)
    ]


def archive(session: Session, person_id: UUID, now: datetime) -> HeldArchive | None:
    """Return all that is held about a person, and note it in the audit log; None for an unknown person."""
    pseudonym = pseudonyms(session, [person_id]).get(person_id)
    if pseudonym is None:
        return None
    tenant = tenant_of(session)
    records = [_held(session, table, of_person(table, tenant, person_id)) for table in personal_tables()]
    events: CoreTable = AuditEventRow.__table__  # type: ignore[attr-defined]
    records.append(_held(session, events, and_(events.c[COLUMN] == tenant, events.c.subject == pseudonym)))
    audit.note(session, AuditAction.EXPORT, "archive", [person_id])
    return HeldArchive(tenant, person_id, now, HEAD, records)


def erase(session: Session, person_id: UUID, now: datetime) -> Erasure | None:
    """Delete every row of a person for good, and enter it in the ledger; None for an unknown person.

    Their links end first: what they shared goes at the clinics too, and so does what others shared with them here.
    A person who was erased before is answered with that erasure: the first answer may have been lost.
    """
    # Whoever stores a session takes a number first, and then holds the person: so do we.
    session_changes.take(session)
    if not hold(session, person_id):
        return erasures.of_person(session, person_id)
    links.end_all(session, person_id, now)
    audit.note(session, AuditAction.ERASE, "person", [person_id])
    tenant = tenant_of(session)
    sessions = session_logs.ids_of(session, person_id)
    if sessions:
        erased_sessions.bury(session, sessions, session_changes.take(session, len(sessions)))
    for table in reversed(personal_tables()):
        session.execute(delete(table).where(of_person(table, tenant, person_id)))
    # A row that this session has met must not be taken for one that is still there.
    session.expunge_all()
    return erasures.enter(session, person_id, now, complete=session.get_bind().dialect.name != "sqlite")


def brought_back(session: Session, entries: Sequence[LedgerEntry]) -> list[PersonKey]:
    """Return the people who are in the ledger and yet in the database. For the system's door."""
    erased, found, after = {entry.person_digest for entry in entries}, [], None
    while some := person_rows.some(session, after, AT_ONCE):
        found += [each for each in some if erasures.person_digest(each.organization_id, each.person_id) in erased]
        after = some[-1]
    return found


def _held(session: Session, table: CoreTable, which: ColumnElement[bool]) -> HeldRecords:
    columns = exported_columns(table)
    rows = session.execute(select(*columns).where(which).order_by(*table.primary_key.columns)).all()
    readers = [READABLE.get(f"{table.name}.{column.name}") for column in columns]
    made = [
        tuple(value if read is None else read(value) for read, value in zip(readers, row, strict=True)) for row in rows
    ]
    return HeldRecords(table.name, [column.name for column in columns], made)


def of_person(table: CoreTable, tenant: UUID, person_id: UUID) -> ColumnElement[bool]:
    """Return the criterion for the rows of one person."""
    mine = table.c[COLUMN] == tenant
    if table.name == PersonRow.__tablename__:
        return and_(mine, table.c.id == person_id)
    ways = []
    for column, parent, key in _links(table, personal_tables()):
        if parent.name == PersonRow.__tablename__:
            ways.append(table.c[column] == person_id)
        else:
            ways.append(table.c[column].in_(select(parent.c[key]).where(of_person(parent, tenant, person_id))))
    return and_(mine, or_(*ways))


def _links(table: CoreTable, among: Sequence[CoreTable]) -> list[tuple[str, CoreTable, str]]:
    """Return by which column a table refers to which column of another of these tables."""
    keys = sorted(table.foreign_keys, key=lambda key: key.target_fullname)
    others = [key for key in keys if key.column.name != COLUMN and key.column.table is not table]
    return [(key.parent.name, key.column.table, key.column.name) for key in others if key.column.table in among]
