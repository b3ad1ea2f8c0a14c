"""Runs the migrations on the database of the service's own settings.

Source: https://alembic.sqlalchemy.org/en/latest/cookbook.html#using-asyncio-with-alembic
"""

import asyncio
import logging
from contextlib import AsyncExitStack

from alembic import context
from alembic.util import CommandError
from asyncpg.exceptions import PostgresError
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from fastapi_single_process.config import ConfigurationError, get_settings
from fastapi_single_process.db.migration_lock import take_migration_lock
from fastapi_single_process.db.models import metadata
from fastapi_single_process.db.server_version import ServerTooOldError, refuse_old_server
from fastapi_single_process.db.session import database_url


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


async def connect_and_migrate() -> None:
    """Run on the database. Its URL goes to the engine alone: Alembic's options expand ``%``."""
    settings = get_settings()
    with database_url(settings) as url:
        timeout = {"timeout": settings.database_connect_timeout}
        engine = create_async_engine(url, poolclass=pool.NullPool, connect_args=timeout)
        refuse_old_server(engine)
        async with AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(engine.connect())
            except ServerTooOldError as error:
                raise CommandError(str(error)) from None
            except (OSError, PostgresError) as error:
                raise CommandError(f"{url!r} does not answer: {error or 'time is up'}") from None
            await take_migration_lock(connection)
            await connection.run_sync(migrate)


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
