"""Sessions as lines of a file: JSON Lines, or a table for spreadsheets (RFC 4180, every cell quoted).

In the table the lists of exercises and pain are JSON in one cell each; empty cells are null.
"""

import csv
import io
from collections.abc import Iterable
from typing import Any, Final

from pydantic_core import to_json

from api.interop.cells import guarded
from schemas.session_exports import SessionFormat
from schemas.session_logs import SessionLog

MEDIA_TYPES: Final = {SessionFormat.JSONL: "application/jsonl", SessionFormat.CSV: "text/csv"}
COLUMNS: Final = tuple(SessionLog.model_fields)


def head(format_: SessionFormat) -> bytes:
    """Return what stands before the first session."""
    return _table([list(COLUMNS)]) if format_ is SessionFormat.CSV else b""


def lines(logs: Iterable[SessionLog], format_: SessionFormat) -> bytes:
    """Return the sessions, each as one line or row."""
    if format_ is SessionFormat.CSV:
        return _table([_cell(value) for value in log.model_dump(mode="json").values()] for log in logs)
    return b"".join(log.__pydantic_serializer__.to_json(log) + b"\n" for log in logs)


def _table(rows: Iterable[list[str]]) -> bytes:
    made = io.StringIO(newline="")
    csv.writer(made, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return made.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return guarded(value if isinstance(value, str) else to_json(value).decode())
