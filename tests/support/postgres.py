"""PostgreSQL for the tests: servers, databases and the schema in them."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import create_async_engine

from fastapi_single_process.config import get_settings
from support.container_engine import ROOT

__all__ = [
    "as_service",
    "data_folder",
    "database",
    "execute",
    "in_environment",
    "migrate",
    "show",
    "temporary_role",
]


@contextmanager
def data_folder() -> Iterator[Path]:
    """Give a folder to keep an embedded PostgreSQL's data in.

    It is not below pytest's own: as root, PostgreSQL runs as another user, and each run of pytest
    that begins closes that folder to others, a run under way beside it included.
    """
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "postgres"


@contextmanager
def database(server: URL, *, template: str = "template1") -> Iterator[URL]:
    """Make a database and drop it at the end, whoever is still connected."""
    name = f"test_{uuid4().hex}"
    asyncio.run(execute(server, f"CREATE DATABASE {name} TEMPLATE {template}"))
    try:
        yield server.set(database=name)
    finally:
        asyncio.run(execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def execute(url: URL, *statements: str) -> None:
    """Run statements, each outside a transaction."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


def show(url: URL) -> str:
    """Write a URL out as a variable of the environment holds it, with its password."""
    return url.render_as_string(hide_password=False)


@contextmanager
def in_environment(**variables: str) -> Iterator[None]:
    """Let the settings be these alone, without a developer's own variables and .env file.

    The working directory is an empty one.
    """
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("APP_")]:
            patch.delenv(name)
        for name, value in variables.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        get_settings.cache_clear()
        try:
            yield
        finally:
            get_settings.cache_clear()


@contextmanager
def temporary_role(server: URL) -> Iterator[str]:
    """Make a role that owns nothing, for the service to connect as, and drop it at the end."""
    name = f"service_{uuid4().hex}"
    asyncio.run(execute(server, f"CREATE ROLE {name} LOGIN PASSWORD '{name}'"))
    try:
        yield name
    finally:
        asyncio.run(execute(server, f"DROP ROLE {name}"))


def as_service(url: URL, role: str) -> URL:
    """Give the way to a database as the role of the service."""
    return url.set(username=role, password=role)


def migrate(url: URL, role: str | None = None) -> None:
    """Bring a database up to date with Alembic, as an operator does; never ``create_all``."""
    service = show(as_service(url, role) if role else url)
    with in_environment(APP_DATABASE_URL=service, APP_MIGRATION_DATABASE_URL=show(url)):
        command.upgrade(Config(toml_file=ROOT / "pyproject.toml"), "head")
