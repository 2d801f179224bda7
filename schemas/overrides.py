"""Overrides: a clinician lets one person do one exercise that a condition forbids, for a reason, for a time."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, ValidationError, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from schemas.audit import ActorKind
from schemas.base import Page, Schema, Slug, TermId, UtcDateTime


class OverrideReason(StrEnum):
    """Why a clinician lets somebody do what a rule forbids."""

    EXAMINED = "examined"
    SUPERVISED = "supervised"
    ADAPTED = "adapted"
    TOLERATED_BEFORE = "tolerated_before"
    CONDITION_MILD = "condition_mild"
    CONDITION_RESOLVED = "condition_resolved"


class OverrideCreate(Schema):
    """What is let in: the exercise, the conditions whose forbids do not count for it, why, and until when.

    `id` is made by the client (UUID, version 7 advised), so that a retry is harmless.
    """

    id: UUID | None = None
    exercise_id: Slug
    conditions: Annotated[list[TermId], Field(min_length=1, max_length=10)]
    reason: OverrideReason
    until: UtcDateTime

    @field_validator("conditions")
    @classmethod
    def _sorted(cls, conditions: list[str]) -> list[str]:
        twice = [place for place, condition in enumerate(conditions) if condition in conditions[:place]]
        if twice:
            fault = PydanticCustomError("named_twice", "is named twice")
            faults = [InitErrorDetails(type=fault, loc=(place,), input=conditions[place]) for place in twice]
            raise ValidationError.from_exception_data(cls.__name__, faults)
        return sorted(conditions)


class OverrideActor(Schema):
    """Who did it: a key or a member's account, by id."""

    kind: ActorKind
    id: UUID | None


class Override(Schema):
    """An override as it stands: it counts from `created_at` until `until`, or until it was ended before."""

    id: UUID
    person_id: UUID
    exercise_id: Slug
    conditions: list[TermId]
    reason: OverrideReason
    until: UtcDateTime
    created_at: UtcDateTime
    created_by: OverrideActor
    ended_at: UtcDateTime | None = None
    ended_by: OverrideActor | None = None


class OverridePage(Page[Override]):
    """One page of overrides, oldest first, those that ended too."""
