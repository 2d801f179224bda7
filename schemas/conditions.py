"""Conditions and what each of them says about movement properties."""

from typing import Annotated

from pydantic import Field

from schemas.base import Document, TermId, Text
from schemas.regions import Phrase
from schemas.vocabulary import FlagLevel

PropertyTest = Annotated[str, Field(pattern=r"^(\*|[a-z][a-z0-9_-]*(\+[a-z][a-z0-9_-]*)*)$", max_length=120)]
"""Movement properties or region ids joined by + (all must hold), or * for every exercise."""


class Condition(Document):
    """A condition and its rule: what it forbids, cautions against and favours.

    Verdict order is forbid > caution > favour; several conditions are united. `regions` bounds where a favour counts,
    and, when `scoped` is true, where every verdict counts.
    """

    id: TermId
    name: Annotated[str, Text(120, 1)]
    lay_words: list[Phrase] = []
    regions: list[TermId] = []
    scoped: bool = False
    forbid: list[PropertyTest] = []
    caution: list[PropertyTest] = []
    favour: list[PropertyTest] = []
    because: Annotated[str, Text(240, 1)] = Field(description="Why the rule holds, in words for the person.")
    note: Annotated[str, Text(500)] = ""
    level: FlagLevel | None = Field(default=None, description="Set when the condition itself needs a clinician first.")
    clearance_required: bool = Field(
        default=False, description="Needs a clinician's clearance; never progressed automatically."
    )
    green_only: bool = Field(default=False, description="Only pain 0 to 2 is acceptable during exercise.")
    gentle_start: bool = Field(default=False, description="Start at about half the dose.")
    max_hold_seconds: Annotated[int, Field(ge=1, le=120)] | None = None
    unites: list[TermId] = Field(
        default=[], description="A vague condition stands for the union of these, such as pregnancy without a week."
    )
    source: Annotated[str, Text(200, 1)]
    version: Annotated[int, Field(ge=1)] = 1
