"""One example for each operation of overrides, by operation id."""

from typing import Any, Final

from api.access_examples import ACCOUNT_ID, PERSON_ID

OVERRIDE_ID: Final = "0199f3c1-4e20-7b91-8d3a-5a7e2c9b4f16"
ASKED: Final[dict[str, Any]] = {
    "exercise_id": "childs-pose",
    "conditions": ["osteoporosis"],
    "reason": "examined",
    "until": "2027-02-01T00:00:00Z",
}
OVERRIDE: Final[dict[str, Any]] = {
    "id": OVERRIDE_ID,
    "person_id": PERSON_ID,
    **ASKED,
    "created_at": "2026-11-22T10:00:00Z",
    "created_by": {"kind": "member", "id": ACCOUNT_ID},
    "ended_at": None,
    "ended_by": None,
}
EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "createOverride": {"request": ASKED, "response": OVERRIDE},
    "listOverrides": {"response": {"items": [OVERRIDE], "next": None}},
    "getOverride": {"response": OVERRIDE},
}
