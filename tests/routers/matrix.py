"""Who may do what: one row for each operation, and the world that the rows are tried in.

A row says who may, and what they are answered for each target: what is their own, another person's of the same
organisation, another organisation's, deleted, or an id that never was. Who may not gets 401 or 403 for all of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from starlette.testclient import TestClient

from api.dependencies import ARCHIVE_SCOPES
from api.examples import OWN_EXERCISE
from schemas.access import Scope
from tests.data.making import body
from tests.signing import bearer

OWN, SAME, OTHER, DELETED, RANDOM = TARGETS = ("own", "same", "other", "deleted", "random")
ANONYMOUS, BAD, KEY, LESS = "anonymous", "bad token", "key", "key without the scope"
OWNER, CLINICIAN, EDITOR, VIEWER, PERSON = "owner", "clinician", "editor", "viewer", "person"
ROLES = (ANONYMOUS, BAD, KEY, LESS, OWNER, CLINICIAN, EDITOR, VIEWER, PERSON)

EVERYBODY = frozenset(ROLES)
KNOWN = EVERYBODY - {ANONYMOUS, BAD}
CARE = frozenset({KEY, OWNER, CLINICIAN})
READERS = CARE | {VIEWER}
EDITORS = frozenset({KEY, OWNER, EDITOR})
MANAGERS = frozenset({KEY, OWNER})
SIGNED_IN = frozenset({OWNER, CLINICIAN, EDITOR, VIEWER, PERSON})

Status = int | Mapping[str, int]


@dataclass
class World:
    """A clinic with everything in it, beside another one."""

    client: TestClient
    headers: dict[str, dict[str, str]]
    """The credentials of each role; those of keys are made for each set of scopes."""
    ids: dict[str, dict[str, str]]
    """The ids of each noun by target."""
    keys: dict[frozenset[str], dict[str, str]] = field(default_factory=dict)

    def key(self, scopes: frozenset[str]) -> dict[str, str]:
        """Return the credentials of a key with exactly these scopes."""
        if scopes not in self.keys:
            self.keys[scopes] = bearer(self.made("keys", name="matrix", scopes=sorted(scopes))["secret"])
        return self.keys[scopes]

    def made(self, noun: str, **content: Any) -> Any:
        answer = self.client.post(f"/organization/{noun}", json=content, headers=self.headers[OWNER])
        assert answer.status_code == 201, answer.json()
        return answer.json()

    def person(self) -> str:
        """Return the id of somebody new."""
        added = self.client.post("/people", json={"external_id": str(uuid4())}, headers=self.headers[OWNER])
        assert added.status_code == 201, added.json()
        return str(added.json()["id"])

    def fresh(self, noun: str, target: str) -> str:
        """Return the id of something that may be deleted, made anew where the target exists."""
        if target not in {OWN, SAME}:
            return self.ids[noun][target]
        if noun == "people":
            return self.person()
        if noun == "keys":
            return str(self.made(noun, name="x", scopes=["access:manage"])["key"]["id"])
        if noun == "members":
            return str(self.made(noun, email=f"{uuid4()}@example.org", role="viewer")["member"]["id"])
        issuer = {"issuer": str(uuid4()), "audience": "a", "jwks_url": "https://keys.example.org"}
        return str(self.made(noun, **issuer)["id"])


Ask = Callable[[World, str], tuple[str, Any]]
"""Makes the path and the body of a request to a target."""


@dataclass(frozen=True)
class Row:
    """One operation: how to ask for it, who may, and what they are answered."""

    ask: Ask
    may: frozenset[str]
    status: Status
    scopes: frozenset[str] = frozenset()
    instead: Mapping[str, Status] = field(default_factory=dict)
    """What single roles are answered instead."""

    def expected(self, role: str, target: str) -> int:
        if role not in self.instead and role not in self.may:
            return 401 if role in {ANONYMOUS, BAD} else 403
        status = self.instead.get(role, self.status)
        return status if isinstance(status, int) else status[target]

    def targets(self) -> tuple[str, ...]:
        return (OWN,) if isinstance(self.status, int) and not self.instead else TARGETS


def of(existing: int, missing: int = 404, deleted: int | None = None) -> dict[str, int]:
    gone = missing if deleted is None else deleted
    return {OWN: existing, SAME: existing, OTHER: missing, DELETED: gone, RANDOM: missing}


def mine(own: int, others: int = 404) -> dict[str, int]:
    return {**of(others, others), OWN: own}


def at(path: str, content: Any = None) -> Ask:
    return lambda world, target: (path, content)


def by(noun: str, path: str, content: Any = None) -> Ask:
    return lambda world, target: (path.format(world.ids[noun][target]), content)


def anew(noun: str, path: str, content: Any = None) -> Ask:
    return lambda world, target: (path.format(world.fresh(noun, target)), content)


def session(world: World, target: str) -> dict[str, Any]:
    return body(UUID(world.ids["people"][target]))


def program(world: World, target: str) -> dict[str, Any]:
    items = [{"exercise_id": "standing-mid-back-reach"}]
    return {
        "person_id": world.ids["people"][target],
        "starts_on": str(datetime.now(UTC).date()),
        "phases": [{"items": items}],
    }


def about(world: World, target: str) -> dict[str, Any]:
    return {"pain_areas": [{"region": "mid_back"}], "person_id": world.ids["people"][target]}


def override(world: World) -> dict[str, Any]:
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    return {"exercise_id": "childs-pose", "conditions": ["osteoporosis"], "reason": "examined", "until": until}


def explained(world: World, target: str) -> tuple[str, Any]:
    question = {"exercise_id": "standing-mid-back-reach", "question": about(world, target)}
    return "/recommendations/explain", question


def opened(path: str, content: Any = None) -> Row:
    return Row(at(path, content), EVERYBODY - {BAD}, 200)


def asked_by(scope: Scope, may: frozenset[str], ask: Ask, status: Status, **more: Any) -> Row:
    return Row(ask, may, status, frozenset({scope}), more)


ACCOUNT = {"email": "owner@example.org", "password": "not the right one"}
QUESTION = {"text": "sore between my shoulder blades"}
PEG = {"instrument": "peg", "items": [4, 5, 3], "answered_at": "2026-11-20T18:00:00Z", "timezone": "Europe/Madrid"}
CONSENT = {"sessions": True, "progress": True, "recommendations": True, "wording": "1"}
PROGRAMS, PROGRAMMING = Scope.PROGRAMS_READ, Scope.PROGRAMS_WRITE
PROGRESS, RECOMMEND, MANAGE = Scope.PROGRESS_READ, Scope.RECOMMENDATIONS, Scope.ACCESS_MANAGE

ROWS: dict[str, Row] = {
    **{
        name: opened(path)
        for name, path in {
            "listExercises": "/exercises?limit=1", "getCatalog": "/catalog", "exportCatalog": "/catalog/export",
            "exportLexicon": "/catalog/lexicon", "listCatalogChanges": "/catalog/changes?limit=1",
            "listRegions": "/regions", "listMuscles": "/muscles", "listEquipment": "/equipment", "listKinds": "/kinds",
            "listConditions": "/conditions", "listCauses": "/causes", "listTopics": "/topics",
            "listRedFlags": "/red-flags", "getRecommendations": "/recommendations?pain_area=mid_back&limit=1",
        }.items()
    },
    "createTriage": opened("/triage", QUESTION),
    "getExercise": Row(
        by("exercises", "/exercises/{}"), EVERYBODY - {BAD}, of(200, 404, 410), instead={ANONYMOUS: of(404)}
    ),
    "createExercise": asked_by(Scope.CATALOG_WRITE, EDITORS, at("/exercises", OWN_EXERCISE), 200),
    "replaceExercise": asked_by(
        Scope.CATALOG_WRITE, EDITORS,
        lambda world, target: (
            f"/exercises/{world.ids['exercises'][target]}", {**OWN_EXERCISE, "id": world.ids["exercises"][target]}
        ), of(428, 404, 410),
    ),
    "deleteExercise": asked_by(Scope.CATALOG_WRITE, EDITORS, by("exercises", "/exercises/{}"), of(428, 404, 410)),
    "createRecommendation": asked_by(
        RECOMMEND, READERS, lambda world, target: ("/recommendations", about(world, target)), of(200),
        **{PERSON: mine(200, 422)},
    ),
    "explainRecommendation": asked_by(RECOMMEND, READERS, explained, of(200), **{PERSON: mine(200, 422)}),
    "getRecommendation": asked_by(
        RECOMMEND, READERS, by("recommendations", "/recommendations/{}"), of(200), **{PERSON: mine(200)}
    ),
    "createSession": asked_by(
        Scope.SESSIONS_WRITE, CARE, lambda world, target: ("/sessions", session(world, target)), of(201),
        **{PERSON: mine(201, 422)},
    ),
    "createSessions": asked_by(
        Scope.SESSIONS_WRITE, CARE | {PERSON},
        lambda world, target: ("/sessions/batch", {"sessions": [session(world, target)]}), of(200, 200),
    ),
    "listSessions": asked_by(
        Scope.SESSIONS_READ, READERS | {PERSON}, by("people", "/sessions?limit=1&person_id={}"), of(200, 200)
    ),
    "listSessionChanges": asked_by(
        Scope.SESSIONS_READ, READERS | {PERSON}, by("people", "/sessions/changes?limit=1&person_id={}"), of(200, 200)
    ),
    "exportSessions": asked_by(
        Scope.SESSIONS_READ, READERS | {PERSON}, by("people", "/sessions/export?person_id={}"), of(200, 200)
    ),
    "getSession": asked_by(
        Scope.SESSIONS_READ, READERS, by("sessions", "/sessions/{}"), of(200), **{PERSON: mine(200)}
    ),
    "updateSession": asked_by(
        Scope.SESSIONS_WRITE, CARE, by("sessions", "/sessions/{}", {"effort": 2}), of(428), **{PERSON: mine(428)}
    ),
    "deleteSession": asked_by(
        Scope.SESSIONS_WRITE, CARE, by("sessions", "/sessions/{}"), of(428, deleted=204),
        **{PERSON: {**mine(428), DELETED: 204}},
    ),
    "createPerson": asked_by(Scope.PEOPLE_WRITE, CARE, at("/people", {"external_id": "p-1"}), 200),
    "listPeople": asked_by(Scope.PEOPLE_READ, READERS, at("/people?limit=1"), 200),
    "getPerson": asked_by(Scope.PEOPLE_READ, READERS, by("people", "/people/{}"), of(200)),
    "exportPerson": Row(
        by("people", "/people/{}/export"), CARE, of(200), frozenset(ARCHIVE_SCOPES)
    ),
    "exportMe": Row(at("/me/export"), frozenset({PERSON}), 200),
    "erasePerson": asked_by(
        Scope.PEOPLE_WRITE, CARE, anew("people", "/people/{}/erasure"), of(200, deleted=200)
    ),
    "createOverride": asked_by(
        Scope.OVERRIDES_WRITE, CARE,
        lambda world, target: (f"/people/{world.ids['people'][target]}/overrides", override(world)), of(201),
    ),
    "listOverrides": asked_by(Scope.PEOPLE_READ, READERS, by("people", "/people/{}/overrides"), of(200)),
    "getOverride": asked_by(Scope.PEOPLE_READ, READERS, by("overrides", "/people/{}"), {**of(200), DELETED: 200}),
    "deleteOverride": asked_by(
        Scope.OVERRIDES_WRITE, CARE, by("overrides", "/people/{}"), {**of(204), DELETED: 204}
    ),
    "listAuditEvents": asked_by(MANAGE, MANAGERS, at("/audit?limit=1"), 200),
    "createProgram": asked_by(
        PROGRAMMING, CARE, lambda world, target: ("/programs", program(world, target)), of(201),
        **{PERSON: mine(201, 422)},
    ),
    "listPrograms": asked_by(
        PROGRAMS, READERS | {PERSON}, by("people", "/programs?limit=1&person_id={}"), of(200, 200)
    ),
    "getProgram": asked_by(PROGRAMS, READERS, by("programs", "/programs/{}"), of(200), **{PERSON: mine(200)}),
    "getProgramToday": asked_by(
        PROGRAMS, READERS, by("programs", "/programs/{}/today"), of(200), **{PERSON: mine(200)}
    ),
    "updateProgram": asked_by(
        PROGRAMMING, CARE, by("programs", "/programs/{}", {"title": "x"}), of(428), **{PERSON: mine(428)}
    ),
    "deleteProgram": asked_by(
        PROGRAMMING, CARE, by("programs", "/programs/{}"), of(428, deleted=204),
        **{PERSON: {**mine(428), DELETED: 204}},
    ),
    "getProgress": asked_by(PROGRESS, READERS, by("people", "/progress?person_id={}"), of(200), **{PERSON: mine(200)}),
    "getProgressChart": asked_by(
        PROGRESS, READERS, by("people", "/progress.svg?person_id={}"), of(200), **{PERSON: mine(200)}
    ),
    "createFunctionScore": asked_by(
        Scope.SESSIONS_WRITE, CARE,
        lambda world, target: ("/function-scores", {**PEG, "person_id": world.ids["people"][target]}), of(201),
        **{PERSON: mine(201, 422)},
    ),
    "listFunctionScores": asked_by(
        PROGRESS, READERS, by("people", "/function-scores?person_id={}"), of(200, 200), **{PERSON: mine(200, 422)}
    ),
    "getFunctionScore": asked_by(
        PROGRESS, READERS, by("scores", "/function-scores/{}"), of(200), **{PERSON: mine(200)}
    ),
    "deleteFunctionScore": asked_by(
        Scope.SESSIONS_WRITE, CARE, by("scores", "/function-scores/{}"), of(204), **{PERSON: mine(204)}
    ),
    "createLinkInvitation": asked_by(
        Scope.PEOPLE_WRITE, CARE, by("people", "/people/{}/link-invitations"), of(201)
    ),
    "listIncomingLinks": asked_by(Scope.PEOPLE_READ, READERS, by("people", "/people/{}/links"), of(200)),
    "createLink": Row(at("/me/links", {"code": "x", "consent": CONSENT}), frozenset({PERSON}), 422),
    "listLinks": Row(at("/me/links"), frozenset({PERSON}), 200),
    "getLink": Row(by("links", "/me/links/{}"), frozenset({PERSON}), {**mine(200), DELETED: 200}),
    "updateLink": Row(by("links", "/me/links/{}", {"consent": CONSENT}), frozenset({PERSON}), mine(428)),
    "deleteLink": Row(by("links", "/me/links/{}"), frozenset({PERSON}), {**mine(204), DELETED: 204}),
    "listConsents": Row(at("/me/consents"), frozenset({PERSON}), 200),
    "signUpAnonymously": Row(at("/auth/anonymous", {}), EVERYBODY, 201),
    "registerAccount": Row(at("/auth/register", ACCOUNT), frozenset({ANONYMOUS, PERSON}), 409),
    "acceptInvitation": Row(at("/auth/accept", {"token": "x", "password": "a good password"}), EVERYBODY, 401),
    "signIn": Row(at("/auth/token", ACCOUNT), EVERYBODY, 401),
    "signInByIssuer": Row(at("/auth/oidc", {"id_token": "x"}), EVERYBODY, 401),
    "refreshTokens": Row(at("/auth/refresh", {"refresh_token": "x"}), EVERYBODY, 401),
    "signOut": Row(at("/auth/logout", {"everywhere": "?"}), SIGNED_IN, 422),
    "getMe": Row(at("/me"), SIGNED_IN, 200),
    "updateMe": Row(at("/me", {"current_password": "x"}), SIGNED_IN, 428),
    "getOrganization": Row(at("/organization"), KNOWN - {PERSON}, 200),
    "listIssuers": asked_by(MANAGE, MANAGERS, at("/organization/issuers"), 200),
    "createIssuer": asked_by(MANAGE, MANAGERS, at("/organization/issuers", {}), 422),
    "deleteIssuer": asked_by(MANAGE, MANAGERS, anew("issuers", "/organization/issuers/{}"), of(204)),
    "listMembers": asked_by(MANAGE, MANAGERS, at("/organization/members"), 200),
    "inviteMember": asked_by(MANAGE, MANAGERS, at("/organization/members", {}), 422),
    "updateMember": asked_by(
        MANAGE, MANAGERS, by("members", "/organization/members/{}", {"role": "viewer"}), of(200), **{KEY: of(403)}
    ),
    "deleteMember": asked_by(
        MANAGE, MANAGERS, anew("members", "/organization/members/{}"), of(204), **{KEY: of(403)}
    ),
    "listKeys": asked_by(MANAGE, MANAGERS, at("/organization/keys"), 200),
    "createKey": asked_by(MANAGE, MANAGERS, at("/organization/keys", {"name": "x", "scopes": [MANAGE]}), 201),
    "rotateKey": asked_by(MANAGE, MANAGERS, anew("keys", "/organization/keys/{}/rotate", {}), of(201)),
    "deleteKey": asked_by(MANAGE, MANAGERS, anew("keys", "/organization/keys/{}"), of(204, 404, 204)),
    "getLiveness": Row(at("/livez"), EVERYBODY, 200),
    "getReadiness": Row(at("/readyz"), EVERYBODY, 200),
    "getProblem": Row(at("/problems/not-found"), EVERYBODY, 200),
    # The last one, because nothing is left of the person then.
    "eraseMe": Row(at("/me"), frozenset({PERSON}), 204),
}  # fmt: skip
"""One row for each operation id. A key with `access:manage` alone may not touch members, who may do more than it."""


def credentials(world: World, role: str, row: Row) -> dict[str, str]:
    """Return the headers of a role; a key has exactly the scopes of the row, or all others."""
    if role == KEY:
        return world.key(row.scopes or frozenset({Scope.CATALOG_READ}))
    if role == LESS:
        return world.key(frozenset(Scope) - row.scopes)
    return world.headers[role]
