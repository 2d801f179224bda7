"""Backups of SQLite: one consistent copy while others write, and a restore that is all or nothing."""

import fcntl
import gzip
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote

from data import sync_epochs
from data.backup_files import BackupFault, private_file, settle_folder, store
from schemas.backups import BackupManifest, Engine

SHARED_BYTES: Final = (0x40000002, 510)
"""Where SQLite locks a file, by its file format: who has the database open holds a read lock there."""


def take(live: Path, target: Path, version: str, now: datetime) -> BackupManifest:
    """Write a backup of the database as it is at one moment. Raises BackupFault.

    What was deleted does not travel: the copy has no free pages.
    """
    if not live.exists():
        raise BackupFault(f"there is no database at {live}")
    copy = target.with_name(f".{target.name}.copy")
    try:
        with _told(f"the database {live} cannot be copied"):
            with private_file(copy), closing(_opened(live, "ro")) as connection:
                connection.execute("VACUUM INTO ?", (str(copy),))
            manifest = _described(copy, version, now)
        store(target, manifest, lambda file: _compress(copy, file))
    finally:
        copy.unlink(missing_ok=True)
    return manifest


def restore(manifest: BackupManifest, packed: BinaryIO, live: Path, *, replace: bool) -> None:
    """Put the backup in the place of the database, or leave everything as it is and raise BackupFault."""
    live.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = live.with_name(f"{live.name}.restoring")
    try:
        with _told("the database in the backup cannot be read"):
            _unpack(packed, fresh)
            found = _described(fresh, manifest.limber, manifest.made_at)
            if found != manifest:
                raise BackupFault("the database in the backup does not hold what its manifest says")
            with closing(_opened(fresh, "rw")) as connection:
                sync_epochs.renew(connection)
        if live.exists():
            _refuse_unless_free(live, replace)
        _swap(fresh, live)
    finally:
        fresh.unlink(missing_ok=True)


def open_elsewhere(path: Path) -> bool:
    """Return True when another process has the database open."""
    try:
        with _held(path):
            return False
    except BlockingIOError:
        return True


def _described(path: Path, version: str, now: datetime) -> BackupManifest:
    """Return the manifest of a database that nobody writes to, found sound. Raises BackupFault, sqlite3.Error."""
    with closing(_opened(path, "ro")) as connection:
        (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
        if sound != "ok" or connection.execute("PRAGMA foreign_key_check").fetchone():
            raise BackupFault("the database is not sound; `python -m api doctor` says more")
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        tables = sorted(name for (name,) in names)
        if "alembic_version" not in tables:
            raise BackupFault("the database is empty")
        count = "SELECT count(*) FROM "
        rows = {name: connection.execute(f'{count}"{name}"').fetchone()[0] for name in tables}
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return BackupManifest(limber=version, made_at=now, engine=Engine.SQLITE, schema_revision=revision, rows=rows)


def _compress(path: Path, file: object) -> None:
    with path.open("rb") as source, gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0) as packed:  # type: ignore[call-overload]
        shutil.copyfileobj(source, packed, 1 << 20)


def _unpack(packed: BinaryIO, fresh: Path) -> None:
    with private_file(fresh) as file, gzip.GzipFile(fileobj=packed) as source:
        shutil.copyfileobj(source, file, 1 << 20)


def _refuse_unless_free(live: Path, replace: bool) -> None:
    if open_elsewhere(live):
        raise BackupFault(f"another process has {live} open; stop the server first")
    try:
        # Closed by the last who had it open, the database has all its rows in the one file.
        with closing(_opened(live, "rw")) as connection:
            kept = _sessions(connection)
    except sqlite3.Error as error:
        kept = f"cannot be read ({error})"
    if kept and not replace:
        raise BackupFault(f"the database {live} {kept}; with --replace the backup takes its place")


def _sessions(connection: sqlite3.Connection) -> str:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'organization'").fetchone()
    count = connection.execute("SELECT count(*) FROM organization").fetchone()[0] if known else 0
    return f"holds the data of {count} organisations" if count else ""


def _swap(fresh: Path, live: Path) -> None:
    """Rename the new database over the old one, which nobody can open meanwhile."""
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    if not live.exists():
        fresh.replace(live)
        settle_folder(live)
        return
    try:
        with _held(live):
            # The journal of the old one must never be played into the new one.
            for suffix in ("-wal", "-shm", "-journal"):
                live.with_name(live.name + suffix).unlink(missing_ok=True)
            fresh.replace(live)
            settle_folder(live)
    except BlockingIOError:
        raise BackupFault(f"another process has {live} open; stop the server first") from None


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Hold the database for this process alone. Raises BlockingIOError when another one has it open."""
    with path.open("r+b") as file:
        start, length = SHARED_BYTES
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
        yield
        with suppress(OSError):
            fcntl.lockf(file, fcntl.LOCK_UN, length, start)


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, EOFError, gzip.BadGzipFile) as error:
        raise BackupFault(f"{what}: {error}") from None
    except OSError as error:
        raise BackupFault(f"{what}: {error.strerror}") from None


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?mode={mode}", uri=True, isolation_level=None, timeout=5)
