"""When each day of the rollup began and how far west: so that no change of the zone breaks a streak."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ("daily_progress", "shared_day")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("first_at", INSTANT, nullable=True))
        op.add_column(table, sa.Column("offset_least", sa.Integer(), nullable=True))
    fill()


def fill() -> None:
    """Read the starts from the sessions, one person at a time. Shared days have none here: theirs stay unknown."""
    connection = op.get_bind()
    log = sa.table(
        "session_log",
        *(sa.column(name, sa.Uuid()) for name in ("organization_id", "person_id")),
        *(sa.column(name, INSTANT) for name in ("started_at", "deleted_at")),
        *(sa.column(name, sa.String()) for name in ("local_day", "timezone")),
    )
    days = sa.table(
        "daily_progress",
        *(sa.column(name, sa.Uuid()) for name in ("organization_id", "person_id")),
        *(sa.column(name, sa.String()) for name in ("day", "region")),
        sa.column("first_at", INSTANT),
        sa.column("offset_least", sa.Integer()),
    )
    person = sa.table("person", *(sa.column(name, sa.Uuid()) for name in ("organization_id", "id")))
    which = ("organization_id", "person_id", "day")
    change = (
        days.update()
        .where(days.c.region == "", *(days.c[name] == sa.bindparam(f"the_{name}") for name in which))
        .values(first_at=sa.bindparam("start"), offset_least=sa.bindparam("least"))
    )
    for organization_id, person_id in connection.execute(sa.select(person.c.organization_id, person.c.id)):
        theirs = sa.select(log.c.local_day, log.c.started_at, log.c.timezone).where(
            log.c.organization_id == organization_id, log.c.person_id == person_id, log.c.deleted_at.is_(None)
        )
        whose = {"the_organization_id": organization_id, "the_person_id": person_id}
        found = [{**whose, **start} for start in starts(connection.execute(theirs))]
        if found:
            connection.execute(change, found)


def starts(rows: sa.CursorResult[Any]) -> list[dict[str, Any]]:
    """Return the earliest start and the least offset in minutes of each day."""
    found: dict[str, tuple[datetime, int]] = {}
    for day, started_at, zone in rows:
        # SQLite holds UTC without saying so.
        start = started_at.replace(tzinfo=UTC) if started_at.tzinfo is None else started_at.astimezone(UTC)
        offset = (start.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()) // timedelta(minutes=1)
        first, least = found.get(day, (start, offset))
        found[day] = min(first, start), min(least, offset)
    return [{"the_day": day, "start": first, "least": least} for day, (first, least) in found.items()]


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "offset_least")
        op.drop_column(table, "first_at")
