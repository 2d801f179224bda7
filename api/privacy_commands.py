"""The commands that keep to what people were promised: that what is erased is gone, and what is old is forgotten."""

import asyncio
from datetime import UTC, datetime, timedelta

import typer

from api.command_line import fail, opened, require_current
from api.housekeeping import retain
from api.settings import Settings
from data import erasures


def erase_remains() -> None:
    """Rewrite the file of SQLite now, so that no byte of erased people remains in it or in its log."""
    with opened(Settings()) as database:
        require_current(database)
        found = database.system.read_now(erasures.unswept)
        database.sweep().result()
        database.system.write_now(erasures.swept, found, datetime.now(UTC))
    typer.echo(f"swept; {len(found)} erasures are complete")


def retain_command() -> None:
    """Forget now what is older than LIMBER_RETENTION_DAYS; a running server does it once a day."""
    settings = Settings()
    if not settings.retention_days:
        fail("LIMBER_RETENTION_DAYS is 0: everything is kept")
    before = datetime.now(UTC) - timedelta(days=settings.retention_days)
    with opened(settings) as database:
        require_current(database)
        people = asyncio.run(retain(database, before))
    typer.echo(f"forgot what {people} people did who did nothing since {before:%Y-%m-%d}")
