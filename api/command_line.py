"""What every command does alike: open the database or end with one clear line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from api.settings import Settings
from data.database import Database, DatabaseUnavailable
from data.migrations.state import is_current


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """Yield the opened database; ends the command with one clear line when it cannot be opened."""
    database = Database(settings.database_url, readers=1)
    try:
        database.open()
        yield database
    except DatabaseUnavailable as error:
        fail(str(error))
    finally:
        database.close()


def require_current(database: Database) -> None:
    """End the command when the database has an older schema."""
    if not is_current(database.write_engine):
        fail("the database needs `python -m api migrate` first")


def fail(message: str) -> NoReturn:
    """End the command with one line on standard error."""
    typer.echo(f"limber: {message}", err=True)
    raise typer.Exit(1)
