"""What people told with their questions, beside the answers, and when for the last time."""

import json
import zlib
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NOTHING = '{"conditions":[],"waiting":[],"cleared":false,"age":null,"pregnancy_weeks":null}'
EPOCH = "1970-01-01 00:00:00.000000"
AT_ONCE = 500


def upgrade() -> None:
    # SQLite would make the table anew to take a default away again.
    op.add_column("recommendation", sa.Column("told", sa.Text(), nullable=False, server_default=NOTHING))
    op.add_column(
        "recommendation", sa.Column("told_at", sa.DateTime(timezone=True), nullable=False, server_default=EPOCH)
    )
    if op.get_bind().dialect.name == "postgresql":
        for column in ("told", "told_at"):
            op.alter_column("recommendation", column, server_default=None)
    op.execute(sa.text("UPDATE recommendation SET told_at = answered_at"))
    remember()


def remember() -> None:
    """Read from each answer what was told for it: all waits for a clinician where it offered breathing at most."""
    table = sa.table(
        "recommendation",
        sa.column("organization_id", sa.Uuid()),
        sa.column("id", sa.Uuid()),
        sa.column("answer", sa.LargeBinary()),
        sa.column("told", sa.Text()),
    )
    key = sa.tuple_(table.c.organization_id, table.c.id)
    some = sa.select(table.c.organization_id, table.c.id, table.c.answer).order_by(*key).limit(AT_ONCE)
    change = table.update().where(
        table.c.organization_id == sa.bindparam("tenant"), table.c.id == sa.bindparam("answer_id")
    )
    found = op.get_bind().execute(some).all()
    while found:
        rows = [{"tenant": row[0], "answer_id": row[1], "text": told_by(row[2])} for row in found]
        op.get_bind().execute(change.values(told=sa.bindparam("text")), rows)
        last = sa.tuple_(sa.literal(found[-1][0], sa.Uuid()), sa.literal(found[-1][1], sa.Uuid()))
        found = op.get_bind().execute(some.where(key > last)).all()


def told_by(answer: bytes) -> str:
    content: dict[str, Any] = json.loads(zlib.decompress(answer))
    understood = content["understood"]
    named = {term["id"] for term in understood["conditions"]}
    conditions = sorted(named.union(understood.get("checked_for", ())))
    more_than_breathing = any(offer["exercise"]["kind"] != "breathing" for offer in content["exercises"])
    said = {
        "conditions": conditions,
        "waiting": [] if more_than_breathing else conditions,
        "cleared": False,
        "age": understood.get("age"),
        "pregnancy_weeks": understood.get("pregnancy_weeks"),
    }
    return json.dumps(said, separators=(",", ":"))


def downgrade() -> None:
    for column in ("told_at", "told"):
        op.drop_column("recommendation", column)
