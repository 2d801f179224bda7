"""Organisations: their members, their API keys and the issuers whose identity tokens they trust."""

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, Field

from schemas.access import Role, Scope
from schemas.accounts import EmailAddress
from schemas.base import Page, Schema, Text, UtcDateTime


def _fetchable(value: str) -> str:
    try:
        parts = urlsplit(value)
        secure = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
        plain = parts.username is None and parts.password is None and not parts.fragment and parts.port != 0
    except ValueError:
        raise ValueError("must be an address") from None
    if not (secure and plain and parts.hostname and value.isascii() and " " not in value):
        raise ValueError("must be an https address without user, password or fragment")
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Organization(Schema):
    """A tenant: an app vendor or a clinic."""

    id: UUID
    name: str
    open_sign_up: bool = Field(description="Whether strangers may sign up as people of it.")
    created_at: UtcDateTime


class MemberInvite(Schema):
    """Whom to invite, and as what."""

    email: EmailAddress
    role: Role


class MemberUpdate(Schema):
    """What the member is from now on."""

    role: Role


class Member(Schema):
    """A member of the organisation. `invited` until the invitation is accepted."""

    id: UUID
    email: str
    role: Role
    invited: bool
    created_at: UtcDateTime
    updated_at: UtcDateTime


class InvitedMember(Schema):
    """The member, and the invitation that is shown this once: bring it to the member by a way you trust."""

    member: Member
    invitation_token: str
    invitation_expires_at: UtcDateTime


class MemberPage(Page[Member]):
    """One page of members, in the order of their ids."""


class ApiKeyCreate(Schema):
    """A key to be made: what it is for and what it may do, never more than its maker may."""

    name: Annotated[str, Text(120, 1)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    expires_at: UtcDateTime | None = None


class ApiKeyRotation(Schema):
    """How long the old secret goes on working beside the new one, in hours."""

    overlap_hours: Annotated[int, Field(ge=0, le=168, strict=True)] = 24


class ApiKey(Schema):
    """A key without its secret."""

    id: UUID
    name: str
    prefix: str = Field(description="How the secret begins; empty for keys that are older than this field.")
    scopes: list[str]
    created_at: UtcDateTime
    expires_at: UtcDateTime | None
    revoked_at: UtcDateTime | None
    last_used_on: UtcDateTime | None = Field(description="The last hour in which it was used.")


class ApiKeySecret(Schema):
    """A new key with its secret, which is shown this once."""

    key: ApiKey
    secret: str


class ApiKeyPage(Page[ApiKey]):
    """One page of keys, in the order of their ids."""


class TrustedIssuerCreate(Schema):
    """An OpenID Connect issuer whose identity tokens for `audience` sign people in."""

    issuer: Annotated[str, Text(500, 1)] = Field(description="As it stands in the claim `iss`.")
    audience: Annotated[str, Text(500, 1)] = Field(description="The client id that stands in the claim `aud`.")
    jwks_url: Annotated[str, Text(1000, 8), AfterValidator(_fetchable)] = Field(
        description="Where the issuer's keys are; https, or http on this machine.",
        json_schema_extra={"format": "uri"},
    )


class TrustedIssuer(Schema):
    """A trusted issuer as stored."""

    id: UUID
    issuer: str
    audience: str
    jwks_url: str
    created_at: UtcDateTime


class TrustedIssuerPage(Page[TrustedIssuer]):
    """One page of issuers, in the order of their ids."""
