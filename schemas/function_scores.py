"""Function scores: two free questionnaires as plain numbers. The words of a question or an activity never come here."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from schemas.base import Page, PageQuery, Schema, UtcDateTime
from schemas.session_logs import Score, Zone

ITEMS = 3


class Instrument(StrEnum):
    """`psfs`: the Patient-Specific Functional Scale, three activities of the person's own choice, each from 0 (unable)
    to 10 (as well as before). `peg`: pain on average, enjoyment of life and general activity over the past week, each
    from 0 (no pain, no interference) to 10."""

    PSFS = "psfs"
    PEG = "peg"


class FunctionScoreFields(Schema):
    """What is said by a score: three items from 0 to 10, in the order of the instrument or of the activities.

    `activities` are ids that the client makes for the person's three activities, whose words stay on the client; with
    them scores of the same activities are known to belong together.
    """

    instrument: Instrument
    items: list[Score] = Field(min_length=ITEMS, max_length=ITEMS)
    activities: Annotated[list[UUID], Field(min_length=ITEMS, max_length=ITEMS)] | None = Field(
        default=None, validate_default=True, description="Required with `psfs`, refused with `peg`."
    )
    answered_at: UtcDateTime
    timezone: Zone

    @field_validator("activities")
    @classmethod
    def _fitting(cls, activities: list[UUID] | None, info: ValidationInfo) -> list[UUID] | None:
        instrument = info.data.get("instrument")
        if instrument is Instrument.PSFS and activities is None:
            raise ValueError("are required with psfs")
        if instrument is Instrument.PEG and activities is not None:
            raise ValueError("belong to psfs alone")
        if activities is not None and len(set(activities)) != len(activities):
            raise ValueError("names an activity twice")
        return activities


class FunctionScoreCreate(FunctionScoreFields):
    """An answered questionnaire. `id` is made by the client (UUID, version 7 advised), so that a retry is harmless."""

    id: UUID | None = None
    person_id: UUID | None = Field(default=None, description="Required with an organisation's key.")


class FunctionScore(FunctionScoreFields):
    """A stored score; `mean` is that of its three items."""

    id: UUID
    person_id: UUID
    local_day: str = Field(description="The day it was answered on in the person's zone, YYYY-MM-DD.")
    mean: float
    created_at: UtcDateTime


class FunctionScoreQuery(PageQuery):
    """Which scores: of one person, of one instrument, in the order of their ids."""

    person_id: UUID | None = Field(default=None, description="Left out with a person's own token, else required.")
    instrument: Instrument | None = None


class FunctionScorePage(Page[FunctionScore]):
    """One page of scores, in the order of their ids."""
