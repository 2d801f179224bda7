"""Programs and their versions."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "program",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("from_recommendation_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "made_by = 'person' OR made_by = 'organization'",
            name=op.f("ck_program_made_by"),
        ),
        sa.CheckConstraint(
            "state = 'active' OR state = 'paused' OR state = 'ended'",
            name=op.f("ck_program_state"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_program_version")),
        sa.ForeignKeyConstraint(
            ["organization_id", "person_id"],
            ["person.organization_id", "person.id"],
            name=op.f("fk_program_organization_id_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_program")),
    )
    op.create_index(op.f("ix_program_organization_id_person_id_id"), "program", ["organization_id", "person_id", "id"])
    op.create_table(
        "program_version",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("program_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_program_version_version")),
        sa.ForeignKeyConstraint(
            ["organization_id", "program_id"],
            ["program.organization_id", "program.id"],
            name=op.f("fk_program_version_organization_id_program_id_program"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "program_id", "version", name=op.f("pk_program_version")),
    )


def downgrade() -> None:
    op.drop_table("program_version")
    op.drop_table("program")
