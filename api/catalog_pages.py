"""The pages of the catalogue that no question changes: each exercise, the vocabulary, the release, the export."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import to_json

from api.ready import Ready, ready
from api.rules.filters import Filters, minutes_of
from api.rules.lay_words import plain
from api.rules.triage import FALLBACK_COUNTRY, localised
from data.releases import Release
from schemas.catalog import CatalogRelease, FlagSet, RegionNode, RuleSet
from schemas.exercises import Exercise, ExerciseDefinition
from schemas.red_flags import RedFlag
from schemas.regions import Region

PAGES: Final = ("catalog", "regions", "muscles", "equipment", "conditions", "causes", "red-flags", "export")
LANGUAGE: Final = "en"
LICENCE: Final = "CC BY 4.0"
ATTRIBUTION: Final = "Limber exercise catalogue, CC BY 4.0"
NOT_REVIEWED: Final = "Not reviewed by a clinician."
ALL_NOT_REVIEWED: Final = "No exercise of this release has been reviewed by a clinician yet."
SOME_REVIEWED: Final = "{reviewed} of {total} exercises have been reviewed by a clinician; each one says so."


def _flags(rules: RuleSet) -> list[RedFlag]:
    # Where nobody's country is known the advice names no country's numbers.
    anywhere = rules.numbers.get(FALLBACK_COUNTRY)
    flags = sorted(rules.red_flags.values(), key=lambda flag: flag.id)
    return [flag.model_copy(update={"advice": localised(flag.advice, anywhere)}) for flag in flags]


def exercise_bytes(definition: ExerciseDefinition, release: Release, properties: Iterable[str]) -> bytes:
    """Return the public shape of an exercise as JSON; `translated` stands last."""
    shape = public_exercise(definition, release, properties)
    return shape.__pydantic_serializer__.to_json(shape)


def public_exercise(definition: ExerciseDefinition, release: Release, properties: Iterable[str]) -> Exercise:
    """Return the public shape of an exercise; the definition was validated when it was read."""
    reviewed = bool(definition.reviewed_by) and definition.reviewed_on is not None
    stop_rules = release.catalog.stop_rules
    fields: dict[str, Any] = {
        **definition.__dict__,
        "properties": sorted(properties),
        "stop_rules": [stop_rules[code] for code in definition.stop_if if code in stop_rules],
        "minutes": minutes_of(definition),
        "changed_at": release.changed_at[definition.id],
        "reviewed": reviewed,
        "review_notice": _review_of(definition) if reviewed else NOT_REVIEWED,
        "language": LANGUAGE,
        "translated": True,
    }
    return Exercise.model_construct(**fields)


def page_of(name: str, release: Release, filters: Filters, exercises: Sequence[bytes]) -> Ready:
    """Return one of the pages: regions, muscles, equipment, conditions, causes, red-flags, catalog, export."""
    catalog, rules = release.catalog, release.rules
    vocabulary: dict[str, Iterable[BaseModel]] = {
        "muscles": catalog.muscles.values(),
        "equipment": catalog.equipment.values(),
        "conditions": rules.conditions.values(),
        "causes": catalog.causes.values(),
    }
    if name in vocabulary:
        return ready(_listing([_spoken(term) for term in vocabulary[name]]))
    if name == "regions":
        return ready(_listing(region_tree(catalog.regions, filters)))
    if name == "red-flags":
        questions = sorted(rules.questions.values(), key=lambda question: (question.priority, question.id))
        return ready(to_json(FlagSet(items=_flags(rules), questions=questions)))
    if name == "catalog":
        return ready(to_json(described(release, filters)))
    return ready(export(release, filters, exercises))


def region_tree(regions: Mapping[str, Region], filters: Filters) -> list[RegionNode]:
    """Return the regions as a tree, children by id."""
    children: dict[str | None, list[Region]] = {}
    for region in regions.values():
        children.setdefault(region.parent, []).append(region)

    def node(region: Region) -> RegionNode:
        below = [node(child) for child in children.get(region.id, ())]
        fields = _spoken(region).__dict__
        return RegionNode(**fields, children=below, exercises=filters.count("region", region.id))

    return [node(region) for region in children.get(None, ())]


def described(release: Release, filters: Filters) -> CatalogRelease:
    """Return the release as clients see it."""
    catalog, rules = release.catalog, release.rules
    exercises = catalog.exercises.values()
    reviewed = sum(1 for exercise in exercises if exercise.reviewed_by and exercise.reviewed_on is not None)
    notice = SOME_REVIEWED.format(reviewed=reviewed, total=len(exercises)) if reviewed else ALL_NOT_REVIEWED
    return CatalogRelease(
        release=release.stamp,
        loaded_at=release.loaded_at,
        counts={
            "exercises": len(exercises),
            "retired_exercises": len(release.retired),
            "regions": len(catalog.regions),
            "muscles": len(catalog.muscles),
            "equipment": len(catalog.equipment),
            "causes": len(catalog.causes),
            "properties": len(catalog.properties),
            "conditions": len(rules.conditions),
            "red_flags": len(rules.red_flags),
            "questions": len(rules.questions),
        },
        exercises_per_region={region: filters.count("region", region) for region in sorted(catalog.regions)},
        languages=[LANGUAGE],
        licence=LICENCE,
        attribution=ATTRIBUTION,
        reviewed_exercises=reviewed,
        review_notice=notice,
    )


def export(release: Release, filters: Filters, exercises: Sequence[bytes]) -> bytes:
    """Return the whole release as JSON, in the order of `CatalogExport`; the exercises are ready bytes already."""
    catalog, rules, lexicon = release.catalog, release.rules, release.lexicon
    parts: dict[str, Any] = {
        "regions": list(catalog.regions.values()),
        "muscles": list(catalog.muscles.values()),
        "equipment": list(catalog.equipment.values()),
        "causes": list(catalog.causes.values()),
        "properties": list(catalog.properties.values()),
        "stop_rules": list(catalog.stop_rules.values()),
        "conditions": list(rules.conditions.values()),
        "red_flags": _flags(rules),
        "questions": list(rules.questions.values()),
        "concepts": list(lexicon.concepts.values()),
        "emergency_words": list(lexicon.emergency_words),
        "numbers": list(rules.numbers.values()),
        "tuning": rules.tuning,
    }
    head = b'{"catalog":' + to_json(described(release, filters))
    listed = b',"exercises":[' + b",".join(exercises) + b"],"
    return head + listed + to_json(parts)[1:]


def _review_of(definition: ExerciseDefinition) -> str:
    return f"Reviewed by {definition.reviewed_by} on {definition.reviewed_on}."


def _spoken(term: Any) -> Any:
    lay_words = dict.fromkeys(spoken for phrase in term.lay_words for spoken in plain(phrase))
    return term.model_copy(update={"lay_words": list(lay_words)})


def _listing(items: list[Any]) -> bytes:
    return b'{"items":' + to_json(items) + b"}"
