"""What was told for the answers of older servers is read from the answers, on both databases."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid5

import pytest
from sqlalchemy import create_engine

from data import holds, recommendations
from data.database import Database, normalised
from data.migrations.run import downgrade, migrate
from data.recommendations import Answered
from schemas.told import Telling, ToldAt
from schemas.vocabulary import Disposition
from tests.conftest import Tenant

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)


def answer(kind: str, **understood: Any) -> bytes:
    offers = [{"exercise": {"kind": kind}}]
    return json.dumps({"understood": {"conditions": [], **understood}, "exercises": offers}).encode()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (answer("mobility"), Telling()),
        (answer("breathing", age=40), Telling(age=40)),
        (
            answer("mobility", conditions=[{"id": "pregnancy"}], checked_for=["cardiac"], pregnancy_weeks=20),
            Telling(conditions=("cardiac", "pregnancy"), pregnancy_weeks=20),
        ),
        (answer("breathing", checked_for=["cardiac"]), Telling(conditions=("cardiac",), waiting=("cardiac",))),
    ],
)
def test_an_older_answer_tells_what_was_told(
    database: Database, database_url: str, tenant: Tenant, content: bytes, told: Telling
) -> None:
    doors = database.bound_to(tenant.organization_id)
    kept = Answered(uuid5(tenant.person_id, "answer"), Disposition.CAUTION, [], content, Telling(age=99))
    doors.write_now(recommendations.keep, tenant.person_id, kept, holds.Change.NONE, NOW)
    engine = create_engine(normalised(database_url))
    downgrade(engine, "0010")
    migrate(engine)
    engine.dispose()
    assert doors.read_now(recommendations.told_since, tenant.person_id, EARLIEST) == [ToldAt(told, NOW)]
