"""The pages of the catalogue that no question changes: each exercise, the vocabulary, the release, the export."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic_core import to_json

from api.ready import Ready, ready
from api.rules.filters import Filters
from api.rules.lay_words import plain
from api.rules.triage import FALLBACK_COUNTRY, localised
from api.wording import Wording, languages_of
from data.releases import Release
from schemas.catalog import CatalogRelease, FlagSet, LexiconExport, RegionNode, RuleSet
from schemas.red_flags import RedFlag
from schemas.regions import Region
from schemas.translations import Translated

PAGES: Final = ("catalog", "regions", "muscles", "equipment", "conditions", "causes", "kinds", "topics", "red-flags")
LICENCE: Final = "CC BY 4.0"
ATTRIBUTION: Final = "Limber exercise catalogue, CC BY 4.0"
ALL_NOT_REVIEWED: Final = "No exercise of this release has been reviewed by a clinician yet."
SOME_REVIEWED: Final = "{reviewed} of {total} exercises have been reviewed by a clinician; each one says so."


def flag_as_served(flag: RedFlag, rules: RuleSet) -> RedFlag:
    """Return the flag with the advice for where nobody's country is known."""
    return flag.model_copy(update={"advice": localised(flag.advice, rules.numbers.get(FALLBACK_COUNTRY))})


def _flags(rules: RuleSet) -> list[RedFlag]:
    return [flag_as_served(flag, rules) for flag in sorted(rules.red_flags.values(), key=lambda flag: flag.id)]


def page_of(name: str, release: Release, filters: Filters, wording: Wording) -> Ready:
    """Return one of the pages: `PAGES`, and the lexicon."""
    catalog, rules = release.catalog, release.rules
    vocabulary: dict[str, tuple[Translated, Iterable[Any]]] = {
        "muscles": (Translated.MUSCLE, catalog.muscles.values()),
        "equipment": (Translated.EQUIPMENT, catalog.equipment.values()),
        "conditions": (Translated.CONDITION, rules.conditions.values()),
        "causes": (Translated.CAUSE, catalog.causes.values()),
        "kinds": (Translated.KIND, catalog.kinds.values()),
    }
    if name in vocabulary:
        kind, terms = vocabulary[name]
        return ready(_listing([_spoken(term, kind, wording) for term in terms]))
    if name == "topics":
        return ready(_listing(list(catalog.topics.values())))
    if name == "regions":
        return ready(_listing(region_tree(catalog.regions, filters, wording)))
    if name == "red-flags":
        questions = sorted(rules.questions.values(), key=lambda question: (question.priority, question.id))
        return ready(to_json(FlagSet(items=_flags(rules), questions=questions)))
    if name == "lexicon":
        concepts, emergencies = release.lexicon.concepts.values(), release.lexicon.emergency_words.values()
        found = LexiconExport.model_construct(
            catalog=described(release, filters), concepts=list(concepts), emergency_words=list(emergencies)
        )
        return ready(to_json(found))
    return ready(to_json(described(release, filters)))


def region_tree(regions: Mapping[str, Region], filters: Filters, wording: Wording) -> list[RegionNode]:
    """Return the regions as a tree, children by id."""
    children: dict[str | None, list[Region]] = {}
    for region in regions.values():
        children.setdefault(region.parent, []).append(region)

    def node(region: Region) -> RegionNode:
        below = [node(child) for child in children.get(region.id, ())]
        fields = _spoken(region, Translated.REGION, wording).__dict__
        return RegionNode(**fields, children=below, exercises=filters.count("region", region.id))

    return [node(region) for region in children.get(None, ())]


def described(release: Release, filters: Filters) -> CatalogRelease:
    """Return the release as clients see it."""
    catalog, rules = release.catalog, release.rules
    exercises = catalog.exercises
    reviewed = sum(bool(exercise.reviewed_by) for exercise in exercises.values())
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
            "topics": len(catalog.topics),
            "properties": len(catalog.properties),
            "conditions": len(rules.conditions),
            "red_flags": len(rules.red_flags),
            "questions": len(rules.questions),
        },
        exercises_per_region={region: filters.count("region", region) for region in sorted(catalog.regions)},
        languages=list(languages_of(catalog)),
        licence=LICENCE,
        attribution=ATTRIBUTION,
        reviewed_exercises=reviewed,
        review_notice=notice,
    )


def export(release: Release, filters: Filters, exercises: Sequence[bytes], cursor: str, wording: Wording) -> bytes:
    """Return the whole release as JSON, in the order of `CatalogExport`; the exercises are ready bytes already."""
    catalog, rules = release.catalog, release.rules

    def worded(kind: Translated, terms: Mapping[str, Any]) -> list[Any]:
        return [wording.applied(kind, term) for term in terms.values()]

    parts: dict[str, Any] = {
        "regions": worded(Translated.REGION, catalog.regions),
        "muscles": worded(Translated.MUSCLE, catalog.muscles),
        "equipment": worded(Translated.EQUIPMENT, catalog.equipment),
        "causes": worded(Translated.CAUSE, catalog.causes),
        "properties": list(catalog.properties.values()),
        "stop_rules": list(catalog.stop_rules.values()),
        "kinds": worded(Translated.KIND, catalog.kinds),
        "conditions": worded(Translated.CONDITION, rules.conditions),
        "red_flags": _flags(rules),
        "questions": list(rules.questions.values()),
        "numbers": list(rules.numbers.values()),
        "tuning": rules.tuning,
    }
    head = b'{"catalog":' + to_json(described(release, filters)) + b',"cursor":' + to_json(cursor)
    listed = b',"exercises":[' + b",".join(exercises) + b"],"
    return head + listed + to_json(parts)[1:]


def _spoken(term: Any, kind: Translated, wording: Wording) -> Any:
    lay_words = dict.fromkeys(spoken for phrase in term.lay_words for spoken in plain(phrase))
    return wording.applied(kind, term.model_copy(update={"lay_words": list(lay_words)}))


def _listing(items: list[Any]) -> bytes:
    return b'{"items":' + to_json(items) + b"}"
