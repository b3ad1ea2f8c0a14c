import asyncio
import io
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

ROOT = Path(__file__).parents[1]


@pytest.fixture
def alembic(monkeypatch: pytest.MonkeyPatch, new_database_url: str) -> Config:
    """Give Alembic's configuration, and an empty database that it works on."""
    monkeypatch.setenv("APP_DATABASE_URL", new_database_url)
    return Config(toml_file=ROOT / "pyproject.toml", stdout=io.StringIO())


def printed(alembic: Config) -> str:
    assert isinstance(alembic.stdout, io.StringIO)
    return alembic.stdout.getvalue()


def test_the_schema_goes_up_down_and_up_again(alembic: Config) -> None:
    command.upgrade(alembic, "head")
    command.downgrade(alembic, "base")
    command.upgrade(alembic, "head")

    command.current(alembic)
    assert "(head)" in printed(alembic)


def test_the_migrations_make_what_the_models_say(alembic: Config) -> None:
    command.upgrade(alembic, "head")

    command.check(alembic)


def test_the_sql_can_be_read_before_it_is_run(
    alembic: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    command.upgrade(alembic, "head", sql=True)

    assert "CREATE TABLE health_checks" in capsys.readouterr().out + printed(alembic)


def test_a_database_that_is_down_is_named_without_its_password(
    alembic: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_DATABASE_URL", "postgresql+asyncpg://app:hunter2@127.0.0.1:1/app")

    with pytest.raises(CommandError, match=r"app:\*\*\*@127.0.0.1:1/app does not answer") as caught:
        command.upgrade(alembic, "head")

    assert "hunter2" not in str(caught.value)


def test_a_setting_that_does_not_fit_is_named(
    alembic: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_ENVIRONMENT", "staging")

    with pytest.raises(CommandError, match=r"^APP_ENVIRONMENT: Input should be"):
        command.upgrade(alembic, "head")


@pytest.mark.anyio
async def test_a_password_with_any_character_migrates(
    alembic: Config, monkeypatch: pytest.MonkeyPatch, new_database_url: str
) -> None:
    url = make_url(new_database_url)
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP ROLE IF EXISTS odd"))
        await connection.execute(text("CREATE ROLE odd SUPERUSER LOGIN PASSWORD '%@:/s'"))
    await engine.dispose()
    odd = url.set(username="odd", password="%@:/s").render_as_string(hide_password=False)
    monkeypatch.setenv("APP_DATABASE_URL", odd)

    await asyncio.to_thread(command.upgrade, alembic, "head")

    await asyncio.to_thread(command.current, alembic)
    assert "(head)" in printed(alembic)
