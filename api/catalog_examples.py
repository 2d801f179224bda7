"""One example for each operation of the catalogue, by operation id."""

from typing import Any, Final

RELEASE: Final = {
    "catalog": "3f1c9a0e5b7d42c8a6e0f1d2c3b4a596",
    "ruleset": "b7a1d0c9e8f7061524334251607f8e9d",
}
EXERCISE: Final[dict[str, Any]] = {
    "id": "standing-mid-back-reach",
    "name": "Standing Mid-Back Reach",
    "aliases": ["Standing Rhomboid Stretch"],
    "lay_words": ["spot between my shoulder blades I can't reach"],
    "summary": "A standing stretch with clasped hands that draws the shoulder blades apart.",
    "setup": "Stand with your feet hip-width apart and your knees soft.",
    "steps": ["Stretch your arms out in front of you and clasp your fingers tightly.", "Hold for 10 to 20 seconds."],
    "cues": ["Imagine a large barrel between your arms and your chest."],
    "mistakes": ["Pulling with a jerk or bouncing."],
    "feel": "A broad, deep pull between your shoulder blades, with no pain.",
    "breathing": "Breathe in as you clasp your hands and out as your arms move down.",
    "stop_if": ["sharp_pain"],
    "kind": "static_stretch",
    "regions": {"mid_back": 1.0, "upper_trap": 0.5},
    "muscles": {"primary": ["rhomboids"], "secondary": ["neck_extensors"]},
    "movements": ["scapular protraction"],
    "position": "standing",
    "equipment": [],
    "equipment_optional": [],
    "space": "spot",
    "level": 1,
    "easier": ["seated-mid-back-reach"],
    "harder": ["door-frame-lean-back"],
    "properties": ["c-flex", "sc-prot", "standing", "static", "t-flex"],
    "properties_known": True,
    "dosage": {
        "general": {
            "hold_seconds": [10, 20],
            "repetitions": [3, 5],
            "duration_seconds": None,
            "repetition_seconds": 8,
            "sets": [1, 1],
            "rest_seconds": 10,
            "times_per_day": [1, 3],
            "days_per_week": [3, 7],
            "per_side": False,
        }
    },
    "causes": ["rowing", "slept_awkwardly"],
    "conditions": ["lbp_chronic"],
    "symptoms": ["stiff", "knot"],
    "contraindicated_with": ["vert_fracture"],
    "cautioned_with": ["osteoporosis"],
    "contraindication_notes": [
        {"code": "vert_fracture", "text": "Rounding the upper back presses on the front of the spinal bones."}
    ],
    "evidence": "expert_opinion",
    "source": "Usual practice; no trial of this stretch is known.",
    "reviewed_by": "",
    "reviewed_on": None,
    "reviewed_text": "",
    "device": {"healthkit": "flexibility", "health_connect_segment": "stretching"},
    "licence": "CC-BY-4.0",
    "revised_on": "2026-11-22",
    "stop_rules": [{"id": "sharp_pain", "text": "Stop when the pain turns sharp."}],
    "minutes": 0.9,
    "changed_at": "2026-11-22T00:00:00Z",
    "reviewed": False,
    "review_notice": "Not reviewed by a clinician.",
    "language": "en",
    "translated_fields": [],
    "translated": True,
}
REGION: Final[dict[str, Any]] = {
    "id": "mid_back",
    "parent": "back",
    "name": "Mid and upper back",
    "lay_words": ["between shoulder blades", "bra strap line"],
    "muscles": ["rhomboids", "trapezius_middle"],
    "icd10": ["M54.6"],
    "icf": ["s76001"],
    "ask_first": ["chest_pressure"],
}
MUSCLE: Final = {
    "id": "rhomboids",
    "name": "Rhomboids",
    "lay_words": ["muscles between shoulder blades"],
    "regions": ["mid_back"],
}
EQUIPMENT: Final = {"id": "chair", "name": "Chair", "lay_words": ["kitchen chair"]}
CAUSE: Final = {
    "id": "rowing",
    "name": "Rowing",
    "lay_words": ["rowing machine"],
    "regions": {"mid_back": 0.6},
    "mechanical": True,
}
CONDITION: Final[dict[str, Any]] = {
    "id": "sciatica",
    "name": "Sciatica",
    "lay_words": ["sciatic nerve"],
    "regions": ["low_back"],
    "scoped": False,
    "forbid": ["neural-tension"],
    "caution": ["l-flex-end"],
    "favour": ["walk"],
    "because": "An irritated leg nerve is easily provoked by pulling on it.",
    "note": "",
    "level": None,
    "clearance_required": False,
    "green_only": True,
    "gentle_start": False,
    "max_hold_seconds": None,
    "unites": [],
    "source": "JOSPT low back pain guideline 2021",
    "version": 1,
}
FLAG: Final[dict[str, Any]] = {
    "id": "cauda_equina",
    "version": 1,
    "name": "Numb between the legs, or bladder and bowel changes",
    "level": "emergency",
    "concern": "Pressure on the nerves at the end of the spine",
    "reason": "This can sometimes be pressure on nerves that needs treatment within hours.",
    "action": "call_emergency",
    "advice": "Go to an emergency department now.",
    "cases": [
        {
            "all_of": ["saddle_numbness"],
            "any_of": [],
            "at_least": 1,
            "none_of": [],
            "min_age": None,
            "max_age": None,
            "level": None,
        }
    ],
    "persists_when_cleared": True,
    "source": "NICE NG59",
    "positive": ["numb between my legs"],
    "negative": ["my legs are tired"],
}
QUESTION: Final[dict[str, Any]] = {
    "id": "saddle_numbness",
    "text": "Is there numbness between your legs?",
    "blocking": True,
    "regions": ["low_back"],
    "when": [],
    "priority": 10,
    "answered_by": ["saddle_numbness"],
    "source": "NICE NG59",
}
CATALOG: Final[dict[str, Any]] = {
    "release": RELEASE,
    "loaded_at": "2026-11-22T00:00:00Z",
    "counts": {"exercises": 120, "regions": 39},
    "exercises_per_region": {"mid_back": 24},
    "languages": ["en"],
    "licence": "CC BY 4.0",
    "attribution": "Limber exercise catalogue, CC BY 4.0",
    "reviewed_exercises": 0,
    "review_notice": "No exercise of this release has been reviewed by a clinician yet.",
}
TUNING: Final[dict[str, Any]] = {
    "values": {"strong_pain_from": 6},
    "texts": {"safety_net": "If it is no better in two weeks, see a clinician."},
    "gates": [],
    "implied_conditions": {"person.pregnant": "pregnancy"},
    "source": "Editorial judgement",
}
TOPIC: Final = {
    "id": "rowing_session",
    "name": "After rowing",
    "lay_words": ["rowing", "rowing machine"],
    "exercises": ["standing-mid-back-reach"],
}
KIND: Final = {"id": "static_stretch", "name": "Stretch, held", "lay_words": ["static stretch"]}
CURSOR: Final = "WzEsImNoYW5nZWQiLCI3NDIzNGU5OGFmZTciLFtbIjViMWYiLDEsIn4iLCIiXSxudWxsXSwwXQ"
EXPORT: Final[dict[str, Any]] = {
    "catalog": CATALOG,
    "cursor": CURSOR,
    "exercises": [EXERCISE],
    "regions": [REGION],
    "muscles": [MUSCLE],
    "equipment": [EQUIPMENT],
    "causes": [CAUSE],
    "properties": [
        {
            "id": "t-flex",
            "name": "Upper back rounding",
            "phrase": "rounds the upper back",
            "derived": False,
            "supported_by": ["thoracic flexion"],
        }
    ],
    "stop_rules": EXERCISE["stop_rules"],
    "kinds": [KIND],
    "conditions": [CONDITION],
    "red_flags": [FLAG],
    "questions": [QUESTION],
    "numbers": [
        {"country": "ZZ", "emergency": "your local emergency number", "advice": "", "crisis": "", "source": "Fallback"}
    ],
    "tuning": TUNING,
}

EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "listExercises": {
        "items": [EXERCISE],
        "next": None,
        "matches": {"standing-mid-back-reach": ["lay_words", "regions"]},
        "facets": {"kind": {"static_stretch": 41, "mobility": 12}},
        "matching": 53,
    },
    "getExercise": EXERCISE,
    "listRegions": {"items": [{**REGION, "children": [], "exercises": 24}]},
    "listMuscles": {"items": [MUSCLE]},
    "listEquipment": {"items": [EQUIPMENT]},
    "listConditions": {"items": [CONDITION]},
    "listKinds": {"items": [KIND]},
    "listTopics": {"items": [TOPIC]},
    "listCauses": {"items": [CAUSE]},
    "listRedFlags": {"items": [FLAG], "questions": [QUESTION]},
    "getCatalog": CATALOG,
    "exportCatalog": EXPORT,
    "exportLexicon": {"catalog": CATALOG, "concepts": [], "emergency_words": []},
    "listCatalogChanges": {
        "catalog": CATALOG,
        "items": [
            {"kind": "equipment", "id": "chair", "removed": False, "document": EQUIPMENT},
            {"kind": "exercise", "id": "cat-cow", "removed": True, "document": None},
        ],
        "next": CURSOR,
        "more": False,
    },
}


def example(operation_id: str) -> dict[int | str, dict[str, Any]]:
    """Return the part of a route's `responses` that shows the example of its success."""
    return {200: {"content": {"application/json": {"example": EXAMPLES[operation_id]}}}}
