"""Who calls and what they may do: scopes, the roles of members, and the caller of one request."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from schemas.audit import Actor, ActorKind


class Scope(StrEnum):
    """What a caller may do."""

    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    RECOMMENDATIONS = "recommendations:read"
    SESSIONS_READ = "sessions:read"
    SESSIONS_WRITE = "sessions:write"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    OVERRIDES_WRITE = "overrides:write"
    PROGRESS_READ = "progress:read"
    PROGRAMS_READ = "programs:read"
    PROGRAMS_WRITE = "programs:write"
    ACCESS_MANAGE = "access:manage"


class Role(StrEnum):
    """What a member is to the organisation."""

    OWNER = "owner"
    CLINICIAN = "clinician"
    EDITOR = "editor"
    VIEWER = "viewer"


ROLE_SCOPES: Final[Mapping[Role, frozenset[str]]] = {
    Role.OWNER: frozenset(Scope),
    Role.CLINICIAN: frozenset(
        {
            Scope.CATALOG_READ,
            Scope.RECOMMENDATIONS,
            Scope.SESSIONS_READ,
            Scope.SESSIONS_WRITE,
            Scope.PEOPLE_READ,
            Scope.PEOPLE_WRITE,
            Scope.OVERRIDES_WRITE,
            Scope.PROGRESS_READ,
            Scope.PROGRAMS_READ,
            Scope.PROGRAMS_WRITE,
        }
    ),
    Role.EDITOR: frozenset({Scope.CATALOG_READ, Scope.CATALOG_WRITE}),
    Role.VIEWER: frozenset(scope for scope in Scope if scope.endswith(":read")),
}
"""What each role may do."""

PERSON_SCOPES: Final = frozenset(
    {
        Scope.CATALOG_READ,
        Scope.RECOMMENDATIONS,
        Scope.SESSIONS_READ,
        Scope.SESSIONS_WRITE,
        Scope.PROGRESS_READ,
        Scope.PROGRAMS_READ,
        Scope.PROGRAMS_WRITE,
    }
)
"""What a person may do with a token of their own, and only with what is theirs."""


@dataclass(frozen=True, slots=True)
class OwnRevision:
    """A revision of an organisation's own exercises: its number, 0 without any, and the token that names it."""

    number: int
    token: str


NO_REVISION: Final = OwnRevision(0, "")


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of one request: an organisation by one of its keys, or somebody who signed in.

    `key_id` stands for a key; `account_id` and `sign_in_id` for a sign-in, with `person_id` when it is a person's own,
    and the pseudonym under which the audit log knows them.
    `expires_at` is when the secret ends. `stale_mark` asks for the key's last use, or the first use of the sign-in's
    newest tokens, to be written down.
    """

    organization_id: UUID
    scopes: frozenset[str]
    own_revision: OwnRevision = NO_REVISION
    key_id: UUID | None = None
    account_id: UUID | None = None
    sign_in_id: UUID | None = None
    person_id: UUID | None = None
    pseudonym: UUID | None = None
    expires_at: datetime | None = None
    stale_mark: bool = False

    @property
    def actor(self) -> Actor:
        """Who the audit log says it was."""
        if self.key_id is not None:
            return Actor(ActorKind.KEY, self.key_id)
        if self.pseudonym is not None:
            return Actor(ActorKind.PERSON, self.pseudonym)
        return Actor(ActorKind.MEMBER, self.account_id)
