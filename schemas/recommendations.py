"""The question a person asks, and the screened, dosed, ranked answer."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.base import Schema, TermId, Text
from schemas.catalog import ReleaseStamp
from schemas.exercises import ExerciseBrief, Range
from schemas.overrides import Override
from schemas.progression import Progression
from schemas.vocabulary import Action, Disposition, FlagLevel, Side, Status

Words = Annotated[str, Text(200, 1)]
"""An id of the vocabulary or a person's words for it."""


class PainArea(Schema):
    """Where it hurts: an id or words, the side, and how much (NPRS 0-10)."""

    region: Words
    side: Side = Side.UNKNOWN
    severity: Annotated[int, Field(ge=0, le=10, strict=True)] | None = None


class PersonContext(Schema):
    """What matters about the person. Unknown is null, never assumed."""

    age: Annotated[int, Field(ge=0, le=120, strict=True)] | None = None
    pregnant: Annotated[bool, Field(strict=True)] | None = None
    pregnancy_weeks: Annotated[int, Field(ge=0, le=45, strict=True)] | None = None
    postpartum_weeks: Annotated[int, Field(ge=0, le=104, strict=True)] | None = None


class ScreeningAnswers(Schema):
    """Answers to screening questions by id; `cleared` means a clinician has cleared this person for exercise."""

    answers: dict[Annotated[str, Text(64, 1)], Annotated[bool, Field(strict=True)] | None] = Field(
        default={}, max_length=100
    )
    cleared: Annotated[bool, Field(strict=True)] = False


class TriageQuestion(Schema):
    """A question in people's words and structured fields, all optional. Ids and plain words are both taken."""

    text: Annotated[str, Text(4000)] = ""
    pain_areas: list[PainArea] = Field(default=[], max_length=10)
    causes: list[Words] = Field(default=[], max_length=20)
    duration_days: Annotated[int, Field(ge=0, le=36500, strict=True)] | None = None
    conditions: list[Words] = Field(default=[], max_length=30)
    person: PersonContext = PersonContext()
    country: Annotated[str, Field(pattern=r"^[A-Za-z]{2}$")] | None = None
    screening: ScreeningAnswers = ScreeningAnswers()
    language: Annotated[str, Text(35)] = "en"


class RecommendationQuestion(TriageQuestion):
    """A triage question, and what the exercises must fit. `equipment` null means unknown, [] means none at hand."""

    person_id: UUID | None = None
    equipment: list[Words] | None = Field(default=None, max_length=30)
    positions: list[Words] | None = Field(default=None, max_length=12)
    max_minutes: Annotated[int, Field(ge=1, le=120, strict=True)] | None = None
    level: Annotated[int, Field(ge=1, le=3, strict=True)] | None = None
    limit: Annotated[int, Field(ge=1, le=20, strict=True)] = 5


class RecommendationQuery(Schema):
    """The question in an address: ids of the vocabulary only, no words, no person, no conditions."""

    pain_area: list[TermId] = Field(min_length=1, max_length=10)
    side: Side = Side.UNKNOWN
    severity: Annotated[int, Field(ge=0, le=10)] | None = None
    cause: list[TermId] = Field(default=[], max_length=20)
    duration_days: Annotated[int, Field(ge=0, le=36500)] | None = None
    equipment: list[TermId] | None = Field(default=None, max_length=30)
    position: list[TermId] | None = Field(default=None, max_length=12)
    max_minutes: Annotated[int, Field(ge=1, le=120)] | None = None
    level: Annotated[int, Field(ge=1, le=3)] | None = None
    country: Annotated[str, Field(pattern=r"^[A-Za-z]{2}$")] | None = None
    language: Annotated[str, Text(35)] = "en"
    limit: Annotated[int, Field(ge=1, le=20)] = 5


class FiredFlag(Schema):
    """A red flag that fired. `span` are offsets into `text`; null when a field or an answer fired it."""

    id: str
    version: int
    name: str
    level: FlagLevel
    reason: str
    span: tuple[int, int] | None


class Triage(Schema):
    """How soon a professional is needed, which signs led there, and what to do."""

    disposition: Disposition
    flags: list[FiredFlag]
    action: Action
    advice: str


class OpenQuestion(Schema):
    """A screening question that is still open; a blocking one stands before any exercise."""

    id: str
    text: str
    blocking: bool


class Screening(Schema):
    """Whether the screen for these regions is complete, and what is still to be asked."""

    complete: bool
    open: list[OpenQuestion]


class UnderstoodRegion(Schema):
    """A region that was understood. `source` is the JSON pointer of the field it was read from."""

    region: str
    status: Status
    side: Side
    severity: int | None
    confidence: float
    source: str
    span: tuple[int, int] | None


class UnderstoodTerm(Schema):
    """A cause, condition, quality, pattern or sign that was understood, and how it was said."""

    kind: str
    id: str
    status: Status
    source: str
    span: tuple[int, int] | None


class UnknownWords(Schema):
    """Words that could not be placed: the pointer of their field, the question that would help, ids to choose from."""

    source: str
    question: str
    nearest: list[str]


class Understood(Schema):
    """What was understood, each with where it was said; never the words themselves."""

    regions: list[UnderstoodRegion]
    causes: list[UnderstoodTerm]
    conditions: list[UnderstoodTerm]
    qualities: list[UnderstoodTerm]
    patterns: list[UnderstoodTerm]
    signs: list[UnderstoodTerm]
    denied: list[UnderstoodTerm]
    ignored: list[UnderstoodTerm] = Field(description="Said, but past, of somebody else, figurative or hypothetical.")
    unknown: list[UnknownWords]
    equipment: list[str] | None
    positions: list[str] | None
    age: int | None
    pregnant: bool | None
    pregnancy_weeks: int | None
    severity: int | None
    duration_days: int | None
    subject: str
    checked_for: list[str] = Field(
        default=[],
        description="Ids of all conditions that the exercises were checked for: those told, what vague ones stand for, "
        "what weeks and facts imply, and `unknown_condition` for one that nobody could place.",
    )


class Reason(Schema):
    """Why an exercise is offered, in one sentence."""

    code: str
    text: str


class Dosage(Schema):
    """The dose for this person and the rule that led to it. Ranges are [least, most]; seconds throughout."""

    hold_seconds: Range | None
    repetitions: Range | None
    duration_seconds: Range | None
    sets: Range
    rest_seconds: int
    times_per_day: Range
    days_per_week: Range
    per_side: bool
    sides: list[Side]
    rule: str
    text: str


class Caution(Schema):
    """What to watch with a condition: the rule, the movement property that fired it, and plain words."""

    rule: str
    property: str
    text: str


class ScorePart(Schema):
    """One visible part of the score."""

    part: str
    value: float


class RecommendedExercise(Schema):
    """One exercise, ranked, with its reasons, dose and cautions."""

    rank: int
    score: float
    score_parts: list[ScorePart]
    exercise: ExerciseBrief
    reasons: list[Reason]
    dosage: Dosage
    cautions: list[Caution]
    stop_if: list[Reason]
    progression: Progression | None = Field(
        default=None, description="What the person's own sessions made of the dose; null before the first one."
    )
    override: Override | None = Field(
        default=None, description="The clinician's word that let it in although a rule forbids it; null without one."
    )


class ExcludedExercise(Schema):
    """An exercise of the asked regions that was left out, and why."""

    exercise_id: str
    rule: str
    property: str
    reason: str


class RoutineItem(Schema):
    """One stretch of the player's timeline, in seconds from the start."""

    exercise_id: str
    start_second: int
    seconds: int
    side: Side
    cue: str
    rest_seconds: int


class Routine(Schema):
    """The exercises in a sensible order, fitted into the minutes asked for."""

    minutes: float
    items: list[RoutineItem]
    left_out: list[str] = Field(
        default=[], description="Ids of the exercises of this answer that did not fit into the minutes."
    )


class Disclaimer(Schema):
    """What this answer is not."""

    code: str
    text: str


class TriageAnswer(Schema):
    """The triage alone."""

    triage: Triage
    screening: Screening
    understood: Understood
    safety_net: str
    release: ReleaseStamp
    disclaimer: Disclaimer


class Recommendation(Schema):
    """The whole answer: triage first; exercises only as far as the disposition allows."""

    id: UUID | None = Field(description="Where it can be read again; null unless it was made for a person.")
    triage: Triage
    screening: Screening
    understood: Understood
    exercises: list[RecommendedExercise]
    excluded: list[ExcludedExercise]
    excluded_count: int
    routine: Routine
    education: list[str]
    safety_net: str
    release: ReleaseStamp
    disclaimer: Disclaimer
