"""Bringing a database to the newest schema, and knowing whether it is there."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect, text

FOLDER: Final = Path(__file__).parent
HEAD: Final = "0001"
"""The newest revision; known without reading the scripts, so that a start stays fast."""


def config(engine: Engine) -> Config:
    """Return the configuration of the migrations on this engine."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["engine"] = engine
    return made


def migrate(engine: Engine, revision: str = "head") -> str:
    """Bring the database up to `revision` and return the revision it is at now."""
    if revision != "head" or not is_current(engine):
        command.upgrade(config(engine), revision)
    return current(engine) or "empty"


def downgrade(engine: Engine, revision: str) -> None:
    """Bring the database down to `revision`."""
    command.downgrade(config(engine), revision)


def current(engine: Engine) -> str | None:
    """Return the revision of the database, None when it is empty."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        return None if found is None else str(found)


def is_current(engine: Engine) -> bool:
    """Return True when the database has the newest schema."""
    return current(engine) == HEAD
