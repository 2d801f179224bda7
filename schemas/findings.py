"""What the understanding hands to the rules: immutable findings with their spans."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.vocabulary import Action, Disposition, FlagLevel, Side, Status

Span = tuple[int, int]
"""Offsets [start, end) into the text that the person sent; never words."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was said. `kind`: region, cause, condition, quality, pattern, timing, sign ...

    `pointer` is the JSON pointer of the field it was read from (`/text`, `/conditions/0`); `span` lies inside that
    field's text and is None when an id was given. `recent` marks something past, at most 14 days old or of unknown age.
    """

    kind: str
    id: str
    status: Status
    confidence: float
    pointer: str
    span: Span | None = None
    side: Side = Side.UNKNOWN
    severity: int | None = None
    recent: bool = False


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Words of a structured field, or of a text, that could not be placed as what they name, a finding's `kind`.

    `nearest` are ids to choose from; the kind is empty for a text of which nothing was understood.
    """

    pointer: str
    question: str
    nearest: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is known of the patient, from the fields first and the text second; None means unknown.

    `child_by_words`: only the text speaks of a child, who may be somebody beside the patient.
    """

    age: int | None = None
    pregnant: bool | None = None
    pregnancy_weeks: int | None = None
    postpartum_weeks: int | None = None
    subject: str = "self"
    child_by_words: bool = False


@dataclass(frozen=True, slots=True)
class LikelyPlace:
    """A region that a text is likely to mean, 0 to 1, and where in it that was heard."""

    region: str
    likelihood: float
    span: Span | None


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a text sounds like: the score of each level of danger, above 0 likelier than not; the sign that it sounds
    like with its score, and where in the text it was heard; the regions that are likely meant, likeliest
    first."""

    levels: Mapping[str, float]
    places: tuple[LikelyPlace, ...]
    sign: str = ""
    sign_score: float = 0.0
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything understood of one question. `facts` are the present ones, ready for the red-flag rules."""

    findings: tuple[Finding, ...]
    unplaced: tuple[Unplaced, ...]
    person: PersonFacts
    severity: int | None
    duration_days: int | None
    facts: frozenset[str]
    uncertain_facts: frozenset[str]
    recent_facts: frozenset[str]
    denied_facts: frozenset[str]
    foreign_emergency: bool
    nothing_understood: bool
    alarm: Alarm | None = None
    measured_facts: frozenset[str] = frozenset()
    ruled_out_facts: frozenset[str] = frozenset()

    def present(self, kind: str) -> tuple[Finding, ...]:
        """Return the findings of `kind` that are said of the patient now."""
        return tuple(f for f in self.findings if f.kind == kind and f.status is Status.PRESENT)


@dataclass(frozen=True, slots=True)
class Flagged:
    """A red flag that fired, the level of the case that fired, and where in `/text` (None: a field or an answer)."""

    id: str
    level: FlagLevel
    span: Span | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """The triage of one reading: what is allowed, what fired, what is still to be asked (ids, blocking first)."""

    disposition: Disposition
    flags: tuple[Flagged, ...]
    action: Action
    advice: str
    open_questions: tuple[str, ...]
    blocking_questions: frozenset[str]
    screen_complete: bool
