"""Programs: which exercises a person is to do, in which dose, on which days and for how many weeks."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator, model_validator

from schemas.base import Page, PageQuery, Schema, Slug, TermId, Text, UtcDateTime
from schemas.exercises import check_dose
from schemas.session_logs import Zone
from schemas.vocabulary import Side

_DAY: Final = re.compile(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")


def _only_a_day(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("must be a day between 1900 and 2199, as YYYY-MM-DD")


LocalDay = Annotated[date, BeforeValidator(_only_a_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A day of the calendar, wherever the person is."""

Weekday = Annotated[int, Field(ge=1, le=7, strict=True)]
"""A day of the week, from 1 for Monday to 7 for Sunday."""

EVERY_DAY: Final = (1, 2, 3, 4, 5, 6, 7)
_Hold = Annotated[int, Field(ge=1, le=3600, strict=True)]
_Many = Annotated[int, Field(ge=1, le=200, strict=True)]
_Long = Annotated[int, Field(ge=1, le=7200, strict=True)]
_Few = Annotated[int, Field(ge=1, le=20, strict=True)]


class ProgramState(StrEnum):
    """What was decided of a program. A pause stops its weeks; what has ended stays ended.

    A program that is over by its plan stays `active`: `last_day` tells.
    """

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class ProgramMaker(StrEnum):
    """Who made a program: the person, or the organisation's keys and members."""

    PERSON = "person"
    ORGANIZATION = "organization"


class ProgramDose(Schema):
    """The dose that an item begins with, before the person's sessions change it. Ranges are [least, most]; seconds."""

    hold_seconds: tuple[_Hold, _Hold] | None = None
    repetitions: tuple[_Many, _Many] | None = None
    duration_seconds: tuple[_Long, _Long] | None = Field(
        default=None, description="For continuous work such as breathing, rolling or walking."
    )
    sets: tuple[_Few, _Few] = (1, 1)
    rest_seconds: Annotated[int, Field(ge=0, le=600, strict=True)] = 10
    times_per_day: tuple[_Few, _Few] = (1, 1)
    per_side: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _checked(self) -> "ProgramDose":
        check_dose(self)
        return self


class ProgramItem(Schema):
    """One exercise of a phase. The items of a day are done in the order in which they stand."""

    exercise_id: Slug
    days_of_week: list[Weekday] = Field(
        default=list(EVERY_DAY),
        min_length=1,
        max_length=7,
        description="1 is Monday, 7 is Sunday; every day if absent.",
    )
    dose: ProgramDose | None = Field(
        default=None, description="What it begins with; filled from the catalogue, for the age, when it is absent."
    )
    sides: list[Side] = Field(
        default=[], max_length=2, description="The sides in their order; as the exercise has it when empty."
    )
    note: Annotated[str, Text(500)] | None = None

    @field_validator("days_of_week", "sides")
    @classmethod
    def _each_once(cls, named: list[int] | list[Side]) -> list[int] | list[Side]:
        if len(named) != len(set(named)):
            raise ValueError("names one twice")
        return named

    @field_validator("sides")
    @classmethod
    def _left_or_right(cls, sides: list[Side]) -> list[Side]:
        if not set(sides) <= {Side.LEFT, Side.RIGHT}:
            raise ValueError("takes left and right")
        return sides


class ProgramPhase(Schema):
    """Some weeks with the same items. Only the last phase may go on without an end."""

    name: Annotated[str, Text(120)] | None = None
    weeks: Annotated[int, Field(ge=1, le=104, strict=True)] | None = None
    items: list[ProgramItem] = Field(min_length=1, max_length=40)

    @field_validator("items")
    @classmethod
    def _once_a_day(cls, items: list[ProgramItem]) -> list[ProgramItem]:
        due = [(item.exercise_id, day) for item in items for day in item.days_of_week]
        if len(due) != len(set(due)):
            raise ValueError("names an exercise twice for one day; say how often a day in its dose")
        return items


class ProgramAims(Schema):
    """What can be said of a program, and changed later."""

    title: Annotated[str, Text(120)] | None = None
    timezone: Zone | None = Field(
        default=None,
        description="Where the person lives, for as long as no session tells where they are; without both, days are "
        "those of UTC.",
    )
    starts_on: LocalDay = Field(
        description="The first day; as it is set, it lies a year back at most, and five years ahead."
    )
    ends_on: LocalDay | None = Field(
        default=None,
        description="The last day, whatever pauses there were; without it the phases tell the end. Every phase begins "
        "by then.",
    )
    conditions: list[TermId] = Field(
        default=[], max_length=300, description="Ids of conditions that every exercise is checked against, every day."
    )
    age: Annotated[int, Field(ge=0, le=120, strict=True)] | None = None
    cleared: Annotated[bool, Field(strict=True)] = Field(
        default=False,
        description="Whoever writes the program says that a clinician has cleared this person for exercise with these "
        "conditions, all of them. In a program that the person made (`made_by`) it is the person's own word; nobody "
        "has checked it.",
    )

    @field_validator("ends_on")
    @classmethod
    def _in_order(cls, ends_on: date | None, info: ValidationInfo) -> date | None:
        starts_on = info.data.get("starts_on")
        if starts_on is not None and ends_on is not None and ends_on < starts_on:
            raise ValueError("lies before starts_on")
        return ends_on


class ProgramPlan(ProgramAims):
    """All that a program says, as one version keeps it."""

    phases: list[ProgramPhase] = Field(min_length=1, max_length=20)
    state: ProgramState = ProgramState.ACTIVE
    paused_on: LocalDay | None = Field(default=None, description="Since when it rests; null unless it is paused.")
    days_paused: Annotated[int, Field(ge=0, strict=True)] = Field(
        default=0, description="The days of earlier pauses, by which its weeks are late."
    )
    cleared_for: list[TermId] = Field(
        default=[], description="The conditions it was cleared for; one that is added later waits for a clinician."
    )
    cleared_at: UtcDateTime | None = Field(
        default=None, description="When it was cleared; an answer since then in which one of them waits is newer."
    )
    dosed_on: dict[Slug, LocalDay] = Field(
        default={}, description="Since when exercises have a dose that was given by hand; what is older raises none."
    )

    @field_validator("phases")
    @classmethod
    def _endless_last(cls, phases: list[ProgramPhase]) -> list[ProgramPhase]:
        return without_endless_before_last(phases)


class ProgramCreate(ProgramAims):
    """A program for a person, by hand or from a recommendation.

    `phases` are needed unless `from_recommendation_id` names an answer that the person was given: then its exercises
    make one phase, and what it knew of the person is taken over.
    """

    id: UUID | None = None
    person_id: UUID | None = Field(default=None, description="Required with an organisation's key.")
    from_recommendation_id: UUID | None = None
    phases: list[ProgramPhase] | None = Field(default=None, min_length=1, max_length=20)

    @field_validator("phases")
    @classmethod
    def _endless_last(cls, phases: list[ProgramPhase] | None) -> list[ProgramPhase] | None:
        return None if phases is None else without_endless_before_last(phases)


class ProgramUpdate(Schema):
    """A JSON merge patch: what is absent stays, what is null is cleared, lists are replaced whole."""

    title: Annotated[str, Text(120)] | None = None
    timezone: Zone | None = None
    starts_on: LocalDay | None = None
    ends_on: LocalDay | None = None
    conditions: list[TermId] | None = Field(default=None, max_length=300)
    age: Annotated[int, Field(ge=0, le=120, strict=True)] | None = None
    cleared: Annotated[bool, Field(strict=True)] | None = None
    phases: list[ProgramPhase] | None = Field(default=None, min_length=1, max_length=20)
    state: ProgramState | None = None


class Program(ProgramPlan):
    """A stored program in one of its versions. A change makes a new version, and the older ones stay readable."""

    id: UUID
    person_id: UUID
    made_by: ProgramMaker
    from_recommendation_id: UUID | None
    version: int = Field(description='Counts up from 1; the ETag is `"v<version>"`.')
    created_at: UtcDateTime
    updated_at: UtcDateTime = Field(description="When this version was made.")
    last_day: LocalDay | None = Field(
        default=None,
        description="The last day of the plan, by `ends_on` and the phases, as late as earlier pauses made them (one "
        "that lasts makes them later still); null when it goes on without an end. After it nothing is due, though "
        "`state` stays what was decided.",
    )

    @model_validator(mode="after")
    def _lasting(self) -> "Program":
        # Told from the plan alone and not from the day it is, so that it changes with the version only.
        starts = [*starts_of(self.starts_on, self.phases)]
        self.last_day = self.ends_on
        if len(starts) > len(self.phases):
            last = starts[-1] + timedelta(days=self.days_paused - 1)
            self.last_day = last if self.ends_on is None else min(last, self.ends_on)
        return self


class ProgramQuery(PageQuery):
    """Which programs: of one person or all, in one state or any."""

    person_id: UUID | None = None
    state: ProgramState | None = Field(
        default=None, description="As it was decided: an active program may be past its `last_day`."
    )


class ProgramVersionQuery(Schema):
    """Which version of a program; the newest when it is not said."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class ProgramPage(Page[Program]):
    """One page of programs, in the order of their ids."""


def without_endless_before_last(phases: list[ProgramPhase]) -> list[ProgramPhase]:
    """Return the phases. Raises ValueError when one before the last has no end."""
    if any(phase.weeks is None for phase in phases[:-1]):
        raise ValueError("only the last phase may leave out its weeks")
    return phases


def starts_of(starts_on: date, phases: Iterable[ProgramPhase]) -> Iterator[date]:
    """Yield the day on which each phase begins, as long as nothing pauses; last the day after all, if they end."""
    yield starts_on
    for phase in phases:
        if phase.weeks is None:
            return
        starts_on += timedelta(weeks=phase.weeks)
        yield starts_on


def exercises_of(phases: Sequence[ProgramPhase]) -> list[str]:
    """Return the exercises of the phases, each once, in their order."""
    return list(dict.fromkeys(item.exercise_id for phase in phases for item in phase.items))


def cleared_as_said(plan: ProgramPlan, said: bool | None, at: datetime | None) -> ProgramPlan:
    """Return the plan after a write that says it is cleared, that it is not, or nothing of it (None).

    A clearance is for the conditions that the plan names at that moment, and holds for those of them that stay.
    """
    named = plan.conditions if said else [] if said is False else plan.cleared_for
    kept = [key for key in named if key in plan.conditions]
    still = plan.cleared and {*plan.conditions} <= {*kept}
    since = at if said else plan.cleared_at if kept else None
    return plan.model_copy(update={"cleared_for": kept, "cleared": still, "cleared_at": since})
