"""One example for each operation of accounts and organisations, by operation id."""

from typing import Any, Final

PERSON_ID: Final = "0199f3a2-8a20-7c55-b1d4-3c9e7a5f2d10"
ORGANIZATION_ID: Final = "0199f3a0-1c44-7e02-9f6a-5b8d2e7c4a31"
ACCOUNT_ID: Final = "0199f3a2-8a21-7b04-a6f2-8d1c3e5b7f92"

TOKENS: Final = {
    "access_token": "limber_at_...",
    "access_expires_at": "2026-11-22T07:45:00Z",
    "refresh_token": "limber_rt_...",
    "refresh_expires_at": "2027-01-21T07:30:00Z",
}
SIGNED_UP: Final[dict[str, Any]] = {
    "person": {"id": PERSON_ID, "external_id": PERSON_ID, "created_at": "2026-11-22T07:30:00Z"},
    "tokens": TOKENS,
}
CREDENTIALS: Final = {"email": "person@example.org", "password": "four words of yours"}
ACCOUNT: Final[dict[str, Any]] = {
    "id": ACCOUNT_ID,
    "organization_id": ORGANIZATION_ID,
    "email": "person@example.org",
    "role": None,
    "person_id": PERSON_ID,
    "version": 1,
    "created_at": "2026-11-22T07:30:00Z",
    "updated_at": "2026-11-22T07:30:00Z",
}
MEMBER: Final[dict[str, Any]] = {
    "id": "0199f3a4-0b17-7d3e-8c21-6e4f9a1b5d08",
    "email": "member@example.org",
    "role": "clinician",
    "invited": True,
    "created_at": "2026-11-22T08:00:00Z",
    "updated_at": "2026-11-22T08:00:00Z",
}
KEY: Final[dict[str, Any]] = {
    "id": "0199f3a5-52c8-7f90-b3a7-1d2e4c6a8b0f",
    "name": "booking system",
    "prefix": "limber_q7Xd",
    "scopes": ["people:write", "sessions:read"],
    "created_at": "2026-11-22T08:10:00Z",
    "expires_at": None,
    "revoked_at": None,
    "last_used_on": "2026-11-22T09:00:00Z",
}
ISSUER: Final = {
    "issuer": "https://login.example.org",
    "audience": "stretching-app",
    "jwks_url": "https://login.example.org/.well-known/jwks.json",
}
STORED_ISSUER: Final[dict[str, Any]] = {
    "id": "0199f3a6-7d01-7a2b-9e4c-0f5a3b8d6c17",
    **ISSUER,
    "created_at": "2026-11-22T08:20:00Z",
}

EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "signUpAnonymously": {"request": {}, "response": SIGNED_UP},
    "registerAccount": {"request": CREDENTIALS, "response": SIGNED_UP},
    "signIn": {"request": CREDENTIALS, "response": TOKENS},
    "signInByIssuer": {"request": {"id_token": "eyJ..."}, "response": SIGNED_UP},
    "refreshTokens": {"request": {"refresh_token": "limber_rt_..."}, "response": TOKENS},
    "acceptInvitation": {
        "request": {"token": "limber_in_...", "password": "four words of yours"},
        "response": TOKENS,
    },
    "signOut": {"request": {"everywhere": True}},
    "getMe": {"response": ACCOUNT},
    "updateMe": {
        "request": {"current_password": "four words of yours", "password": "five other words of yours"},
        "headers": {"If-Match": '"v1"'},
        "response": {**ACCOUNT, "version": 2},
    },
    "getOrganization": {
        "response": {
            "id": ORGANIZATION_ID,
            "name": "clinic",
            "open_sign_up": True,
            "created_at": "2026-11-20T10:00:00Z",
        }
    },
    "erasePerson": {"response": {"id": ACCOUNT_ID, "erased_at": "2026-11-22T08:00:00Z", "remains_gone_at": None}},
    "listAuditEvents": {
        "response": {
            "items": [
                {
                    "id": "0199f3b1-0d5e-7c1a-8f00-3c1a2b4d5e6f",
                    "at": "2026-11-22T08:00:00Z",
                    "actor_kind": "key",
                    "actor_id": ACCOUNT_ID,
                    "action": "read",
                    "record": "session",
                    "subject": "5f0c7c0e-8a3d-4a52-9d0c-6f1b2a3c4d5e",
                    "count": 12,
                }
            ],
            "next": None,
        }
    },
    "listMembers": {"response": {"items": [MEMBER], "next": None}},
    "inviteMember": {
        "request": {"email": "member@example.org", "role": "clinician"},
        "response": {
            "member": MEMBER,
            "invitation_token": "limber_in_...",
            "invitation_expires_at": "2026-11-29T08:00:00Z",
        },
    },
    "updateMember": {"request": {"role": "viewer"}, "response": {**MEMBER, "role": "viewer", "invited": False}},
    "listKeys": {"response": {"items": [KEY], "next": None}},
    "createKey": {
        "request": {"name": "booking system", "scopes": ["people:write", "sessions:read"]},
        "response": {"key": {**KEY, "last_used_on": None}, "secret": "limber_q7Xd..."},
    },
    "rotateKey": {
        "request": {"overlap_hours": 24},
        "response": {"key": {**KEY, "last_used_on": None}, "secret": "limber_q7Xd..."},
    },
    "listIssuers": {"response": {"items": [STORED_ISSUER], "next": None}},
    "createIssuer": {"request": ISSUER, "response": STORED_ISSUER},
}
