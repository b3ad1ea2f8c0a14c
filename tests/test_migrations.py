import asyncio
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from migrations import printed
from postgres import execute, show
from sqlalchemy.engine import URL

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
