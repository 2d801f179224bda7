"""Reading JSON bodies in one pass, and by the long way whenever that could hide something.

The fast reader goes from bytes to a validated model and lets the last of two equal members win. Therefore its members
are counted against the colons of the text: when they differ, or anything is wrong, the body is read again, strictly.
"""

import json
from functools import lru_cache
from typing import Any, Final, get_args

from fastapi import Request
from fastapi.exceptions import HTTPException, RequestValidationError
from pydantic import BaseModel, ValidationError

from api.problems import InvalidRequest
from api.validation import MOST
from schemas.problems import FieldError

MOST_FAULTS: Final = 5_000


async def validated_body(request: Request, model: type[BaseModel]) -> BaseModel:
    """Return the body as `model`. Raises RequestValidationError or HTTPException as the framework would."""
    raw = await request.body()
    try:
        read = model.__pydantic_validator__.validate_json(raw)
    except ValidationError as error:
        _refuse_unlisted(error.error_count())
        return await _read_strictly(request, model)
    colons = raw.count(b'":') - (raw.count(b'\\":') if b"\\" in raw else 0)
    if members(read) != colons:
        return await _read_strictly(request, model)
    found: BaseModel = read
    return found


def _refuse_unlisted(faults: int) -> None:
    # To list them costs half a kilobyte and five microseconds each.
    if faults > MOST_FAULTS:
        listed = [FieldError(pointer="", detail=f"{faults} fields cannot be taken, too many to list")]
        raise InvalidRequest("far too many fields cannot be taken", errors=listed)


async def _read_strictly(request: Request, model: type[BaseModel]) -> BaseModel:
    try:
        sent = await request.json() if await request.body() else None
    except json.JSONDecodeError as error:
        fault = {"type": "json_invalid", "loc": ("body", error.pos), "msg": error.msg, "ctx": {"error": error.msg}}
        raise RequestValidationError([fault]) from None
    except (ValueError, RecursionError):
        raise HTTPException(status_code=400) from None
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)[:MOST]
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in found]
        raise RequestValidationError(faults) from None


def members(value: Any) -> int:
    """Return how many members the JSON objects held that `value` was read from."""
    total, waiting = 0, [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, BaseModel):
            total += len(found.__pydantic_fields_set__)
            waiting.extend([getattr(found, name) for name in _nesting(type(found))])
        elif isinstance(found, list):
            waiting.extend(found)
        elif isinstance(found, dict):
            total += len(found)
            waiting.extend(found.values())
    return total


@lru_cache(maxsize=64)
def _nesting(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(name for name, field in model.model_fields.items() if _nests(field.annotation))


def _nests(annotation: Any) -> bool:
    if annotation in (Any, object, dict, list):
        return True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return True
    return any(_nests(part) for part in get_args(annotation))
