"""Which exercises pass: one bit mask for each value of each filter, over the exercises in id order."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from itertools import accumulate
from operator import or_
from typing import Final

from api.rules.contraindications import Rulebook
from api.rules.dosage import LEAST, seconds_of
from schemas.catalog import Catalog, RuleSet
from schemas.exercises import ExerciseDefinition, ExerciseQuery, Facet
from schemas.vocabulary import Audience, Kind, Position, Verdict

NONE: Final = "none"
"""The equipment of an exercise that needs nothing."""

_BY_MASK: Final = ("region", "muscle", "kind", "position", "equipment", "level", "topic")


@dataclass(frozen=True, slots=True)
class UnknownTerm:
    """A value that no filter knows: the parameter, and what it may be."""

    parameter: str
    value: str
    known: tuple[str, ...]


class UnknownTermsError(ValueError):
    """The query names ids that do not exist."""

    def __init__(self, terms: Sequence[UnknownTerm]) -> None:
        super().__init__("unknown ids")
        self.terms = tuple(terms)


@dataclass(frozen=True, slots=True)
class Scale:
    """A measure of every exercise: the measures in order, and for each the mask of what lies below it."""

    steps: tuple[float, ...]
    masks: tuple[int, ...]

    def below(self, bound: float) -> int:
        """Return the mask of what measures less than `bound`."""
        return self.masks[bisect_left(self.steps, bound)]


def scale_of(measures: Iterable[float]) -> Scale:
    """Return the scale of the measures, one for each exercise in id order."""
    held: dict[float, int] = {}
    for at, measure in enumerate(measures):
        held[measure] = held.get(measure, 0) | 1 << at
    steps = sorted(held)
    return Scale(tuple(steps), (0, *accumulate((held[step] for step in steps), or_)))


@dataclass(frozen=True, slots=True)
class Filters:
    """The masks of one release. Bit i stands for `ids[i]`."""

    ids: tuple[str, ...]
    everything: int
    masks: Mapping[str, Mapping[object, int]]
    needing: Mapping[str, int]
    minutes: "Scale"
    changed: "Scale"
    conditions: frozenset[str]
    rulebook: Rulebook
    _forbidden: dict[str, int] = field(default_factory=dict)

    def matching(self, query: ExerciseQuery, besides: Facet | None = None) -> int:
        """Return the mask of what passes every filter of the query but `q`, and but the one that `besides` names.

        Raises UnknownTermsError.
        """
        self._refuse_unknown(query)
        mask = self.everything
        for parameter in _BY_MASK:
            values = getattr(query, parameter)
            if values and parameter != besides:
                mask &= _united(self.masks[parameter], values)
        if query.with_equipment:
            mask &= self._possible(query.with_equipment)
        if query.avoid and besides is not Facet.AVOID:
            mask &= ~_united(self.masks["avoid"], query.avoid)
        for condition in query.permitted_with:
            mask &= ~self._forbidden_by(condition)
        if query.max_minutes is not None:
            mask &= self.minutes.below(query.max_minutes + 1e-9)
        if query.updated_since is not None:
            mask &= ~self.changed.below(query.updated_since.timestamp())
        return mask

    def count(self, parameter: str, value: str) -> int:
        """Return how many exercises have the value."""
        return self.masks[parameter].get(value, 0).bit_count()

    def facets(self, query: ExerciseQuery, found: int) -> dict[Facet, dict[str, int]]:
        """Return for each facet of the query how many exercises each value has, most first, ties by id.

        `found` is the mask of what the words of the query found. A facet is counted under all filters but its own, so
        that a count says what choosing the value gives; values without any stand there when they are chosen only.
        """
        counted: dict[Facet, dict[str, int]] = {}
        for facet in query.facets:
            mask = self.matching(query, facet) & found
            chosen = set(map(str, getattr(query, facet)))
            counts = {str(value): (mask & held).bit_count() for value, held in self.masks[facet].items()}
            kept = [(value, count) for value, count in counts.items() if count or value in chosen]
            counted[facet] = dict(sorted(kept, key=lambda pair: (-pair[1], pair[0])))
        return counted

    def _possible(self, owned: Iterable[str]) -> int:
        mask = self.everything
        for equipment in sorted(self.needing.keys() - set(owned)):
            mask &= ~self.needing[equipment]
        return mask

    def _forbidden_by(self, condition: str) -> int:
        known = self._forbidden.get(condition)
        if known is None:
            united = self.rulebook.united([condition])
            known = _mask_of(self.rulebook.judge(id_, united).verdict is Verdict.FORBID for id_ in self.ids)
            self._forbidden[condition] = known
        return known

    def _refuse_unknown(self, query: ExerciseQuery) -> None:
        equipment = self.masks["equipment"].keys()
        asked = (
            ("region", query.region, self.masks["region"].keys()),
            ("muscle", query.muscle, self.masks["muscle"].keys()),
            ("topic", query.topic, self.masks["topic"].keys()),
            ("equipment", query.equipment, equipment),
            ("with_equipment", query.with_equipment, equipment),
            ("avoid", query.avoid, self.masks["avoid"].keys()),
            ("permitted_with", query.permitted_with, self.conditions),
        )
        unknown = [
            UnknownTerm(parameter, value, tuple(sorted(map(str, known))))
            for parameter, values, known in asked
            for value in values
            if value not in known
        ]
        if unknown:
            raise UnknownTermsError(unknown)


def build_filters(catalog: Catalog, rules: RuleSet, rulebook: Rulebook, changed_at: Mapping[str, datetime]) -> Filters:
    """Return the masks of a release; every id of the vocabulary is known, used or not."""
    ids = tuple(sorted(catalog.exercises))
    masks: dict[str, dict[object, int]] = {
        "region": dict.fromkeys(catalog.regions, 0),
        "muscle": dict.fromkeys(catalog.muscles, 0),
        "kind": dict.fromkeys(Kind, 0),
        "position": dict.fromkeys(Position, 0),
        "equipment": dict.fromkeys([*catalog.equipment, NONE], 0),
        "level": dict.fromkeys((1, 2, 3), 0),
        "topic": _topics(catalog, ids),
        "avoid": dict.fromkeys(catalog.properties, 0),
    }
    needing = dict.fromkeys(catalog.equipment, 0)
    for at, id_ in enumerate(ids):
        definition = catalog.exercises[id_]
        for parameter, values in _values(definition, rulebook).items():
            held = masks[parameter]
            for value in values:
                held[value] = held.get(value, 0) | 1 << at
        for equipment in definition.equipment:
            needing[equipment] = needing.get(equipment, 0) | 1 << at
    return Filters(
        ids=ids,
        everything=(1 << len(ids)) - 1,
        masks=masks,
        needing=needing,
        minutes=scale_of(minutes_of(catalog.exercises[id_]) for id_ in ids),
        changed=scale_of(changed_at[id_].timestamp() for id_ in ids),
        conditions=frozenset(rules.conditions),
        rulebook=rulebook,
    )


def _topics(catalog: Catalog, ids: Sequence[str]) -> dict[object, int]:
    bits = {id_: 1 << at for at, id_ in enumerate(ids)}
    return {
        key: reduce(or_, (bits[id_] for id_ in topic.exercises if id_ in bits), 0)
        for key, topic in catalog.topics.items()
    }


def minutes_of(definition: ExerciseDefinition) -> float:
    """Return how many minutes one round takes at the least general dose: both sides, every set, rests between sets."""
    return round(seconds_of(definition.dosage[Audience.GENERAL], LEAST) / 60, 1)


def _values(definition: ExerciseDefinition, rulebook: Rulebook) -> dict[str, Iterable[object]]:
    traits = rulebook.traits(definition.id)
    parents = rulebook.vocabulary.parents
    leaves = traits.leaves
    return {
        "region": {*definition.regions, *leaves, *(parent for leaf in leaves for parent in parents.get(leaf, ()))},
        "muscle": {*definition.muscles.primary, *definition.muscles.secondary},
        "kind": (definition.kind,),
        "position": (definition.position,),
        "equipment": {*definition.equipment, *definition.equipment_optional}
        | (set() if definition.equipment else {NONE}),
        "level": (definition.level,),
        "avoid": traits.properties,
    }


def _united(masks: Mapping[object, int], values: Iterable[object]) -> int:
    union = 0
    for value in values:
        union |= masks[value]
    return union


def _mask_of(passes: Iterable[bool]) -> int:
    mask = 0
    for at, passed in enumerate(passes):
        if passed:
            mask |= 1 << at
    return mask
