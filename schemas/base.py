"""What every shape is built from: strict models, bounded text, instants in UTC, pages."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")

EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
# Tab, line feed and carriage return are allowed.
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class Schema(BaseModel):
    """A shape that travels: unknown fields are refused, NaN and infinities too."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Document(BaseModel):
    """A piece of the catalogue: immutable once read, unknown fields refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


def refuse_unprintable(value: str) -> str:
    """Return `value` unchanged; raises ValueError on control or surrogate characters."""
    if _UNPRINTABLE.search(value):
        raise ValueError("must not contain control or surrogate characters")
    return value


@dataclass(frozen=True)
class Text:
    """Marks a string as text of `min_length` to `max_length` characters that every database can hold."""

    max_length: int
    min_length: int = 0

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        bounded = core_schema.str_schema(min_length=self.min_length, max_length=self.max_length, strict=True)
        return core_schema.no_info_after_validator_function(refuse_unprintable, bounded)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "minLength": self.min_length, "maxLength": self.max_length}


def _only_text(value: object) -> object:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("must be an RFC 3339 date and time with an offset, as text")
    if len(value) < 11 or value[10] not in "Tt ":
        raise ValueError("must be an RFC 3339 date and time with an offset")
    return value


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("must carry a time-zone offset, such as Z or +02:00")
    try:
        instant = value.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie between the years 1900 and 2200") from None
    if not EARLIEST <= instant < LATEST:
        raise ValueError("must lie between the years 1900 and 2200")
    return instant


UtcDateTime = Annotated[
    datetime,
    BeforeValidator(_only_text),
    AfterValidator(_in_utc),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An aware instant between 1900 and 2200, held in UTC, written as RFC 3339 with Z."""

TermId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(-[a-z0-9]+)*$", max_length=64)]
"""An id of the vocabulary, such as `mid_back` or the movement property `l-flex-end`."""

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
"""An exercise id, such as `standing-mid-back-reach`."""


LanguageRange = Annotated[str, Field(pattern=r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$")]
"""A language as a client asks for it, such as `de-AT`. Source: RFC 4647."""


class Page(Schema, Generic[T]):
    """One page of a list. `next` is the cursor of the following page, null at the end."""

    items: list[T]
    next: str | None = Field(description="Opaque cursor of the next page; null on the last page.")


class PageQuery(Schema):
    """How a list is walked: at most `limit` items, from `cursor` on."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, Text(1024)] | None = None
