"""Accounts, sign-ins, trusted issuers, and what is told of organisations and keys."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Plain ALTER TABLE: other tables refer to these, so they cannot be made anew on SQLite.
    op.add_column("organization", sa.Column("open_sign_up", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("api_key", sa.Column("name", sa.String(), nullable=False, server_default=""))
    op.add_column("api_key", sa.Column("prefix", sa.String(), nullable=False, server_default=""))
    op.add_column("api_key", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "account",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("role", sa.String(length=24), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("issuer", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("invitation_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("invitation_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role = 'owner' OR role = 'clinician' OR role = 'editor' OR role = 'viewer'", name=op.f("ck_account_role")
        ),
        sa.CheckConstraint(
            "(role IS NULL AND person_id IS NOT NULL) OR (role IS NOT NULL AND person_id IS NULL)",
            name=op.f("ck_account_whose"),
        ),
        sa.CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name=op.f("ck_account_identity")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_account_version")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_account_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "person_id"],
            ["person.organization_id", "person.id"],
            name=op.f("fk_account_organization_id_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_account")),
        sa.UniqueConstraint("organization_id", "email", name=op.f("uq_account_organization_id_email")),
        sa.UniqueConstraint("organization_id", "person_id", name=op.f("uq_account_organization_id_person_id")),
        sa.UniqueConstraint(
            "organization_id", "issuer", "subject", name=op.f("uq_account_organization_id_issuer_subject")
        ),
        sa.UniqueConstraint("invitation_digest", name=op.f("uq_account_invitation_digest")),
    )
    op.create_table(
        "sign_in",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("access_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("access_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refresh_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("refresh_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("presented", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"],
            ["account.organization_id", "account.id"],
            name=op.f("fk_sign_in_organization_id_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("access_digest", name=op.f("uq_sign_in_access_digest")),
        sa.UniqueConstraint("refresh_digest", name=op.f("uq_sign_in_refresh_digest")),
    )
    op.create_index(op.f("ix_sign_in_organization_id_account_id"), "sign_in", ["organization_id", "account_id"])
    op.create_table(
        "spent_refresh",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("refresh_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "sign_in_id"],
            ["sign_in.organization_id", "sign_in.id"],
            name=op.f("fk_spent_refresh_organization_id_sign_in_id_sign_in"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "refresh_digest", name=op.f("pk_spent_refresh")),
        sa.UniqueConstraint("refresh_digest", name=op.f("uq_spent_refresh_refresh_digest")),
    )
    op.create_index(
        op.f("ix_spent_refresh_organization_id_sign_in_id"), "spent_refresh", ["organization_id", "sign_in_id"]
    )
    op.create_table(
        "trusted_issuer",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("jwks_url", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_trusted_issuer_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_trusted_issuer")),
        sa.UniqueConstraint(
            "organization_id", "issuer", "audience", name=op.f("uq_trusted_issuer_organization_id_issuer_audience")
        ),
    )


def downgrade() -> None:
    op.drop_table("trusted_issuer")
    op.drop_table("spent_refresh")
    op.drop_table("sign_in")
    op.drop_table("account")
    op.drop_column("api_key", "last_used_at")
    op.drop_column("api_key", "prefix")
    op.drop_column("api_key", "name")
    op.drop_column("organization", "open_sign_up")
