"""Everything that is held about one person, table by table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class HeldRecords:
    """The rows of one kind of record, each in the order of the columns."""

    kind: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class HeldArchive:
    """All records of one person as they stood at one instant, and the schema that their columns belong to."""

    organization_id: UUID
    person_id: UUID
    made_at: datetime
    schema_revision: str
    records: Sequence[HeldRecords]
