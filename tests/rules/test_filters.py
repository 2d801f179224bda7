"""Every filter against the plain definition of what it means."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.rules.contraindications import Rulebook, vocabulary_of
from api.rules.filters import Filters, UnknownTermsError, build_filters, minutes_of
from api.rules.properties import all_properties
from data.catalog.documents import CatalogDocument
from data.catalog.loader import assemble
from schemas.catalog import Catalog
from schemas.exercises import ExerciseDefinition, ExerciseQuery
from schemas.vocabulary import Verdict

DAY = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def release(documents: list[CatalogDocument]) -> tuple[Catalog, Filters]:
    catalog, rules, _ = assemble((item.kind, item.id, item.document) for item in documents)
    rulebook = Rulebook(catalog, rules, vocabulary_of(catalog.properties, catalog.regions))
    changed = {id_: DAY + timedelta(days=number % 3) for number, id_ in enumerate(sorted(catalog.exercises))}
    return catalog, build_filters(catalog, rules, rulebook, changed)


def passing(release: tuple[Catalog, Filters], **query: Any) -> set[str]:
    filters = release[1]
    mask = filters.matching(ExerciseQuery(**query))
    return {id_ for number, id_ in enumerate(filters.ids) if mask >> number & 1}


def expected(release: tuple[Catalog, Filters], test: Callable[[ExerciseDefinition], Any]) -> set[str]:
    return {exercise.id for exercise in release[0].exercises.values() if test(exercise)}


CASES: list[tuple[dict[str, Any], Callable[[ExerciseDefinition], Any]]] = [
    ({}, lambda one: True),
    ({"region": ["mid_back"]}, lambda one: {"mid_back", "back"} & one.regions.keys()),
    ({"region": ["mid_back", "calf"]}, lambda one: {"mid_back", "back", "calf", "leg"} & one.regions.keys()),
    ({"region": ["back"]}, lambda one: {"mid_back", "low_back", "back"} & one.regions.keys()),
    ({"muscle": ["rhomboids"]}, lambda one: "rhomboids" in [*one.muscles.primary, *one.muscles.secondary]),
    ({"kind": ["breathing", "mobility"]}, lambda one: one.kind in {"breathing", "mobility"}),
    ({"position": ["seated"], "level": [1]}, lambda one: one.position == "seated" and one.level == 1),
    ({"equipment": ["none"]}, lambda one: not one.equipment),
    ({"equipment": ["chair"]}, lambda one: "chair" in [*one.equipment, *one.equipment_optional]),
    ({"with_equipment": ["chair", "mat"]}, lambda one: set(one.equipment) <= {"chair", "mat"}),
    ({"with_equipment": ["none"]}, lambda one: not one.equipment),
    ({"avoid": ["l-flex", "floor"]}, lambda one: not {"l-flex", "floor"} & all_properties(one)),
    ({"max_minutes": 2}, lambda one: minutes_of(one) <= 2),
]


@pytest.mark.parametrize(("query", "test"), CASES, ids=[str(query) for query, _ in CASES])
def test_a_filter_means_what_it_says(
    release: tuple[Catalog, Filters], query: dict[str, Any], test: Callable[[ExerciseDefinition], Any]
) -> None:
    assert passing(release, **query) == expected(release, test)


def test_permitted_with_leaves_out_what_any_condition_forbids(release: tuple[Catalog, Filters]) -> None:
    rulebook = release[1].rulebook

    def allowed(exercise: ExerciseDefinition, *conditions: str) -> bool:
        return rulebook.judge(exercise.id, rulebook.united(conditions)).verdict is not Verdict.FORBID

    for conditions in (["sciatica"], ["osteoporosis"], ["sciatica", "osteoporosis"], ["pregnancy"]):
        chosen = passing(release, permitted_with=conditions)
        assert chosen == {one.id for one in release[0].exercises.values() if allowed(one, *conditions)}
        assert chosen < set(release[1].ids)


def test_updated_since_counts_the_instant_itself(release: tuple[Catalog, Filters]) -> None:
    ids = release[1].ids
    assert passing(release, updated_since="2026-11-22T00:00:00Z") == set(ids)
    assert passing(release, updated_since="2026-11-23T00:00:00Z") == {
        id_ for number, id_ in enumerate(ids) if number % 3 >= 1
    }
    assert passing(release, updated_since="2026-11-24T00:00:01Z") == set()


def test_unknown_ids_are_named(release: tuple[Catalog, Filters]) -> None:
    with pytest.raises(UnknownTermsError) as caught:
        passing(release, region=["midback"], avoid=["t-flex"], permitted_with=["sciatic"])
    assert [(term.parameter, term.value) for term in caught.value.terms] == [
        ("region", "midback"),
        ("permitted_with", "sciatic"),
    ]
