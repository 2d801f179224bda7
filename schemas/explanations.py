"""Why an exercise is offered to somebody, or is not."""

from enum import StrEnum

from pydantic import Field

from schemas.base import Schema, Slug
from schemas.catalog import ReleaseStamp
from schemas.exercises import ExerciseBrief
from schemas.overrides import Override
from schemas.recommendations import Caution, Disclaimer, ExcludedExercise, Reason, RecommendationQuestion, Triage


class Standing(StrEnum):
    """Where an exercise stands in the answer to a question."""

    OFFERED = "offered"
    RANKED_LOWER = "ranked_lower"
    ELSEWHERE = "elsewhere"
    LEFT_OUT = "left_out"
    STOPPED = "stopped"


class ExplanationQuestion(Schema):
    """A question as for a recommendation, and the exercise to explain."""

    exercise_id: Slug
    question: RecommendationQuestion


class Explanation(Schema):
    """Where the exercise stands: offered, below the limit, for other regions, left out, or nothing is offered."""

    exercise: ExerciseBrief
    standing: Standing
    rank: int | None = Field(description="Its place in the answer, when it is offered or follows among the first 20.")
    explanation: str
    reasons: list[Reason] = Field(description="What speaks for it.")
    cautions: list[Caution]
    excluded: ExcludedExercise | None = Field(description="The rule that left it out, with the property it fired on.")
    override: Override | None = Field(
        default=None, description="The clinician's word that let it in although a rule forbids it; null without one."
    )
    triage: Triage
    release: ReleaseStamp
    disclaimer: Disclaimer
