"""create health checks

Revision ID: 4c1f0a9e7b52
Revises:
Created: 2026-11-23 09:00:00+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "4c1f0a9e7b52"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "health_checks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_checks")),
    )
    # The row that the health check reads; autogenerate sees tables, not rows.
    op.execute("INSERT INTO health_checks DEFAULT VALUES")


def downgrade() -> None:
    """Take the schema back."""
    op.drop_table("health_checks")
