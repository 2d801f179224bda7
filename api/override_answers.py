"""What is checked of an override by the catalogue and the clock, and how what became of it is answered."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from fastapi import Response

from api.nearest import hint
from api.override_problems import PersonOnHold
from api.problems import Gone, IdConflict, InvalidRequest, NotFound
from api.replies import entity
from api.rules.overrides import forbids, never_overridden
from api.snapshot import Snapshot
from data.overrides import OverrideOutcome, OverrideWritten
from schemas.overrides import OverrideCreate
from schemas.problems import FieldError

LONGEST: Final = timedelta(days=366)


def checked(body: OverrideCreate, snapshot: Snapshot, now: datetime) -> None:
    """Raise InvalidRequest that names everything which cannot be overridden, or not for so long."""
    errors = list(_errors(body, snapshot, now))
    if errors:
        raise InvalidRequest("this cannot be overridden", errors=errors)


def answer_override(written: OverrideWritten) -> Response:
    """Return the answer to a write of an override. Raises the problem that its outcome means."""
    match written.outcome:
        case OverrideOutcome.CONFLICT:
            raise IdConflict.at("/id", "this id was posted with other content")
        case OverrideOutcome.ENDED:
            raise Gone("this override was ended; make another")
        case OverrideOutcome.ON_HOLD:
            raise PersonOnHold("screen the person anew first")
    made = written.override
    if made is None:
        raise NotFound("no such person")
    if written.outcome is OverrideOutcome.CREATED:
        return entity(made, status=201, location=f"/people/{made.person_id}/overrides/{made.id}")
    return entity(made)


def _errors(body: OverrideCreate, snapshot: Snapshot, now: datetime) -> Iterator[FieldError]:
    rulebook, rules = snapshot.prepared.rulebook, snapshot.release.rules
    if not now < body.until <= now + LONGEST:
        yield FieldError(pointer="/until", detail="must lie later than now, and within a year")
    cards = snapshot.prepared.cards
    if body.exercise_id not in cards:
        yield FieldError(pointer="/exercise_id", detail=f"no such exercise{hint(body.exercise_id, cards)}")
    unknown = [key for key in body.conditions if key not in rules.conditions]
    for key in unknown:
        yield FieldError(pointer="/conditions", detail=f"no such condition{hint(key, rules.conditions)}")
    if never_overridden(body.conditions, rulebook, rules):
        yield FieldError(pointer="/conditions", detail="one of them is an emergency or urgent: it is never overridden")
    if body.exercise_id not in cards or unknown:
        return
    for key in body.conditions:
        # Nobody examined the person for what does not speak against the exercise yet.
        if not forbids(body.exercise_id, key, rulebook):
            yield FieldError(pointer="/conditions", detail=f"{key} does not forbid this exercise")
