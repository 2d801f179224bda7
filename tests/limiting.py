"""The real application behind its rate limits, called from whatever address and at whatever time a test wants."""

import re
from typing import Any

from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from api.limits import RateLimits
from api.main import create_app
from api.problems import MEDIA_TYPE
from api.settings import Settings
from schemas.problems import ProblemDetails

FROM = "x-asked-from"
STATE = re.compile(r'"([a-z-]+)";r=(\d+);t=(\d+)')
MUSCLES = "/muscles"
TEN_UNITS = ("POST", "/triage")
CREDENTIALS = ("POST", "/auth/token")


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def placed(app: ASGIApp) -> ASGIApp:
    """Return the application as a server would call it, with the address that a test names in a header."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["client"] = (dict(scope["headers"]).get(FROM.encode(), b"192.0.2.1").decode(), 1)
        await app(scope, receive, send)

    return served


def serve(database_url: str, **layer: Any) -> TestClient:
    application = create_app(Settings(database_url=database_url, rate_limits=False, _env_file=None))
    return TestClient(placed(RateLimits(application, **layer)))


def state(answer: Any) -> tuple[str, int, int]:
    """Return which allowance an answer speaks of, what is left of it and for how many seconds."""
    found = STATE.fullmatch(answer.headers["ratelimit"])
    assert found is not None, answer.headers["ratelimit"]
    return found[1], int(found[2]), int(found[3])


def spend(client: TestClient, units: int, headers: dict[str, str] | None = None) -> None:
    """Spend a multiple of ten units on requests that are refused for their body."""
    for _ in range(units // 10):
        assert client.request(*TEN_UNITS, json=[], headers=headers).status_code == 422


def assert_refused(answer: Any, allowance: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (429, MEDIA_TYPE)
    name, _, seconds = state(answer)
    assert (name, answer.headers["retry-after"]) == (allowance, str(seconds))
    assert answer.headers["cache-control"] == "no-store"
    assert ProblemDetails.model_validate(answer.json()).type == "/problems/too-many-requests"


def made_up(number: int) -> dict[str, str]:
    return {"Authorization": f"Bearer limber_{number:043}"}
