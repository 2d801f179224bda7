"""What is wrong with an installation, in plain words."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from api.rules.tuning import numbers_of
from data import releases
from data.database import Database
from data.migrations.state import is_current

SAFE_SQLITE: Final = (3, 51, 3)
"""Earlier ones can corrupt a WAL file when two connections write or checkpoint at once; here one connection does."""


def examine(database: Database) -> list[str]:
    """Return one line a check; those that begin with `ok` are well."""
    return list(_checks(database))


def _checks(database: Database) -> Iterator[str]:
    if not is_current(database.write_engine):
        yield "schema: out of date; run `python -m api migrate`"
        return
    yield "ok schema: current"
    yield catalogue_fault(database) or f"ok catalogue: release {database.system.read_now(releases.number)}"
    if database.is_sqlite:
        yield from _sqlite(database)
    else:
        yield f"ok database: PostgreSQL {database.system.read_now(_scalar, 'SHOW server_version')}"


def catalogue_fault(database: Database) -> str | None:
    """Return why the catalogue in the database cannot be served, None when it can."""
    tuning = database.system.read_now(releases.tuning)
    if tuning is None:
        return "catalogue: none; run `python -m api load-catalog`"
    try:
        numbers_of(tuning)
    except ValueError as error:
        return f"catalogue: it is not one of this version ({error}); run `python -m api load-catalog`"
    return None


def _sqlite(database: Database) -> Iterator[str]:
    version = str(database.system.read_now(_scalar, "SELECT sqlite_version()"))
    known = tuple(int(part) for part in version.split("."))
    remark = "" if known >= SAFE_SQLITE else "; run one server process for each file (newer: 3.51.3)"
    yield f"ok database: SQLite {version}{remark}"
    integrity = database.system.read_now(_scalar, "PRAGMA quick_check")
    yield "ok integrity" if integrity == "ok" else f"integrity: {integrity}; restore a backup"
    synchronous = database.system.write_now(_scalar, "PRAGMA synchronous")
    durable = synchronous == 2
    yield "ok durability: every acknowledged write is on the disk" if durable else "durability: synchronous is not FULL"


def _scalar(session: Session, statement: str) -> Any:
    return session.execute(text(statement)).scalar_one()
