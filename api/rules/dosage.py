"""How much of an exercise suits this person: the dose, the rule that led to it, and one plain sentence."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.rules.dose_standing import NO_HISTORY, DoseStanding, History
from api.rules.dose_steps import stepped
from api.rules.progression import LOADED
from api.rules.tuning import Numbers
from schemas.conditions import Condition
from schemas.exercises import Dose, ExerciseDefinition, Range
from schemas.recommendations import Dosage
from schemas.vocabulary import Audience, Kind, Side

LEAST: Final = 0
MOST: Final = 1
GENTLE: Final = "gentle_start"
ONE_SIDED_KINDS = frozenset({Kind.SELF_MASSAGE, Kind.NERVE_SLIDER, Kind.NERVE_TENSIONER})
HELD: Final = LOADED | {Kind.PNF}
OTHER_SIDE: Mapping[Side, Side] = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}


@dataclass(frozen=True, slots=True)
class DoseFactors:
    """What of the person bears on the dose. `sides` are the painful sides by leaf region, None means unknown; `chosen`
    are the sides on which it is to be done, none where nobody chose."""

    age: int | None = None
    severity: int | None = None
    unknown_condition: bool = False
    conditions: tuple[Condition, ...] = ()
    sides: Mapping[str, Side] | None = None
    chosen: Sequence[Side] = ()
    history: History = NO_HISTORY


def prescribe(
    definition: ExerciseDefinition, factors: DoseFactors, numbers: Numbers, texts: Mapping[str, str]
) -> Dosage:
    """Return the dose for this person.

    Strong pain takes the irritable dose, else 65 and over the older adult's, else the general one. A gentle start
    halves it (once: an irritable dose is small already). Then it is taken further or cut as the person's own sessions
    went, further only while pain is not strong, and holds are cut to the shortest limit that a condition sets. `rule`
    names what applied, joined by +. Source: the exercises; the conditions; usual practice.

    Sides: with one painful side a sided exercise is done on both, the easier side first, because that side shows what
    the movement should feel like and both need the range; the painful side sets the limit. Self-massage and nerve
    glides work on an irritated place and are done on the painful side alone.
    """
    small = _irritable(factors, numbers)
    audience = _audience(definition, small, factors.age, numbers)
    dose = definition.dosage[audience]
    rules = [audience.value]
    if small and audience is not Audience.IRRITABLE:
        dose = gentler(dose, numbers.gentle_factor)
        rules += [GENTLE]
    dose, followed = _followed(definition, dose, factors, small, numbers)
    dose, capped = _limited(dose, definition.kind, factors.conditions)
    rules += followed + capped
    if green_only := any(condition.green_only for condition in factors.conditions):
        rules.append("green_only")
    sides = tuple(factors.chosen) or _sides(definition, dose, factors.sides or {})
    return Dosage(
        hold_seconds=dose.hold_seconds,
        repetitions=dose.repetitions,
        duration_seconds=dose.duration_seconds,
        sets=dose.sets,
        rest_seconds=dose.rest_seconds,
        times_per_day=dose.times_per_day,
        days_per_week=dose.days_per_week,
        per_side=dose.per_side,
        sides=list(sides),
        rule="+".join(rules),
        text=_sentence(dose, definition, sides, factors, green_only, numbers, texts),
    )


def _followed(
    definition: ExerciseDefinition, dose: Dose, factors: DoseFactors, small: bool, numbers: Numbers
) -> tuple[Dose, list[str]]:
    standing = factors.history.exercises.get(definition.id, DoseStanding())
    steps_up = 0 if small else standing.steps_up
    older = factors.age is not None and factors.age >= numbers.older_adult_from
    loaded, back = definition.kind in LOADED, standing.regained
    counts = (("up", steps_up), ("cut", standing.cuts), ("back", back))
    followed = stepped(dose, steps_up, standing.cuts, older, numbers, loaded=loaded, regained=back)
    return followed, [f"{name}_{n}" for name, n in counts if n]


def first_dose(definition: ExerciseDefinition, age: int | None, numbers: Numbers) -> Dose:
    """Return the dose that somebody of this age begins with, while pain is not strong; None is an unknown age."""
    return definition.dosage[_audience(definition, small=False, age=age, numbers=numbers)]


def _audience(definition: ExerciseDefinition, small: bool, age: int | None, numbers: Numbers) -> Audience:
    if small and Audience.IRRITABLE in definition.dosage:
        return Audience.IRRITABLE
    older = age is not None and age >= numbers.older_adult_from
    return Audience.OLDER_ADULT if older and Audience.OLDER_ADULT in definition.dosage else Audience.GENERAL


def _irritable(factors: DoseFactors, numbers: Numbers) -> bool:
    strong = factors.severity is not None and factors.severity >= numbers.irritable_from
    return strong or factors.unknown_condition or any(condition.gentle_start for condition in factors.conditions)


def gentler(dose: Dose, factor: float) -> Dose:
    """Return the dose with fewer repetitions, or shorter where there is one repetition or none."""
    if dose.repetitions is not None and dose.repetitions[1] > 1:
        return dose.model_copy(update={"repetitions": _shrunk(dose.repetitions, factor)})
    shrunk = {
        name: _shrunk(bounds, factor)
        for name, bounds in (("hold_seconds", dose.hold_seconds), ("duration_seconds", dose.duration_seconds))
        if bounds is not None
    }
    return dose.model_copy(update=shrunk)


def _shrunk(bounds: Range, factor: float) -> Range:
    return max(1, math.floor(bounds[0] * factor)), max(1, math.floor(bounds[1] * factor))


def _limited(dose: Dose, kind: Kind, conditions: Iterable[Condition]) -> tuple[Dose, list[str]]:
    limits = sorted((c.max_hold_seconds, c.id) for c in conditions if c.max_hold_seconds is not None)
    if not limits:
        return dose, []
    most, condition = limits[0]
    # Effort that goes on by the clock, without a pause between repetitions, is one long hold.
    held = {"hold_seconds": dose.hold_seconds, "duration_seconds": dose.duration_seconds if kind in HELD else None}
    capped = {name: _capped(bounds, most) for name, bounds in held.items() if bounds is not None and bounds[1] > most}
    return dose.model_copy(update=capped), [f"max_hold_{condition}"] if capped else []


def _capped(bounds: Range, most: int) -> Range:
    return min(bounds[0], most), min(bounds[1], most)


def _sides(definition: ExerciseDefinition, dose: Dose, painful: Mapping[str, Side]) -> tuple[Side, ...]:
    if not dose.per_side:
        return (Side.BOTH,)
    sore = _sore_side(definition, painful)
    if sore is None:
        return Side.LEFT, Side.RIGHT
    return (sore,) if definition.kind in ONE_SIDED_KINDS else (OTHER_SIDE[sore], sore)


def _sore_side(definition: ExerciseDefinition, painful: Mapping[str, Side]) -> Side | None:
    served = [region for region in definition.regions if region in painful]
    if not served:
        return None
    best = min(served, key=lambda region: (-definition.regions[region], region))
    return painful[best] if painful[best] in OTHER_SIDE else None


def _sentence(
    dose: Dose,
    definition: ExerciseDefinition,
    sides: tuple[Side, ...],
    factors: DoseFactors,
    green_only: bool,
    numbers: Numbers,
    texts: Mapping[str, str],
) -> str:
    each = " on each side" if len(sides) > 1 else ""
    parts = []
    if dose.hold_seconds is not None:
        parts.append(texts["dose_hold"].format(seconds=spoken(dose.hold_seconds)))
    if dose.repetitions is not None:
        parts.append(texts["dose_repeat"].format(times=_times(dose.repetitions), each=each))
    if dose.duration_seconds is not None:
        parts.append(texts["dose_minutes"].format(time=_time(dose.duration_seconds), each=each))
    if dose.sets[1] > 1:
        parts.append(texts["dose_sets"].format(sets=spoken(dose.sets)))
    parts.append(texts["dose_days"].format(times=_times(dose.times_per_day), days=_counted(dose.days_per_week, "day")))
    sentence = ", ".join(parts)
    sore = _sore_side(definition, factors.sides or {}) if dose.per_side else None
    if sore is not None:
        name = "dose_painful_side_only" if len(sides) == 1 else "dose_sides_start"
        sentence += "; " + texts[name].format(first=sides[0].value, sore=sore.value)
    if len(factors.chosen) == 1:
        sentence += "; " + texts["dose_one_side"].format(side=factors.chosen[0].value)
    if green_only:
        sentence += "; " + texts["dose_green_only"].format(most=round(numbers.green_pain_most))
    return sentence[:1].upper() + sentence[1:] + "."


def seconds_of(dose: Dose, end: int) -> int:
    """Return how long one round takes at the LEAST or the MOST of its ranges: both sides, every set, the rests between
    sets."""
    hold = dose.hold_seconds[end] if dose.hold_seconds is not None else 0
    if dose.repetitions is not None:
        work = dose.repetitions[end] * (hold + dose.repetition_seconds)
    else:
        work = dose.duration_seconds[end] if dose.duration_seconds is not None else 0
    sets = dose.sets[end]
    return sets * work * (2 if dose.per_side else 1) + max(0, sets - 1) * dose.rest_seconds


def spoken(bounds: Range) -> str:
    """Return a range in words: 10 to 20, or 3."""
    return str(bounds[0]) if bounds[0] == bounds[1] else f"{bounds[0]} to {bounds[1]}"


def _time(bounds: Range) -> str:
    if bounds[0] % 60 == 0 and bounds[1] % 60 == 0:
        return _counted((bounds[0] // 60, bounds[1] // 60), "minute")
    return _counted(bounds, "second")


def _times(bounds: Range) -> str:
    return {(1, 1): "once", (2, 2): "twice"}.get(bounds, f"{spoken(bounds)} times")


def _counted(bounds: Range, unit: str) -> str:
    return f"{spoken(bounds)} {unit}{'' if bounds == (1, 1) else 's'}"
