"""The layer that sees every request: gives it an id, measures it, and writes its line. Pure ASGI.

The line holds the route's template, never a path, a query, a header or a body.
"""

import logging
import re
from dataclasses import dataclass
from secrets import token_hex
from time import perf_counter
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.request_figures import RequestFigures
from api.route_names import RouteNames

REQUEST_ID: Final = b"x-request-id"
OWN_ID: Final = re.compile(rb"[0-9A-Fa-f-]{16,64}")
"""What is taken over from a client: UUIDs and trace ids. No word, name or address fits, so none gets into a log."""

NOTES: Final = "limber.notes"
"""The key of the ASGI scope that holds the notes."""

CLIENT_LEFT: Final = 499
SERVER_FAULT: Final = 500
LEVELS: Final = {500: logging.ERROR, 503: logging.WARNING}

log = logging.getLogger("limber.request")


@dataclass(slots=True)
class Notes:
    """What is noted of a request on its way, shared by every copy of its scope."""

    request_id: str
    organization_id: str | None = None


class Observed:
    """Wraps an application. Without `figures` nothing is measured."""

    def __init__(self, app: ASGIApp, names: RouteNames, figures: RequestFigures | None) -> None:
        self.app = app
        self._names = names
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, its id in the header X-Request-Id."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _own_id(scope["headers"]) or token_hex(16)
        notes = scope[NOTES] = Notes(request_id)
        started, status = perf_counter(), CLIENT_LEFT

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (REQUEST_ID, request_id.encode())]}
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            self._note(scope, status, perf_counter() - started, notes)

    def _note(self, scope: Scope, status: int, seconds: float, notes: Notes) -> None:
        route = self._names.of(scope["path"])
        if self._figures is not None:
            self._figures.add(route, scope["method"], status, seconds)
        level = logging.INFO if status < SERVER_FAULT else LEVELS.get(status, logging.ERROR)
        if log.isEnabledFor(level):
            members: dict[str, Any] = {
                "request_id": notes.request_id,
                "method": scope["method"],
                "route": route,
                "status": status,
                "duration_ms": round(seconds * 1000, 2),
            }
            if notes.organization_id is not None:
                members["organization_id"] = notes.organization_id
            log.log(level, "request", extra={"members": members})


def note_organization(scope: Scope, organization_id: object) -> None:
    """Note whose key the request carried."""
    notes: Notes | None = scope.get(NOTES)
    if notes is not None:
        notes.organization_id = str(organization_id)


def request_id(scope: Scope) -> str | None:
    """Return the id of the request, None where nobody gave it one."""
    notes: Notes | None = scope.get(NOTES)
    return None if notes is None else notes.request_id


def _own_id(headers: list[tuple[bytes, bytes]]) -> str | None:
    for name, value in headers:
        if name == REQUEST_ID:
            return value.decode() if OWN_ID.fullmatch(value) else None
    return None
