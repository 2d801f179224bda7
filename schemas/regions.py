"""Body regions, muscles, equipment, causes, topics and movement properties: the words of the catalogue."""

from typing import Annotated

from pydantic import Field

from schemas.base import Document, Slug, TermId, Text

Phrase = Annotated[str, Text(1000, 1)]
"""People's words in the phrase notation that data/catalog/README.md explains."""


class Region(Document):
    """A body region. Codes: ICD-10 (WHO) and ICF; the side is never part of a region."""

    id: TermId
    parent: TermId | None = None
    name: Annotated[str, Text(80, 1)]
    lay_words: list[Phrase] = []
    muscles: list[TermId] = []
    icd10: list[Annotated[str, Text(12, 1)]] = []
    icf: list[Annotated[str, Text(12, 1)]] = []
    ask_first: list[TermId] = Field(
        default=[], description="Screening questions to ask before exercises for this region."
    )


class Muscle(Document):
    """A muscle, a muscle group or another structure that an exercise works on."""

    id: TermId
    name: Annotated[str, Text(80, 1)]
    lay_words: list[Phrase] = []
    regions: list[TermId] = []


class Equipment(Document):
    """A thing that an exercise needs."""

    id: TermId
    name: Annotated[str, Text(80, 1)]
    lay_words: list[Phrase] = []


class Cause(Document):
    """Something people say brought the pain on; `regions` are the priors, 0 to 1."""

    id: TermId
    name: Annotated[str, Text(80, 1)]
    lay_words: list[Phrase] = []
    regions: dict[TermId, Annotated[float, Field(gt=0, le=1)]] = {}
    mechanical: bool = Field(description="True when it explains muscle pain by itself; a fall or surgery does not.")


class Topic(Document):
    """Something people look for that many exercises answer, such as a sport, with those that do, the best ones first.

    Each lay word by itself names the topic: a search that has all its telling words, in any order, is about it.
    """

    id: TermId
    name: Annotated[str, Text(80, 1)]
    lay_words: list[Annotated[str, Text(60, 1)]] = Field(min_length=1)
    exercises: list[Slug] = Field(min_length=1)


class Nicknames(Document):
    """What people call an exercise, or one close to it, beside its own names: looked for by the search, never shown."""

    id: Slug
    names: list[Annotated[str, Text(80, 1)]] = Field(min_length=1)


class MovementProperty(Document):
    """What a movement does to the body; condition rules test these. Derived ones are never stored on an exercise."""

    id: TermId
    name: Annotated[str, Text(80, 1)]
    phrase: Annotated[str, Text(160, 1)] = Field(description="Completes the sentence: this exercise ...")
    derived: bool = False
    supported_by: list[Annotated[str, Text(80, 1)]] = Field(
        default=[],
        description="Joint movements, one of which an exercise with this property names; empty when it is none.",
    )
