"""The contract: one problem shape, who may call what, and examples on every operation."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from api.dependencies import caller_snapshot
from api.examples import EXAMPLES
from api.problems import AddressTooLong, HeadersTooLarge, RequestTimeout, declared
from api.security import optional_caller, public_caller
from schemas.problems import ProblemDetails

DESCRIPTION = """Exercise definitions, symptom-to-stretch recommendations and session logs for stretching, mobility and
rehab apps. Education and exercise information: not a diagnosis, and not yet reviewed by a clinician."""

BEARER = "bearer"
RECEIVING = (RequestTimeout, AddressTooLong, HeadersTooLarge)
"""What any request may be answered before anybody looks at what it asks for."""

FRAMEWORK_SHAPES = ("HTTPValidationError", "ValidationError")


def install(app: FastAPI) -> None:
    """Make `app.openapi()` return the contract."""
    made: dict[str, Any] = {}

    def contract() -> dict[str, Any]:
        if not made:
            made.update(describe(app))
        return made

    app.openapi = contract  # type: ignore[method-assign]


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of the application."""
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, servers=[{"url": "/"}]
    )
    schemas = document["components"]["schemas"]
    for name in FRAMEWORK_SHAPES:
        schemas.pop(name, None)
    schemas.update(_shape(ProblemDetails))
    document["components"]["responses"] = {kind.__name__: declared(kind)[kind.status] for kind in RECEIVING}
    document["components"]["securitySchemes"] = {BEARER: {"type": "http", "scheme": "bearer"}}
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute) and route.include_in_schema:
            _complete(document["paths"][route.path_format], route)
    return document


def _complete(path: dict[str, Any], route: Any) -> None:
    guards = [dependency.call for dependency in route.dependant.dependencies]
    for method in route.methods:
        operation = path[method.lower()]
        if any(getattr(guard, "__name__", "") == "authorised" for guard in guards):
            operation["security"] = [{BEARER: []}]
        elif {public_caller, caller_snapshot, optional_caller} & set(guards):
            operation["security"] = [{}, {BEARER: []}]
        for kind in RECEIVING:
            operation["responses"][str(kind.status)] = {"$ref": f"#/components/responses/{kind.__name__}"}
        _exemplify(operation)


def _exemplify(operation: dict[str, Any]) -> None:
    example = EXAMPLES.get(operation["operationId"])
    if example is None:
        return
    if "request" in example:
        operation["requestBody"]["content"]["application/json"]["example"] = example["request"]
    said = {**example.get("query", {}), **{name.lower(): value for name, value in example.get("headers", {}).items()}}
    for parameter in operation.get("parameters", ()):
        if parameter["name"].lower() in said:
            parameter["example"] = said[parameter["name"].lower()]
    for key, name in (("response", "example"), ("responses", "examples")):
        if key in example:
            status = next(status for status in operation["responses"] if status.startswith("2"))
            for content in operation["responses"][status].get("content", {}).values():
                content[name] = example[key]


def _shape(model: Any) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs", {}), model.__name__: schema}
