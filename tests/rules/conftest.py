"""Hand-made exercises, conditions and readings for the tests of the rules, and the shipped catalogue."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.rules.recommendation import Prepared, prepare
from schemas.catalog import Catalog, RuleSet, Tuning
from schemas.conditions import Condition
from schemas.exercises import ExerciseDefinition, StopRule
from schemas.findings import Assessment, Finding, PersonFacts, Reading, Unplaced
from schemas.recommendations import Recommendation
from schemas.regions import Cause, Equipment, MovementProperty, Muscle, Region
from schemas.vocabulary import Action, Disposition, Status

CATALOG = Path(__file__).parents[2] / "data" / "catalog"
Answer = Callable[..., Recommendation]


def rows(name: str, key: str, model: type[Any]) -> dict[str, Any]:
    document = tomllib.loads((CATALOG / f"{name}.toml").read_text(encoding="utf-8"))
    return {row["id"]: model.model_validate(row) for row in document[key]}


@pytest.fixture(scope="session")
def tuning() -> Tuning:
    return Tuning.model_validate(tomllib.loads((CATALOG / "tuning.toml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def shipped(tuning: Tuning) -> Prepared:
    """The exercises, conditions and vocabulary that ship, ready for answering; flags and questions left out."""
    files = sorted((CATALOG / "exercises").glob("*.toml"))
    definitions = [
        ExerciseDefinition.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))) for path in files
    ]
    catalog = Catalog(
        exercises={definition.id: definition for definition in definitions},
        regions=rows("regions", "region", Region),
        muscles=rows("muscles", "muscle", Muscle),
        equipment=rows("equipment", "equipment", Equipment),
        causes=rows("causes", "cause", Cause),
        properties=rows("properties", "property", MovementProperty),
        stop_rules=rows("stop_rules", "stop_rule", StopRule),
        hash="shipped",
    )
    return prepare(catalog, RuleSet(rows("conditions", "condition", Condition), {}, {}, {}, tuning, "shipped"))


def exercise(name: str = "plain-stretch", **changes: Any) -> ExerciseDefinition:
    """A plain static stretch for the mid back, changed as asked."""
    fields: dict[str, Any] = {
        "id": name,
        "name": name.replace("-", " ").title(),
        "summary": "A plain movement that stands in for a real one.",
        "setup": "Stand with room around you.",
        "steps": ["Begin.", "End."],
        "cues": ["Breathe."],
        "mistakes": ["Holding the breath."],
        "feel": "A mild pull, no pain.",
        "breathing": "Easily.",
        "stop_if": ["sharp_pain"],
        "kind": "static_stretch",
        "regions": {"mid_back": 1.0},
        "muscles": {"primary": ["rhomboids"]},
        "movements": [],
        "position": "standing",
        "space": "spot",
        "level": 1,
        "dosage": {"general": {"hold_seconds": (20, 30), "repetitions": (2, 4)}},
        "evidence": "expert_opinion",
        "source": "Test",
        "device": {"healthkit": "flexibility", "health_connect_segment": "stretching"},
        "revised_on": date(2026, 1, 1),
    }
    return ExerciseDefinition.model_validate({**fields, **changes})


def condition(name: str, **changes: Any) -> Condition:
    """A condition that says nothing yet, changed as asked."""
    return Condition.model_validate(
        {"id": name, "name": name.title(), "because": f"{name} calls for care.", "source": "Test", **changes}
    )


def finding(kind: str, name: str, **changes: Any) -> Finding:
    """A thing said in the text, present and certain, changed as asked."""
    fields: dict[str, Any] = {"status": Status.PRESENT, "confidence": 1.0, "pointer": "/text", "span": (0, 1)}
    return Finding(kind=kind, id=name, **{**fields, **changes})


def reading(
    *findings: Finding,
    person: PersonFacts | None = None,
    severity: int | None = None,
    unplaced: Sequence[Unplaced] = (),
) -> Reading:
    """What was understood: these findings and nothing else."""
    return Reading(
        findings=findings,
        unplaced=tuple(unplaced),
        person=person or PersonFacts(),
        severity=severity,
        duration_days=None,
        facts=frozenset(f"{each.kind}.{each.id}" for each in findings if each.status is Status.PRESENT),
        uncertain_facts=frozenset(),
        recent_facts=frozenset(),
        denied_facts=frozenset(),
        foreign_emergency=False,
        nothing_understood=not findings,
    )


def assessment(disposition: Disposition = Disposition.CAUTION) -> Assessment:
    """A triage that ends in `disposition`, with nothing fired and nothing open."""
    return Assessment(disposition, (), Action.SELF_CARE, "", (), frozenset(), True)


def release(
    tuning: Tuning,
    exercises: Sequence[ExerciseDefinition],
    conditions: Sequence[Condition] = (),
    causes: Mapping[str, Cause] | None = None,
) -> Prepared:
    """A small release of hand-made exercises and conditions with the shipped regions and numbers."""
    catalog = Catalog(
        exercises={each.id: each for each in exercises},
        regions=rows("regions", "region", Region),
        muscles={},
        equipment={},
        causes=causes or {},
        properties=rows("properties", "property", MovementProperty),
        stop_rules={},
        hash="small",
    )
    return prepare(catalog, RuleSet({each.id: each for each in conditions}, {}, {}, {}, tuning, "small"))
