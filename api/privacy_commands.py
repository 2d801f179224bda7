"""The commands that keep to what people were promised: that what is erased is gone, and what is old is forgotten."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from api import erasure_ledgers
from api.command_line import fail, opened, require_current
from api.housekeeping import retain
from api.settings import Settings


def erase_remains() -> None:
    """Rewrite the file of SQLite now, so that no byte of erased people remains in it or in its log."""
    with opened(Settings()) as database:
        require_current(database)
        count = erasure_ledgers.sweep(database, datetime.now(UTC))
    typer.echo(f"swept; {count} erasures are complete")


def erasures_command(
    file: Annotated[Path, typer.Argument(help="A new file, to be kept apart from backups.")],
) -> None:
    """Write down who was erased, as digests, so that a restored backup brings nobody back."""
    with opened(Settings()) as database:
        require_current(database)
        try:
            count = erasure_ledgers.written(database, file)
        except OSError as error:
            fail(f"{file}: {error.strerror}")
    typer.echo(f"{count} erasures in {file}")


def erase_again(file: Annotated[Path, typer.Argument(help="What `erasures` has written.")]) -> None:
    """Erase again, after a backup was restored, whoever had been erased since it was made."""
    try:
        entries = erasure_ledgers.read(file)
    except (OSError, ValueError):
        fail(f"{file} is no file of erasures")
    with opened(Settings()) as database:
        require_current(database)
        count = erasure_ledgers.apply(database, entries, datetime.now(UTC))
    typer.echo(f"{count} people were there again, and are erased")


def retain_command() -> None:
    """Forget now what is older than LIMBER_RETENTION_DAYS; a running server does it once a day."""
    settings = Settings()
    if not settings.retention_days:
        fail("LIMBER_RETENTION_DAYS is 0: everything is kept")
    now = datetime.now(UTC)
    before = now - timedelta(days=settings.retention_days)
    with opened(settings) as database:
        require_current(database)
        people = asyncio.run(retain(database, before, now))
    typer.echo(f"forgot what {people} people did who did nothing since {before:%Y-%m-%d}")
