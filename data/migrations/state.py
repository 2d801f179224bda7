"""Which schema a database has. Kept apart from the migrations, so that a server need not carry their tool."""

from typing import Final

from sqlalchemy import Engine, inspect, text

HEAD: Final = "0013"
"""The newest revision; known without reading the scripts, so that a start stays fast."""


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
