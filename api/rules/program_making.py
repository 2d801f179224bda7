"""Programs in the making: from an answer that a person was given, and with the doses that an item begins with."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from api.rules.dosage import GENTLE, first_dose, gentler
from api.rules.needs import UNKNOWN_CONDITION
from api.rules.preparation import Prepared
from api.rules.remembering import waiting_among
from schemas.exercises import Dose, ExerciseDefinition
from schemas.programs import (
    EVERY_DAY,
    ProgramCreate,
    ProgramDose,
    ProgramItem,
    ProgramPhase,
    ProgramPlan,
    cleared_as_said,
)
from schemas.told import Telling, ToldAt
from schemas.vocabulary import Audience, Side

SPREAD: Final[Mapping[int, tuple[int, ...]]] = {
    1: (1,), 2: (1, 4), 3: (1, 3, 5), 4: (1, 2, 4, 5), 5: (1, 2, 3, 4, 5), 6: (1, 2, 3, 4, 5, 6),
}  # fmt: skip
"""On which days of a week something is done that is done so often, with rest between; 1 is the program's first day."""


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """An answer that a program is made from: its bytes, and what the person told for it."""

    content: bytes
    told: ToldAt


def made(body: ProgramCreate, answer: AnswerGiven | None, prepared: Prepared, now: datetime) -> ProgramPlan | None:
    """Return the plan of a new program, every dose filled in; None when it has no exercises.

    What was told for an answer is taken over: conditions and age, and the conditions for which a clinician had cleared
    the person. Its exercises make the one phase unless the body says phases of its own.
    """
    told = Telling() if answer is None else answer.told.told
    conditions = sorted({*body.conditions, *told.conditions})
    age = told.age if body.age is None else body.age
    phases = body.phases
    if phases is None and answer is not None:
        weekday = body.starts_on.isoweekday()
        phases = _phases(json.loads(answer.content), weekday, conditions, age, prepared)
    if not phases:
        return None
    said = body.model_dump(
        exclude={"id", "person_id", "from_recommendation_id", "phases", "conditions", "age", "cleared"}
    )
    by_hand = {item.exercise_id for phase in body.phases or () for item in phase.items if item.dose is not None}
    plan = ProgramPlan(
        **said,
        phases=dosed(phases, age, prepared),
        conditions=conditions,
        age=age,
        cleared=body.cleared,
        dosed_on=dict.fromkeys(sorted(by_hand), body.starts_on),
    )
    return _cleared(plan, answer, prepared, now)


def _cleared(plan: ProgramPlan, answer: AnswerGiven | None, prepared: Prepared, now: datetime) -> ProgramPlan:
    if plan.cleared:
        return cleared_as_said(plan, True, now)
    told = Telling() if answer is None else answer.told.told
    asked, waiting = (
        waiting_among(prepared.rulebook.united(named), prepared) for named in (told.conditions, told.waiting)
    )
    if answer is None or not asked or waiting:
        return plan
    ready = {"cleared": True, "cleared_for": sorted(told.conditions), "cleared_at": answer.told.at}
    return cleared_as_said(plan.model_copy(update=ready), None, now)


def dosed(phases: Sequence[ProgramPhase], age: int | None, prepared: Prepared) -> list[ProgramPhase]:
    """Return the phases with the catalogue's dose for the age wherever an item has none."""
    return [
        phase.model_copy(update={"items": [_dosed_item(item, age, prepared) for item in phase.items]})
        for phase in phases
    ]


def _dosed_item(item: ProgramItem, age: int | None, prepared: Prepared) -> ProgramItem:
    if item.dose is not None or item.exercise_id not in prepared.cards:
        return item
    definition = prepared.cards[item.exercise_id].definition
    return item.model_copy(update={"dose": as_item(first_dose(definition, age, prepared.numbers))})


def as_item(dose: Dose) -> ProgramDose:
    """Return a dose of the catalogue as an item says it."""
    return ProgramDose.model_construct(**{name: getattr(dose, name) for name in ProgramDose.model_fields})


def begun(item: ProgramItem, definition: ExerciseDefinition) -> Dose:
    """Return the dose that an item begins with, as a dose of its exercise."""
    general, often = definition.dosage[Audience.GENERAL], len(item.days_of_week)
    if item.dose is None:
        return general.model_copy(update={"days_per_week": (often, often)})
    said = {name: getattr(item.dose, name) for name in ProgramDose.model_fields}
    # Sides that are named decide: done on one alone, nothing is repeated on the other.
    both = {"days_per_week": (often, often), "per_side": len(item.sides) == 2 if item.sides else item.dose.per_side}
    return Dose(**{**said, **both, "repetition_seconds": general.repetition_seconds})


def _phases(
    answer: Mapping[str, Any], first: int, conditions: Sequence[str], age: int | None, prepared: Prepared
) -> list[ProgramPhase]:
    offers = [offer for offer in answer["exercises"] if offer["exercise"]["id"] in prepared.cards]
    place = {item["exercise_id"]: number for number, item in reversed([*enumerate(answer["routine"]["items"])])}
    # What did not fit into the minutes of the routine comes after it, best first.
    ordered = sorted(offers, key=lambda offer: place.get(offer["exercise"]["id"], len(place) + offer["rank"]))
    items = [_recalled(offer, first, conditions, age, prepared) for offer in ordered]
    return [ProgramPhase(items=items)] if items else []


def _recalled(
    offer: Mapping[str, Any], first: int, conditions: Sequence[str], age: int | None, prepared: Prepared
) -> ProgramItem:
    definition, dosage = prepared.cards[offer["exercise"]["id"]].definition, offer["dosage"]
    # Of 3 to 7 days a week the least is what somebody in pain begins with and can keep up; the range lets them do more.
    # Two to three days of stretching and two of strengthening are enough: clinical sheet section 4 (ACSM 2021).
    days = SPREAD.get(dosage["days_per_week"][0], EVERY_DAY)
    sides = [Side(side) for side in dosage["sides"] if side in {Side.LEFT, Side.RIGHT}]
    return ProgramItem(
        exercise_id=definition.id,
        days_of_week=sorted((first + day - 2) % 7 + 1 for day in days),
        dose=as_item(_begun(definition, dosage["rule"].split("+"), conditions, age, prepared)),
        sides=sides,
    )


def _begun(
    definition: ExerciseDefinition, rules: Sequence[str], conditions: Sequence[str], age: int | None, prepared: Prepared
) -> Dose:
    """Return the dose that an answer began from, before the sessions of its person changed it.

    Strong pain is of that day and nobody tells it again, so its smaller dose is kept; what a condition asks for is
    asked for again on every day.
    """
    known = prepared.rulebook.conditions
    if any(key == UNKNOWN_CONDITION or (key in known and known[key].gentle_start) for key in conditions):
        return first_dose(definition, age, prepared.numbers)
    audience = next((each for each in Audience if each.value == rules[0]), Audience.GENERAL)
    dose = definition.dosage.get(audience, definition.dosage[Audience.GENERAL])
    return gentler(dose, prepared.numbers.gentle_factor) if GENTLE in rules else dose
