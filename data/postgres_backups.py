"""Backups of PostgreSQL by its own tools, at one moment, and a restore in one transaction."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from data import sync_epochs
from data.backup_files import BackupFault, private_file, store
from data.database import Database
from data.migrations.state import current
from schemas.backups import BackupManifest, Engine

PATIENT: Final = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
OTHERS: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


def take(database: Database, target: Path, version: str, now: datetime) -> BackupManifest:
    """Write a backup of the database as it is at one moment. Raises BackupFault."""
    dump = _tool("pg_dump")
    revision = current(database.write_engine)
    if revision is None:
        raise BackupFault("the database is empty")
    connection = database.write_engine.connect().execution_options(isolation_level="REPEATABLE READ")
    with connection, connection.begin():
        # What is counted here and what the tool reads are the same state.
        connection.execute(text(PATIENT))
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        manifest = BackupManifest(
            limber=version,
            made_at=now,
            engine=Engine.POSTGRESQL,
            schema_revision=revision,
            rows=_rows(connection),
        )
        command = [dump, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        store(target, manifest, lambda file: _run(command, database.url, into=file))
    return manifest


def restore(manifest: BackupManifest, packed: BinaryIO, database: Database, *, replace: bool) -> None:
    """Put the backup in the place of the database in one transaction, or change nothing and raise BackupFault."""
    unpack, client = _tool("pg_restore"), _tool("psql")
    with database.write_engine.connect() as connection:
        if connection.execute(text(OTHERS)).scalar_one():
            raise BackupFault("others are connected to the database; stop the servers first")
        tables = inspect(connection).get_table_names()
        if not replace and "organization" in tables:
            _refuse_data(connection)
    # A connection of ours would wait for the tables that are dropped, and they for it.
    database.write_engine.dispose()
    with tempfile.TemporaryDirectory(prefix="limber-restore-") as folder:
        dump, script = Path(folder, "dump"), Path(folder, "script.sql")
        with private_file(dump) as file:
            shutil.copyfileobj(packed, file, 1 << 20)
        with private_file(script) as file:
            file.write("".join(f'DROP TABLE IF EXISTS "{name}" CASCADE;\n' for name in tables).encode())
            flags = ["--clean", "--if-exists", "--no-owner", "--no-privileges", "--file=-"]
            _run([unpack, *flags, str(dump)], None, into=file)
            file.write(_epilogue(manifest).encode())
        flags = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={script}"]
        _run([client, *flags], database.url, into=None)


def _refuse_data(connection: Connection) -> None:
    count = connection.execute(text("SELECT count(*) FROM organization")).scalar_one()
    if count:
        raise BackupFault(
            f"the database holds the data of {count} organisations; with --replace the backup takes its place"
        )


def _rows(connection: Connection) -> dict[str, int]:
    try:
        names = sorted(inspect(connection).get_table_names())
        count = "SELECT count(*) FROM "
        return {name: connection.execute(text(f'{count}"{name}"')).scalar_one() for name in names}
    except DBAPIError as error:
        raise BackupFault(f"the database cannot be read: {type(error.orig).__name__}") from None


def _epilogue(manifest: BackupManifest) -> str:
    """Return what ends the transaction: it fails, and nothing has changed, unless every table has its rows."""
    check = """
DO $$ BEGIN
  IF (SELECT count(*) FROM "{name}") <> {count} THEN
    RAISE EXCEPTION 'the table {name} lacks rows that the backup should hold';
  END IF;
END $$;
"""
    checks = (check.format(name=name, count=count) for name, count in sorted(manifest.rows.items()))
    return "\nRESET search_path;\n" + "".join(checks) + sync_epochs.POSTGRES


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupFault(f"{name} is not on the PATH: install the client programs of PostgreSQL")
    return found


def _run(command: Sequence[str], url: URL | None, *, into: Any) -> None:
    """Run a tool of PostgreSQL; what it prints goes to `into`. Raises BackupFault with its first complaint."""
    environment = dict(os.environ)
    where: list[str] = []
    if url is not None:
        plain = url.set(drivername="postgresql", password=None)
        where = [f"--dbname={plain.render_as_string(hide_password=False)}"]
        # A list of processes shows arguments to everybody, but not the environment.
        environment |= {"PGPASSWORD": str(url.password)} if url.password else {}
    with tempfile.TemporaryFile() as complaints:
        output = subprocess.DEVNULL if into is None else subprocess.PIPE
        with subprocess.Popen([*command, *where], stdout=output, stderr=complaints, env=environment) as run:  # noqa: S603
            if run.stdout is not None:
                shutil.copyfileobj(run.stdout, into, 1 << 20)
        if run.returncode:
            complaints.seek(0)
            first = complaints.readline().decode(errors="replace").strip()
            raise BackupFault(first or f"{Path(command[0]).name} ended with {run.returncode}")
