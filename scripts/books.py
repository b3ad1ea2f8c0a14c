"""Books with many transfers in them, written in bulk."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

__all__ = ["ACCOUNTS", "fill"]

ACCOUNTS = 10
BATCH = 50_000

OPEN_ACCOUNTS = text("""
    INSERT INTO accounts (name, currency, allow_negative)
    SELECT 'Account ' || number, 'EUR', true
    FROM generate_series(1, CAST(:accounts AS int)) AS number
""")
# Transfers go round: from each account to the one after it. Each has two entries with the balance
# that they leave, so that every trigger and every proof of the ledger is satisfied.
FILL = text("""
    WITH ring AS (
        SELECT id, balance, version, row_number() OVER (ORDER BY id) - 1 AS place FROM accounts
    ), transfer AS (
        INSERT INTO transfers (id, source_id, destination_id, amount, currency, reference)
        SELECT uuidv7(), source.id, destination.id, 1, 'EUR', 'filled'
        FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS number
        JOIN ring AS source ON source.place = number % CAST(:accounts AS int)
        JOIN ring AS destination ON destination.place = (number + 1) % CAST(:accounts AS int)
        ORDER BY number
        RETURNING id, source_id, destination_id
    ), entry AS (
        SELECT id, source_id AS account_id, -1 AS amount FROM transfer
        UNION ALL
        SELECT id, destination_id, 1 FROM transfer
    ), written AS (
        INSERT INTO entries (transfer_id, account_id, amount, number, balance_after)
        SELECT entry.id, account_id, entry.amount, version + row_number() OVER account,
            balance + sum(entry.amount) OVER account
        FROM entry JOIN ring ON ring.id = account_id
        WINDOW account AS (PARTITION BY account_id ORDER BY entry.id)
        ORDER BY entry.id
    )
    UPDATE accounts SET balance = balance + change, version = version + number
    FROM (
        SELECT account_id, sum(amount) AS change, count(*) AS number FROM entry GROUP BY account_id
    ) AS changes
    WHERE accounts.id = account_id
""")


async def fill(url: str, transfers: int) -> None:
    """Open accounts and make transfers, in batches."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(OPEN_ACCOUNTS, {"accounts": ACCOUNTS})
    for first in range(0, transfers, BATCH):
        last = min(first + BATCH, transfers) - 1
        async with engine.begin() as connection:
            await connection.execute(FILL, {"first": first, "last": last, "accounts": ACCOUNTS})
        print(f"{last + 1} transfers filled in", flush=True)
    await engine.dispose()
    tidy = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with tidy.connect() as connection:
        await connection.execute(text("VACUUM (ANALYZE)"))
    await tidy.dispose()
