"""The audit log: who did what with whose data. A person stands in it under a pseudonym, and no content ever does."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from schemas.base import Page, PageQuery, Schema, Text, UtcDateTime


class ActorKind(StrEnum):
    """What somebody acted as: a key, a member's account, a person themselves, or the server and its command line."""

    KEY = "key"
    MEMBER = "member"
    PERSON = "person"
    SYSTEM = "system"


class AuditAction(StrEnum):
    """What was done with personal data."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    EXPORT = "export"
    ERASE = "erase"
    EXPIRE = "expire"
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. The id is a key's, an account's or a person's pseudonym; the server itself has none."""

    kind: ActorKind = ActorKind.SYSTEM
    id: UUID | None = None


SYSTEM_ACTOR = Actor()


class AuditEvent(Schema):
    """One thing that was done. `subject` is the pseudonym of whose data it was, `record` the kind of record, `count`
    how many of them. After an erasure nothing leads from the pseudonym to the person."""

    id: UUID
    at: UtcDateTime
    actor_kind: ActorKind
    actor_id: UUID | None
    action: AuditAction
    record: str
    subject: UUID | None
    count: int


class AuditQuery(PageQuery):
    """Which events: of one person, of one pseudonym, by one actor, of one action, in a span of time."""

    person_id: UUID | None = None
    subject: UUID | None = None
    actor_id: UUID | None = None
    action: AuditAction | None = None
    record: Annotated[str, Text(24, 1)] | None = None
    since: UtcDateTime | None = None
    until: UtcDateTime | None = None


class AuditPage(Page[AuditEvent]):
    """One page of events, oldest first."""
