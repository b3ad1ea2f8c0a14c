"""The service as a process, and a database for it alone: what the scripts beside it start."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import ProxyHandler, build_opener

import psutil
from guard import Guard, guard
from sqlalchemy.engine import make_url

from fastapi_single_process.db.embedded import CREATE_ROLE, SERVICE_ROLE
from fastapi_single_process.db.embedded_server import PostgresServer, run_sql, running_server

__all__ = ["ROOT", "Database", "Service", "database"]

ROOT = Path(__file__).parents[1]
START = 60  # seconds
# Past any proxy of the environment: what is asked is on this machine.
OPENER = build_opener(ProxyHandler({}))


class Database:
    """An embedded PostgreSQL that can be killed and started again."""

    def __init__(self, server: PostgresServer, ending: Guard, name: str = "postgres") -> None:
        """Take a server that runs, who ends it at worst, and the name of a database on it."""
        self._server = server
        self.guard = ending
        self._name = name

    @property
    def url(self) -> str:
        """Where it is, for the owner of its tables."""
        return self._server.get_uri(self._name, driver="asyncpg")

    @property
    def environment(self) -> dict[str, str]:
        """Give the environment of a service on this database."""
        others = {name: value for name, value in os.environ.items() if not name.startswith("APP_")}
        service = make_url(self.url).set(username=SERVICE_ROLE)
        return {
            **others,
            "APP_DATABASE_URL": service.render_as_string(hide_password=False),
            "APP_MIGRATION_DATABASE_URL": self.url,
        }

    def migrate(self) -> None:
        """Bring the schema up to date."""
        alembic = [sys.executable, "-m", "alembic", "upgrade", "head"]
        done = subprocess.run(
            alembic, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"the database can't be migrated:\n{done.stderr}")

    def copy(self, name: str) -> "Database":
        """Make another database like this one, on the same server."""
        run_sql(self._server, f"CREATE DATABASE {name} TEMPLATE {self._name}")
        return Database(self._server, self.guard, name)

    def kill(self) -> None:
        """Kill the postmaster with SIGKILL; its children find out and end themselves."""
        postmaster = psutil.Process(self._server.get_postmaster_info().pid)
        postmaster.kill()
        postmaster.wait(timeout=60)

    def start(self) -> None:
        """Start it again. It recovers from its log, once the last old child is gone."""
        deadline = time.monotonic() + 60
        while True:
            try:
                self._server.ensure_postgres_running()
            except subprocess.SubprocessError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return


@contextmanager
def database() -> Iterator[Database]:
    """Give a migrated database that is thrown away afterwards, on SIGTERM too."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with TemporaryDirectory() as folder:
        data = Path(folder) / "postgres"
        with guard(data) as ending, running_server(data) as server:
            found = Database(server, ending)
            run_sql(server, CREATE_ROLE)
            found.migrate()
            yield found


class Service:
    """One process of the service, on a port of its own."""

    def __init__(self, database: Database) -> None:
        """Choose a free port; the process starts later."""
        self._guard = database.guard
        self._environment = database.environment | {"APP_LOG_LEVEL": "ERROR"}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start the process, and wait until it answers."""
        uvicorn = [sys.executable, "-m", "uvicorn", "fastapi_single_process.main:app"]
        options = [f"--port={self._port}", "--log-level=critical", "--no-access-log"]
        self._process = subprocess.Popen([*uvicorn, *options], cwd=ROOT, env=self._environment)
        self._guard.watch(self._process.pid)
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.kill()
            raise

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START
        while time.monotonic() < deadline:
            with suppress(OSError), OPENER.open(f"{self.address}/api/v1/live", timeout=START):
                return
            if (status := self._process.poll()) is not None:
                sys.exit(f"the service ended with status {status} before it answered")
            time.sleep(0.02)
        sys.exit(f"the service has not answered within {START} s")

    def kill(self) -> None:
        """Kill the process with SIGKILL: it can finish nothing."""
        self._process.kill()
        self._process.wait()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it meanwhile."""
        self.start()
        try:
            yield
        finally:
            self.kill()
