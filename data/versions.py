"""Optimistic locking: the entity tag of a version, and what a change must name of the version that it was made for."""

from enum import StrEnum
from typing import Final

ANY: Final = "*"


class Mismatch(StrEnum):
    """Why a change does not fit the version that there is."""

    UNNAMED = "unnamed"
    STALE = "stale"


def etag(version: int) -> str:
    """Return the strong entity tag of a version."""
    return f'"v{version}"'


def names_before(version: int, named: frozenset[str]) -> bool:
    """Return True when these entity tags name the version before: the change may be one whose answer was lost."""
    return version > 1 and etag(version - 1) in named


def mismatch(version: int, named: frozenset[str]) -> Mismatch | None:
    """Return why a change that names these entity tags does not fit the version, None when it does."""
    if not named:
        return Mismatch.UNNAMED
    return None if ANY in named or etag(version) in named else Mismatch.STALE
