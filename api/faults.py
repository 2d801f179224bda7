"""How every refusal inside the application becomes problem details."""

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import compile_path

from api.problems import (
    BodyTooLarge,
    Busy,
    InternalError,
    InvalidRequest,
    MalformedBody,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    Problem,
    Unavailable,
    UnsupportedMediaType,
)
from api.validation import MOST, field_errors
from data.database import DatabaseBusy, DatabaseUnavailable
from schemas.problems import FieldError

RETRY_SOON = {"Retry-After": "1"}
RETRY_LATER = {"Retry-After": "5"}
BY_STATUS: dict[int, type[Problem]] = {
    400: MalformedBody,
    401: NotAuthenticated,
    404: NotFound,
    413: BodyTooLarge,
    415: UnsupportedMediaType,
}


def install(app: FastAPI) -> None:
    """Render every kind of fault of the application as a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _cut_short)
    app.add_exception_handler(DatabaseBusy, _busy)
    app.add_exception_handler(DatabaseUnavailable, _unavailable)
    app.add_exception_handler(Exception, _problem)


async def _problem(_request: Request, error: Exception) -> Response:
    return error.response() if isinstance(error, Problem) else InternalError().response()


async def _busy(_request: Request, _error: Exception) -> Response:
    return Busy(headers=RETRY_SOON).response()


async def _unavailable(_request: Request, _error: Exception) -> Response:
    return Unavailable("the database cannot be reached just now", headers=RETRY_LATER).response()


async def _cut_short(_request: Request, _error: Exception) -> Response:
    return MalformedBody("the body did not arrive whole").response()


async def _invalid(request: Request, error: Exception) -> Response:
    errors: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else []
    if any(fault["type"] == "json_invalid" for fault in errors):
        return MalformedBody(str(errors[0].get("ctx", {}).get("error", ""))).response()
    return InvalidRequest("some fields cannot be taken", errors=list(_located(errors[:MOST], request))).response()


def _located(errors: Iterable[Any], request: Request) -> Iterable[FieldError]:
    body_model = _body_model(request)
    for error in errors:
        place, *rest = error["loc"]
        found = field_errors([{**error, "loc": tuple(rest)}], body_model if place == "body" else None)[0]
        if place == "query":
            found.pointer = "?" + found.pointer.removeprefix("/")
        elif place == "header":
            found.pointer = str(rest[0]) if rest else "header"
        elif place == "path":
            found.pointer = "{" + found.pointer.removeprefix("/") + "}"
        elif not rest:
            found.pointer = ""
        yield found


def _body_model(request: Request) -> Any:
    field = getattr(request.scope.get("route"), "body_field", None)
    return None if field is None else field.field_info.annotation


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == MethodNotAllowed.status:
        allowed = ", ".join(allowed_methods(request.app, request.url.path))
        return MethodNotAllowed(f"allowed: {allowed}", headers={"Allow": allowed}).response()
    kind = BY_STATUS.get(status, InternalError)
    return kind().response()


def allowed_methods(app: FastAPI, path: str) -> list[str]:
    """Return every method that some route takes at this path."""
    found: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if route.path is not None and route.methods and compile_path(route.path)[0].match(path):
            found.update(route.methods)
    if "GET" in found:
        found.add("HEAD")
    return sorted(found)
