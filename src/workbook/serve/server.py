"""`workbook up`: the database, the migrated service and the site, in one process.

The service gets its database by its settings, as its readers give it one. What is started here is
stopped here, last first, whatever ends the program: an error, Ctrl-C, SIGTERM or SIGHUP. uvicorn
raises the signal that stopped it once more when it has stopped: there the rest unwinds.
"""

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import uvicorn
from filelock import FileLock
from starlette.datastructures import URL
from starlette.responses import RedirectResponse
from starlette.routing import Match
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.supervisors import ChangeReload

from workbook import service
from workbook.errors import WorkbookError
from workbook.history.build import build
from workbook.history.phases import load_phases
from workbook.project import Project
from workbook.serve.front_page import MOUNT, PLACES, front_page
from workbook.signals import interruptible, undisturbed
from workbook.site.build import build_site

__all__ = ["ServerError", "create_app", "up"]

HOST = "127.0.0.1"
URL_VARIABLE = "APP_DATABASE_URL"
OWNER_VARIABLE = "APP_MIGRATION_DATABASE_URL"

type Report = Callable[[str], None]


class ServerError(WorkbookError):
    """The service can't be started."""


def up(project: Project, *, port: int, reload: bool, site: bool, report: Report) -> None:
    """Serve until a signal ends it; `report` is given the addresses when they answer.

    With `reload`, a change of the service's source restarts it, and `report` must be picklable.
    Raises WorkbookError, with nothing left running.
    """
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        stack.enter_context(interruptible())
        listener = stack.enter_context(_listen(port))
        state = project.make_state()
        os.chdir(project.root)  # .env, .data and pyproject.toml are looked up there
        build(project, load_phases(project))
        if site:
            build_site(project)
        with undisturbed():
            database = stack.enter_context(_database())
        with FileLock(state / "migrations.lock"):
            _migrate()
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        places = [(name, path) for name, (path, _) in PLACES.items() if site or name != "workbook"]
        lines = [f"{name:<8}  {address}{path}" for name, path in places]
        lines = [f"database  {database}", *lines, "Press Ctrl-C to stop."]
        config = _configure(project, reload=reload, site=site)
        _serve(_Server(config, report, lines), listener)


def _listen(port: int) -> socket.socket:
    # Before anything else is started, and listening: a second one must fail now, not at the end.
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise ServerError(
            f"port {port} can't be used: {os.strerror(error.errno or 0)}",
            remedy="Let the system choose a free one: `workbook up --port 0`.",
        ) from error


@contextmanager
def _database() -> Iterator[str]:
    """Give the service a database, and say which: that of its settings, or the embedded one.

    The service then finds the embedded one's address in its environment, as do its reloaded
    processes: it is started once, and stopped when the last of them is gone.
    """
    get_settings = service.load("config:get_settings")
    try:
        with ExitStack() as stack:
            url = get_settings().database_url
            if url is None:
                urls = service.load("db.session:database_urls")(get_settings())
                service_url, owner_url = stack.enter_context(urls)
                for name, one in ((URL_VARIABLE, service_url), (OWNER_VARIABLE, owner_url)):
                    os.environ[name] = one.render_as_string(hide_password=False)
                    stack.callback(os.environ.pop, name)
                get_settings.cache_clear()
                yield "embedded PostgreSQL, data in .data/postgres"
            else:
                yield repr(url)  # without its password
    except service.load("config:ConfigurationError") as error:
        raise ServerError(str(error)) from error


def _migrate() -> None:
    # Imported here, for a quick refusal of a port in use.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    try:
        command.upgrade(Config(toml_file="pyproject.toml"), "head")
    except CommandError as error:
        raise ServerError(
            f"the database can't be migrated: {error}",
            remedy=f"Start it, or unset {URL_VARIABLE} for an embedded PostgreSQL.",
        ) from error


class _Server(uvicorn.Server):
    """Tells when it answers."""

    def __init__(self, config: uvicorn.Config, report: Report, lines: list[str]) -> None:
        super().__init__(config)
        self.report = report
        self.lines = lines

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            for line in self.lines:
                self.report(line)
            sys.stdout.flush()  # a reader behind a pipe or a file waits for these lines


def _configure(project: Project, *, reload: bool, site: bool) -> uvicorn.Config:
    return uvicorn.Config(
        "workbook.serve.server:create_app" if site else "fastapi_single_process.main:app",
        factory=site,
        reload=reload,
        reload_dirs=[str(project.root / "src" / "fastapi_single_process")] if reload else None,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )


def _serve(server: _Server, listener: socket.socket) -> None:
    if server.config.should_reload:
        ChangeReload(server.config, target=server.run, sockets=[listener]).run()
        return
    try:
        server.run(sockets=[listener])
    except SystemExit as error:  # uvicorn's way to say so
        raise ServerError("the service did not start; its reason is above") from error


def create_app() -> ASGIApp:
    """Make the application of `up`, in this process or in a reloaded one."""
    return mount(service.load("main:app"), Project.find().state / "site")


def mount(app: ASGIApp, site: Path) -> ASGIApp:
    """Put a folder of HTML below ``/workbook/``, and a page that leads to all of it at ``/``.

    All else, the lifespan included, is the app's.
    """
    files = StaticFiles(directory=site, html=True)

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path == MOUNT:
            await RedirectResponse(URL(scope=scope).replace(path=MOUNT + "/"))(scope, receive, send)
        elif scope["type"] == "http" and path.startswith(MOUNT + "/"):
            root = scope.get("root_path", "") + MOUNT
            await files(dict(scope, root_path=root), receive, send)
        elif front_page.matches(scope)[0] is Match.FULL:
            await front_page.handle(scope, receive, send)
        else:
            await app(scope, receive, send)

    return dispatch
