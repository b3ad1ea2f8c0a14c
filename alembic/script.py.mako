"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Created: ${create_date}
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision: str = ${repr(up_revision)}
down_revision: str | Sequence[str] | None = ${repr(down_revision)}
branch_labels: str | Sequence[str] | None = ${repr(branch_labels)}
depends_on: str | Sequence[str] | None = ${repr(depends_on)}

# Every query that comes after one that waits for a lock waits behind it. This gives up, and can be
# run again. A statement that has a reason to take longer gets a limit of its own.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'"
STATEMENT_TIMEOUT = "SET LOCAL statement_timeout = '30s'"


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    ${upgrades if upgrades else ""}


def downgrade() -> None:
    """Take the schema back."""
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    ${downgrades if downgrades else ""}
