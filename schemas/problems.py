"""The one shape of every error: problem details for HTTP APIs (RFC 9457)."""

from pydantic import ConfigDict, Field

from schemas.base import Schema


class FieldError(Schema):
    """What is wrong with one field. The submitted value is never repeated."""

    pointer: str = Field(
        description="JSON pointer into the body, or `?name` for a query parameter, or a header's name."
    )
    detail: str


class ProblemDetails(Schema):
    """Why a request was refused. `type` is a page that explains the problem; `errors` name the fields.

    Further members are extensions: `current` holds the resource as it now stands when a version was stale.
    """

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []
