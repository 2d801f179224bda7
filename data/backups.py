"""Backups of either kind of database: made while others write, checked whole before a restore touches anything."""

from datetime import datetime
from pathlib import Path

from data import postgres_backups, sqlite_backups
from data.backup_files import BackupFault, checked
from data.database import Database, normalised
from data.migrations.state import HEAD
from schemas.backups import BackupManifest, Engine


def take(url: str, target: Path, version: str, now: datetime) -> BackupManifest:
    """Write a backup of the database to a new file, mode 0600. Raises BackupFault, DatabaseUnavailable."""
    parsed = normalised(url)
    if parsed.get_backend_name() == "sqlite":
        return sqlite_backups.take(Path(parsed.database or ""), target, version, now)
    database = Database(url, readers=1)
    database.open()
    try:
        return postgres_backups.take(database, target, version, now)
    finally:
        database.close()


def restore(url: str, source: Path, *, replace: bool) -> BackupManifest:
    """Put the backup in the place of the database, all or nothing. Raises BackupFault, DatabaseUnavailable."""
    parsed = normalised(url)
    with checked(source) as (manifest, packed):
        engine = Engine.SQLITE if parsed.get_backend_name() == "sqlite" else Engine.POSTGRESQL
        if manifest.engine is not engine:
            raise BackupFault(f"{source} is a backup of {manifest.engine}, the database is {engine}")
        if engine is Engine.SQLITE:
            sqlite_backups.restore(manifest, packed, Path(parsed.database or ""), replace=replace)
            return manifest
        database = Database(url, readers=1)
        database.open()
        try:
            postgres_backups.restore(manifest, packed, database, replace=replace)
        finally:
            database.close()
    return manifest


def check(source: Path) -> BackupManifest:
    """Return what the backup holds, once it was found whole. Raises BackupFault."""
    with checked(source) as (manifest, _):
        return manifest


def is_older(manifest: BackupManifest) -> bool:
    """Return True when the schema in the backup has to be migrated."""
    return manifest.schema_revision != HEAD
