"""The command line: `python -m api serve | migrate | load-catalog | catalog | organizations | keys | import | ...`."""

import gc

# A start makes some hundred thousand objects that all stay: collecting meanwhile costs a fifth of it and frees nothing.
# The application turns it on again when it is ready.
gc.disable()

import ctypes
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from api import (
    access_commands,
    backup_commands,
    banner,
    catalog_commands,
    doctor,
    event_commands,
    exchange_commands,
    logs,
    privacy_commands,
    surroundings,
)
from api.catalog_commands import CATALOG
from api.command_line import fail, opened, require_current
from api.main import build, create_app
from api.receiving import Patience
from api.rules.preparation import prepare
from api.rules.properties import all_properties
from api.rules.understanding import compile_reader
from api.settings import Settings
from data import releases
from data.catalog.documents import CatalogDocument, CatalogError
from data.catalog.loader import assemble, read_files
from data.database import Database, normalised
from data.migrations.state import is_current

ROOT = Path(__file__).parent.parent
HEAP = {-8: 1, -1: 64 * 1024}
"""M_ARENA_MAX and M_TRIM_THRESHOLD by their numbers in the C library's malloc.h."""

cli = typer.Typer(no_args_is_help=True, add_completion=False, help="Limber: an open backend for stretching apps.")
cli.add_typer(access_commands.organizations, name="organizations")
cli.add_typer(access_commands.keys, name="keys")
cli.add_typer(catalog_commands.catalog, name="catalog")
cli.command("backup")(backup_commands.backup_command)
cli.command("restore")(backup_commands.restore_command)
cli.command("import")(exchange_commands.import_command)
cli.command("export")(exchange_commands.export_command)
cli.command("erase-remains")(privacy_commands.erase_remains)
cli.command("erasures")(privacy_commands.erasures_command)
cli.command("erase-again")(privacy_commands.erase_again)
cli.command("retain")(privacy_commands.retain_command)
cli.command("events")(event_commands.events_command)


def _migrate(settings: Settings) -> str:
    """Return the revision after the migrations; they run in a process of their own: no server holds their tool."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-m", "data.migrations.run"],
        input=settings.database_url,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if run.returncode:
        fail("the migrations failed; the database is as it was")
    return run.stdout.strip()


def _refuse_network_file_system(settings: Settings) -> None:
    url = normalised(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        fault = surroundings.network_file_system(Path(url.database))
        if fault is not None:
            fail(fault)


def _one_heap() -> None:
    """Keep the C library from holding a heap for each thread, and have it give back what is free."""
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        for parameter, value in HEAP.items():
            tune(parameter, value)


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to bind to; default LIMBER_HOST.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; default LIMBER_PORT.")] = None,
) -> None:
    """Serve the API. SQLite migrates itself; the first start also loads the catalogue and prints a development key."""
    settings = Settings()
    host, port = host or settings.host, settings.port if port is None else port
    _refuse_network_file_system(settings)
    with opened(settings) as database:
        if database.is_sqlite and not is_current(database.write_engine):
            _migrate(settings)
        require_current(database)
        if database.system.read_now(releases.number) == 0:
            _load(database, CATALOG)
        if (fault := doctor.catalogue_fault(database)) is not None:
            fail(fault)
        banner.greet(database, host, port, datetime.now(UTC))
    _one_heap()
    logs.configure(settings.log_level, settings.log_format)
    uvicorn.run(
        create_app(settings),
        host=host,
        port=port,
        log_config=None,
        log_level=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=20,
        limit_concurrency=1000,
        proxy_headers=bool(settings.forwarded_allow_ips),
        forwarded_allow_ips=settings.forwarded_allow_ips or "127.0.0.1",
        loop="uvloop",
        http=Patience(settings.receive_seconds).protocol(),
    )


@cli.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    settings = Settings()
    with opened(settings):
        typer.echo(f"schema: {_migrate(settings)}")


@cli.command("load-catalog")
def load_catalog(
    folder: Annotated[Path, typer.Argument(help="The folder of the catalogue.")] = CATALOG,
    check: Annotated[bool, typer.Option("--check", help="Read and check the files, store nothing.")] = False,
) -> None:
    """Read, check and load the catalogue; running servers pick it up within two seconds."""
    if check:
        typer.echo(f"{len(_read(folder))} documents, no findings")
        return
    with opened(Settings()) as database:
        require_current(database)
        _load(database, folder)


def _read(folder: Path) -> list[CatalogDocument]:
    try:
        documents = read_files(folder, derived=all_properties)
        catalog, rules, lexicon = assemble((item.kind, item.id, item.document) for item in documents)
        # A release that the rules cannot be made ready for must never reach a running server.
        prepare(catalog, rules)
        compile_reader(lexicon, catalog, rules)
    except (CatalogError, ValueError) as error:
        fail(str(error))
    return documents


def _load(database: Database, folder: Path) -> None:
    loaded = database.system.write_now(releases.load, _read(folder), datetime.now(UTC))
    state = "loaded" if loaded.changed else "unchanged"
    typer.echo(
        f"catalogue release {loaded.number} {state}: "
        f"{loaded.added} exercises added, {loaded.updated} updated, {loaded.retired} retired",
        err=True,
    )


@cli.command("openapi")
def openapi_command() -> None:
    """Print the OpenAPI document."""
    settings = Settings()
    app = build(settings, Database(settings.database_url), lambda: datetime.now(UTC))
    json.dump(app.openapi(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


@cli.command("doctor")
def doctor_command() -> None:
    """Say in plain words what is wrong with this installation; ends with 1 when something is."""
    settings = Settings()
    with opened(settings) as database:
        findings = doctor.examine(database, settings)
    for finding in findings:
        typer.echo(finding)
    raise typer.Exit(1 if any(not finding.startswith("ok") for finding in findings) else 0)


if __name__ == "__main__":
    cli()
