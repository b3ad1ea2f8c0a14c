"""number entries

Revision ID: 9d3b61f0a7c4
Revises: fbcc729384ee
Created: 2026-11-23 10:30:00+00:00
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "9d3b61f0a7c4"
down_revision: str | Sequence[str] | None = "fbcc729384ee"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Every query that comes after one that waits for a lock waits behind it. This gives up, and can be
# run again. A statement that has a reason to take longer gets a limit of its own.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'"
STATEMENT_TIMEOUT = "SET LOCAL statement_timeout = '30s'"

# The entries that are there are numbered in the order of their ids, by which they were listed. An
# account's version is greater than the number of its entries, so that new ones come behind.
NUMBER = """
UPDATE entries SET number = place FROM (
    SELECT id AS entry_id, row_number() OVER (PARTITION BY account_id ORDER BY id) AS place
    FROM entries
) AS places WHERE id = entry_id
"""


# In one transaction, which keeps others from the entries while it runs, for half a minute at the
# most: transfers between the numbering and the NOT NULL would have no number.
REQUIRE = """
-- squawk-ignore adding-not-nullable-field
ALTER TABLE entries ALTER COLUMN number SET NOT NULL
"""
INDEX = """
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX uq_entries_account_id_number ON entries (account_id, number)
"""
DROP_INDEX = """
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX ix_entries_account_id_id
"""


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    op.add_column("entries", sa.Column("number", sa.BigInteger(), nullable=True))
    op.execute("ALTER TABLE entries DISABLE TRIGGER entries_are_never_changed")
    op.execute(NUMBER)
    op.execute("ALTER TABLE entries ENABLE TRIGGER entries_are_never_changed")
    op.execute(REQUIRE)
    op.execute(INDEX)
    op.execute(DROP_INDEX)


def downgrade() -> None:
    """Take the schema back."""
    op.execute(LOCK_TIMEOUT)
    op.execute(STATEMENT_TIMEOUT)
    op.create_index(op.f("ix_entries_account_id_id"), "entries", ["account_id", "id"], unique=False)
    op.drop_index("uq_entries_account_id_number", table_name="entries")
    op.drop_column("entries", "number")
