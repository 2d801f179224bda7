"""The order in which an organisation's sessions changed, for clients that follow by cursor.

Every write of a session takes the next number of its organisation first, and so locks the counter until its commit: no
change can become visible behind one with a greater number, whatever clocks say and however many servers write. Numbers
may be skipped, never given twice.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session, col, or_, select

from data import audit, erased_sessions, person_rows, session_logs
from data.erased_sessions import ErasedSessionRow
from data.prepared import PreparedStatement
from data.session_logs import SessionLogRow
from data.table import TenantTable, big_integer
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.session_changes import SessionChange


class ChangeCounterRow(TenantTable, table=True):
    """The newest number of one organisation. A new `epoch` says that numbers may have been given before."""

    __tablename__ = "change_counter"

    value: int = big_integer()
    epoch: UUID


Changed = SessionLogRow | ErasedSessionRow


@dataclass(frozen=True, slots=True)
class Followed:
    """How far a client has followed. It began when `base` was the newest number, and held nothing then."""

    epoch: UUID
    base: int
    sequence: int


@dataclass(frozen=True, slots=True)
class ChangeStep:
    """Some changes in order, the position behind them, and whether there are more. Without `position` there never was
    a change."""

    changes: Sequence[SessionChange]
    position: Followed | None
    more: bool


def _count_up(insert: object) -> object:
    table = ChangeCounterRow.__table__  # type: ignore[attr-defined]
    statement = insert(table)  # type: ignore[operator]
    raised = {"value": table.c.value + statement.excluded.value}
    counted = statement.on_conflict_do_update(index_elements=["organization_id"], set_=raised)
    return counted.returning(table.c.value)


_take = PreparedStatement(_count_up)


def take(session: Session, count: int = 1) -> range:
    """Return the next `count` numbers of the organisation, and hold every other writer of its sessions until the
    commit. To be called before the sessions are read or locked."""
    newest = int(_take.value(session, value=count, epoch=uuid4()))
    return range(newest - count + 1, newest + 1)


def since(
    session: Session, after: Followed | None, person_id: UUID | None, limit: int, whose: UUID | None = None
) -> ChangeStep | None:
    """Return the next `limit` changes after a position, of one person or all; None when it cannot be followed.

    With `whose` only theirs are there.

    Each session stands where it changed last. One that was deleted is told unless that was before the client began.
    """
    counter = session.get(ChangeCounterRow, tenant_of(session))
    if counter is None:
        return ChangeStep((), None, more=False) if after is None else None
    if after is None:
        after = Followed(counter.epoch, base=counter.value, sequence=0)
    if after.epoch != counter.epoch or not after.sequence <= counter.value:
        return None
    people = {each for each in (person_id, whose) if each is not None}
    rows = _rows(session, after, people, limit + 1)
    if not rows and after.sequence and not all(person_rows.exists(session, each) for each in people):
        # What a follower holds of somebody who is erased must go, and no change can name whose it was.
        return None
    more = len(rows) > limit
    # All up to the newest number can be seen here, so that a filtered walk need not search it again.
    reached = rows[limit - 1].sequence if more else counter.value
    return ChangeStep(_told(session, rows[:limit]), Followed(after.epoch, after.base, reached), more)


def _rows(session: Session, after: Followed, people: Set[UUID], limit: int) -> Sequence[Changed]:
    number = col(SessionLogRow.sequence)
    statement: Any = (
        select(SessionLogRow)
        .where(number > after.sequence, or_(col(SessionLogRow.deleted_at).is_(None), number > after.base))
        .order_by(number)
        .limit(limit)
    )
    for person in people:
        statement = statement.where(SessionLogRow.person_id == person)
    found: list[Changed] = [*session.exec(statement)]
    if not people:
        found += erased_sessions.since(session, max(after.sequence, after.base), limit)
        found.sort(key=lambda row: row.sequence)
    return found[:limit]


def _told(session: Session, rows: Sequence[Changed]) -> list[SessionChange]:
    living = session_logs.shaped(
        session, [row for row in rows if isinstance(row, SessionLogRow) and row.deleted_at is None]
    )
    audit.note(session, AuditAction.READ, "session", [log.person_id for log in living])
    held = {log.id: log for log in living}
    return [
        SessionChange.model_construct(id=row.id, deleted=row.id not in held, session=held.get(row.id)) for row in rows
    ]
