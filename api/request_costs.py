"""What each operation costs, in units: the one table that the rate limits read, and how a request finds its row."""

from typing import Final

FREE: Final = 0
"""Never counted: whoever watches the server must always get an answer."""

SIGN_IN: Final = -1
"""Not paid in units: attempts are counted by themselves, far more strictly."""

UNLISTED: Final = 1
"""What an address costs where nothing is; guessing is not free."""

READ: Final = 1
WRITE: Final = 1
SEARCH: Final = 2
FIGURES: Final = 5
RULES: Final = 10
BATCH: Final = 10
EXPORT: Final = 20

COSTS: Final[dict[str, int]] = {
    "GET /exercises": READ,
    "GET /exercises?q": SEARCH,
    "GET /exercises/{exercise_id}": READ,
    "POST /exercises": WRITE,
    "PUT /exercises/{exercise_id}": WRITE,
    "DELETE /exercises/{exercise_id}": WRITE,
    "GET /catalog": READ,
    "GET /catalog/export": EXPORT,
    "GET /catalog/changes": READ,
    "GET /catalog/lexicon": READ,
    "GET /regions": READ,
    "GET /muscles": READ,
    "GET /equipment": READ,
    "GET /kinds": READ,
    "GET /topics": READ,
    "GET /conditions": READ,
    "GET /causes": READ,
    "GET /red-flags": READ,
    "GET /recommendations": RULES,
    "POST /recommendations": RULES,
    "POST /recommendations/explain": RULES,
    "GET /recommendations/{recommendation_id}": READ,
    "POST /triage": RULES,
    "POST /sessions": WRITE,
    "POST /sessions/batch": BATCH,
    "GET /sessions": READ,
    "GET /sessions/changes": READ,
    "GET /sessions/export": EXPORT,
    "GET /sessions/{session_id}": READ,
    "PATCH /sessions/{session_id}": WRITE,
    "DELETE /sessions/{session_id}": WRITE,
    "POST /people": WRITE,
    "GET /people": READ,
    "GET /people/{person_id}": READ,
    "GET /people/{person_id}/export": EXPORT,
    "POST /people/{person_id}/erasure": BATCH,
    "POST /people/{person_id}/overrides": WRITE,
    "GET /people/{person_id}/overrides": READ,
    "GET /people/{person_id}/overrides/{override_id}": READ,
    "DELETE /people/{person_id}/overrides/{override_id}": WRITE,
    "POST /programs": WRITE,
    "GET /programs": READ,
    "GET /programs/{program_id}": READ,
    "PATCH /programs/{program_id}": WRITE,
    "DELETE /programs/{program_id}": WRITE,
    "GET /programs/{program_id}/today": RULES,
    "GET /progress": FIGURES,
    # It is drawn in another process, which takes up to half a second.
    "GET /progress.svg": EXPORT,
    "POST /function-scores": WRITE,
    "GET /function-scores": READ,
    "GET /function-scores/{score_id}": READ,
    "DELETE /function-scores/{score_id}": WRITE,
    "GET /audit": READ,
    "POST /auth/anonymous": SIGN_IN,
    "POST /auth/register": SIGN_IN,
    "POST /auth/token": SIGN_IN,
    "POST /auth/oidc": SIGN_IN,
    "POST /auth/accept": SIGN_IN,
    # A refresh token cannot be guessed, and a clinic's phones refresh behind one address.
    "POST /auth/refresh": RULES,
    "POST /auth/logout": WRITE,
    "GET /me": READ,
    # It checks a password, and tries the account like a sign-in.
    "PATCH /me": RULES,
    "DELETE /me": BATCH,
    "GET /me/export": EXPORT,
    "GET /organization": READ,
    "GET /organization/issuers": READ,
    "POST /organization/issuers": WRITE,
    "DELETE /organization/issuers/{issuer_id}": WRITE,
    "GET /organization/members": READ,
    "POST /organization/members": WRITE,
    "PATCH /organization/members/{member_id}": WRITE,
    "DELETE /organization/members/{member_id}": WRITE,
    "GET /organization/keys": READ,
    "POST /organization/keys": WRITE,
    "POST /organization/keys/{key_id}/rotate": WRITE,
    "DELETE /organization/keys/{key_id}": WRITE,
    "POST /people/{person_id}/link-invitations": WRITE,
    "GET /people/{person_id}/links": READ,
    # A code is short: guesses are counted like passwords.
    "POST /me/links": SIGN_IN,
    "GET /me/links": READ,
    "GET /me/links/{link_id}": READ,
    # What the clinic holds is compared with all that the person has.
    "PATCH /me/links/{link_id}": EXPORT,
    "DELETE /me/links/{link_id}": BATCH,
    "GET /me/consents": READ,
    "GET /livez": FREE,
    "GET /readyz": FREE,
    "GET /problems/{slug}": READ,
    "GET /openapi.json": READ,
    "GET /docs": READ,
    "GET /docs/files/{path}": READ,
}
"""By method and route; `?q` is the same route when it is asked with words to search for."""


class _Step:
    """One segment of the routes that hold a value, what may follow it, and the cost of ending here."""

    def __init__(self) -> None:
        self.cost = UNLISTED
        self.next: dict[str, _Step] = {}


class _Index:
    """The table, ready to be asked: whole paths at once, paths that hold a value segment by segment."""

    def __init__(self, costs: dict[str, int]) -> None:
        self.paths: dict[tuple[str, str], int] = {}
        self.searches: dict[tuple[str, str], int] = {}
        self._first = _Step()
        self._deepest = 0
        for operation, cost in costs.items():
            method, _, route = operation.partition(" ")
            path, searching, _ = route.partition("?")
            if "{" in path:
                self._add([method, *path.split("/")], cost)
            else:
                (self.searches if searching else self.paths)[method, path] = cost

    def _add(self, segments: list[str], cost: int) -> None:
        self._deepest = max(self._deepest, len(segments))
        step = self._first
        for segment in segments:
            step = step.next.setdefault("{}" if segment.startswith("{") else segment, _Step())
        step.cost = cost

    def walk(self, method: str, path: str) -> int:
        """Return the cost of the route whose segments these are."""
        step: _Step | None = self._first.next.get(method)
        for segment in path.split("/", self._deepest):
            if step is None:
                break
            step = step.next.get(segment) or step.next.get("{}")
        return UNLISTED if step is None else step.cost


_INDEX: Final = _Index(COSTS)


def cost_of(method: str, path: str, query: bytes) -> int:
    """Return the units that a request costs, FREE or SIGN_IN."""
    asked = ("GET" if method == "HEAD" else method, path)
    found = _INDEX.paths.get(asked)
    if found is None:
        return _INDEX.walk(*asked)
    if query and (query.startswith(b"q=") or b"&q=" in query):
        return _INDEX.searches.get(asked, found)
    return found
