"""The ledger of erasures outside the database, so that a restored backup brings nobody back."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from data import erasures, person_records
from data.database import Database
from schemas.people import LedgerEntry


def written(database: Database, file: Path) -> int:
    """Write the ledger to a new file, mode 0600; returns how many erasures it has. Raises OSError."""
    entries = database.system.read_now(erasures.ledger)
    with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
        out.writelines(f"{entry.model_dump_json()}\n" for entry in entries)
    return len(entries)


def read(file: Path) -> list[LedgerEntry]:
    """Return what `written` wrote. Raises OSError, and ValueError for another file."""
    return [LedgerEntry.model_validate_json(line) for line in file.read_text().splitlines()]


def apply(database: Database, entries: Sequence[LedgerEntry], now: datetime) -> int:
    """Erase whoever is in the ledger and yet there, and sweep the file; returns how many there were."""
    database.system.write_now(erasures.enter_again, entries)
    found = database.system.read_now(person_records.brought_back, entries)
    for person in found:
        database.bound_to(person.organization_id).write_now(person_records.erase, person.person_id, now)
    if found:
        sweep(database, now)
    return len(found)


def sweep(database: Database, now: datetime) -> int:
    """Leave no byte of who was erased in the files; returns how many erasures that completes."""
    found = database.system.read_now(erasures.unswept)
    database.sweep().result()
    database.system.write_now(erasures.swept, found, now)
    return len(found)
