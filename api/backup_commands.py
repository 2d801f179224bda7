"""The commands `backup` and `restore`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.command_line import fail
from api.main import VERSION
from api.settings import Settings
from data import backups
from data.backup_files import BackupFault
from data.database import DatabaseUnavailable
from schemas.backups import BackupManifest


def backup_command(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
) -> None:
    """Write a backup, consistent while servers write. It is checksummed, and its owner alone may read it."""
    try:
        manifest = backups.take(Settings().database_url, file, VERSION, datetime.now(UTC))
    except (BackupFault, DatabaseUnavailable) as error:
        fail(str(error))
    typer.echo(f"{file}: {_told(manifest)}")


def restore_command(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Also when the database holds data, which is lost.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Check the backup whole, restore nothing.")] = False,
) -> None:
    """Check a backup whole, then put it in the place of the database: all or nothing. Stop the servers first."""
    try:
        manifest = backups.check(file) if check else backups.restore(Settings().database_url, file, replace=replace)
    except (BackupFault, DatabaseUnavailable) as error:
        fail(str(error))
    typer.echo(f"{'sound' if check else 'restored'}: {_told(manifest)}")
    if not check and backups.is_older(manifest):
        typer.echo("its schema is older: run `python -m api migrate`")


def _told(manifest: BackupManifest) -> str:
    rows = manifest.rows
    return (
        f"{manifest.engine}, schema {manifest.schema_revision}, Limber {manifest.limber}, "
        f"{manifest.made_at:%Y-%m-%d %H:%M:%S} UTC; {rows.get('organization', 0)} organisations, "
        f"{rows.get('person', 0)} people, {rows.get('session_log', 0)} sessions"
    )
