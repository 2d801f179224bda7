"""What links bring of an answer that sessions or overrides had a part in: the same without them. Scores of function
can be deleted.

What was stored before does not tell whether they had a part in it: it is brought nowhere, and taken back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("function_score", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("recommendation", sa.Column("shared_answer", sa.LargeBinary(), nullable=True))
    op.get_bind().execute(sa.text("DELETE FROM recommendation WHERE link_id IS NOT NULL"))
    op.get_bind().execute(sa.text("UPDATE recommendation SET shared_answer = :nothing"), {"nothing": b""})


def downgrade() -> None:
    op.drop_column("recommendation", "shared_answer")
    op.drop_column("function_score", "deleted_at")
