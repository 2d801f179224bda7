"""The words that the understanding looks for, beside those of regions, causes and conditions."""

from typing import Annotated

from pydantic import Field

from schemas.base import Document, TermId, Text
from schemas.regions import Phrase


class Concept(Document):
    """A meaning and the phrases that carry it. `kind`: sign, quality, pattern, timing, severity, context ..."""

    id: TermId
    kind: TermId
    phrases: list[Phrase]
    never: list[Phrase] = Field(default=[], description="Phrases that look like it and are innocent.")


class EmergencyWord(Document):
    """An emergency phrase in a language that is otherwise not read; it asks before anything is recommended."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    phrase: Annotated[str, Text(80, 1)]
