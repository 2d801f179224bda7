"""The answer to the example question of the contract, with one of each kind of thing."""

from typing import Any, Final

RECOMMENDATION: Final[dict[str, Any]] = {
    "id": None,
    "triage": {
        "disposition": "caution",
        "flags": [],
        "action": "self_care",
        "advice": "Start gently, and please answer the open questions: some answers would change this advice.",
    },
    "screening": {
        "complete": False,
        "open": [
            {
                "id": "chest_pressure",
                "text": "Do you have pain, pressure, tightness or heaviness in your chest, or are you short of breath?",
                "blocking": False,
            }
        ],
    },
    "understood": {
        "regions": [
            {
                "region": "mid_back",
                "status": "present",
                "side": "unknown",
                "severity": None,
                "confidence": 0.95,
                "source": "/text",
                "span": [5, 31],
            }
        ],
        "causes": [{"kind": "cause", "id": "rowing", "status": "present", "source": "/text", "span": [38, 48]}],
        "conditions": [],
        "qualities": [{"kind": "quality", "id": "ache", "status": "present", "source": "/text", "span": [0, 4]}],
        "patterns": [],
        "signs": [],
        "denied": [],
        "ignored": [],
        "unknown": [],
        "equipment": None,
        "positions": None,
        "age": 41,
        "pregnant": None,
        "pregnancy_weeks": None,
        "severity": None,
        "duration_days": None,
        "subject": "self",
    },
    "exercises": [
        {
            "rank": 1,
            "score": 7.075,
            "score_parts": [
                {"part": "region_fit", "value": 3.0},
                {"part": "muscle_fit", "value": 0.4},
                {"part": "cause_fit", "value": 1.5},
                {"part": "symptom_fit", "value": 0.8},
                {"part": "level_fit", "value": 0.375},
                {"part": "equipment", "value": 0.4},
                {"part": "position", "value": 0.3},
                {"part": "kind", "value": 0.3},
            ],
            "exercise": {
                "id": "standing-mid-back-reach",
                "name": "Standing Mid-Back Reach",
                "summary": "A standing stretch with clasped hands that draws the shoulder blades "
                "apart. It is felt deep between the shoulder blades, in the rhomboids, "
                "which lie under another muscle and are hard to reach with your own "
                "hands.",
                "kind": "static_stretch",
                "regions": {"mid_back": 1.0, "upper_trap": 0.5},
                "muscles": {
                    "primary": ["rhomboids", "trapezius_middle"],
                    "secondary": ["thoracic_erectors", "trapezius_lower", "neck_extensors"],
                },
                "properties": ["c-flex", "sc-prot", "standing", "static", "t-flex"],
                "equipment": [],
                "equipment_optional": [],
                "space": "spot",
                "position": "standing",
                "level": 1,
                "evidence": "expert_opinion",
            },
            "reasons": [
                {
                    "code": "region",
                    "text": "It is aimed at the mid and upper back and works mainly on: rhomboids and "
                    "middle trapezius.",
                },
                {"code": "cause", "text": "It fits what brought it on: rowing or rowing exercises."},
                {"code": "symptom", "text": "People often choose it for this kind of trouble: ache."},
                {
                    "code": "evidence",
                    "text": "It is usual practice for comfort; no study has tested this one exercise by itself.",
                },
            ],
            "dosage": {
                "hold_seconds": [10, 20],
                "repetitions": [3, 5],
                "duration_seconds": None,
                "sets": [1, 1],
                "rest_seconds": 10,
                "times_per_day": [1, 3],
                "days_per_week": [3, 7],
                "per_side": False,
                "sides": ["both"],
                "rule": "general",
                "text": "Hold 10 to 20 seconds, 3 to 5 times, 1 to 3 times a day, 3 to 7 days a week.",
            },
            "cautions": [],
            "stop_if": [{"code": "sharp_pain", "text": "Stop if the pain turns sharp or stabbing."}],
        }
    ],
    "excluded": [],
    "excluded_count": 0,
    "routine": {
        "minutes": 2.33,
        "items": [
            {
                "exercise_id": "standing-mid-back-reach",
                "start_second": 0,
                "seconds": 140,
                "side": "both",
                "cue": "Imagine a large barrel between your arms and your chest.",
                "rest_seconds": 0,
            }
        ],
        "left_out": [],
    },
    "education": [
        (
            "Begin with one or two of these, gently, and see how it feels the next morning before you do "
            "more. Please answer the open questions: some answers change what is advisable."
        )
    ],
    "safety_net": "If it is no better in two weeks, if it gets worse, or if new signs appear (numbness or "
    "weakness, changes in bladder or bowel control, numbness between the legs, chest pain or "
    "breathlessness, fever, weight loss you cannot explain, pain that wakes you at night), stop and "
    "see a clinician; with chest pain, breathlessness or sudden weakness call your local emergency "
    "number.",
    "release": {"catalog": "6f1c0a4be1d2c3f4", "ruleset": "0b9d7e5a13c2f486"},
    "disclaimer": {
        "code": "information_not_diagnosis",
        "text": "This is general information about exercises. It is not a medical opinion and does not "
        "replace one. The content has not been reviewed by a clinician. You decide what you "
        "do, and you stop when it does not feel right.",
    },
}

TRIAGE: Final[dict[str, Any]] = {
    name: RECOMMENDATION[name] for name in ("triage", "screening", "understood", "safety_net", "release", "disclaimer")
}

EXPLAINED: Final[dict[str, Any]] = {
    "exercise_id": "standing-mid-back-reach",
    "question": {"text": "sore between my shoulder blades"},
}
EXPLANATION: Final[dict[str, Any]] = {
    "exercise": RECOMMENDATION["exercises"][0]["exercise"],
    "standing": "offered",
    "rank": 1,
    "explanation": "Standing Mid-Back Reach is number 1 for what you told us.",
    "reasons": RECOMMENDATION["exercises"][0]["reasons"],
    "cautions": [],
    "excluded": None,
    **{name: RECOMMENDATION[name] for name in ("triage", "release", "disclaimer")},
}
