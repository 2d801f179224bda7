"""Lists that are walked in the order of their ids."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from fastapi import Request, Response

from api.cursors import decode, encode
from api.problems import InvalidRequest
from api.replies import entity
from schemas.base import Page, PageQuery

SORT: Final = "id"


class Identified(Protocol):
    """Whatever has an id."""

    id: UUID


def start(model: type[Page[Any]], query: PageQuery, request: Request) -> UUID | None:
    """Return the id that the page begins after, None for the first. Raises InvalidRequest or ResyncRequired."""
    if query.cursor is None:
        return None
    key = decode(query.cursor, SORT, _filters(model, query), request.app.state.clock())
    try:
        (found,) = key
        return UUID(str(found))
    except ValueError:
        raise InvalidRequest.at("?cursor", "this is not a cursor of this list") from None


def answer(model: type[Page[Any]], found: Sequence[Identified], query: PageQuery, request: Request) -> Response:
    """Return the page, made from up to `limit` + 1 items, with its link to the next one."""
    now: datetime = request.app.state.clock()
    items, cursor = found[: query.limit], None
    if len(found) > query.limit:
        cursor = encode(SORT, _filters(model, query), [str(items[-1].id)], now)
    return entity(model(items=items, next=cursor), request=request, next_cursor=cursor)


def _filters(model: type[Page[Any]], query: PageQuery) -> dict[str, Any]:
    return {"list": model.__name__, **query.model_dump(mode="json", exclude={"limit", "cursor"})}
