"""Translations: the names, lay words and texts of the catalogue in other languages than English."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field, model_validator

from schemas.base import Document, Text
from schemas.exercises import Line, Step

LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
"""A language as ISO 639 writes it, such as `de`."""

SOURCE_LANGUAGE: Final = "en"
"""The language that every text exists in."""


class Translated(StrEnum):
    """What can be translated. Texts that decide about safety (flags, questions, stop rules, notes) stay English."""

    EXERCISE = "exercise"
    KIND = "kind"
    REGION = "region"
    MUSCLE = "muscle"
    EQUIPMENT = "equipment"
    CAUSE = "cause"
    CONDITION = "condition"


class Translation(Document):
    """The words of one thing in one language. What is left out stays English."""

    language: LanguageCode
    of: Translated
    id: Annotated[str, Text(80, 1)]
    name: Annotated[str, Text(80, 1)] | None = None
    aliases: list[Annotated[str, Text(80, 1)]] | None = None
    lay_words: list[Annotated[str, Text(120, 1)]] | None = None
    summary: Annotated[str, Text(300, 20)] | None = None
    setup: Annotated[str, Text(500)] | None = None
    steps: list[Step] | None = None
    cues: list[Line] | None = None
    mistakes: list[Line] | None = None
    feel: Annotated[str, Text(400)] | None = None
    breathing: Annotated[str, Text(300)] | None = None
    translated_by: Annotated[str, Text(120)] = Field(
        default="", description="The qualified person who translated the instructions; needed for those only."
    )

    @model_validator(mode="after")
    def _instructions_have_an_author(self) -> "Translation":
        if not self.translated_by and any(getattr(self, name) is not None for name in INSTRUCTIONS):
            raise ValueError("instructions stay English until a qualified person, translated_by, has translated them")
        if self.of is not Translated.EXERCISE and any(getattr(self, name) is not None for name in OF_EXERCISES):
            raise ValueError("only exercises have more than a name and lay words")
        return self

    def texts(self) -> dict[str, object]:
        """Return the translated fields."""
        found = {name: getattr(self, name) for name in TEXTS}
        return {name: value for name, value in found.items() if value is not None}


INSTRUCTIONS: Final = ("setup", "steps", "cues", "mistakes", "feel", "breathing")
OF_EXERCISES: Final = ("aliases", "summary", *INSTRUCTIONS)
TEXTS: Final = ("name", "lay_words", *OF_EXERCISES)
"""The fields of an exercise that hold words of its own."""
