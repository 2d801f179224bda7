"""Scores of function, and what each person's sessions call for."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def key(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=False)


def words(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(), nullable=nullable)


def of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id", "person_id"],
        ["person.organization_id", "person.id"],
        name=op.f(f"fk_{table}_organization_id_person_id_person"),
    )


def upgrade() -> None:
    op.create_table(
        "function_score",
        key("organization_id"),
        key("id"),
        key("person_id"),
        sa.Column("instrument", sa.String(length=24), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("first", "second", "third")),
        sa.Column("activities", sa.JSON(), nullable=True),
        instant("answered_at"),
        words("timezone"),
        words("local_day"),
        sa.Column("created_digest", sa.LargeBinary(length=32), nullable=False),
        instant("created_at"),
        sa.CheckConstraint("instrument = 'psfs' OR instrument = 'peg'", name=op.f("ck_function_score_instrument")),
        *(
            sa.CheckConstraint(f"{name} BETWEEN 0 AND 10", name=op.f(f"ck_function_score_{name}"))
            for name in ("first", "second", "third")
        ),
        of_person("function_score"),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_function_score")),
    )
    op.create_index(
        op.f("ix_function_score_organization_id_person_id_id"),
        "function_score",
        ["organization_id", "person_id", "id"],
    )
    op.create_table(
        "person_attention",
        key("organization_id"),
        key("person_id"),
        sa.Column("stale", sa.Boolean(), nullable=False),
        words("last_day", nullable=True),
        instant("red_at", nullable=True),
        instant("hurt_at", nullable=True),
        words("rise_region", nullable=True),
        sa.Column("rise_baseline", sa.Float(), nullable=True),
        sa.Column("rise_recent", sa.Float(), nullable=True),
        words("low_from", nullable=True),
        words("low_until", nullable=True),
        of_person("person_attention"),
        sa.PrimaryKeyConstraint("organization_id", "person_id", name=op.f("pk_person_attention")),
    )
    stale = sa.text("stale")
    op.create_index(
        op.f("ix_person_attention_organization_id_person_id"),
        "person_attention",
        ["organization_id", "person_id"],
        sqlite_where=stale,
        postgresql_where=stale,
    )
    # Whoever is known already is looked at before the first list.
    op.execute(
        "INSERT INTO person_attention (organization_id, person_id, stale) SELECT organization_id, id, true FROM person"
    )


def downgrade() -> None:
    op.drop_table("person_attention")
    op.drop_table("function_score")
