"""The exercises in a sensible order, fitted into the minutes asked for, as a timeline that a player can follow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from api.rules.tuning import Numbers
from schemas.exercises import ExerciseDefinition, Range
from schemas.recommendations import Dosage, Routine, RoutineItem
from schemas.vocabulary import Audience, Kind, Position, Side

PREPARE, MOBILISE, STRETCH, STRENGTHEN, RELAX = range(5)
PHASES: Mapping[Kind, int] = {
    Kind.DYNAMIC: PREPARE,
    Kind.MOBILITY: MOBILISE,
    Kind.NERVE_SLIDER: MOBILISE,
    Kind.SELF_MASSAGE: MOBILISE,
    Kind.STATIC_STRETCH: STRETCH,
    Kind.PASSIVE: STRETCH,
    Kind.PNF: STRETCH,
    Kind.NERVE_TENSIONER: STRETCH,
    Kind.ISOMETRIC: STRENGTHEN,
    Kind.STRENGTH: STRENGTHEN,
    Kind.ECCENTRIC: STRENGTHEN,
}
LYING = frozenset({Position.SUPINE, Position.PRONE, Position.SIDE_LYING})
SHARES = (1.0, 0.5, 0.0)
"""How far into each range of the dose a routine may go; the fullest that fits is taken."""


@dataclass(frozen=True, slots=True)
class Prescribed:
    """An exercise with the dose for this person."""

    definition: ExerciseDefinition
    dosage: Dosage


@dataclass(frozen=True, slots=True)
class _Bout:
    """One bout of work on one side: its seconds and the rest that follows when more work follows."""

    exercise: ExerciseDefinition
    seconds: int
    side: Side
    rest: int


def plan(
    ranked: Sequence[Prescribed],
    max_minutes: int | None,
    gentle: bool,
    numbers: Numbers,
    texts: Mapping[str, str],
) -> Routine:
    """Return the routine: as many exercises, best first, as fit, ordered prepare to relax, never longer than asked.

    The dose goes as far into its ranges as the time allows, or stays at the least when `gentle`. When not even the best
    exercise fits at its least dose, it is shortened to the time.
    """
    most = round(60 * (numbers.routine_minutes if max_minutes is None else max_minutes))
    for share in SHARES[-1:] if gentle else SHARES:
        bouts = _ordered(ranked, share, numbers)
        if _length(bouts) <= most:
            return _timeline(bouts, texts)
    bouts = _fitting(ranked, most, lambda kept: _ordered(kept, 0.0, numbers))
    if not bouts and ranked:
        bouts = _shortened(ranked[0], most, numbers)
    return _timeline(bouts, texts, ranked)


def play(
    chosen: Sequence[Prescribed],
    wanted: Sequence[Prescribed],
    max_minutes: int | None,
    gentle: bool,
    numbers: Numbers,
    texts: Mapping[str, str],
) -> Routine:
    """Return a timeline of what was chosen, in its own order.

    The dose goes as far into its ranges as the minutes allow, or stays at the least when `gentle`. What does not fit at
    the least either is left out, the first of `wanted` last; no dose is cut short, for it was prescribed.
    """
    for share in SHARES[-1:] if gentle else SHARES:
        bouts = _in_turn(chosen, share, numbers)
        if max_minutes is None or _length(bouts) <= 60 * max_minutes:
            return _timeline(bouts, texts)
    place = {prescribed.definition.id: number for number, prescribed in enumerate(chosen)}
    bouts = _fitting(
        wanted,
        60 * (max_minutes or 0),
        lambda kept: _in_turn(sorted(kept, key=lambda each: place[each.definition.id]), 0.0, numbers),
    )
    return _timeline(bouts, texts, chosen)


def _fitting(
    wanted: Sequence[Prescribed], most: int, arranged: Callable[[Sequence[Prescribed]], list[_Bout]]
) -> list[_Bout]:
    """Return the bouts of those that fit, the first that was wanted before the others."""
    kept: list[Prescribed] = []
    for candidate in wanted:
        if _length(arranged([*kept, candidate])) <= most:
            kept.append(candidate)
    return arranged(kept)


def phase_of(definition: ExerciseDefinition) -> int:
    """Return where in a routine an exercise belongs; breathing prepares when upright and relaxes when lying."""
    if definition.kind is Kind.BREATHING:
        return RELAX if definition.position in LYING else PREPARE
    return PHASES[definition.kind]


def _ordered(chosen: Sequence[Prescribed], share: float, numbers: Numbers) -> list[_Bout]:
    return _in_turn(sorted(chosen, key=lambda each: phase_of(each.definition)), share, numbers)


def _in_turn(chosen: Sequence[Prescribed], share: float, numbers: Numbers) -> list[_Bout]:
    return [bout for prescribed in chosen for bout in _bouts(prescribed, share, numbers)]


def _bouts(prescribed: Prescribed, share: float, numbers: Numbers) -> list[_Bout]:
    dosage, definition = prescribed.dosage, prescribed.definition
    seconds = _work(prescribed, share)
    sets = _within(dosage.sets, share)
    between_sides, between = round(numbers.routine_side_seconds), round(numbers.routine_transition_seconds)
    bouts = []
    for number in range(sets):
        for side in dosage.sides:
            rest = between_sides
            if side is dosage.sides[-1]:
                rest = between if number == sets - 1 else max(dosage.rest_seconds, between_sides)
            bouts.append(_Bout(definition, seconds, side, rest))
    return bouts


def _work(prescribed: Prescribed, share: float) -> int:
    dosage = prescribed.dosage
    if dosage.duration_seconds is not None and dosage.repetitions is None:
        return max(1, _within(dosage.duration_seconds, share))
    repetitions = _within(dosage.repetitions or (1, 1), share)
    return max(1, repetitions * _repetition(prescribed, share))


def _repetition(prescribed: Prescribed, share: float) -> int:
    hold = _within(prescribed.dosage.hold_seconds or (0, 0), share)
    return hold + prescribed.definition.dosage[Audience.GENERAL].repetition_seconds


def _within(bounds: Range, share: float) -> int:
    return bounds[0] + round((bounds[1] - bounds[0]) * share)


def _length(bouts: Sequence[_Bout]) -> int:
    return sum(bout.seconds + bout.rest for bout in bouts) - (bouts[-1].rest if bouts else 0)


def _shortened(best: Prescribed, most: int, numbers: Numbers) -> list[_Bout]:
    sides = best.dosage.sides
    rest = round(numbers.routine_side_seconds)
    per_side = (most - rest * (len(sides) - 1)) // len(sides)
    seconds = min(per_side, _work(best, 0.0))
    if best.dosage.repetitions is not None and seconds >= _repetition(best, 0.0):
        seconds -= seconds % _repetition(best, 0.0)
    return [_Bout(best.definition, seconds, side, rest) for side in sides]


def _timeline(bouts: Sequence[_Bout], texts: Mapping[str, str], offered: Sequence[Prescribed] = ()) -> Routine:
    played = {bout.exercise.id for bout in bouts}
    left_out = [each.definition.id for each in offered if each.definition.id not in played]
    items: list[RoutineItem] = []
    start = 0
    for index, bout in enumerate(bouts):
        rest = bout.rest if index < len(bouts) - 1 else 0
        items.append(
            RoutineItem(
                exercise_id=bout.exercise.id,
                start_second=start,
                seconds=bout.seconds,
                side=bout.side,
                cue=_cue(bout, texts),
                rest_seconds=rest,
            )
        )
        start += bout.seconds + rest
    return Routine(minutes=round(start / 60, 2), items=items, left_out=left_out)


def _cue(bout: _Bout, texts: Mapping[str, str]) -> str:
    cue = bout.exercise.cues[0] if bout.exercise.cues else bout.exercise.name
    if bout.side in {Side.LEFT, Side.RIGHT}:
        return texts["cue_one_side"].format(side=bout.side.value, cue=cue)
    return cue
