"""The service connects as a role that owns nothing: what it may do, and what only the owner may."""

import asyncio
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from support.container_engine import ROOT

from fastapi_single_process.config import get_settings
from fastapi_single_process.db.failures import sqlstate
from fastapi_single_process.db.models import metadata
from fastapi_single_process.main import create_app

FORBIDDEN = "42501"


class Roles(NamedTuple):
    """Two ways to the same database."""

    service: URL
    owner: URL


async def run(url: URL, *statements: str, commit: bool = True) -> None:
    """Run statements in one transaction."""
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
            if commit:
                await connection.commit()
    finally:
        await engine.dispose()


def refusal(url: URL, statement: str) -> str:
    """Give the SQLSTATE that a statement is refused with, nothing if it isn't; it is taken back."""
    try:
        asyncio.run(run(url, statement, commit=False))
    except DBAPIError as error:
        return sqlstate(error)
    return ""


def upgrade() -> None:
    command.upgrade(Config(toml_file=ROOT / "pyproject.toml"), "head")


@pytest.fixture
def roles(new_database_url: URL, monkeypatch: pytest.MonkeyPatch) -> Iterator[Roles]:
    """Give a migrated database, its owner, and the role of a service; both are in the settings."""
    owner = make_url(new_database_url)
    name = f"service_{owner.database}"
    asyncio.run(run(owner, f"CREATE ROLE {name} LOGIN PASSWORD 'service'"))
    service = owner.set(username=name, password="service")
    for variable, url in (("DATABASE_URL", service), ("MIGRATION_DATABASE_URL", owner)):
        monkeypatch.setenv(f"APP_{variable}", url.render_as_string(hide_password=False))
    get_settings.cache_clear()
    upgrade()
    yield Roles(service, owner)
    asyncio.run(run(owner, f"DROP OWNED BY {name}", f"DROP ROLE {name}"))


def test_the_service_is_healthy_as_a_role_that_owns_nothing(roles: Roles) -> None:
    with TestClient(create_app(get_settings())) as client:
        assert client.get("/api/v1/health").json()["database"] == "connected"


def test_a_privilege_that_is_missing_is_logged_with_the_remedy(
    roles: Roles, caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.run(run(roles.owner, f"REVOKE SELECT ON health_checks FROM {roles.service.username}"))

    with TestClient(create_app(get_settings())) as client:
        assert client.get("/api/v1/health").json()["database"] == "disconnected"

    assert "42501: permission denied for table health_checks; `alembic upgrade" in caplog.text


@pytest.mark.parametrize("table", ["health_checks", "alembic_version"])
def test_the_service_reads_as_a_role_that_owns_nothing(roles: Roles, table: str) -> None:
    assert refusal(roles.service, f"SELECT FROM {table}") == ""


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE health_checks DISABLE TRIGGER ALL",
        "ALTER TABLE health_checks ADD COLUMN note text",
        "DROP TABLE health_checks",
        "TRUNCATE health_checks",
        "UPDATE health_checks SET created_at = now()",
        "DELETE FROM health_checks",
        "UPDATE alembic_version SET version_num = 'none'",
        "ALTER TABLE entries DISABLE TRIGGER USER",
        "ALTER TABLE entries DROP CONSTRAINT ck_entries_amount_moves",
        "DROP TRIGGER entries_are_never_changed ON entries",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NEW; END'",
        "SET LOCAL session_replication_role = replica",
        "DELETE FROM accounts",
    ],
)
def test_what_only_the_owner_may_do_is_refused(roles: Roles, statement: str) -> None:
    assert refusal(roles.owner, statement) == ""

    assert refusal(roles.service, statement) == FORBIDDEN


@pytest.mark.parametrize("table", ["entries", "transfers"])
@pytest.mark.parametrize(
    "change", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_history_is_kept_from_the_service_without_its_triggers_too(
    roles: Roles, table: str, change: str
) -> None:
    for one in ("entries", "transfers"):
        asyncio.run(run(roles.owner, f"ALTER TABLE {one} DISABLE TRIGGER USER"))
    assert refusal(roles.owner, change.format(table)) == ""

    assert refusal(roles.service, change.format(table)) == FORBIDDEN


def test_every_model_says_what_the_service_may_do_with_it() -> None:
    assert [table.name for table in metadata.tables.values() if not table.info["service"]] == []


@pytest.mark.parametrize(
    ("changed", "statement", "expected"),
    [
        ("REVOKE SELECT ON health_checks FROM {role}", "SELECT FROM health_checks", ""),
        ("GRANT DELETE ON health_checks TO {role}", "DELETE FROM health_checks", FORBIDDEN),
    ],
)
def test_an_upgrade_puts_the_privileges_right_with_no_migration_due(
    roles: Roles, changed: str, statement: str, expected: str
) -> None:
    asyncio.run(run(roles.owner, changed.format(role=roles.service.username)))
    assert refusal(roles.service, statement) != expected

    upgrade()

    assert refusal(roles.service, statement) == expected


def test_a_table_that_no_model_has_made_is_the_owner_s_alone(roles: Roles) -> None:
    role = roles.service.username
    asyncio.run(run(roles.owner, "CREATE TABLE loose ()", f"GRANT SELECT ON loose TO {role}"))
    assert refusal(roles.service, "SELECT FROM loose") == ""

    upgrade()

    assert refusal(roles.service, "SELECT FROM loose") == FORBIDDEN


def test_alembic_as_the_service_is_refused_with_the_remedy(
    roles: Roles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("APP_MIGRATION_DATABASE_URL")
    get_settings.cache_clear()

    with pytest.raises(CommandError, match=r"refuses: 42501: .* APP_MIGRATION_DATABASE_URL") as one:
        command.downgrade(Config(toml_file=ROOT / "pyproject.toml"), "base")

    assert "\n" not in str(one.value)


def test_a_role_that_is_missing_is_named_with_the_remedy(
    roles: Roles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_DATABASE_URL", str(roles.service.set(username="no-body")))
    get_settings.cache_clear()

    with pytest.raises(CommandError, match=r'no role no-body.*CREATE ROLE "no-body" LOGIN') as one:
        upgrade()

    assert "\n" not in str(one.value)
