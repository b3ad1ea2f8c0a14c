"""The oldest PostgreSQL that the service works with.

Source: https://www.postgresql.org/docs/18/functions-uuid.html
"""

import logging

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from fastapi_single_process.db.failures import DatabaseUnavailableError

__all__ = ["ServerTooOldError", "refuse_old_server"]

OLDEST = 18  # the first that has uuidv7()

logger = logging.getLogger(__name__)


class ServerTooOldError(DatabaseUnavailableError):
    """The server lacks what the service needs."""

    def __init__(self, version: str) -> None:
        """Say what there is, and what is needed."""
        super().__init__(f"PostgreSQL {version} is too old: {OLDEST} or newer is needed")


def refuse_old_server(engine: AsyncEngine) -> None:
    """Let every new connection of an engine end with ServerTooOldError, if the server is too old.

    The service starts while its database is down. So it asks each connection, and not once.
    """

    @event.listens_for(engine.sync_engine, "connect")
    def look(connection: DBAPIConnection, _: object) -> None:
        driver = connection.driver_connection
        found = driver.get_server_version()
        if found.major < OLDEST:
            driver.terminate()
            error = ServerTooOldError(f"{found.major}.{found.micro}")
            logger.error(error)
            raise error
