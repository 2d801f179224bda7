"""What people were recommended."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recommendation",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("disposition", sa.String(length=24), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "disposition = 'emergency' OR disposition = 'urgent' OR disposition = 'see_clinician' OR disposition = 'answer_first' OR disposition = 'caution' OR disposition = 'self_care'",
            name=op.f("ck_recommendation_disposition"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "person_id"],
            ["person.organization_id", "person.id"],
            name=op.f("fk_recommendation_organization_id_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_recommendation")),
    )
    op.create_index(
        op.f("ix_recommendation_organization_id_person_id_answered_at"),
        "recommendation",
        ["organization_id", "person_id", "answered_at"],
    )


def downgrade() -> None:
    op.drop_table("recommendation")
