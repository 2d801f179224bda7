"""How the server logs: one line an event, as text or JSON. Of a fault it says type and places, never the message.

Messages of exceptions, and all but the first line of what libraries log, can hold what a person wrote.
"""

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Literal

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]

DEEPEST_FRAMES: Final = 8

log = logging.getLogger("limber")


def configure(level: LogLevel, form: LogFormat) -> None:
    """Send everything that this process logs, its libraries included, to standard error in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine() if form == "json" else TextLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    sys.excepthook = _log_crash
    threading.excepthook = _log_thread_crash
    sys.unraisablehook = _log_unraisable


def places(error: BaseException) -> str:
    """Return where the fault arose, the innermost place first."""
    frames = traceback.extract_tb(error.__traceback__)[-DEEPEST_FRAMES:]
    return " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))


class JsonLine(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and what belongs to the event."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return json.dumps(_members(record), ensure_ascii=False)


class TextLine(logging.Formatter):
    """The same for people: time, level, logger, message, then `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        members = _members(record)
        head = [members.pop(name) for name in ("time", "level", "logger", "message")]
        return " ".join([*head, *(f"{name}={value}" for name, value in members.items())])


def _members(record: logging.LogRecord) -> dict[str, Any]:
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    lines = record.getMessage().splitlines()
    members: dict[str, Any] = {
        "time": time.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": lines[0] if lines else "",
        **getattr(record, "members", {}),
    }
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        members |= {"error": type(error).__name__, "places": places(error)}
    return members


def _log_crash(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("the process ends", exc_info=error)


def _log_thread_crash(crash: threading.ExceptHookArgs) -> None:
    log.error("a thread ended", exc_info=crash.exc_value)


def _log_unraisable(fault: Any) -> None:
    log.error("a fault that nobody could be told", exc_info=fault.exc_value)
