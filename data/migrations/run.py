"""Bringing a database to another schema. As a program it reads the address of the database from standard input, where no
process list shows its password, and prints the revision."""

import sys
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from data.database import Database
from data.migrations.state import current, is_current

FOLDER: Final = Path(__file__).parent


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


def main() -> None:
    """Migrate the database whose address stands on standard input."""
    database = Database(sys.stdin.readline().strip())
    database.open()
    sys.stdout.write(migrate(database.write_engine) + "\n")
    database.close()


if __name__ == "__main__":
    main()
