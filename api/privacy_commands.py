"""The commands that keep to what people were promised: that what is erased is gone, and what is old is forgotten."""

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from api.command_line import fail, opened, require_current
from api.housekeeping import retain
from api.settings import Settings
from data import erasures, person_records
from data.database import Database
from schemas.people import LedgerEntry


def erase_remains() -> None:
    """Rewrite the file of SQLite now, so that no byte of erased people remains in it or in its log."""
    with opened(Settings()) as database:
        require_current(database)
        count = _sweep(database)
    typer.echo(f"swept; {count} erasures are complete")


def erasures_command(
    file: Annotated[Path, typer.Argument(help="A new file, to be kept apart from backups.")],
) -> None:
    """Write down who was erased, as digests, so that a restored backup brings nobody back."""
    with opened(Settings()) as database:
        require_current(database)
        count = write_ledger(database, file)
    typer.echo(f"{count} erasures in {file}")


def erase_again(file: Annotated[Path, typer.Argument(help="What `erasures` has written.")]) -> None:
    """Erase again, after a backup was restored, whoever had been erased since it was made."""
    try:
        entries = [LedgerEntry.model_validate_json(line) for line in file.read_text().splitlines()]
    except (OSError, UnicodeError, ValidationError):
        fail(f"{file} is no file of erasures")
    with opened(Settings()) as database:
        require_current(database)
        count = apply_ledger(database, entries, datetime.now(UTC))
    typer.echo(f"{count} people were there again, and are erased")


def write_ledger(database: Database, file: Path) -> int:
    """Write the ledger of erasures to a new file, mode 0600; returns how many there are."""
    entries = database.system.read_now(erasures.ledger)
    try:
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
            out.writelines(f"{entry.model_dump_json()}\n" for entry in entries)
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    return len(entries)


def apply_ledger(database: Database, entries: Sequence[LedgerEntry], now: datetime) -> int:
    """Erase whoever is in the ledger and yet there, and sweep the file; returns how many there were."""
    database.system.write_now(erasures.enter_again, entries)
    found = database.system.read_now(person_records.brought_back, entries)
    for person in found:
        database.bound_to(person.organization_id).write_now(person_records.erase, person.person_id, now)
    if found:
        _sweep(database)
    return len(found)


def _sweep(database: Database) -> int:
    found = database.system.read_now(erasures.unswept)
    database.sweep().result()
    database.system.write_now(erasures.swept, found, datetime.now(UTC))
    return len(found)


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
