"""Links: a person shares with a clinic what they consented to, for as long as they consent."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator, model_validator

from schemas.base import Page, Schema, Text, UtcDateTime

Choice = Annotated[bool, Field(strict=True)]

LinkCode = Annotated[str, Text(40, 1)]
"""The code of an invitation as somebody typed it: capitals, blanks and dashes do not matter."""


class LinkInvitation(Schema):
    """The code that links a person to one of the clinic's people, shown once. A new code ends the one before."""

    code: str
    expires_at: UtcDateTime


class Consent(Schema):
    """What a person agrees to share, stated whole.

    `sessions` shares each session that lies within [covers_from, covers_until], notes included; `progress` the daily
    figures of those sessions; `recommendations` the answers that were given in that time. A sign of danger in what is
    shared holds the person back from exercises at the clinic too.
    """

    sessions: Choice
    progress: Choice
    recommendations: Choice
    covers_from: UtcDateTime | None = Field(default=None, description="Not later than now, which is the default.")
    covers_until: UtcDateTime | None = Field(default=None, description="Null: for as long as the consent stands.")
    wording: Annotated[str, Text(64, 1)] = Field(description="The version of the text that the person agreed to.")

    @field_validator("progress")
    @classmethod
    def _with_sessions(cls, progress: bool, info: ValidationInfo) -> bool:
        if info.data.get("sessions") and not progress:
            raise ValueError("must be true where sessions are shared: whoever sees them can count them")
        return progress

    @field_validator("covers_until")
    @classmethod
    def _in_order(cls, covers_until: datetime | None, info: ValidationInfo) -> datetime | None:
        covers_from = info.data.get("covers_from")
        if covers_until is not None and covers_from is not None and covers_until <= covers_from:
            raise ValueError("must lie after covers_from")
        return covers_until

    @model_validator(mode="after")
    def _something(self) -> "Consent":
        if not (self.sessions or self.progress or self.recommendations):
            raise ValueError("must share something; delete the link to share nothing")
        return self


class LinkCreate(Schema):
    """The code that a clinic handed out, and what the person consents to."""

    code: LinkCode
    consent: Consent


class LinkUpdate(Schema):
    """The consent that replaces the present one."""

    consent: Consent


class ConsentAct(StrEnum):
    """What a consent record tells."""

    GIVEN = "given"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class ConsentRecord(Schema):
    """One entry of the record of consents, which is only ever added to.

    `withdrawn` is the person's own word, `ended` comes from an erasure; both share nothing any more.
    """

    id: UUID
    link_id: UUID
    organization_id: UUID = Field(description="The clinic's.")
    organization_name: str
    act: ConsentAct
    sessions: bool
    progress: bool
    recommendations: bool
    covers_from: UtcDateTime | None
    covers_until: UtcDateTime | None
    wording: str
    recorded_at: UtcDateTime


class ConsentRecordPage(Page[ConsentRecord]):
    """One page of the record, oldest first."""


class Link(Schema):
    """A link to a clinic, with the consent that governs it. Once it is withdrawn, nothing is shared."""

    id: UUID
    organization_id: UUID = Field(description="The clinic's.")
    organization_name: str
    consent: Consent
    version: int = Field(description='Counts up from 1; the ETag is `"v<version>"`.')
    created_at: UtcDateTime
    withdrawn_at: UtcDateTime | None


class LinkPage(Page[Link]):
    """One page of a person's links, oldest first."""


class IncomingLink(Schema):
    """What the clinic is told of a link: whose it is, and what it covers. It is gone as soon as it is withdrawn."""

    id: UUID
    person_id: UUID
    sessions: bool
    progress: bool
    recommendations: bool
    covers_from: UtcDateTime
    covers_until: UtcDateTime | None
    created_at: UtcDateTime


class IncomingLinkPage(Page[IncomingLink]):
    """One page of a person's links at the clinic, oldest first."""
