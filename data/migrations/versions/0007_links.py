"""Links to clinics with consent, and what they bring."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SUMS = (
    "sessions", "seconds", "exercises", "before_sum", "before_count", "after_sum", "after_count", "next_morning_sum",
    "next_morning_count", "change_sum", "change_count",
)  # fmt: skip
KEEPS_CONSENTS = {
    "sqlite": (
        (
            "CREATE TRIGGER consent_stays BEFORE UPDATE ON consent "
            "BEGIN SELECT RAISE(ABORT, 'a consent record is never changed'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE FUNCTION consent_stays() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'a consent record is never changed'; END $$"
        ),
        "CREATE TRIGGER consent_stays BEFORE UPDATE ON consent FOR EACH ROW EXECUTE FUNCTION consent_stays()",
    ),
}


def instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def key(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def flag(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def of_person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id", "person_id"],
        ["person.organization_id", "person.id"],
        name=op.f(f"fk_{table}_organization_id_person_id_person"),
    )


def partial_index(name: str, table: str, columns: Sequence[str], where: str, *, unique: bool) -> None:
    condition = sa.text(where)
    op.create_index(op.f(name), table, list(columns), unique=unique, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    # Plain ALTER TABLE: other tables refer to these, so they cannot be made anew on SQLite.
    op.add_column("person", sa.Column("linked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("session_log", key("link_id", nullable=True))
    op.add_column("session_log", key("source_id", nullable=True))
    op.add_column("recommendation", key("link_id", nullable=True))
    partial_index(
        "ix_session_log_organization_id_link_id_source_id",
        "session_log",
        ["organization_id", "link_id", "source_id"],
        "link_id IS NOT NULL",
        unique=True,
    )
    partial_index(
        "ix_recommendation_organization_id_link_id",
        "recommendation",
        ["organization_id", "link_id"],
        "link_id IS NOT NULL",
        unique=False,
    )
    the_persons_side()
    the_clinics_side()
    for statement in KEEPS_CONSENTS[op.get_bind().dialect.name]:
        op.execute(statement)


def the_persons_side() -> None:
    op.create_table(
        "person_link",
        key("organization_id"),
        key("id"),
        key("person_id"),
        key("clinic_id"),
        sa.Column("clinic_name", sa.String(), nullable=False),
        key("clinic_person_id", nullable=True),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        instant("created_at"),
        instant("withdrawn_at", nullable=True),
        sa.CheckConstraint("clinic_id <> organization_id", name=op.f("ck_person_link_clinic")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (clinic_person_id IS NOT NULL)", name=op.f("ck_person_link_stands")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_person_link_version")),
        of_person("person_link"),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_person_link")),
        sa.UniqueConstraint("organization_id", "code_digest", name=op.f("uq_person_link_organization_id_code_digest")),
    )
    partial_index(
        "ix_person_link_organization_id_person_id_clinic_id",
        "person_link",
        ["organization_id", "person_id", "clinic_id"],
        "withdrawn_at IS NULL",
        unique=True,
    )
    op.create_table(
        "consent",
        key("organization_id"),
        key("id"),
        key("person_id"),
        key("link_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=24), nullable=False),
        flag("sessions"),
        flag("progress"),
        flag("recommendations"),
        instant("covers_from", nullable=True),
        instant("covers_until", nullable=True),
        sa.Column("wording", sa.String(), nullable=False),
        instant("recorded_at"),
        sa.CheckConstraint(
            "act = 'given' OR act = 'changed' OR act = 'withdrawn' OR act = 'ended'", name=op.f("ck_consent_act")
        ),
        sa.CheckConstraint("covers_until > covers_from", name=op.f("ck_consent_span")),
        sa.ForeignKeyConstraint(
            ["organization_id", "link_id"],
            ["person_link.organization_id", "person_link.id"],
            name=op.f("fk_consent_organization_id_link_id_person_link"),
        ),
        of_person("consent"),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_consent")),
        sa.UniqueConstraint(
            "organization_id", "link_id", "number", name=op.f("uq_consent_organization_id_link_id_number")
        ),
    )
    op.create_index(op.f("ix_consent_organization_id_person_id_id"), "consent", ["organization_id", "person_id", "id"])


def the_clinics_side() -> None:
    op.create_table(
        "link_invitation",
        key("organization_id"),
        key("person_id"),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=False),
        instant("expires_at"),
        of_person("link_invitation"),
        sa.PrimaryKeyConstraint("organization_id", "person_id", name=op.f("pk_link_invitation")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_link_invitation_code_digest")),
    )
    op.create_table(
        "incoming_link",
        key("organization_id"),
        key("id"),
        key("person_id"),
        key("origin_organization_id"),
        key("origin_person_id"),
        flag("sessions"),
        flag("progress"),
        flag("recommendations"),
        instant("covers_from"),
        instant("covers_until", nullable=True),
        instant("created_at"),
        sa.CheckConstraint("origin_organization_id <> organization_id", name=op.f("ck_incoming_link_origin")),
        of_person("incoming_link"),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_incoming_link")),
    )
    op.create_index(
        op.f("ix_incoming_link_organization_id_person_id_id"), "incoming_link", ["organization_id", "person_id", "id"]
    )
    op.create_table(
        "shared_day",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in SUMS),
        key("organization_id"),
        key("person_id"),
        key("link_id"),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.CheckConstraint("sessions >= 0", name=op.f("ck_shared_day_sessions")),
        of_person("shared_day"),
        sa.PrimaryKeyConstraint("organization_id", "person_id", "link_id", "day", "region", name=op.f("pk_shared_day")),
    )
    op.create_table(
        "shared_hold",
        key("organization_id"),
        key("person_id"),
        key("link_id"),
        sa.Column("disposition", sa.String(length=24), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        instant("placed_at"),
        instant("lifted_at", nullable=True),
        sa.CheckConstraint(
            "disposition = 'emergency' OR disposition = 'urgent'", name=op.f("ck_shared_hold_disposition")
        ),
        of_person("shared_hold"),
        sa.PrimaryKeyConstraint("organization_id", "person_id", "link_id", name=op.f("pk_shared_hold")),
    )


def downgrade() -> None:
    for table in ("session_log", "recommendation"):
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {table} WHERE link_id IS NOT NULL LIMIT 1")).first():  # noqa: S608
            # Without its link a clinic could neither tell whose it is nor give it back.
            raise RuntimeError(f"there are shared rows in {table}: end the links first")
    for table in ("shared_hold", "shared_day", "incoming_link", "link_invitation", "consent", "person_link"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION consent_stays()")
    op.drop_index(op.f("ix_recommendation_organization_id_link_id"), "recommendation")
    op.drop_index(op.f("ix_session_log_organization_id_link_id_source_id"), "session_log")
    op.drop_column("recommendation", "link_id")
    op.drop_column("session_log", "source_id")
    op.drop_column("session_log", "link_id")
    op.drop_column("person", "linked")
