"""Session logs: what a person completed, how it felt, and what changed. "Session" alone means the database's."""

import zoneinfo
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from schemas.base import Page, PageQuery, Schema, Slug, TermId, Text, UtcDateTime
from schemas.problems import ProblemDetails
from schemas.session_triage import SessionTriage
from schemas.vocabulary import Difficulty, Side, Spread

LONGEST = timedelta(hours=24)
_ZONES = frozenset(zoneinfo.available_timezones())

Score = Annotated[int, Field(ge=0, le=10, strict=True)]
"""A numeric rating from 0 (none) to 10 (worst): NPRS for pain, RPE for effort."""


def _known_zone(value: str) -> str:
    if value not in _ZONES:
        raise ValueError("must be a time zone of the IANA database, such as Europe/Madrid")
    return value


Zone = Annotated[str, Text(64, 1), AfterValidator(_known_zone)]
"""The name of an IANA time zone."""


class PainLog(Schema):
    """Pain of one region and side, NPRS 0-10, before, at worst during, after, and the next morning."""

    region: TermId
    side: Side = Side.UNKNOWN
    before: Score | None = None
    during_max: Score | None = None
    after: Score | None = None
    next_morning: Score | None = None


class ExerciseLog(Schema):
    """One exercise as it was done. It counts as done unless `completion_percent` is 0 or, where that is not told, an
    amount is 0 and nothing was repeated, held or kept up.
    """

    exercise_id: Slug
    side: Side = Side.BOTH
    sets: Annotated[int, Field(ge=0, le=100, strict=True)] | None = None
    repetitions: Annotated[int, Field(ge=0, le=1000, strict=True)] | None = None
    hold_seconds: Annotated[int, Field(ge=0, le=3600, strict=True)] | None = None
    duration_seconds: Annotated[int, Field(ge=0, le=86400, strict=True)] | None = None
    completion_percent: Annotated[int, Field(ge=0, le=100, strict=True)] | None = None
    difficulty: Difficulty | None = None
    pain_during: Score | None = None
    hurt: Annotated[bool, Field(strict=True)] = False

    @property
    def was_done(self) -> bool:
        """Whether any of it was done; what was not told does not speak against it."""
        if self.completion_percent is not None:
            return self.completion_percent > 0
        amounts = (self.repetitions, self.hold_seconds, self.duration_seconds)
        return any(amounts) or 0 not in {self.sets, *amounts}


class SessionLogFields(Schema):
    """What can be said of a session, and changed later."""

    started_at: UtcDateTime
    ended_at: UtcDateTime
    timezone: Zone
    title: Annotated[str, Text(120)] | None = None
    pain: list[PainLog] = Field(default=[], max_length=20)
    spread: Spread = Spread.NONE
    new_symptoms: list[TermId] = Field(default=[], max_length=20, description="Ids of symptom qualities or signs.")
    effort: Score | None = None
    recommendation_id: UUID | None = None
    program_id: UUID | None = Field(
        default=None,
        description="The one program that it counts toward; else, or when the person has no such program, all of them.",
    )
    notes: Annotated[str, Text(2000)] | None = None
    exercises: list[ExerciseLog] = Field(min_length=1, max_length=60)

    @field_validator("ended_at")
    @classmethod
    def _in_order(cls, ended_at: datetime, info: ValidationInfo) -> datetime:
        started_at = info.data.get("started_at")
        if started_at is not None and ended_at < started_at:
            raise ValueError("lies before started_at")
        if started_at is not None and ended_at - started_at > LONGEST:
            raise ValueError("lies more than 24 hours after started_at")
        return ended_at

    @field_validator("pain")
    @classmethod
    def _each_once(cls, pain: list[PainLog]) -> list[PainLog]:
        named = [(entry.region, entry.side) for entry in pain]
        if len(named) != len(set(named)):
            raise ValueError("names a region and side twice")
        return pain


class SessionLogCreate(SessionLogFields):
    """A completed session. `id` is made by the client (UUID, version 7 advised), so that a retry is harmless."""

    id: UUID | None = None
    person_id: UUID | None = Field(default=None, description="Required with an organisation's key.")


class SessionLogUpdate(Schema):
    """A JSON merge patch: what is absent stays, what is null is cleared, lists are replaced whole."""

    started_at: UtcDateTime | None = None
    ended_at: UtcDateTime | None = None
    timezone: Zone | None = None
    title: Annotated[str, Text(120)] | None = None
    pain: list[PainLog] | None = Field(default=None, max_length=20)
    spread: Spread | None = None
    new_symptoms: list[TermId] | None = Field(default=None, max_length=20)
    effort: Score | None = None
    notes: Annotated[str, Text(2000)] | None = None
    exercises: list[ExerciseLog] | None = Field(default=None, min_length=1, max_length=60)


class SessionLog(SessionLogFields):
    """A stored session. `clock_ahead` marks a device clock that ran ahead of the server's."""

    id: UUID
    person_id: UUID
    local_day: str = Field(description="The day it started on in the person's zone, YYYY-MM-DD.")
    clock_ahead: bool
    version: int = Field(description='Counts up from 1; the ETag is `"v<version>"`.')
    created_at: UtcDateTime
    updated_at: UtcDateTime
    triage: SessionTriage | None = Field(
        default=None, description="What to do when notes, new symptoms or pain tell of a sign; null without one."
    )
    link_id: UUID | None = Field(
        default=None, description="The link by which the person shares it from elsewhere; then it is read-only here."
    )

    def is_of_day(self, moment: datetime) -> bool:
        """Return whether its local day is not over at a moment: nobody knows the next morning before."""
        return moment.astimezone(zoneinfo.ZoneInfo(self.timezone)).date().isoformat() <= self.local_day


class SessionLogQuery(PageQuery):
    """Which sessions: of a person, started in [from, to), newest first."""

    person_id: UUID | None = None
    started_from: UtcDateTime | None = None
    started_to: UtcDateTime | None = None
    exercise_id: Slug | None = None


class SessionLogBatch(Schema):
    """Up to 500 sessions; each is taken or refused by itself."""

    sessions: list[Annotated[SessionLogCreate | Any, Field(union_mode="left_to_right")]] = Field(
        min_length=1, max_length=500, description="What is not a session is refused by itself, in its result."
    )


class BatchStatus(StrEnum):
    """What became of one item of a batch."""

    CREATED = "created"
    REPLAYED = "replayed"
    CONFLICT = "conflict"
    DELETED = "deleted"
    INVALID = "invalid"
    NOT_FOUND = "not_found"


class BatchResult(Schema):
    """What became of one item; `problem` is what a single post would have been refused with, `triage` that of the
    session."""

    index: int
    id: UUID | None
    status: BatchStatus
    problem: ProblemDetails | None = None
    triage: SessionTriage | None = None


class BatchAnswer(Schema):
    """One result for each item, in order."""

    results: list[BatchResult]


class SessionLogPage(Page[SessionLog]):
    """One page of sessions, newest first."""
