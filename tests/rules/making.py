"""Hand-made exercises, conditions, readings and releases for the tests of the rules."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from api.rules.preparation import Prepared, prepare
from api.rules.recommendation import recommend
from schemas.catalog import Catalog, ReleaseStamp, RuleSet, Tuning
from schemas.conditions import Condition
from schemas.exercises import ExerciseDefinition
from schemas.findings import Assessment, Finding, PersonFacts, Reading, Unplaced
from schemas.recommendations import Recommendation, RecommendationQuestion, RecommendedExercise
from schemas.regions import Cause, MovementProperty, Region
from schemas.vocabulary import Action, Disposition, Status

STAMP = ReleaseStamp(catalog="c", ruleset="r")
STOPPING = (Disposition.EMERGENCY, Disposition.URGENT, Disposition.ANSWER_FIRST)
CATALOG = Path(__file__).parents[2] / "data" / "catalog"


def rows(name: str, key: str, model: type[Any]) -> dict[str, Any]:
    document = tomllib.loads((CATALOG / f"{name}.toml").read_text(encoding="utf-8"))
    return {row["id"]: model.model_validate(row) for row in document[key]}


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
        kinds={},
        topics={},
        nicknames={},
        translations={},
        hash="small",
    )
    return prepare(catalog, RuleSet({each.id: each for each in conditions}, {}, {}, {}, tuning, "small"))


def answer(
    prepared: Prepared, said: Reading, disposition: Disposition = Disposition.CAUTION, **question: Any
) -> Recommendation:
    """The whole answer to `question` when this was understood and triage ended in `disposition`."""
    return recommend(RecommendationQuestion(**question), said, assessment(disposition), prepared, STAMP)


def sore(region: str, *conditions: str, person: PersonFacts | None = None, severity: int | None = None) -> Reading:
    known = [finding("condition", name, pointer=f"/conditions/{place}") for place, name in enumerate(conditions)]
    return reading(finding("region", region), *known, person=person, severity=severity)


def ids(given_answer: Recommendation) -> list[str]:
    return [offer.exercise.id for offer in given_answer.exercises]


def offered(given_answer: Recommendation, name: str) -> RecommendedExercise:
    return next(offer for offer in given_answer.exercises if offer.exercise.id == name)


def properties(given_answer: Recommendation) -> set[str]:
    return {each for offer in given_answer.exercises for each in offer.exercise.properties}
