"""The daily figures that a link brings to a clinic without the sessions that they are made from."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, delete
from sqlmodel import Field, Session, col

from data import attention, audit, daily_progress
from data.consents import Sharing
from data.prepared import PreparedStatement
from data.session_entries import CHUNK
from data.table import TenantTable
from schemas.audit import AuditAction
from schemas.progress import DayStart, RegionSums
from schemas.session_logs import SessionLog


class SharedDayRow(RegionSums, DayStart, TenantTable, table=True):  # type: ignore[misc]
    """The sums of one link, local day and region, as in the daily rollup."""

    __tablename__ = "shared_day"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        CheckConstraint("sessions >= 0", name="sessions"),
    )

    person_id: UUID = Field(primary_key=True)
    link_id: UUID = Field(primary_key=True)
    day: str = Field(primary_key=True)
    region: str = Field(primary_key=True)


_add = PreparedStatement(lambda insert: insert(SharedDayRow.__table__))  # type: ignore[attr-defined]


def remake(session: Session, sharing: Sharing, days: Sequence[str] | None, logs: Sequence[SessionLog]) -> None:
    """Make the link's figures of some days, or of all with None, anew from the sessions of those days."""
    mine = (col(SharedDayRow.person_id) == sharing.clinic_person_id, col(SharedDayRow.link_id) == sharing.link_id)
    narrowed: list[Any] = [*mine] if days is None else [*mine, col(SharedDayRow.day).in_(days)]
    gone = session.exec(delete(SharedDayRow).where(*narrowed).execution_options(synchronize_session=False)).rowcount
    attention.mark(session, [sharing.clinic_person_id])
    rows = daily_progress.sums(logs)
    for start in range(0, len(rows), CHUNK):
        some = rows[start : start + CHUNK]
        columns: dict[str, list[Any]] = {name: [row[name] for row in some] for name in daily_progress.COLUMNS}
        whose = {"person_id": [sharing.clinic_person_id] * len(some), "link_id": [sharing.link_id] * len(some)}
        _add.run(session, {**columns, **whose})
    action, many = (AuditAction.WRITE, len(rows)) if rows else (AuditAction.DELETE, gone)
    audit.note(session, action, "progress", [sharing.clinic_person_id] * many)
