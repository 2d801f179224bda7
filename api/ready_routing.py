"""The route class of answers whose bytes are ready: declared like any other, and called without the general machinery.

Solving the parameters of a wide query model costs the framework three times what answering does.
"""

from collections.abc import Callable, Coroutine
from typing import Any, get_origin

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from api.json_bodies import validated_body
from api.negotiation import pairs_of
from api.routing import StrictRoute

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class _DirectRoute(APIRoute):
    """Calls the handler with its path values, at most one query model and one body model, and what its dependencies
    make of the request alone."""

    def get_route_handler(self) -> Handler:
        """Return the handler."""
        dependant = self.dependant
        _refuse_what_is_not_solved(dependant)
        guards = [(dependency.name, dependency.call) for dependency in dependant.dependencies]
        path_names = [parameter.name for parameter in dependant.path_params]
        request_name = dependant.request_param_name
        query = dependant.query_params[0] if dependant.query_params else None
        parse = None if query is None else _parser(query.field_info.annotation)
        call: Any = dependant.call
        body = dependant.body_params[0] if dependant.body_params else None
        model: Any = None if body is None else body.field_info.annotation

        async def handle(request: Request) -> Response:
            values: dict[str, Any] = {name: request.path_params[name] for name in path_names}
            for name, guard in guards:
                found = await guard(request)  # type: ignore[misc]
                if name is not None:
                    values[name] = found
            if query is not None and parse is not None:
                values[query.name] = parse(request.scope["query_string"])
            if body is not None:
                values[body.name] = await validated_body(request, model)
            if request_name is not None:
                values[request_name] = request
            response: Response = await call(**values)
            return response

        return handle


class ReadyRoute(StrictRoute, _DirectRoute):
    """A strict route that answers ready bytes."""


def _parser(model: Any) -> Callable[[bytes], BaseModel]:
    lists = {name for name, field in model.model_fields.items() if get_origin(field.annotation) is list}

    def parse(raw: bytes) -> BaseModel:
        values: dict[str, Any] = {}
        for name, value in pairs_of(raw):
            if name in lists:
                values.setdefault(name, []).append(value)
            else:
                values[name] = value
        try:
            parsed: BaseModel = model.model_validate(values)
        except ValidationError as error:
            faults = [{**fault, "loc": ("query", *fault["loc"])} for fault in error.errors(include_input=False)]
            raise RequestValidationError(faults) from None
        return parsed

    return parse


def _refuse_what_is_not_solved(dependant: Dependant) -> None:
    known = not (dependant.header_params or dependant.cookie_params) and len(dependant.body_params) <= 1
    taken = [*dependant.query_params, *dependant.body_params]
    models = [getattr(parameter.field_info.annotation, "model_fields", None) for parameter in taken]
    simple = all(
        inner.request_param_name == "request" and not (inner.dependencies or inner.query_params or inner.path_params)
        for inner in dependant.dependencies
    )
    if not (known and simple and len(dependant.query_params) <= 1 and None not in models):
        raise TypeError(f"{dependant.call} takes what a ready route does not solve")
