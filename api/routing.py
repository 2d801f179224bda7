"""The route class of every room: strict JSON, no unknown query parameter, media types checked."""

import json
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.nearest import unknown_name
from api.problems import InvalidRequest, UnsupportedMediaType
from schemas.problems import FieldError

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def _members_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise json.JSONDecodeError("a member stands there twice", "", 0)
    return members


class StrictRequest(Request):
    """A request whose JSON body names every member once."""

    async def json(self) -> Any:
        """Return the parsed body. Raises ValueError for what is not JSON in UTF-8, or names a member twice."""
        # Handed bytes, the parser would guess other encodings and let surrogates pass.
        return json.loads((await self.body()).decode(), object_pairs_hook=_members_once)


class StrictRoute(APIRoute):
    """A route that refuses what it does not know instead of ignoring it."""

    def get_route_handler(self) -> Handler:
        """Return the handler behind the checks."""
        handle = super().get_route_handler()
        known = query_names(self)
        has_body = self.body_field is not None

        async def strict(request: Request) -> Response:
            query = request.scope["query_string"]
            if query:
                _refuse_unknown(query, known)
            if has_body:
                _refuse_other_media(request)
            return await handle(StrictRequest(request.scope, request.receive))

        return strict


def query_names(route: APIRoute) -> frozenset[str]:
    """Return the names of the query parameters that the route takes."""
    names: set[str] = set()
    for parameter in route.dependant.query_params:
        model = parameter.field_info.annotation
        fields = getattr(model, "model_fields", None)
        names.update(fields if fields is not None else [parameter.alias])
    return frozenset(names)


def _refuse_unknown(query: bytes, known: frozenset[str]) -> None:
    sent = {name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)}
    unknown = sorted(sent - known)
    if unknown:
        errors = [FieldError(pointer=f"?{_printable(name)}", detail=unknown_name(name, known)) for name in unknown[:20]]
        raise InvalidRequest("unknown query parameters", errors=errors)


def _printable(name: str) -> str:
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name[:64])


def _refuse_other_media(request: Request) -> None:
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != "application/json" and not (sent.startswith("application/") and sent.endswith("+json")):
        raise UnsupportedMediaType("send application/json")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("send the body uncompressed")
