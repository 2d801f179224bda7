"""A hold while it stands: every sign counts, the graver one says how grave it is, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from data import holds
from data.database import Database
from data.holds import PersonHoldRow
from schemas.vocabulary import Disposition
from tests.conftest import Tenant

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
GRAVE, LESS = (Disposition.EMERGENCY, ["rf01", "rf02"], 0), (Disposition.URGENT, ["rf08"], 1)


@pytest.mark.parametrize("signs", [(GRAVE, LESS), (LESS, GRAVE)], ids=["graver first", "graver last"])
def test_no_sign_takes_another_one_away(
    database: Database, tenant: Tenant, signs: tuple[tuple[Disposition, list[str], int], ...]
) -> None:
    doors = database.bound_to(tenant.organization_id)
    for disposition, flags, hours in signs:
        doors.write_now(holds.place, tenant.person_id, disposition, flags, NOW + timedelta(hours=hours))

    def placed(session: Session) -> tuple[str, list[str], datetime]:
        row = session.get_one(PersonHoldRow, (tenant.organization_id, tenant.person_id))
        return row.disposition, row.flags, row.placed_at

    assert doors.read_now(placed) == ("emergency", ["rf01", "rf02", "rf08"], NOW + timedelta(hours=signs[0][2]))
    doors.write_now(holds.lift, tenant.person_id, NOW + timedelta(hours=2))
    doors.write_now(holds.place, tenant.person_id, Disposition.URGENT, ["rf08"], NOW + timedelta(hours=3))
    assert doors.read_now(placed) == ("urgent", ["rf08"], NOW + timedelta(hours=3)), "what was lifted is over"
