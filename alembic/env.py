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
from fastapi_single_process.db.server_version import ServerTooOldError, refuse_old_server
from fastapi_single_process.db.session import database_url

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


def has_work(connection: Connection) -> bool:
    """Tell whether a migration is due; what only looks, such as ``current``, names no revision."""
    try:
        destination = context.get_revision_argument()
    except KeyError:
        return False
    return MigrationContext.configure(connection).get_current_heads() != (destination,)


async def run(engine: AsyncEngine) -> None:
    """Run on an engine, and keep other migrators away if there is something to do."""
    async with engine.connect() as connection, AsyncExitStack() as stack:
        due = await connection.run_sync(has_work)
        await connection.rollback()
        if due:
            await stack.enter_async_context(hold_migration_lock(engine))
        await connection.run_sync(migrate)


async def connect_and_migrate() -> None:
    """Run on the database. Its URL goes to the engine alone: Alembic's options expand ``%``."""
    settings = get_settings()
    with database_url(settings) as url:
        timeout = {"timeout": settings.database_connect_timeout}
        engine = create_async_engine(url, poolclass=NoPool, connect_args=timeout)
        translate_errors(engine)
        refuse_old_server(engine)
        # What the operator can mend is one line. A defect of a migration keeps its traceback.
        try:
            await run(engine)
        except (MigrationLockedError, ServerTooOldError) as error:
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
