"""The triage of a completed session: signs in what a person wrote or ticked afterwards."""

from typing import Literal

from pydantic import Field

from schemas.base import Schema, UtcDateTime
from schemas.recommendations import FiredFlag
from schemas.vocabulary import Action, Disposition


class SessionSigns(Schema):
    """How soon a professional is needed, the signs that led there, and what to do. Spans lie in `notes`."""

    disposition: Disposition
    flags: list[FiredFlag]
    action: Action
    advice: str


class SessionTriage(SessionSigns):
    """The signs of a session that may have reached the server days later: what to do holds if it is still so."""

    if_still_so: Literal[True] = True
    observed_at: UtcDateTime = Field(description="When the session ended.")
