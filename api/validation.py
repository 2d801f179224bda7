"""Validation faults as field errors: JSON pointers, the nearest valid name, never the submitted value."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from api.nearest import unknown_name
from schemas.problems import FieldError

MOST = 50


def field_errors(errors: Sequence[Any], model: Any = None, *, prefix: tuple[str, ...] = ()) -> list[FieldError]:
    """Return at most 50 field errors for pydantic's errors; `model` is what was validated, for hints."""
    return [_field_error(error, model, prefix) for error in errors[:MOST]]


def _field_error(error: Mapping[str, Any], model: Any, prefix: tuple[str, ...]) -> FieldError:
    location = tuple(error["loc"])
    detail = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        detail = unknown_name(str(location[-1]), _names_at(model, location[:-1]))
    elif "ctx" in error and "error" in error["ctx"]:
        detail = str(error["ctx"]["error"])
    return FieldError(pointer=_pointer(location, prefix), detail=detail)


def _pointer(location: Iterable[Any], prefix: tuple[str, ...]) -> str:
    parts = [*prefix, *(str(part) for part in location)]
    return "/" + "/".join(_printable(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _printable(part: str) -> str:
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in part[:64])


def _names_at(model: Any, location: Iterable[Any]) -> list[str]:
    for part in location:
        if isinstance(part, int):
            continue
        field = getattr(model, "model_fields", {}).get(part)
        model = _model_in(field.annotation) if field is not None else None
    return list(getattr(model, "model_fields", {}))


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)
