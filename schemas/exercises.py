"""Exercises: the definition that editors write, and the shapes that clients read."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.base import Document, LanguageRange, Page, PageQuery, Schema, Slug, TermId, Text, UtcDateTime
from schemas.vocabulary import Audience, Evidence, Kind, Position, Space

Line = Annotated[str, Text(400, 1)]
Step = Annotated[str, Text(1200, 1)]
Range = Annotated[
    tuple[Annotated[int, Field(ge=0, le=7200)], Annotated[int, Field(ge=0, le=7200)]],
    Field(description="[least, most]"),
]
RANGES: Final = ("hold_seconds", "repetitions", "duration_seconds", "sets", "times_per_day", "days_per_week")


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
    def _checked(self) -> "Dose":
        check_dose(self)
        return self


def check_dose(dose: BaseModel) -> None:
    """Raise ValueError where the least of a range is above its most, or nothing says how much is to be done."""
    for name in RANGES:
        bounds = getattr(dose, name, None)
        if bounds is not None and bounds[0] > bounds[1]:
            raise ValueError(f"{name}: the least is above the most")
    if getattr(dose, "repetitions", None) is None and getattr(dose, "duration_seconds", None) is None:
        raise ValueError("a dose needs repetitions or duration_seconds")


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
    """One exercise as data: what it is, how it is done, for whom, how much, and who must leave it alone.

    What an exercise of the shared catalogue may not leave out besides, its check says (`python -m api catalog check`).
    """

    id: Slug
    name: Annotated[str, Text(80, 1)]
    aliases: list[Annotated[str, Text(80, 1)]] = []
    lay_words: list[Annotated[str, Text(120, 1)]] = []
    summary: Annotated[str, Text(300, 20)]
    setup: Annotated[str, Text(500)] = ""
    steps: list[Step] = Field(min_length=1)
    cues: list[Line] = []
    mistakes: list[Line] = []
    feel: Annotated[str, Text(400)] = Field(default="", description="What one should feel, and where.")
    breathing: Annotated[str, Text(300)] = ""
    stop_if: list[TermId] = Field(min_length=1, description="Codes of the shared stop rules.")
    kind: Kind
    regions: dict[TermId, Annotated[float, Field(gt=0, le=1)]] = Field(
        min_length=1, description="Regions relieved, with weight 0 to 1."
    )
    muscles: Muscles
    movements: list[Annotated[str, Text(80, 1)]] = Field(
        default=[], description="Joint movements, in anatomical terms."
    )
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
    properties_known: bool = Field(
        default=True,
        description="False when nobody has listed its movement properties: then no condition permits it.",
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
    reviewed_text: Annotated[str, Text(64)] = Field(
        default="", description="Digest of the text that was reviewed; the review is void when the text has changed."
    )
    device: DeviceMapping | None = None
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


class ExerciseKind(Document):
    """A kind of exercise: how people call it."""

    id: Kind
    name: Annotated[str, Text(80, 1)]
    lay_words: list[Annotated[str, Text(120, 1)]] = []


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
    reviewed: bool = Field(description="True when a named clinician has reviewed this very text.")
    review_notice: str = Field(description="What to tell the person about the review.")
    language: str = Field(description="The language of the texts; what is not translated stays English.")
    translated_fields: list[str] = Field(description="The fields in that language, when it is not English.")
    translated: bool = Field(description="False when some of its texts are not in the language that was asked for.")


class ExerciseSort(StrEnum):
    """The order of a list of exercises; a minus turns it round, ties go by id."""

    NAME = "name"
    NAME_DOWN = "-name"
    LEVEL = "level"
    LEVEL_DOWN = "-level"
    ID = "id"
    RELEVANCE = "relevance"


class Facet(StrEnum):
    """What can be counted: the filters that take ids, each by its name."""

    REGION = "region"
    MUSCLE = "muscle"
    KIND = "kind"
    POSITION = "position"
    EQUIPMENT = "equipment"
    LEVEL = "level"
    TOPIC = "topic"
    AVOID = "avoid"


def _split(values: object) -> object:
    if not isinstance(values, list):
        return values
    return [part.strip() for value in values for part in (value.split(",") if isinstance(value, str) else [value])]


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
    topic: _Terms = Field(default=[], description="Topics answered, such as a sport; see `GET /topics`.")
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
    facets: Annotated[list[Facet], BeforeValidator(_split)] = Field(
        default=[],
        description="What to count, separated by commas: how many exercises each value would give, under all filters "
        "but that one itself; for `avoid`, how many it would leave out.",
    )
    updated_since: UtcDateTime | None = Field(default=None, description="Only what changed at or after this instant.")
    language: LanguageRange | None = Field(
        default=None, description="The language wanted, such as `de`; wins over Accept-Language."
    )


class ExercisePage(Page[Exercise]):
    """One page of exercises. `matches` says for each id which fields the words of `q` were found in, best first.

    Beside the fields of an exercise: `topics` and `nicknames` that the words name, and `answers` where that is what
    people who search so look for.
    """

    matches: dict[str, list[str]] = {}
    facets: dict[Facet, dict[str, int]] = Field(
        default={}, description="For each facet that was asked for: the ids with how many exercises, most first."
    )
    matching: int | None = Field(default=None, description="How many exercises pass all filters; with facets only.")
