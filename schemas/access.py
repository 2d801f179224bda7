"""Who calls: organisations, API keys and what they may do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID


class Scope(StrEnum):
    """What an API key may do."""

    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    RECOMMENDATIONS = "recommendations:read"
    SESSIONS_READ = "sessions:read"
    SESSIONS_WRITE = "sessions:write"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    PROGRESS_READ = "progress:read"


@dataclass(frozen=True, slots=True)
class OwnRevision:
    """A revision of an organisation's own exercises: its number, 0 without any, and the token that names it."""

    number: int
    token: str


NO_REVISION: Final = OwnRevision(0, "")


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of one request: an organisation by one of its keys, and how far its own exercises have come."""

    organization_id: UUID
    key_id: UUID
    scopes: frozenset[str]
    own_revision: OwnRevision = NO_REVISION
