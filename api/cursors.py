"""Opaque keyset cursors: [version, sort, filter digest, last key, made at], base64url. They carry no secret and need no
signature: the tenant wall guards the data."""

import base64
import binascii
import hashlib
import json
from datetime import datetime
from typing import Any, Final

from api.problems import InvalidRequest, ResyncRequired

VERSION: Final = 1
OLDEST_DAYS: Final = 180


def encode(sort: str, filters: Any, key: list[Any], now: datetime | None) -> str:
    """Return the cursor of what comes after `key` in this list. It is dated by the day, so that it stays the same.

    Without `now` it is not dated and never grows too old: for lists whose tombstones are kept for ever.
    """
    payload = [VERSION, sort, _digest(filters), key, 0 if now is None else now.toordinal()]
    return base64.urlsafe_b64encode(json.dumps(payload, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(cursor: str, sort: str, filters: Any, now: datetime | None) -> list[Any]:
    """Return the key to go on after. Raises InvalidRequest for a foreign cursor, ResyncRequired for one too old."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        payload = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        version, of_sort, of_filters, key, made_on = payload
        age = 0 if now is None else now.toordinal() - int(made_on)
    except (ValueError, TypeError, binascii.Error, UnicodeError, RecursionError, OverflowError, OSError):
        raise InvalidRequest.at("?cursor", "this is not a cursor of this list") from None
    if version != VERSION or of_sort != sort or of_filters != _digest(filters) or not isinstance(key, list):
        raise InvalidRequest.at("?cursor", "this cursor belongs to another list, other filters or another order")
    # Two servers seldom see midnight at the same moment.
    if not -1 <= age <= OLDEST_DAYS:
        raise ResyncRequired("start again without a cursor")
    return key


def _digest(filters: Any) -> str:
    canonical = json.dumps(filters, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
