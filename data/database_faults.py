"""What is wrong when the database refuses: a fault of one unit, of its batch, or of the database itself."""

import logging
from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError

RETRYABLE: Final = frozenset({"40001", "40P01"})
TIMEOUTS: Final = frozenset({"57014", "55P03"})
"""A statement or a lock took too long: a fault of one unit, which must not cost the others of its batch theirs."""

READ_ONLY: Final = "25006"
"""The server became a standby, or was told to refuse writes: another connection may find the one that takes them."""

log = logging.getLogger("limber.writer")


class DatabaseBusy(Exception):
    """The writer's queue is full; try again in a moment."""


class DatabaseUnavailable(Exception):
    """The database cannot be reached, is full or was closed; nothing was promised."""


def is_fatal(error: Exception) -> bool:
    """Return True when the fault is the database's, not the unit's: the whole batch fails or is run again."""
    if not isinstance(error, DBAPIError):
        return False
    sqlstate = getattr(error.orig, "sqlstate", None)
    return (
        error.connection_invalidated
        or sqlstate in RETRYABLE
        or sqlstate == READ_ONLY
        or (isinstance(error, OperationalError) and sqlstate not in TIMEOUTS)
    )


def told(error: Exception) -> Exception:
    """Return what the one who waits is told of a unit's own fault."""
    return as_unavailable(error) if isinstance(error, OperationalError) else error


def as_unavailable(error: BaseException) -> DatabaseUnavailable:
    """Log the kind of the fault and return what those are told who waited for the batch."""
    origin = getattr(error, "orig", None) or error
    log.error("a batch of writes failed: %s", type(origin).__name__)
    return DatabaseUnavailable((str(origin).splitlines() or [type(origin).__name__])[0])
