"""The shipped numbers and the shipped catalogue, for the tests of the rules."""

import tomllib

import pytest

from api.rules.preparation import Prepared, prepare
from api.rules.tuning import Numbers, numbers_of
from data.catalog.documents import CatalogDocument
from data.catalog.loader import assemble
from schemas.catalog import Catalog, Lexicon, RuleSet, Tuning
from schemas.conditions import Condition
from schemas.exercises import ExerciseDefinition, StopRule
from schemas.regions import Cause, Equipment, MovementProperty, Muscle, Region
from tests.rules.making import CATALOG, rows


@pytest.fixture(scope="session")
def tuning() -> Tuning:
    return Tuning.model_validate(tomllib.loads((CATALOG / "tuning.toml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def numbers(tuning: Tuning) -> Numbers:
    return numbers_of(tuning)


@pytest.fixture(scope="session")
def shipped(tuning: Tuning) -> Prepared:
    """The exercises, conditions and vocabulary that ship, ready for answering; flags and questions left out."""
    files = sorted((CATALOG / "exercises").glob("*.toml"))
    definitions = [ExerciseDefinition.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))) for path in files]
    catalog = Catalog(
        exercises={definition.id: definition for definition in definitions},
        regions=rows("regions", "region", Region),
        muscles=rows("muscles", "muscle", Muscle),
        equipment=rows("equipment", "equipment", Equipment),
        causes=rows("causes", "cause", Cause),
        properties=rows("properties", "property", MovementProperty),
        stop_rules=rows("stop_rules", "stop_rule", StopRule),
        kinds={},
        topics={},
        nicknames={},
        translations={},
        hash="shipped",
    )
    return prepare(catalog, RuleSet(rows("conditions", "condition", Condition), {}, {}, {}, tuning, "shipped"))


@pytest.fixture(scope="module")
def parts(documents: list[CatalogDocument]) -> tuple[Catalog, RuleSet, Lexicon]:
    """The whole release as it ships."""
    return assemble((item.kind, item.id, item.document) for item in documents)


@pytest.fixture(scope="module")
def ids(parts: tuple[Catalog, RuleSet, Lexicon]) -> list[str]:
    """The exercises in id order, as the search numbers them."""
    return sorted(parts[0].exercises)
