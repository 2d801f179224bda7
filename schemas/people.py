"""People: an organisation's patients or users, known by the organisation's own id."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict

from schemas.attention import Attention
from schemas.base import Page, PageQuery, Schema, Text, UtcDateTime


class PersonCreate(Schema):
    """A person to be known by `external_id`, unique in the organisation. `id` may be made by the client."""

    id: UUID | None = None
    external_id: Annotated[str, Text(120, 1)]


class Person(Schema):
    """A person of this organisation."""

    id: UUID
    external_id: str
    created_at: UtcDateTime


class Erasure(Schema):
    """A person who is gone: not from when on, but that nothing leads back. `remains_gone_at` is when the last of their
    bytes had left the database's files too, null until then."""

    id: UUID
    erased_at: UtcDateTime
    remains_gone_at: UtcDateTime | None


class LedgerEntry(Schema):
    """An erasure as it is kept apart from the database, so that a restored backup brings nobody back. The digest names
    a person only to whoever knows the id."""

    model_config = ConfigDict(val_json_bytes="hex", ser_json_bytes="hex")

    organization_id: UUID
    person_digest: bytes
    id: UUID
    erased_at: UtcDateTime


class PersonQuery(PageQuery):
    """Which people: all in the order of their ids, the one with this external id, or who needs a look first.

    `sort=attention` needs `progress:read` too.
    """

    external_id: Annotated[str, Text(120, 1)] | None = None
    sort: Literal["id", "attention"] = "id"


class PersonPage(Page[Person]):
    """One page of people, in the order of their ids."""


class PersonToSee(Person):
    """A person of this organisation, and why somebody should look."""

    attention: Attention


class AttentionPage(Page[PersonToSee]):
    """One page of people, who needs a look first."""
