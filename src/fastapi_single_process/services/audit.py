"""Whether the books balance."""

from collections.abc import Sequence

from sqlalchemy import text

from fastapi_single_process.db.session import AsyncSession

__all__ = ["find_discrepancies"]

# Read in one snapshot, so that it can be asked at any time, under load too.
DISCREPANCIES = text("""
    SELECT format('account %s: balance %s, entries %s', id, balance, total) FROM (
        SELECT accounts.id, balance, coalesce(sum(amount), 0) AS total
        FROM accounts LEFT JOIN entries ON account_id = accounts.id
        GROUP BY accounts.id
    ) AS accounts WHERE balance <> total
    UNION ALL
    SELECT format('account %s: below zero', id)
    FROM accounts WHERE balance < 0 AND NOT allow_negative
    UNION ALL
    SELECT format('transfer %s: %s entries, %s in all', id, number, total) FROM (
        SELECT transfers.id, count(entries.id) AS number, coalesce(sum(entries.amount), 0) AS total
        FROM transfers LEFT JOIN entries ON transfer_id = transfers.id
        GROUP BY transfers.id
    ) AS transfers WHERE number <> 2 OR total <> 0
    UNION ALL
    SELECT format('account %s: entries that leave another balance: %s', account_id, count(*)) FROM (
        SELECT account_id, balance_after, sum(amount) OVER (
            PARTITION BY account_id ORDER BY number
        ) AS total FROM entries
    ) AS entries WHERE balance_after <> total GROUP BY account_id
""")


async def find_discrepancies(session: AsyncSession) -> Sequence[str]:
    """Say what is wrong with the books, a line each; nothing if they balance.

    It reads every entry: for tests and for the night, not for a request.
    """
    return (await session.scalars(DISCREPANCIES)).all()
