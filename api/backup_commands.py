"""The commands `backup` and `restore`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from api import erasure_ledgers
from api.command_line import fail, opened
from api.main import VERSION
from api.settings import Settings
from data import backups, erasures
from data.backup_files import BackupFault
from data.database import Database, DatabaseUnavailable, normalised
from data.migrations.state import is_current
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
    kept, unread = (None, False) if check else _kept_ledger(file)
    try:
        manifest = backups.check(file) if check else backups.restore(Settings().database_url, file, replace=replace)
    except (BackupFault, DatabaseUnavailable) as error:
        if kept is not None:
            # Nothing was restored, so the database still knows; the next try writes it anew.
            kept.unlink()
        fail(str(error))
    typer.echo(f"{'sound' if check else 'restored'}: {_told(manifest)}")
    if unread:
        typer.echo(
            "whom the database knew to be erased could not be read: apply a ledger that you kept with erase-again"
        )
    if not check:
        _forget_again(manifest, kept)


def _kept_ledger(file: Path) -> tuple[Path | None, bool]:
    """Write beside the backup whom the database knows to be erased; None for nobody, True when it is unreadable."""
    url, kept = Settings().database_url, file.with_name(f"{file.name}.erasures")
    parsed = normalised(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        return None, False
    database = Database(url, readers=1)
    try:
        database.open()
        if not is_current(database.write_engine) or not database.system.read_now(erasures.ledger):
            return None, False
        erasure_ledgers.written(database, kept)
    except OSError as error:
        fail(f"{kept}: {error.strerror}")
    except (DatabaseUnavailable, DBAPIError):
        return None, True
    finally:
        database.close()
    return kept, False


def _forget_again(manifest: BackupManifest, kept: Path | None) -> None:
    """Erase whom the backup has brought back; with an older schema that has to wait for `migrate`."""
    if backups.is_older(manifest):
        typer.echo("its schema is older: run `python -m api migrate`")
        if kept is not None:
            typer.echo(f"and then `python -m api erase-again {kept}`, for it may have brought erased people back")
        return
    if kept is None:
        return
    with opened(Settings()) as database:
        count = erasure_ledgers.apply(database, erasure_ledgers.read(kept), datetime.now(UTC))
    kept.unlink()
    typer.echo(f"{count} people whom it had brought back are erased again")


def _told(manifest: BackupManifest) -> str:
    rows = manifest.rows
    return (
        f"{manifest.engine}, schema {manifest.schema_revision}, Limber {manifest.limber}, "
        f"{manifest.made_at:%Y-%m-%d %H:%M:%S} UTC; {rows.get('organization', 0)} organisations, "
        f"{rows.get('person', 0)} people, {rows.get('session_log', 0)} sessions"
    )
