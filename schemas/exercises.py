"""Exercises: the definition that editors write, and the shapes that clients read."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field, model_validator

from schemas.base import Document, Page, PageQuery, Schema, Slug, TermId, Text, UtcDateTime
from schemas.vocabulary import Audience, Evidence, Kind, Position, Space

Line = Annotated[str, Text(400, 1)]
Range = Annotated[
    tuple[Annotated[int, Field(ge=0, le=7200)], Annotated[int, Field(ge=0, le=7200)]],
    Field(description="[least, most]"),
]


class Dose(Document):
    """How much: every range is [least, most]; holds, durations and rests in seconds; per side when `per_side`."""

    hold_seconds: Range | None = None
    repetitions: Range | None = None
    duration_seconds: Range | None = Field(
        default=None, description="For continuous work such as breathing, rolling or walking."
    )
    repetition_seconds: Annotated[int, Field(ge=1, le=60)] = Field(
        default=4, description="Seconds that one repetition takes beside its hold."
    )
    sets: Range = (1, 1)
    rest_seconds: Annotated[int, Field(ge=0, le=600)] = 10
    times_per_day: Range = (1, 1)
    days_per_week: Range = (3, 7)
    per_side: bool = False

    @model_validator(mode="after")
    def _ordered_and_complete(self) -> "Dose":
        for name in ("hold_seconds", "repetitions", "duration_seconds", "sets", "times_per_day", "days_per_week"):
            bounds = getattr(self, name)
            if bounds is not None and bounds[0] > bounds[1]:
                raise ValueError(f"{name}: the least is above the most")
        if self.repetitions is None and self.duration_seconds is None:
            raise ValueError("a dose needs repetitions or duration_seconds")
        return self


class ContraindicationNote(Document):
    """A warning in words; its code stands in `contraindicated_with` or `cautioned_with`, so the engine obeys it too."""

    code: TermId
    text: Line


class DeviceMapping(Document):
    """Names for the workout stores of phones. Source: HealthKit activity types and Health Connect segment types."""

    healthkit: TermId
    health_connect_segment: TermId


class Muscles(Document):
    """The muscles an exercise works on."""

    primary: list[TermId] = Field(min_length=1)
    secondary: list[TermId] = []


class ExerciseDefinition(Document):
    """One exercise as data: what it is, how it is done, for whom, how much, and who must leave it alone."""

    id: Slug
    name: Annotated[str, Text(80, 1)]
    aliases: list[Annotated[str, Text(80, 1)]] = []
    lay_words: list[Annotated[str, Text(120, 1)]] = []
    summary: Annotated[str, Text(300, 20)]
    setup: Annotated[str, Text(500, 10)]
    steps: list[Line] = Field(min_length=2)
    cues: list[Line] = Field(min_length=1)
    mistakes: list[Line] = Field(min_length=1)
    feel: Annotated[str, Text(400, 10)] = Field(description="What one should feel, and where.")
    breathing: Annotated[str, Text(300, 5)]
    stop_if: list[TermId] = Field(min_length=1, description="Codes of the shared stop rules.")
    kind: Kind
    regions: dict[TermId, Annotated[float, Field(gt=0, le=1)]] = Field(
        min_length=1, description="Regions relieved, with weight 0 to 1."
    )
    muscles: Muscles
    movements: list[Annotated[str, Text(80, 1)]] = Field(description="Joint movements, in anatomical terms.")
    position: Position
    equipment: list[TermId] = Field(default=[], description="Everything it needs; empty means none.")
    equipment_optional: list[TermId] = []
    space: Space
    level: Annotated[int, Field(ge=1, le=3)]
    easier: list[Slug] = []
    harder: list[Slug] = []
    properties: list[TermId] = Field(
        default=[], description="Movement properties; derived ones are computed, never stored."
    )
    dosage: dict[Audience, Dose] = Field(min_length=1)
    causes: list[TermId] = []
    conditions: list[TermId] = Field(default=[], description="Conditions it suits.")
    symptoms: list[TermId] = Field(
        default=[], description="Qualities and patterns it suits, such as stiff or worse_sitting."
    )
    contraindicated_with: list[TermId] = []
    cautioned_with: list[TermId] = []
    contraindication_notes: list[ContraindicationNote] = []
    evidence: Evidence
    source: Annotated[str, Text(300, 1)]
    reviewed_by: Annotated[str, Text(120)] = ""
    reviewed_on: date | None = None
    device: DeviceMapping
    licence: Annotated[str, Text(40)] = "CC-BY-4.0"
    revised_on: date

    @model_validator(mode="after")
    def _sound(self) -> "ExerciseDefinition":
        if Audience.GENERAL not in self.dosage:
            raise ValueError("dosage.general is missing")
        coded = {*self.contraindicated_with, *self.cautioned_with}
        for note in self.contraindication_notes:
            if note.code not in coded:
                raise ValueError(
                    f"the contraindication note {note.code} has no code in contraindicated_with or cautioned_with"
                )
        if set(self.contraindicated_with) & set(self.conditions):
            raise ValueError("it is forbidden by a condition that it claims to suit")
        return self


class StopRule(Document):
    """A reason to stop, shared by many exercises."""

    id: TermId
    text: Line


class ExerciseBrief(Schema):
    """An exercise in a list or a recommendation. `properties` holds the stored and the derived ones."""

    id: str
    name: str
    summary: str
    kind: Kind
    regions: dict[str, float]
    muscles: Muscles
    properties: list[str]
    equipment: list[str]
    equipment_optional: list[str]
    space: Space
    position: Position
    level: int
    evidence: Evidence


class Exercise(ExerciseDefinition):
    """An exercise as clients read it. `properties` holds the stored and the derived ones."""

    model_config = ConfigDict(
        json_schema_extra={
            "description": "An exercise: what it is, how it is done, for whom, how much, and who must leave it alone."
        }
    )

    stop_rules: list[StopRule] = Field(description="The codes of `stop_if` with their texts; show them to the person.")
    minutes: float = Field(
        description="How long one round takes at the least general dose, both sides, rests included."
    )
    changed_at: UtcDateTime = Field(description="When this server last took up a change of it; see `updated_since`.")
    reviewed: bool = Field(description="True when a named clinician has reviewed it.")
    review_notice: str = Field(description="What to tell the person about the review.")
    language: str = Field(description="The language of the texts.")
    translated: bool = Field(description="False when the texts are not in the language that was asked for.")


class ExerciseSort(StrEnum):
    """The order of a list of exercises; a minus turns it round, ties go by id."""

    NAME = "name"
    NAME_DOWN = "-name"
    LEVEL = "level"
    LEVEL_DOWN = "-level"
    ID = "id"
    RELEVANCE = "relevance"


_Terms = Annotated[list[TermId], Field(max_length=50)]


class ExerciseQuery(PageQuery):
    """Which exercises. A repeated parameter means OR, different ones AND; unknown ids are refused."""

    region: _Terms = Field(default=[], description="Regions relieved; a parent such as `back` stands for all below it.")
    muscle: _Terms = Field(default=[], description="Muscles worked on, primary or secondary.")
    kind: list[Kind] = []
    position: list[Position] = []
    equipment: _Terms = Field(
        default=[], description="Equipment it uses, needed or optional; `none` finds what needs nothing."
    )
    with_equipment: _Terms = Field(
        default=[],
        description="Everything the person has; what needs anything else is left out. `none`: has nothing.",
    )
    level: list[Annotated[int, Field(ge=1, le=3)]] = []
    avoid: _Terms = Field(default=[], description="Movement properties to avoid; what has any of them is left out.")
    permitted_with: _Terms = Field(
        default=[], description="Conditions the person has; what any of them forbids is left out. Cautions stay in."
    )
    max_minutes: Annotated[int, Field(ge=1, le=240)] | None = Field(
        default=None, description="What takes longer than this at its least dose is left out."
    )
    q: Annotated[str, Text(100)] | None = Field(
        default=None,
        description="Words, in any order and with typing errors: names, other names, lay words, muscles, regions, "
        "symptoms, causes, conditions, steps.",
    )
    sort: ExerciseSort | None = Field(default=None, description="By relevance with `q`, else by name, unless said.")
    updated_since: UtcDateTime | None = Field(default=None, description="Only what changed at or after this instant.")
    language: Annotated[str, Field(pattern=r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$")] | None = Field(
        default=None, description="The language wanted, such as `de`; wins over Accept-Language."
    )


class ExercisePage(Page[Exercise]):
    """One page of exercises. `matches` says for each id which fields the words of `q` were found in, best first."""

    matches: dict[str, list[str]] = {}
