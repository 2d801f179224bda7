"""The audit log that only grows, pseudonyms, the ledger of erasures, the server's own chores."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OLD_ENOUGH = "EXISTS (SELECT 1 FROM housekeeping WHERE OLD.at < audit_open_before)"
REFUSAL = "the audit log is append-only"


def upgrade() -> None:
    _give_pseudonyms()
    op.create_table(
        "audit_event",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=24), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("record", sa.String(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "actor_kind = 'key' OR actor_kind = 'member' OR actor_kind = 'person' OR actor_kind = 'system'",
            name=op.f("ck_audit_event_actor_kind"),
        ),
        sa.CheckConstraint(
            "action = 'read' OR action = 'write' OR action = 'delete' OR action = 'export' OR action = 'erase' "
            "OR action = 'expire' OR action = 'sign_in'",
            name=op.f("ck_audit_event_action"),
        ),
        sa.CheckConstraint("count >= 1", name=op.f("ck_audit_event_count")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_audit_event")),
    )
    op.create_index(
        op.f("ix_audit_event_organization_id_subject_id"), "audit_event", ["organization_id", "subject", "id"]
    )
    op.create_table(
        "erasure",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("person_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remains_gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "person_digest", name=op.f("pk_erasure")),
    )
    op.create_table(
        "erased_session",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_erased_session")),
    )
    op.create_index(
        op.f("ix_erased_session_organization_id_sequence"),
        "erased_session",
        ["organization_id", "sequence"],
        unique=True,
    )
    op.create_table(
        "housekeeping",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("last_run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("audit_open_before", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_housekeeping_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_housekeeping")),
    )
    _keep_the_audit_log()


def _give_pseudonyms() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    # Other tables refer to people, so SQLite cannot make the table anew to take a default away again.
    op.add_column("person", sa.Column("pseudonym", sa.Uuid(), nullable=False, server_default="0" * 32))
    drawn = sa.func.lower(sa.func.hex(sa.func.randomblob(16))) if sqlite else sa.func.gen_random_uuid()
    op.execute(sa.table("person", sa.column("pseudonym")).update().values(pseudonym=drawn))
    if not sqlite:
        op.alter_column("person", "pseudonym", server_default=None)
    op.create_index(
        op.f("ix_person_organization_id_pseudonym"), "person", ["organization_id", "pseudonym"], unique=True
    )


def _keep_the_audit_log() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger, event, condition in (
            ("audit_event_unchanged", "UPDATE", ""),
            ("audit_event_kept", "DELETE", f"WHEN NOT {OLD_ENOUGH} "),
        ):
            op.execute(
                f"CREATE TRIGGER {trigger} BEFORE {event} ON audit_event {condition}"
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_event_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN IF {OLD_ENOUGH} THEN RETURN OLD; END IF; END IF; "
        f"RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_event_kept BEFORE UPDATE OR DELETE ON audit_event "
        "FOR EACH ROW EXECUTE FUNCTION audit_event_kept()"
    )
    op.execute(
        "CREATE TRIGGER audit_event_not_emptied BEFORE TRUNCATE ON audit_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_event_kept()"
    )


def downgrade() -> None:
    op.drop_table("audit_event")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_event_kept()")
    op.drop_table("housekeeping")
    op.drop_table("erased_session")
    op.drop_table("erasure")
    op.drop_index(op.f("ix_person_organization_id_pseudonym"), table_name="person")
    op.drop_column("person", "pseudonym")
