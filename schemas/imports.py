"""How records of another exercise database become exercises of this house: a table that editors write."""

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from schemas.base import Document, TermId, Text
from schemas.exercises import Dose
from schemas.vocabulary import Audience, Kind

Term = Annotated[str, Text(60)]
"""A word of the other database; empty stands for a field that a record leaves open."""


class MuscleGroup(Document):
    """What a muscle name of the other database stands for here: muscles, and the leaf regions where they are felt."""

    muscles: list[TermId] = Field(min_length=1)
    regions: list[TermId] = Field(min_length=1)


class KindRule(Document):
    """The kind of every record with one of the categories and forces, for the first rule that fits; none: undecided."""

    categories: list[Term] = Field(min_length=1)
    forces: list[Term] = Field(default=[], description="Empty: any.")
    equipment: list[Term] = Field(default=[], description="Empty: any.")
    name_has: list[Term] = Field(default=[], description="One of these stands in the name, in lower case.")
    kind: Kind | None = None
    called: Annotated[str, Text(60)] = Field(default="", description="What a summary calls it, with its article.")
    dose: TermId | None = None
    relief: TermId | None = Field(default=None, description="Which weights its regions get.")
    why: Annotated[str, Text(200, 1)] = Field(description="Why this kind, or why none can be told.")

    @model_validator(mode="after")
    def _whole(self) -> "KindRule":
        if self.kind is not None and not (self.called and self.dose and self.relief):
            raise ValueError("a rule with a kind needs called, dose and relief")
        return self


class ReliefWeights(Document):
    """How much relief the regions of the main and of the other muscles may expect, 0 to 1."""

    primary: Annotated[float, Field(gt=0, le=1)]
    secondary: Annotated[float, Field(gt=0, le=1)]
    why: Annotated[str, Text(300, 1)]


class DefaultDose(Document):
    """The dose of records that come without one, for each audience, and where it is from."""

    dosage: dict[Audience, Dose] = Field(min_length=1)
    source: Annotated[str, Text(120, 1)]


class NamedThing(Document):
    """Words for a thing in a record's text, and the equipment here that it is, where there is one.

    With equipment that it is a part of, it is nothing more.
    """

    words: list[Annotated[str, Text(60, 1)]] = Field(min_length=1)
    equipment: TermId | None = None
    part_of: list[TermId] = []


class ImportTables(Document):
    """Everything that turns records of one database into exercises; the same record always becomes the same one."""

    id_prefix: Annotated[str, Field(pattern=r"^own-[a-z0-9]+(-[a-z0-9]+)*$", max_length=20)]
    source: Annotated[str, Text(120, 1)] = Field(description="The project and its licence in words.")
    licence: Annotated[str, Text(40, 1)]
    revised_on: date = Field(description="The day of this table; every exercise made by it carries this day.")
    stop_if: list[TermId] = Field(min_length=1)
    levels: dict[Term, Annotated[int, Field(ge=1, le=3)]]
    equipment: dict[Term, list[TermId]]
    muscle_groups: dict[Term, MuscleGroup]
    kind_rules: list[KindRule] = Field(min_length=1)
    reliefs: dict[TermId, ReliefWeights]
    doses: dict[TermId, DefaultDose]
    things: list[NamedThing] = []

    @model_validator(mode="after")
    def _complete(self) -> "ImportTables":
        for rule in self.kind_rules:
            if rule.kind is not None and (rule.dose not in self.doses or rule.relief not in self.reliefs):
                raise ValueError(f"a rule names the dose {rule.dose} or the relief {rule.relief}, which is not here")
        return self
