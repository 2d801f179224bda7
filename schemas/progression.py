"""How a dose follows the person's own sessions."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from schemas.base import Schema


class DoseChange(StrEnum):
    """What the sessions do to the dose of an exercise."""

    PROGRESS = "progress"
    HOLD = "hold"
    REGRESS = "regress"
    SUSPEND = "suspend"
    RESTART = "restart"


class Progression(Schema):
    """What a person's own sessions made of a dose: the rule, the session and the values that led there, and why."""

    change: DoseChange
    rule: str
    steps_up: int = Field(description="How many steps above the first dose: longer, then more, then oftener.")
    cuts: int = Field(description="How often it was cut and not earned back; each takes some 40 %.")
    session_id: UUID | None = Field(description="The session that decided; null when the days without one did.")
    values: dict[str, int] = Field(
        description="What was looked at: such as before, during and next_morning (NPRS 0-10), effort (0-10), "
        "completion_percent."
    )
    text: str
