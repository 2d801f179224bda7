"""Taking every session along as a file."""

from enum import StrEnum
from uuid import UUID

from schemas.base import Schema


class SessionFormat(StrEnum):
    """JSON Lines, one session a line; or a table for spreadsheets, one session a row."""

    JSONL = "jsonl"
    CSV = "csv"


class SessionExportQuery(Schema):
    """Whose sessions, all by default, and in which format."""

    person_id: UUID | None = None
    format: SessionFormat = SessionFormat.JSONL
