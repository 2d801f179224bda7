import pytest

from api.rules.preparation import Prepared
from api.rules.properties import BY_KIND, BY_POSITION, DERIVED, all_properties
from schemas.vocabulary import Kind, Position
from tests.rules.making import exercise


def test_every_kind_and_position_has_its_properties() -> None:
    assert set(BY_KIND) == set(Kind)
    assert set(BY_POSITION) == set(Position)


@pytest.mark.parametrize(
    ("kind", "position", "expected"),
    [
        ("static_stretch", "standing", {"static", "standing"}),
        ("mobility", "quadruped", {"dynamic", "kneel", "floor"}),
        ("eccentric", "standing", {"eccentric", "resist", "standing"}),
        ("pnf", "supine", {"pnf", "iso-hold", "supine", "floor"}),
        ("breathing", "side_lying", {"breath", "relax", "side-lying", "floor"}),
        ("nerve_tensioner", "seated", {"neural-tension", "seated"}),
        ("dynamic", "walking", {"dynamic", "walk"}),
        ("passive", "long_sit", {"passive", "floor"}),
        ("strength", "squat", {"resist", "squat"}),
        ("isometric", "hanging", {"iso-hold", "hang"}),
    ],
)
def test_derived_properties_follow_from_kind_and_position(kind: str, position: str, expected: set[str]) -> None:
    assert all_properties(exercise(kind=kind, position=position)) == expected


def test_stored_properties_are_kept() -> None:
    assert all_properties(exercise(properties=["t-flex"])) == {"t-flex", "static", "standing"}


def test_no_shipped_exercise_stores_a_derived_property(shipped: Prepared) -> None:
    wrong = {key: DERIVED & set(each.properties) for key, each in shipped.catalog.exercises.items()}
    assert {key: found for key, found in wrong.items() if found} == {}
