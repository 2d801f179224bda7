"""What is wrong with an installation, in plain words."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import Session

from api import surroundings
from api.banner import is_loopback
from api.rules.tuning import numbers_of
from api.settings import Settings
from data import erasures, releases, session_scan
from data.database import Database
from data.migrations.state import is_current

SAFE_SQLITE: Final = (3, 51, 3)
"""Earlier ones can corrupt a WAL file when two connections write or checkpoint at once; here one connection does."""

CLOCKS_MAY_DIFFER: Final = timedelta(minutes=1)
WRITTEN: Final = datetime(2026, 11, 1, tzinfo=UTC)
"""No clock is right that stands before this was written."""

FAULTS_SHOWN: Final = 10


def examine(database: Database, settings: Settings) -> list[str]:
    """Return one line a check; those that begin with `ok` are well."""
    return [*surroundings.unknown_settings(os.environ, Path(".env")), _binding(settings), *_checks(database)]


def _binding(settings: Settings) -> str:
    if is_loopback(settings.host):
        return f"ok address: {settings.host}, this machine alone"
    remark = "" if settings.forwarded_allow_ips else ", and name it in LIMBER_FORWARDED_ALLOW_IPS"
    return f"ok address: {settings.host} is public and speaks no TLS; put a reverse proxy with TLS in front{remark}"


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
    yield _clock(database, datetime.now(UTC))
    yield from _rows(database)
    if waiting := database.system.read_now(erasures.unswept):
        yield f"erasures: the remains of {len(waiting)} wait; run a server, or `python -m api erase-remains`"
    else:
        yield "ok erasures: nothing remains of who was erased"


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


def _clock(database: Database, now: datetime) -> str:
    if now < WRITTEN:
        return f"clock: this machine's stands at {now:%Y-%m-%d}"
    if not database.is_sqlite:
        theirs = database.system.read_now(_scalar, "SELECT now()")
        if abs(theirs - now) > CLOCKS_MAY_DIFFER:
            return f"clock: this machine's and the database's differ by {abs(theirs - now).total_seconds():.0f} s"
    newest = database.system.read_now(session_scan.newest)
    if newest is not None and newest > now + CLOCKS_MAY_DIFFER:
        return f"clock: a session was stored at {newest:%Y-%m-%d %H:%M} UTC, and now it is {now:%Y-%m-%d %H:%M} UTC"
    return "ok clock"


def _rows(database: Database) -> Iterator[str]:
    """Read every session as a client would be answered, in chunks. Names rows and fields, never what they hold."""
    found = 0
    for organization in database.system.read_now(session_scan.organizations):
        doors, after, more = database.bound_to(organization), None, True
        while more:
            faulty, after = doors.read_now(session_scan.chunk, after)
            more = after is not None
            for row in faulty[: max(0, FAULTS_SHOWN - found)]:
                fields = ", ".join(row.fields) or "it cannot be read"
                yield f"rows: session {row.session_id} of organisation {organization} is not valid: {fields}"
            found += len(faulty)
    if found > FAULTS_SHOWN:
        yield f"rows: {found} sessions in all are not valid"
    elif not found:
        yield "ok rows: every session is valid"


def _sqlite(database: Database) -> Iterator[str]:
    yield from surroundings.of_file(Path(database.url.database or ""))
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
