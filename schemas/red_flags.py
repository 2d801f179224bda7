"""Red flags and screening questions: rules over facts, as data with a source."""

from typing import Annotated

from pydantic import Field

from schemas.base import Document, TermId, Text
from schemas.vocabulary import Action, FlagLevel

Fact = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]*$", max_length=80)]
"""A fact that a text, a field or an answer establishes: a sign of the lexicon (`saddle_numbness`), or
`region.ID`, `cause.ID`, `condition.ID`, `quality.ID`, `pattern.ID`, `answer.QUESTION`, `heard.FLAG` (the text
sounds like that flag, whatever words say it), `person.pregnant`,
`person.postpartum`, `severity.high` ..."""


class FlagCase(Document):
    """One way a flag fires: every fact of `all_of`, one of each group of `any_of`, none of `none_of`, age in range."""

    all_of: list[Fact] = []
    any_of: list[list[Fact]] = []
    at_least: Annotated[int, Field(ge=1)] = 1
    none_of: list[Fact] = []
    min_age: Annotated[int, Field(ge=0, le=120)] | None = None
    max_age: Annotated[int, Field(ge=0, le=120)] | None = None
    level: FlagLevel | None = Field(default=None, description="Overrides the flag's level in this case.")


class RedFlag(Document):
    """A sign that needs a professional before any exercise. Worded as 'can sometimes be', never as a diagnosis."""

    id: TermId
    version: Annotated[int, Field(ge=1)] = 1
    name: Annotated[str, Text(120, 1)]
    level: FlagLevel
    concern: Annotated[str, Text(160, 1)] = Field(description="The suspected problem, for clinicians.")
    reason: Annotated[str, Text(300, 1)] = Field(description="Why it matters, in plain words for the person.")
    action: Action
    advice: Annotated[str, Text(600, 1)]
    cases: list[FlagCase]
    persists_when_cleared: bool = Field(default=True, description="False when a clinician's clearance lifts it.")
    source: Annotated[str, Text(200, 1)]
    positive: list[Annotated[str, Text(300, 1)]] = Field(description="Texts that must fire it; each is a test.")
    negative: list[Annotated[str, Text(300, 1)]] = Field(description="Texts that must not; each is a test.")


class Question(Document):
    """A screening question. `yes` establishes the fact `answer.ID`; the flags say what follows from it."""

    id: TermId
    text: Annotated[str, Text(300, 1)]
    blocking: bool = False
    regions: list[TermId] = Field(default=[], description="Regions that it is asked for.")
    when: list[Fact] = Field(default=[], description="Asked as soon as one of these facts holds, whatever the region.")
    priority: Annotated[int, Field(ge=0, le=1000)] = Field(default=500, description="Smaller is asked earlier.")
    answered_by: list[Fact] = Field(default=[], description="Findings, present or denied, that answer it already.")
    source: Annotated[str, Text(200, 1)]
