"""create idempotency keys

Revision ID: c2f5a81d6e07
Revises: 9d3b61f0a7c4
Created: 2026-11-23 11:00:00+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "c2f5a81d6e07"
down_revision: str | Sequence[str] | None = "9d3b61f0a7c4"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Every query that comes after one that waits for a lock waits behind it. This gives up, and can be
# run again. A statement that has a reason to take longer gets a limit of its own.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'"
STATEMENT_TIMEOUT = "SET LOCAL statement_timeout = '30s'"


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    op.create_table(
        "idempotency_keys",
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "length(key) BETWEEN 1 AND 255", name=op.f("ck_idempotency_keys_key_length")
        ),
        sa.CheckConstraint(
            "num_nulls(status, headers, body) IN (0, 3)",
            name=op.f("ck_idempotency_keys_whole_answer"),
        ),
        sa.PrimaryKeyConstraint("operation", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(
        op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False
    )


def downgrade() -> None:
    """Take the schema back."""
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
