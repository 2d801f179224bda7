"""The words that the understanding looks for, beside those of regions, causes and conditions."""

from typing import Annotated

from pydantic import Field

from schemas.base import Document, TermId, Text
from schemas.regions import Phrase


class Concept(Document):
    """A meaning and the phrases that carry it. `kind`: sign, quality, pattern, timing, severity, context ...

    Kinds of the machinery: `set` (words that phrases name as `@id`), `context` (negators, past, figures of speech ...),
    `vague_region` (a word that may mean several regions), `number` and `unit` (with `value`), `limit` (bounds only).
    """

    id: TermId
    kind: TermId
    phrases: list[Phrase] = []
    never: list[Phrase] = Field(default=[], description="Phrases that look like it and are innocent.")
    regions: dict[TermId, Annotated[float, Field(gt=0, le=1)]] = Field(
        default={}, description="The regions that a vague word may mean, with the confidence of each."
    )
    lasting_days: Annotated[int, Field(ge=1, le=36500)] | None = Field(
        default=None, description="A history: said of the past, it still counts as present for so many days."
    )
    lingers: bool = Field(
        default=True, description="False when a sign that has passed off only asks, instead of counting as recent."
    )
    firm: bool = Field(default=False, description="Counts even when it is only feared, supposed or asked about.")
    diagnosis: bool = Field(
        default=False, description="The name of a disease: a worry or a question about it establishes nothing."
    )
    ordinary: bool = Field(
        default=False, description="No danger by itself: a risk, a plain ache. It takes a rule to make it one."
    )
    value: float | None = Field(default=None, description="What a number word or a unit stands for (units in days).")
    at_least: dict[TermId, float] = Field(
        default={}, description="Measures that establish it as well, such as systolic = 180."
    )
    at_most: dict[TermId, float] = Field(default={}, description="Upper bounds, of the same measures.")


class EmergencyWord(Document):
    """An emergency phrase in a language that is otherwise not read; it asks before anything is recommended."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    phrase: Annotated[str, Text(80, 1)]
