"""Everything that can be refused, as a tree of exceptions, and the one way they are rendered.

Problem
    InvalidRequest 422          MalformedBody 400        BodyTooLarge 413        UnsupportedMediaType 415
    MalformedRequest 400        AddressTooLong 414       HeadersTooLarge 431     RequestTimeout 408
    NotAuthenticated 401        MissingScope 403         NotFound 404            MethodNotAllowed 405
    SignInRefused 401           SignUpClosed 403         EmailTaken 409          LastOwner 409
    SharedReadOnly 403          AlreadyLinked 409        CatalogFull 409
    IdConflict 409              Gone 410                 ResyncRequired 410
    StaleVersion 412            VersionRequired 428      TooManyRequests 429
    Busy 503                    Unavailable 503          InternalError 500

A class's status and title are its attributes, its slug comes from its name, its docstring is the page at its `type`.
"""

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import BaseModel
from pydantic_core import to_json
from starlette.responses import Response

from schemas.problems import FieldError, ProblemDetails

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """Something was refused."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Problem"
    standing_headers: ClassVar[Mapping[str, str]] = {}
    """Headers that every answer of this kind carries."""

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        current: BaseModel | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail or self.title
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.current = current

    @classmethod
    def slug(cls) -> str:
        """Return the name of the problem in addresses, such as `missing-scope`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def at(cls, pointer: str, detail: str) -> "Problem":
        """Return the problem for one field."""
        return cls(detail, errors=[FieldError(pointer=pointer, detail=detail)])

    def details(self) -> ProblemDetails:
        """Return the shape that is sent."""
        return ProblemDetails(
            type=f"/problems/{self.slug()}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            errors=self.errors,
        )

    def response(self) -> Response:
        """Return the answer; a stale write also carries the current resource."""
        body = self.details().model_dump(mode="json")
        if self.current is not None:
            body["current"] = self.current.model_dump(mode="json")
        return Response(
            to_json(body),
            status_code=self.status,
            headers={"Cache-Control": "no-store", **self.standing_headers, **self.headers},
            media_type=MEDIA_TYPE,
        )


class InvalidRequest(Problem):
    """A field, a query parameter or a header has a value that cannot be taken; `errors` name each one by its JSON
    pointer. Nothing was stored. Mend the fields and send the request again."""

    status = 422
    title = "The request has invalid fields"


class MalformedBody(Problem):
    """The body is not JSON in UTF-8, is nested too deeply, or names a member twice. Nothing was stored."""

    status = 400
    title = "The body cannot be read as JSON"


class BodyTooLarge(Problem):
    """The body is larger than this route takes: 2 MiB for batches, 64 KiB elsewhere. Send less at once."""

    status = 413
    title = "The body is too large"


class MalformedRequest(Problem):
    """What came is not a request of HTTP/1.1. The connection is closed."""

    status = 400
    title = "The request cannot be read"


class AddressTooLong(Problem):
    """The address with its query is longer than 8 KiB. Long lists belong into a body. The connection is closed."""

    status = 414
    title = "The address is too long"


class HeadersTooLarge(Problem):
    """A request has at most 100 headers, 32 KiB in all. The connection is closed."""

    status = 431
    title = "The headers are too large"


class RequestTimeout(Problem):
    """The request did not arrive whole in time: its head has 10 seconds, its body 30, unless the server was set up
    otherwise. Nothing was stored. The connection is closed; send the request again."""

    status = 408
    title = "The request took too long to arrive"


class UnsupportedMediaType(Problem):
    """Bodies are `application/json`, uncompressed."""

    status = 415
    title = "The body has an unsupported media type"


class NotAuthenticated(Problem):
    """It takes a key or an access token, as `Authorization: Bearer KEY`, or what was sent is unknown, expired or
    revoked. An access token that has expired is replaced by `POST /auth/refresh`."""

    status = 401
    title = "A valid key is needed"


class MissingScope(Problem):
    """The key is valid and may not do this. Ask the organisation for a key with the scope that `detail` names. A
    person's own token reaches what is that person's, and nothing of the organisation; a member's, what the role may."""

    status = 403
    title = "The key lacks a scope"


class NotFound(Problem):
    """There is nothing here for this caller. What belongs to somebody else answers the same."""

    status = 404
    title = "Not found"


class MethodNotAllowed(Problem):
    """The address exists and does not take this method; the Allow header lists those it takes."""

    status = 405
    title = "Method not allowed"


class IdConflict(Problem):
    """The id is taken by something with other content. A retry must repeat the content of the first post; something new
    needs an id of its own."""

    status = 409
    title = "The id is taken by other content"


class CatalogFull(Problem):
    """The organisation has as many exercises of its own as it may have. Retire some first."""

    status = 409
    title = "No room for more exercises"


class Gone(Problem):
    """What had this id was deleted, and is never brought back by a late retry."""

    status = 410
    title = "It was deleted"


class ResyncRequired(Problem):
    """The cursor is too old, or ahead of this server. Start again without a cursor."""

    status = 410
    title = "The cursor can no longer be followed"


class StaleVersion(Problem):
    """Somebody changed it meanwhile. `current` holds it as it now stands: merge, and send with its ETag."""

    status = 412
    title = "The version is stale"


class VersionRequired(Problem):
    """Changing or deleting needs `If-Match` with the ETag of the version that you saw."""

    status = 428
    title = "If-Match is required"


class TooManyRequests(Problem):
    """More was asked within a minute than an address, a key or an account may ask. Nothing was done. Wait as long as
    Retry-After says; `RateLimit` in every answer tells how much is left, so that it need not come to this."""

    status = 429
    title = "Too many requests"


class Busy(Problem):
    """Too much is waiting to be stored. Nothing was promised; try again after the time in Retry-After."""

    status = 503
    title = "The server is busy"


class Unavailable(Problem):
    """The database or the catalogue cannot be reached just now. Nothing was promised; a retry is harmless."""

    status = 503
    title = "The service is unavailable"


class InternalError(Problem):
    """A fault of this server. What was sent is not repeated in logs."""

    status = 500
    title = "Internal error"


PUBLIC = (NotAuthenticated, InvalidRequest, TooManyRequests, Unavailable)
"""What any public operation may answer."""

KEYED = (NotAuthenticated, MissingScope, InvalidRequest, TooManyRequests, Unavailable)
"""What any operation that needs a key may answer."""

BODIED = (MalformedBody, BodyTooLarge, UnsupportedMediaType)
"""What any operation that takes a body may answer besides."""


def all_problems() -> dict[str, type[Problem]]:
    """Return every kind of problem by slug."""
    return {kind.slug(): kind for kind in Problem.__subclasses__()}


def page_of(kind: type[Problem]) -> str:
    """Return what the problem means, as text."""
    return f"{kind.title} ({kind.status})\n\n{inspect.cleandoc(kind.__doc__ or '')}\n"


def declared(*kinds: type[Problem], replay: type[BaseModel] | None = None) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that may answer with these problems, and 200 with `replay` when repeated."""
    by_status: dict[int | str, list[type[Problem]]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    schema = {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
    responses: dict[int | str, dict[str, Any]] = {}
    if replay is not None:
        responses[200] = {"model": replay, "description": "It was there already"}
    for status, same in by_status.items():
        responses[status] = {"description": "; ".join(kind.title for kind in same), "content": {MEDIA_TYPE: schema}}
    return responses
