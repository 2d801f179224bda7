"""The outer edge, pure ASGI: HEAD wherever GET is, security headers, one shape for the faults that skip handlers."""

import logging
from typing import Any, Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import logs
from api.observing import request_id
from api.problems import BodyTooLarge, InternalError, Problem

SECURITY_HEADERS: Final = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))
TOO_LARGE: Final = 413

log = logging.getLogger("limber.edge")


class Edge:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send)
        try:
            await self._app(exchange.scope, receive, exchange.send)
        except ClientDisconnect:
            log.info("a client left before its request had arrived")
        except Exception as error:  # noqa: BLE001 - the last resort; the fault is logged without its message
            _log_without_values(error, request_id(scope))
            if not exchange.started:
                await exchange.problem(InternalError())


class _Exchange:
    """One request and its answer on the way out."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self._bodiless = scope["method"] == "HEAD"
        self._refused = False
        self.scope = {**scope, "method": "GET"} if self._bodiless else scope
        self.started = False

    async def send(self, message: Message) -> None:
        """Pass a message on, mended."""
        if message["type"] == "http.response.start":
            if _is_bare_refusal(message):
                self._refused = True
                await self.problem(BodyTooLarge("send less at once"))
                return
            self.started = True
            message = {**message, "headers": [*message["headers"], *SECURITY_HEADERS]}
        elif self._refused:
            return
        elif self._bodiless and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    async def problem(self, problem: Problem) -> None:
        """Send the problem as the whole answer."""
        self.started = True
        response = problem.response()
        headers: list[Any] = [*response.raw_headers, *SECURITY_HEADERS]
        await self._send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await self._send({"type": "http.response.body", "body": b"" if self._bodiless else response.body})


def _is_bare_refusal(message: Message) -> bool:
    # The framework's own body limit answers in plain text, before any handler could render the problem.
    if message["status"] != TOO_LARGE:
        return False
    return any(name == b"content-type" and value.startswith(b"text/plain") for name, value in message["headers"])


def _log_without_values(error: Exception, request_id: str | None) -> None:
    # Messages of exceptions can hold what a person wrote; the places where they arose cannot.
    members = {} if request_id is None else {"request_id": request_id}
    log.error("unhandled %s at %s", type(error).__name__, logs.places(error), extra={"members": members})
