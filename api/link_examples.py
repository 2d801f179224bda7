"""One example for each operation of links, by operation id."""

from typing import Any, Final

from api.access_examples import PERSON_ID

LINK_ID: Final = "0199f3b0-3d10-7a44-8e5b-2c6f9d1a7b30"
CLINIC_ID: Final = "0199f3af-11c2-7d08-a4e7-9b3c5d2f8e61"
GIVEN: Final = {
    "sessions": True,
    "progress": True,
    "recommendations": False,
    "covers_from": "2026-11-01T00:00:00Z",
    "covers_until": None,
    "wording": "2026-11",
}
LINK: Final[dict[str, Any]] = {
    "id": LINK_ID,
    "organization_id": CLINIC_ID,
    "organization_name": "clinic",
    "consent": GIVEN,
    "version": 1,
    "created_at": "2026-11-22T09:00:00Z",
    "withdrawn_at": None,
}
FEWER: Final = {**GIVEN, "sessions": False}
EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "createLinkInvitation": {"response": {"code": "7K3M-Q9XD-2WHT", "expires_at": "2026-11-29T08:55:00Z"}},
    "listIncomingLinks": {
        "response": {
            "items": [
                {
                    "id": LINK_ID,
                    "person_id": PERSON_ID,
                    "sessions": True,
                    "progress": True,
                    "recommendations": False,
                    "covers_from": "2026-11-01T00:00:00Z",
                    "covers_until": None,
                    "created_at": "2026-11-22T09:00:00Z",
                }
            ],
            "next": None,
        }
    },
    "createLink": {"request": {"code": "7K3M-Q9XD-2WHT", "consent": GIVEN}, "response": LINK},
    "listLinks": {"response": {"items": [LINK], "next": None}},
    "getLink": {"response": LINK},
    "updateLink": {
        "request": {"consent": FEWER},
        "headers": {"If-Match": '"v1"'},
        "response": {**LINK, "consent": FEWER, "version": 2},
    },
    "listConsents": {
        "response": {
            "items": [
                {
                    "id": "0199f3b0-3d11-7c02-b7a9-4e8d1f6c5a23",
                    "link_id": LINK_ID,
                    "organization_id": CLINIC_ID,
                    "organization_name": "clinic",
                    "act": "given",
                    **GIVEN,
                    "recorded_at": "2026-11-22T09:00:00Z",
                }
            ],
            "next": None,
        }
    },
}
