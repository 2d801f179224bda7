"""What a person told with a question, as it is remembered beside the answer: ids and the age, never words."""

from dataclasses import dataclass
from datetime import datetime

from schemas.base import Document


class Telling(Document):
    """The conditions that were told, those of them that waited for a clinician, whether one had cleared the person, and
    the age and the week of pregnancy. The same things told again make the same text."""

    conditions: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    cleared: bool = False
    age: int | None = None
    pregnancy_weeks: int | None = None

    def text(self) -> str:
        """Return it as it is stored; the tuples are sorted by whoever makes it."""
        return self.model_dump_json()


@dataclass(frozen=True, slots=True)
class ToldAt:
    """What was told, and when for the last time."""

    told: Telling
    at: datetime
