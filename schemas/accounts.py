"""Accounts: how people and members sign up, sign in and stay signed in."""

import re
import unicodedata
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema

from schemas.access import Role
from schemas.base import Schema, Text, UtcDateTime
from schemas.people import Person

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def _normalised(value: str) -> str:
    address = unicodedata.normalize("NFC", value.strip()).lower()
    if not _EMAIL.fullmatch(address):
        raise ValueError("must be an e-mail address")
    return address


EmailAddress = Annotated[
    str,
    Text(254, 3),
    AfterValidator(_normalised),
    WithJsonSchema({"type": "string", "format": "email", "minLength": 3, "maxLength": 254}),
]
"""An e-mail address, held in lower case."""

NewPassword = Annotated[str, Text(200, 10)]
"""A password to be set: any 10 to 200 characters."""

GivenPassword = Annotated[str, Text(200, 1)]
"""A password to be checked."""

Secret = Annotated[str, Text(200, 1)]
"""A refresh token or an invitation, as it was handed out."""

OrganizationId = Annotated[
    UUID | None,
    Field(description="May be left out where exactly one organisation is open for sign-up."),
]


class AnonymousSignUp(Schema):
    """A new device without e-mail or password. `id` is the id that the new person is to have."""

    organization_id: OrganizationId = None
    id: UUID | None = None


class Registration(Schema):
    """A person's own e-mail and password."""

    email: EmailAddress
    password: NewPassword
    organization_id: OrganizationId = None


class PasswordSignIn(Schema):
    """Signing in by e-mail and password."""

    email: EmailAddress
    password: GivenPassword
    organization_id: OrganizationId = None


class IssuerSignIn(Schema):
    """Signing in by the identity token of an OpenID Connect issuer that the organisation trusts."""

    id_token: Annotated[str, Text(32_768, 1)]
    organization_id: OrganizationId = None


class TokenRefresh(Schema):
    """The refresh token that was handed out last."""

    refresh_token: Secret


class SignOut(Schema):
    """Ending this device's sign-in, or those of all devices of the account."""

    everywhere: Annotated[bool, Field(strict=True)] = False


class InvitationAcceptance(Schema):
    """An invitation and the password that its member chooses."""

    token: Secret
    password: NewPassword


class Tokens(Schema):
    """The tokens of one device. The refresh token is spent by its first use and answered with the next one."""

    access_token: str
    access_expires_at: UtcDateTime
    refresh_token: str
    refresh_expires_at: UtcDateTime


class SignedUp(Schema):
    """Whose account it is, and the tokens of this device."""

    person: Person
    tokens: Tokens


class Account(Schema):
    """The account of whoever is signed in: a member's with a role, or a person's own."""

    id: UUID
    organization_id: UUID
    email: str | None = Field(description="Null for an anonymous person, and for one known by an issuer alone.")
    role: Role | None = Field(description="Null for a person's own account.")
    person_id: UUID | None = Field(description="Null for a member's account.")
    version: int = Field(description='Counts up from 1; the ETag is `"v<version>"`.')
    created_at: UtcDateTime
    updated_at: UtcDateTime


class AccountUpdate(Schema):
    """A new e-mail or password. The current password is asked for again; other devices are signed out by a new one."""

    current_password: GivenPassword
    email: EmailAddress | None = None
    password: NewPassword | None = None
