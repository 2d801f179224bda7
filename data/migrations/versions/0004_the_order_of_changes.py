"""The order in which sessions changed, their triage, and when a hold was lifted."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change_counter",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_change_counter")),
    )
    # SQLite would make the table anew to take the default away again, and drop what refers to it.
    op.add_column("session_log", sa.Column("sequence", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("session_log", sa.Column("triage", sa.JSON(), nullable=True))
    op.add_column("person_hold", sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("session_log", "sequence", server_default=None)
    _number()
    op.create_index(
        op.f("ix_session_log_organization_id_sequence"), "session_log", ["organization_id", "sequence"], unique=True
    )
    op.create_index(
        op.f("ix_session_log_organization_id_person_id_sequence"),
        "session_log",
        ["organization_id", "person_id", "sequence"],
    )


def _number() -> None:
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "UPDATE session_log SET sequence = numbered.number FROM (SELECT organization_id, id, "
            "row_number() OVER (PARTITION BY organization_id ORDER BY created_at, id) AS number FROM session_log) "
            "AS numbered "
            "WHERE session_log.organization_id = numbered.organization_id AND session_log.id = numbered.id"
        )
    )
    log = sa.table("session_log", sa.column("organization_id", sa.Uuid()), sa.column("sequence", sa.BigInteger()))
    counter = sa.table(
        "change_counter",
        sa.column("organization_id", sa.Uuid()),
        sa.column("value", sa.BigInteger()),
        sa.column("epoch", sa.Uuid()),
    )
    newest = sa.select(log.c.organization_id, sa.func.max(log.c.sequence)).group_by(log.c.organization_id)
    for organization_id, value in connection.execute(newest).all():
        connection.execute(counter.insert().values(organization_id=organization_id, value=value, epoch=uuid4()))


def downgrade() -> None:
    # A schema without the column would take a hold that was lifted for one that stands.
    op.get_bind().execute(sa.text("DELETE FROM person_hold WHERE lifted_at IS NOT NULL"))
    op.drop_index(op.f("ix_session_log_organization_id_person_id_sequence"), table_name="session_log")
    op.drop_index(op.f("ix_session_log_organization_id_sequence"), table_name="session_log")
    op.drop_column("person_hold", "lifted_at")
    op.drop_column("session_log", "triage")
    op.drop_column("session_log", "sequence")
    op.drop_table("change_counter")
