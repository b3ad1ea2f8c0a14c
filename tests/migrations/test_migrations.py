import asyncio
from collections.abc import Iterator
from uuid import UUID

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine
from support.migrations import printed
from support.postgres import execute, show

from fastapi_single_process.db.session import AsyncSession
from fastapi_single_process.services.audit import find_discrepancies

NOWHERE = "postgresql+asyncpg://app:hunter2@127.0.0.1:1/app"


def test_the_sql_can_be_read_before_it_is_run(
    alembic: Config,
) -> None:
    command.upgrade(alembic, "head", sql=True)

    assert "CREATE TABLE health_checks" in printed(alembic)


def test_a_database_that_is_down_is_named_without_its_password(
    alembic: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_DATABASE_URL", NOWHERE)

    with pytest.raises(CommandError, match=r"app:\*\*\*@127.0.0.1:1/app does not answer") as caught:
        command.upgrade(alembic, "head")

    assert "hunter2" not in str(caught.value)


@pytest.fixture
def guest(server_url: URL, new_database_url: URL) -> Iterator[str]:
    """Give a role that may connect, and no more."""
    role = f"guest_{new_database_url.database}"
    asyncio.run(execute(server_url, f"CREATE ROLE {role} LOGIN PASSWORD 'guest'"))
    yield role
    asyncio.run(execute(server_url, f"DROP ROLE {role}"))


@pytest.mark.parametrize(
    ("role", "database", "line"),
    [
        (None, "nowhere", "does not answer: 3D000: database"),
        ("nobody", None, "does not answer: 28"),
        ("guest", None, "refuses: 42501: permission denied for schema public"),
    ],
)
def test_what_is_in_the_way_is_said_in_one_line(
    alembic: Config,
    guest: str,
    new_database_url: URL,
    monkeypatch: pytest.MonkeyPatch,
    role: str | None,
    database: str | None,
    line: str,
) -> None:
    name = guest if role == "guest" else role
    password = "guest" if role == "guest" else None  # None leaves it as it is
    changed = new_database_url.set(username=name, password=password, database=database)
    monkeypatch.setenv("APP_DATABASE_URL", show(changed))

    with pytest.raises(CommandError, match=line) as caught:
        command.upgrade(alembic, "head")

    assert "\n" not in str(caught.value)


def test_a_setting_that_does_not_fit_is_named(
    alembic: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_ENVIRONMENT", "staging")

    with pytest.raises(CommandError, match=r"^APP_ENVIRONMENT: Input should be"):
        command.upgrade(alembic, "head")


@pytest.fixture
def odd_password(server_url: URL, new_database_url: URL) -> Iterator[URL]:
    """Give the database's URL with a role whose password has every character that hurts."""
    role = f"odd_{new_database_url.database}"
    asyncio.run(execute(server_url, f"CREATE ROLE {role} SUPERUSER LOGIN PASSWORD '%@:/s'"))
    yield new_database_url.set(username=role, password="%@:/s")
    asyncio.run(execute(new_database_url, f"DROP OWNED BY {role}", f"DROP ROLE {role}"))


def test_a_password_with_any_character_migrates(
    alembic: Config, monkeypatch: pytest.MonkeyPatch, odd_password: URL
) -> None:
    monkeypatch.setenv("APP_DATABASE_URL", show(odd_password))

    command.upgrade(alembic, "head")

    command.current(alembic)
    assert "(head)" in printed(alembic)


NOT_NUMBERED, NUMBERED = "fbcc729384ee", "9d3b61f0a7c4"
ONE, OTHER = f"'{UUID(int=1)}'", f"'{UUID(int=2)}'"
# Two transfers between two accounts, whose entries have no numbers yet.
BOOKS = (
    "INSERT INTO accounts (id, name, currency, allow_negative, balance, version)"
    f" VALUES ({ONE}, 'a', 'EUR', true, -12, 3), ({OTHER}, 'b', 'EUR', true, 12, 3)",
    "WITH made AS (INSERT INTO transfers (source_id, destination_id, amount, currency, reference)"
    f" VALUES ({ONE}, {OTHER}, 5, 'EUR', ''), ({ONE}, {OTHER}, 7, 'EUR', '') RETURNING id, amount)"
    " INSERT INTO entries (transfer_id, account_id, amount, balance_after)"
    " SELECT id, account_id, sign * amount, sign * sum(amount) OVER (PARTITION BY sign ORDER BY id)"
    f" FROM made, (VALUES ({ONE}::uuid, -1), ({OTHER}::uuid, 1)) AS sides (account_id, sign)"
    " ORDER BY id",
)


def test_entries_that_are_there_get_their_numbers(alembic: Config, new_database_url: URL) -> None:
    command.upgrade(alembic, NOT_NUMBERED)
    asyncio.run(execute(new_database_url, *BOOKS))

    command.upgrade(alembic, NUMBERED)

    assert asyncio.run(read_books(new_database_url)) == ([1, 2, 1, 2], [])


async def read_books(url: URL) -> tuple[list[int], list[str]]:
    """Read the entries' numbers, account by account, and what is wrong with the books."""
    engine = create_async_engine(url)
    async with AsyncSession(engine) as session:
        query = text("SELECT number FROM entries ORDER BY account_id, id")
        found = list(await session.scalars(query)), list(await find_discrepancies(session))
    await engine.dispose()
    return found
