"""The frozen catalogue, lexicon and rule set that the rules work on. `data` fills them, nobody changes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field

from schemas.base import Document, LanguageRange, PageQuery, Schema, TermId, Text, UtcDateTime
from schemas.conditions import Condition
from schemas.exercises import Exercise, ExerciseDefinition, ExerciseKind, StopRule
from schemas.lexicon import Concept, EmergencyWord
from schemas.networks import AlarmModel, AnswerModel, ConditionModel
from schemas.red_flags import Fact, Question, RedFlag
from schemas.regions import Cause, Equipment, MovementProperty, Muscle, Nicknames, Region, Topic
from schemas.translations import Translation

T = TypeVar("T")


class EmergencyNumbers(Document):
    """Whom to call in a country (ISO 3166 alpha-2); `ZZ` is the fallback."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    emergency: Annotated[str, Text(120, 1)]
    advice: Annotated[str, Text(160)] = ""
    crisis: Annotated[str, Text(160)] = ""
    source: Annotated[str, Text(200, 1)]


class Tuning(Document):
    """Thresholds and weights of the rules, each group with its source."""

    values: dict[TermId, float]
    texts: dict[TermId, Annotated[str, Text(1000, 1)]]
    gates: list[Condition] = Field(
        default=[],
        description="Rules that hold beside the conditions: a condition nobody could place, strong pain.",
    )
    implied_conditions: dict[Fact, TermId] = Field(
        default={}, description="A fact that is treated like a condition, such as the cause pregnancy."
    )
    source: Annotated[str, Text(400, 1)]


@dataclass(frozen=True, slots=True)
class Catalog:
    """Exercises and the vocabulary they use, by id, in a stable order; translations by `language.kind.id`."""

    exercises: Mapping[str, ExerciseDefinition]
    regions: Mapping[str, Region]
    muscles: Mapping[str, Muscle]
    equipment: Mapping[str, Equipment]
    causes: Mapping[str, Cause]
    properties: Mapping[str, MovementProperty]
    stop_rules: Mapping[str, StopRule]
    kinds: Mapping[str, ExerciseKind]
    topics: Mapping[str, Topic]
    nicknames: Mapping[str, Nicknames]
    translations: Mapping[str, Translation]
    hash: str
    answers: Mapping[str, AnswerModel] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Conditions, red flags, questions, numbers to call, thresholds, and what was learned about danger."""

    conditions: Mapping[str, Condition]
    red_flags: Mapping[str, RedFlag]
    questions: Mapping[str, Question]
    numbers: Mapping[str, EmergencyNumbers]
    tuning: Tuning
    hash: str
    alarms: Mapping[str, AlarmModel] = field(default_factory=dict)
    told_conditions: Mapping[str, ConditionModel] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The concepts that are looked for in people's words, beside the lay words of the vocabulary."""

    concepts: Mapping[str, Concept]
    emergency_words: Mapping[str, EmergencyWord]


class ReleaseStamp(Schema):
    """Which catalogue and which rules an answer was made from."""

    catalog: str = Field(description="Hash of the exercises and the vocabulary.")
    ruleset: str = Field(description="Hash of the rules, flags, questions and lexicon.")


class CatalogRelease(Schema):
    """The catalogue that is served now: counts, languages, licence."""

    release: ReleaseStamp
    loaded_at: UtcDateTime
    counts: dict[str, int]
    exercises_per_region: dict[str, int]
    languages: list[str]
    licence: str
    attribution: str
    reviewed_exercises: int
    review_notice: str


class Listing(Schema, Generic[T]):
    """A whole vocabulary, by id unless it says otherwise."""

    items: list[T]


class RegionNode(Region):
    """A region in the tree. `lay_words` are plain words; `exercises` counts those of the region and all below it."""

    children: list["RegionNode"] = []
    exercises: int


class FlagSet(Schema):
    """The red flags, and the screening questions in the order in which they are asked."""

    items: list[RedFlag]
    questions: list[Question]


class CatalogExport(Schema):
    """Everything a phone needs without a network: content, vocabulary, rules, flags, questions, numbers and texts."""

    catalog: CatalogRelease
    cursor: str = Field(description="Where to go on with `GET /catalog/changes`.")
    exercises: list[Exercise]
    regions: list[Region]
    muscles: list[Muscle]
    equipment: list[Equipment]
    causes: list[Cause]
    properties: list[MovementProperty]
    stop_rules: list[StopRule]
    kinds: list[ExerciseKind]
    conditions: list[Condition]
    red_flags: list[RedFlag]
    questions: list[Question]
    numbers: list[EmergencyNumbers]
    tuning: Tuning


class LexiconExport(Schema):
    """The words that signs and symptoms are found by, in the phrase notation, for matching them on a device."""

    catalog: CatalogRelease
    concepts: list[Concept]
    emergency_words: list[EmergencyWord]


ChangedKind = Literal[
    "exercise",
    "region",
    "muscle",
    "equipment",
    "cause",
    "property",
    "stop_rule",
    "kind",
    "condition",
    "red_flag",
    "question",
    "numbers",
    "tuning",
]
"""What the export holds, one by one."""


class CatalogChange(Schema):
    """One thing of the catalogue that was added, changed or removed; kind and id together name it."""

    kind: ChangedKind
    id: str
    removed: bool = Field(description="True when it left the catalogue; its id is never given to another exercise.")
    document: dict[str, Any] | None = Field(description="As it is now, in the shape of the export; null when removed.")


class CatalogChanges(Schema):
    """What changed since a cursor, oldest first. Ask on with `next` until `more` is false, and keep the last `next`."""

    catalog: CatalogRelease
    items: list[CatalogChange]
    next: str
    more: bool


class LanguageQuery(Schema):
    """In which language."""

    language: LanguageRange | None = Field(
        default=None, description="The language wanted, such as `de`; wins over Accept-Language."
    )


class ChangesQuery(PageQuery, LanguageQuery):
    """What changed since when; everything without a cursor."""
