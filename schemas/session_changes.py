"""Following the sessions by cursor: what was posted, changed and deleted since."""

from uuid import UUID

from pydantic import Field

from schemas.base import PageQuery, Schema
from schemas.session_logs import SessionLog


class SessionChangesQuery(PageQuery):
    """Where to go on, and of whom; without a cursor from the beginning."""

    person_id: UUID | None = None


class SessionChange(Schema):
    """A session that was posted or changed, as it now stands; of a deleted one there is its id and nothing else."""

    id: UUID
    deleted: bool
    session: SessionLog | None = Field(description="Null when it was deleted.")


class SessionChanges(Schema):
    """Some changes, each session where it changed last."""

    items: list[SessionChange]
    next: str = Field(description="The cursor to keep and to ask with from now on, also when nothing was new.")
    more: bool = Field(description="True when there is more to ask for at once.")
