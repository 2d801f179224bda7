"""What clients need to follow the catalogue, and the exercises of organisations."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalog_past_release",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_catalog_past_release")),
    )
    op.create_table(
        "own_exercise",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_in", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_in", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_own_exercise")),
    )
    op.create_table(
        "own_revision",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "number", name=op.f("pk_own_revision")),
    )
    with op.batch_alter_table("catalog_document") as document:
        document.add_column(sa.Column("changed_in", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("catalog_document") as document:
        document.alter_column("changed_in", server_default=None)
    connection = op.get_bind()
    number = connection.execute(sa.text("SELECT number FROM catalog_release")).scalar_one_or_none()
    if number is not None:
        connection.execute(sa.text("UPDATE catalog_document SET changed_in = :number"), {"number": number})
        connection.execute(
            sa.text("INSERT INTO catalog_past_release (number, token) VALUES (:number, :token)"),
            {"number": number, "token": secrets.token_hex(8)},
        )


def downgrade() -> None:
    op.get_bind().execute(sa.text("DELETE FROM catalog_document WHERE document = ''"))
    with op.batch_alter_table("catalog_document") as document:
        document.drop_column("changed_in")
    op.drop_table("own_revision")
    op.drop_table("own_exercise")
    op.drop_table("catalog_past_release")
