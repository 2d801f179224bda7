"""Reads the tables that turn records of other exercise databases into exercises; they are no part of a release."""

import tomllib
from pathlib import Path
from typing import Final

from schemas.imports import ImportTables

FREE_EXERCISE_DB: Final = Path(__file__).parent / "imports" / "free_exercise_db.toml"


def read(path: Path = FREE_EXERCISE_DB) -> ImportTables:
    """Return the tables of one database. Raises ValueError when the file is not whole."""
    return ImportTables.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
