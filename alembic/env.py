"""Runs the migrations on the database of the service's own settings.

Source: https://alembic.sqlalchemy.org/en/latest/cookbook.html#using-asyncio-with-alembic
"""

import asyncio
import logging
from contextlib import AsyncExitStack

from alembic import context
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from fastapi_single_process.config import ConfigurationError, get_settings
from fastapi_single_process.db.failures import (
    DatabaseBusyError,
    DatabaseUnavailableError,
    NoPool,
    describe,
    sqlstate,
    translate_errors,
)
from fastapi_single_process.db.migration_lock import MigrationLockedError, hold_migration_lock
from fastapi_single_process.db.models import metadata
from fastapi_single_process.db.privileges import RoleMissingError, list_grants
from fastapi_single_process.db.server_version import ServerTooOldError, refuse_old_server
from fastapi_single_process.db.session import DatabaseURLs, database_urls

FORBIDDEN = "42501"  # insufficient privilege


def migrate(connection: Connection | None = None) -> None:
    """Run on a connection, or print the SQL if there is none (``--sql``)."""
    context.configure(
        connection=connection,
        dialect_name="postgresql",
        literal_binds=connection is None,
        target_metadata=metadata,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def is_changing() -> bool:
    """Tell whether a schema is to change; what only looks, as ``current``, names no revision."""
    try:
        context.get_revision_argument()
    except KeyError:
        return False
    return True


def list_due_grants(connection: Connection, urls: DatabaseURLs) -> list[str]:
    """List what the service's role lacks, or has too much, if it is not the owner's."""
    role = urls.service.username
    if role is None or role == urls.owner.username or not is_changing():
        return []
    return list_grants(connection, metadata, role)


def has_work(connection: Connection, urls: DatabaseURLs) -> bool:
    """Tell whether a migration is due, or a privilege of the service's role."""
    if not is_changing():
        return False
    heads = MigrationContext.configure(connection).get_current_heads()
    return heads != (context.get_revision_argument(),) or bool(list_due_grants(connection, urls))


def migrate_and_grant(connection: Connection, urls: DatabaseURLs) -> None:
    """Run, and leave the service's role with what the models say."""
    migrate(connection)
    for statement in list_due_grants(connection, urls):
        connection.exec_driver_sql(statement)
    connection.commit()


async def run(engine: AsyncEngine, urls: DatabaseURLs) -> None:
    """Run on an engine, and keep other migrators away if there is something to do."""
    async with engine.connect() as connection, AsyncExitStack() as stack:
        due = await connection.run_sync(has_work, urls)
        await connection.rollback()
        if due:
            await stack.enter_async_context(hold_migration_lock(engine))
        await connection.run_sync(migrate_and_grant, urls)


async def connect_and_migrate() -> None:
    """Run on the database. Its URL goes to the engine alone: Alembic's options expand ``%``."""
    settings = get_settings()
    with database_urls(settings) as urls:
        url = urls.owner
        timeout = {"timeout": settings.database_connect_timeout}
        engine = create_async_engine(url, poolclass=NoPool, connect_args=timeout)
        translate_errors(engine)
        refuse_old_server(engine)
        # What the operator can mend is one line. A defect of a migration keeps its traceback.
        try:
            await run(engine, urls)
        except (MigrationLockedError, RoleMissingError, ServerTooOldError) as error:
            raise CommandError(str(error)) from None
        except DatabaseUnavailableError as error:
            raise CommandError(f"{url!r} does not answer: {error}") from None
        except DatabaseBusyError as error:
            reason = f"{url!r} is busy: {error}; the migration is taken back, run it again"
            raise CommandError(reason) from None
        except DBAPIError as error:
            if sqlstate(error) != FORBIDDEN:
                raise
            raise CommandError(f"{url!r} refuses: {describe(error)}") from None


logging.basicConfig(format="%(levelname)s:     %(name)s: %(message)s")
for name in ("alembic.runtime.migration", "alembic.autogenerate"):
    logging.getLogger(name).setLevel(logging.INFO)
# The command line prints these itself.
logging.getLogger("alembic.util.messaging").setLevel(logging.CRITICAL)
if context.is_offline_mode():
    migrate()
else:
    try:
        asyncio.run(connect_and_migrate())
    except ConfigurationError as error:
        raise CommandError(str(error)) from None
