"""What a movement does to the body: stored properties of an exercise, and those that follow from kind and position."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.exercises import ExerciseDefinition
from schemas.vocabulary import Kind, Position

BY_KIND: Final[Mapping[Kind, frozenset[str]]] = MappingProxyType(
    {
        Kind.STATIC_STRETCH: frozenset({"static"}),
        Kind.DYNAMIC: frozenset({"dynamic"}),
        Kind.MOBILITY: frozenset({"dynamic"}),
        Kind.ISOMETRIC: frozenset({"iso-hold"}),
        Kind.STRENGTH: frozenset({"resist"}),
        Kind.ECCENTRIC: frozenset({"eccentric", "resist"}),
        Kind.PNF: frozenset({"pnf", "iso-hold"}),
        Kind.PASSIVE: frozenset({"passive"}),
        Kind.SELF_MASSAGE: frozenset({"smr"}),
        Kind.NERVE_SLIDER: frozenset({"neural-slide"}),
        Kind.NERVE_TENSIONER: frozenset({"neural-tension"}),
        Kind.BREATHING: frozenset({"breath", "relax"}),
    }
)

BY_POSITION: Final[Mapping[Position, frozenset[str]]] = MappingProxyType(
    {
        Position.STANDING: frozenset({"standing"}),
        Position.SEATED: frozenset({"seated"}),
        Position.SUPINE: frozenset({"supine", "floor"}),
        Position.PRONE: frozenset({"prone", "floor"}),
        Position.SIDE_LYING: frozenset({"side-lying", "floor"}),
        Position.QUADRUPED: frozenset({"kneel", "floor"}),
        Position.KNEELING: frozenset({"kneel", "floor"}),
        Position.HALF_KNEELING: frozenset({"kneel", "floor"}),
        Position.LONG_SIT: frozenset({"floor"}),
        Position.HANGING: frozenset({"hang"}),
        Position.SQUAT: frozenset({"squat"}),
        Position.WALKING: frozenset({"walk"}),
        Position.UNSTATED: frozenset(),
    }
)

UNLISTED: Final = "unlisted"
"""The property of an exercise whose other properties nobody has listed: no condition permits it."""

DERIVED: Final[frozenset[str]] = frozenset({UNLISTED}).union(*BY_KIND.values(), *BY_POSITION.values()) - {"walk"}
"""Properties that a file must never list; `walk` may also be stored, for walking on the spot."""


def all_properties(definition: ExerciseDefinition) -> frozenset[str]:
    """Return the stored properties and those that follow from kind and position. Source: movement-property list."""
    properties = frozenset(definition.properties) | BY_KIND[definition.kind] | BY_POSITION[definition.position]
    return properties if definition.properties_known else properties | {UNLISTED}
