"""What a search asks of an exercise beside where and why: how it works, its position, what there is not at hand."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from api.rules.negation import Scene
from schemas.exercises import ExerciseDefinition
from schemas.vocabulary import Kind, Position

ASKED: Final = 1.1
"""How much more an exercise is worth that is as it is asked for."""

OTHER: Final = 0.65
"""How much less when it is not: what is asked for may be on no list."""

AVOIDED: Final = 0.35
"""What is left of one that has what is to be avoided."""

STRETCHES: Final = frozenset({Kind.STATIC_STRETCH, Kind.PNF, Kind.DYNAMIC, Kind.MOBILITY, Kind.PASSIVE})
KINDS: Final[Mapping[str, frozenset[Kind]]] = {
    "wish_strengthen": frozenset({Kind.STRENGTH, Kind.ISOMETRIC, Kind.ECCENTRIC}),
    "wish_stretch": STRETCHES,
    "wish_mobilise": frozenset({Kind.MOBILITY, Kind.DYNAMIC}),
    "wish_massage": frozenset({Kind.SELF_MASSAGE}),
    "wish_relax": frozenset({Kind.BREATHING, Kind.PASSIVE, Kind.STATIC_STRETCH}),
    "wish_glide": frozenset({Kind.NERVE_SLIDER, Kind.NERVE_TENSIONER}),
}
KNEELING: Final = frozenset({Position.KNEELING, Position.HALF_KNEELING, Position.QUADRUPED})
LYING: Final = frozenset({Position.SUPINE, Position.PRONE, Position.SIDE_LYING})
FLOOR: Final = KNEELING | LYING | {Position.LONG_SIT}
UPRIGHT: Final = frozenset({Position.STANDING, Position.WALKING, Position.SQUAT, Position.HANGING})
POSITIONS: Final[Mapping[str, frozenset[Position]]] = {
    "wish_seated": frozenset({Position.SEATED}),
    "wish_standing": UPRIGHT,
    "wish_lying": LYING | {Position.LONG_SIT, Position.QUADRUPED},
}
AVOIDED_POSITIONS: Final[Mapping[str, frozenset[Position]]] = {
    "wish_no_kneeling": KNEELING,
    "wish_no_floor": FLOOR,
    "wish_no_standing": UPRIGHT,
}
NO_EQUIPMENT: Final = "wish_no_equipment"


@dataclass(frozen=True, slots=True)
class Way:
    """How one exercise is done, as far as a search may ask for it."""

    kind: Kind
    position: Position
    equipped: bool


def way_of(definition: ExerciseDefinition) -> Way:
    """Return how an exercise is done."""
    return Way(definition.kind, definition.position, bool(definition.equipment))


def wishes_in(scene: Scene) -> frozenset[str]:
    """Return what a text asks of an exercise."""
    named = (*KINDS, *POSITIONS, *AVOIDED_POSITIONS, NO_EQUIPMENT)
    return frozenset(name for name in named if scene.spans(name))


def worth_of(way: Way, wishes: Collection[str]) -> float:
    """Return the factor by which an exercise counts more or less for these wishes."""
    worth = _asked(way.kind, (KINDS[name] for name in KINDS if name in wishes))
    avoided = [AVOIDED_POSITIONS[name] for name in AVOIDED_POSITIONS if name in wishes]
    if any(way.position in positions for positions in avoided):
        return worth * AVOIDED
    if not avoided:
        worth *= _asked(way.position, (POSITIONS[name] for name in POSITIONS if name in wishes))
    return worth * AVOIDED if way.equipped and NO_EQUIPMENT in wishes else worth


def _asked(value: str, groups: Iterable[Collection[str]]) -> float:
    wanted = list(groups)
    if not wanted:
        return 1.0
    return ASKED if any(value in group for group in wanted) else OTHER
