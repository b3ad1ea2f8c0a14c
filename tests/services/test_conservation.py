"""Whatever is asked of the ledger, money only changes hands."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

from fastapi_single_process.db.session import AsyncSession
from fastapi_single_process.services.accounts import get_account, open_account
from fastapi_single_process.services.audit import find_discrepancies
from fastapi_single_process.services.errors import LedgerError
from fastapi_single_process.services.transfers import TransferOrder, make_transfer

# Whether each account may go below zero, and who gives how much to whom.
MAY = (True, False, False)
MOVES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(1, 20)), max_size=12)


async def play(session: AsyncSession, moves: Sequence[tuple[int, int, int]]) -> list[int]:
    """Make the moves, and hold each answer to a ledger of plain numbers."""
    opened = [
        (await open_account(session, name="x", currency="EUR", allow_negative=may)).id
        for may in MAY
    ]
    balances = [0] * len(MAY)
    for source, destination, amount in moves:
        allowed = source != destination and (MAY[source] or balances[source] >= amount)
        order = TransferOrder(
            source_id=opened[source],
            destination_id=opened[destination],
            amount=amount,
            reference="",
        )
        try:
            await make_transfer(session, order)
        except LedgerError:
            assert not allowed
        else:
            assert allowed
            balances[source] -= amount
            balances[destination] += amount
    session.expire_all()
    assert [(await get_account(session, id_)).balance for id_ in opened] == balances
    return balances


@given(moves=MOVES)
@pytest.mark.usefixtures("anyio_backend")
async def test_money_is_neither_made_nor_lost(
    shared_database_url: URL, moves: Sequence[tuple[int, int, int]]
) -> None:
    engine = create_async_engine(shared_database_url)
    async with AsyncSession(engine) as session:
        balances = await play(session, moves)

        assert sum(balances) == 0
        assert await find_discrepancies(session) == []
        await session.rollback()
    await engine.dispose()
