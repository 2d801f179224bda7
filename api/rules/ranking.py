"""Which permitted exercise fits best: a score from named, visible parts, and an order without five of the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.rules.contraindications import Judgement, Traits
from api.rules.needs import Need
from api.rules.tuning import Numbers, Tables
from schemas.exercises import ExerciseDefinition
from schemas.regions import Region
from schemas.vocabulary import Evidence, Kind, Space, Verdict

NOWHERE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Profile:
    """What ranking looks at in an exercise, worked out once per release. `family` joins easier and harder variants."""

    id: str
    kind: Kind
    level: int
    has_easier: bool
    regions: Mapping[str, float]
    primary: frozenset[str]
    muscle_regions: tuple[frozenset[str], ...]
    causes: frozenset[str]
    conditions: frozenset[str]
    symptoms: frozenset[str]
    equipment: frozenset[str]
    space: Space
    upright: bool
    imported: bool
    family: str


@dataclass(frozen=True, slots=True)
class Scored:
    """An exercise with its score and the parts that add up to it, largest effect first."""

    id: str
    score: float
    parts: tuple[tuple[str, float], ...]


def muscle_regions_of(regions: Mapping[str, Region]) -> dict[str, frozenset[str]]:
    """Return the regions that each muscle belongs to."""
    muscles = {muscle for region in regions.values() for muscle in region.muscles}
    return {muscle: frozenset(key for key, region in regions.items() if muscle in region.muscles) for muscle in muscles}


def profile_of(
    definition: ExerciseDefinition, traits: Traits, family: str, muscle_regions: Mapping[str, frozenset[str]]
) -> Profile:
    """Return what ranking needs of an exercise."""
    primary = sorted(set(definition.muscles.primary))
    places = tuple(muscle_regions.get(muscle, NOWHERE) for muscle in primary)
    return Profile(
        id=definition.id,
        kind=definition.kind,
        level=definition.level,
        has_easier=bool(definition.easier),
        regions=definition.regions,
        primary=frozenset(primary),
        muscle_regions=places,
        causes=frozenset(definition.causes),
        conditions=frozenset(definition.conditions),
        symptoms=frozenset(definition.symptoms),
        equipment=frozenset(definition.equipment),
        space=definition.space,
        upright=traits.properties.isdisjoint({"floor", "hang", "squat"}),
        imported=definition.evidence is Evidence.IMPORTED,
        family=family,
    )


def families_of(exercises: Mapping[str, ExerciseDefinition]) -> dict[str, str]:
    """Return the family of each exercise: the smallest id among all that easier and harder links join with it."""
    family = {key: key for key in exercises}

    def root(key: str) -> str:
        while family[key] != key:
            key = family[key]
        return key

    for definition in exercises.values():
        for other in (*definition.easier, *definition.harder):
            if other in family:
                first, second = sorted((root(definition.id), root(other)))
                family[second] = first
    return {key: root(key) for key in exercises}


def score(profile: Profile, need: Need, judgement: Judgement, numbers: Numbers, tables: Tables) -> Scored:
    """Return the score of one exercise for one need. Every part is its weight times a fit of at most 1."""
    cautions = len({hit.rule for hit in judgement.hits if hit.verdict is Verdict.CAUTION})
    favoured = any(hit.verdict is Verdict.FAVOUR for hit in judgement.hits)
    suits = not profile.conditions.isdisjoint(need.conditions)
    irritable = need.severity is not None and need.severity >= numbers.irritable_from
    parts = (
        ("region_fit", numbers.weight_region * region_fit(profile, need, numbers)),
        ("muscle_fit", numbers.weight_muscle * _muscle_fit(profile, need)),
        ("cause_fit", numbers.weight_cause * _share(profile.causes, need.causes)),
        ("symptom_fit", numbers.weight_symptom * _share(profile.symptoms, need.symptoms)),
        ("condition_favour", numbers.weight_condition * (0.5 * favoured + 0.5 * suits)),
        ("caution_penalty", -numbers.weight_caution * min(cautions, numbers.caution_most)),
        ("level_fit", numbers.weight_level * _level_fit(profile, need.level, numbers)),
        ("equipment", numbers.weight_equipment * _equipment_fit(profile, need, tables)),
        ("position", numbers.weight_position * (profile.upright or need.positions is not None)),
        ("kind", tables.kind[profile.kind] * (not suits)),
        ("irritability", numbers.weight_irritability * tables.irritable[profile.kind] * irritable),
        ("history", _by_history(profile, need, numbers)),
        ("imported", -numbers.weight_imported * profile.imported),
    )
    kept = tuple((name, round(value, 4)) for name, value in parts if value)
    return Scored(profile.id, round(sum(value for _, value in kept), 4), kept)


def region_fit(profile: Profile, need: Need, numbers: Numbers) -> float:
    """Return 0 to 1: how well the exercise serves the asked regions, the best one first and a little for the others."""
    if not need.regions:
        return 0.0
    strongest = max(need.regions.values())
    fits = sorted(
        (
            weight * need.regions[region] / strongest
            for region, weight in profile.regions.items()
            if region in need.regions
        ),
        reverse=True,
    )
    if not fits:
        return 0.0
    return min(1.0, fits[0] + numbers.region_breadth * sum(fits[1:]))


def rank(
    scored: Sequence[Scored], profiles: Mapping[str, Profile], need: Need, limit: int, numbers: Numbers
) -> list[Scored]:
    """Return the best `limit`, chosen one after the other; each near-copy of one already chosen loses `variety`."""
    waiting = sorted(scored, key=lambda candidate: (-candidate.score, candidate.id))
    chosen: list[Scored] = []
    while waiting and len(chosen) < limit:
        best, penalty = _best(waiting, [profiles[other.id] for other in chosen], profiles, need, numbers)
        chosen.append(_with_variety(best, penalty))
        waiting.remove(best)
    return sorted(chosen, key=lambda candidate: (-candidate.score, candidate.id))


def _best(
    waiting: Sequence[Scored],
    picked: Sequence[Profile],
    profiles: Mapping[str, Profile],
    need: Need,
    numbers: Numbers,
) -> tuple[Scored, float]:
    best, least = waiting[0], _sameness(profiles[waiting[0].id], picked, need, numbers)
    for candidate in waiting[1:]:
        # Penalties only lower a score, so nothing further down the sorted list can win any more.
        if candidate.score < best.score - least:
            break
        penalty = _sameness(profiles[candidate.id], picked, need, numbers)
        if (penalty - candidate.score, candidate.id) < (least - best.score, best.id):
            best, least = candidate, penalty
    return best, least


def _with_variety(candidate: Scored, penalty: float) -> Scored:
    if not penalty:
        return candidate
    parts = (*candidate.parts, ("variety", -round(penalty, 4)))
    return Scored(candidate.id, round(candidate.score - penalty, 4), parts)


def _sameness(profile: Profile, picked: Sequence[Profile], need: Need, numbers: Numbers) -> float:
    penalty = 0.0
    for other in picked:
        if other.family == profile.family:
            penalty += numbers.variety_family
        elif other.kind is profile.kind and not other.primary.isdisjoint(profile.primary):
            penalty += numbers.variety_twin
    penalty = min(penalty, numbers.variety_most)
    if len(need.regions) > 1 and picked:
        place = _place(profile, need)
        crowd = sum(_place(other, need) == place for other in picked) / len(picked)
        fair = need.regions.get(place, 0.0) / sum(need.regions.values())
        penalty += numbers.variety_region * max(0.0, crowd - fair)
    return penalty


def _place(profile: Profile, need: Need) -> str:
    served = [
        (-weight * need.regions[region], region) for region, weight in profile.regions.items() if region in need.regions
    ]
    return min(served)[1] if served else ""


def _share(has: frozenset[str], wanted: Iterable[str]) -> float:
    wanted = frozenset(wanted)
    return len(has & wanted) / len(wanted) if wanted else 0.0


def _level_fit(profile: Profile, asked: int | None, numbers: Numbers) -> float:
    if asked is not None:
        return 1.0 - abs(asked - profile.level) / 2
    # Nothing is known of the person's level: the easy one first, and of two variants the easier.
    return 1.0 - (profile.level - 1) / 2 - numbers.variant_step * profile.has_easier


def _equipment_fit(profile: Profile, need: Need, tables: Tables) -> float:
    if profile.equipment:
        return 0.0 if need.equipment is None else 0.5
    return tables.space[profile.space]


def _by_history(profile: Profile, need: Need, numbers: Numbers) -> float:
    standing = need.history.exercises.get(profile.id)
    if standing is None:
        return 0.0
    return -numbers.weight_too_much if standing.was_too_much else numbers.weight_helped * standing.helps(numbers)


def _muscle_fit(profile: Profile, need: Need) -> float:
    # All asked regions count alike: a muscle either lies where it hurts or it does not.
    inside = sum(not places.isdisjoint(need.regions) for places in profile.muscle_regions)
    return inside / len(profile.muscle_regions)
