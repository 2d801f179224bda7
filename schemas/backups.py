"""What a backup says about itself."""

from enum import StrEnum

from schemas.base import Schema, UtcDateTime


class Engine(StrEnum):
    """The kinds of database."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class BackupManifest(Schema):
    """Which version made the backup when, from which engine and schema, and how many rows each table has in it."""

    limber: str
    made_at: UtcDateTime
    engine: Engine
    schema_revision: str
    rows: dict[str, int]
