"""What is checked of a program before it is stored: by the catalogue, by the clock, and that a day can hold it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from api.nearest import hint
from api.problems import InvalidRequest
from api.rules.dosage import MOST, seconds_of
from api.rules.needs import UNKNOWN_CONDITION
from api.rules.program_making import begun
from api.rules.tuning import Numbers
from api.snapshot import Snapshot
from schemas.exercises import ExerciseDefinition
from schemas.problems import FieldError
from schemas.programs import EVERY_DAY, Program, ProgramCreate, ProgramItem, ProgramPhase, ProgramUpdate, starts_of

HOUR = 3600


def check_new(body: ProgramCreate, snapshot: Snapshot, today: date) -> None:
    """Raise InvalidRequest that names everything which cannot stand in a new program.

    A retired exercise may stand in what was stored before, and is not taken anew.
    """
    errors = [*_errors(body, snapshot), *_far_start(body.starts_on, today, snapshot.prepared.numbers)]
    errors += _late_phases(body.phases or (), body.starts_on, body.ends_on, None)
    if body.phases is None and body.from_recommendation_id is None:
        errors.append(FieldError(pointer="/phases", detail="are needed without from_recommendation_id"))
    _refuse(errors)


def check_change(patch: ProgramUpdate, before: Program | None, snapshot: Snapshot, today: date) -> None:
    """Raise InvalidRequest that names everything which cannot be taken anew.

    `before` is the program that the patch was made for, None when there is none such: then what the two say together is
    not judged. What stays as it was is not judged either.
    """
    errors = _errors(patch, snapshot)
    if before is not None:
        starts_on, ends_on, phases = (_merged(name, patch, before) for name in ("starts_on", "ends_on", "phases"))
        if starts_on is not None and starts_on != before.starts_on:
            errors += _far_start(starts_on, today, snapshot.prepared.numbers)
        named = next((name for name in ("phases", "ends_on", "starts_on") if name in patch.model_fields_set), None)
        if starts_on is not None and named is not None:
            errors += _late_phases(phases or (), starts_on, ends_on, None if named == "phases" else named)
    _refuse(errors)


def _refuse(errors: Sequence[FieldError]) -> None:
    if errors:
        raise InvalidRequest("the program says what cannot be", errors=errors)


def _merged(name: str, patch: ProgramUpdate, before: Program) -> Any:
    return getattr(patch if name in patch.model_fields_set else before, name)


def _errors(body: ProgramCreate | ProgramUpdate, snapshot: Snapshot) -> list[FieldError]:
    phases = enumerate(body.phases or ())
    of_phases = (error for number, phase in phases for error in _of_phase(f"/phases/{number}/items", phase, snapshot))
    return [*of_phases, *_unknown_conditions(body.conditions or (), snapshot)]


def _unknown_conditions(conditions: Iterable[str], snapshot: Snapshot) -> Iterator[FieldError]:
    known = snapshot.prepared.rules.conditions
    for place, condition in enumerate(conditions):
        if condition not in known and condition != UNKNOWN_CONDITION:
            yield FieldError(pointer=f"/conditions/{place}", detail=f"no such condition{hint(condition, known)}")


def _of_phase(pointer: str, phase: ProgramPhase, snapshot: Snapshot) -> list[FieldError]:
    known, numbers = snapshot.prepared.cards, snapshot.prepared.numbers
    errors: list[FieldError] = []
    hours = dict.fromkeys(EVERY_DAY, 0.0)
    for place, item in enumerate(phase.items):
        at = f"{pointer}/{place}"
        if item.exercise_id not in known:
            unknown = f"no such exercise{hint(item.exercise_id, known)}"
            errors.append(FieldError(pointer=f"{at}/exercise_id", detail=unknown))
            continue
        definition = known[item.exercise_id].definition
        errors += _of_item(at, item, definition, numbers)
        for day in item.days_of_week:
            hours[day] += _hours(item, definition)
    if not errors and max(hours.values()) > numbers.program_day_hours_most:
        detail = (
            f"take {max(hours.values()):.0f} hours on one day; at most {numbers.program_day_hours_most:g} are possible"
        )
        errors.append(FieldError(pointer=pointer, detail=detail))
    return errors


def _of_item(at: str, item: ProgramItem, definition: ExerciseDefinition, numbers: Numbers) -> Iterator[FieldError]:
    sided, dose = any(dose.per_side for dose in definition.dosage.values()), item.dose
    if item.sides and not sided:
        yield FieldError(pointer=f"{at}/sides", detail="this exercise has no sides")
    if dose is not None and dose.per_side and not sided:
        yield FieldError(pointer=f"{at}/dose/per_side", detail="this exercise has no sides")
    if dose is not None and dose.duration_seconds is not None and (dose.hold_seconds or dose.repetitions):
        detail = "is for continuous work; leave it out beside hold_seconds and repetitions"
        yield FieldError(pointer=f"{at}/dose/duration_seconds", detail=detail)
    elif (hours := _hours(item, definition)) > numbers.program_item_hours_most:
        detail = f"takes {hours:.0f} hours on one day; at most {numbers.program_item_hours_most:g} are possible"
        yield FieldError(pointer=f"{at}/dose", detail=detail)


def _hours(item: ProgramItem, definition: ExerciseDefinition) -> float:
    dose = begun(item, definition)
    return seconds_of(dose, MOST) * dose.times_per_day[MOST] / HOUR


def _far_start(starts_on: date, today: date, numbers: Numbers) -> Iterator[FieldError]:
    earliest = today - timedelta(days=numbers.program_days_before_most)
    latest = today + timedelta(days=numbers.program_days_ahead_most)
    if not earliest <= starts_on <= latest:
        yield FieldError(pointer="/starts_on", detail=f"must lie between {earliest} and {latest}")


def _late_phases(
    phases: Sequence[ProgramPhase], starts_on: date, ends_on: date | None, named: str | None
) -> Iterator[FieldError]:
    """Yield an error for each phase that would begin after the last day, at `named` where the phases were not sent."""
    if ends_on is None or ends_on < starts_on:
        return
    for number, begins in enumerate(starts_of(starts_on, phases)):
        if begins > ends_on and number < len(phases):
            pointer = f"/phases/{number}" if named is None else f"/{named}"
            yield FieldError(pointer=pointer, detail=f"phase {number + 1} would begin on {begins}, after ends_on")
