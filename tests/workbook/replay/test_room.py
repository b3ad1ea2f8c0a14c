"""A room gives a reader what a reader has, and nothing of ours."""

import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbook.replay.room import PORTS, Room


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    yield room
    room.close()


def run(room: Room, *command: str) -> str:
    done = subprocess.run(
        command, cwd=room.work, env=room.environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "name",
    [
        "VIRTUAL_ENV",
        "PYTHONPATH",
        "PYTHONHOME",
        "UV_PROJECT",
        "UV_INDEX_URL_FILE_X",
        "UV_PYTHON",
        "APP_DATABASE_URL",
        "GIT_DIR",
        "PGHOST",
        "PYTEST_ADDOPTS",
        "COMPOSE_FILE",
        "RUFF_CONFIG",
        "MYPYPATH",
        "UVICORN_HOST",
        "BASH_ENV",
        "SERVICE_PORT_X",
        "WORKBOOK_X",
        "COVERAGE_FILE",
        "PYTEST_XDIST_WORKER",
        "ENV",
        "FORCE_COLOR",
        "CI",
        "BUILD_NUMBER",
        "GITHUB_ACTIONS",
        "HOME",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
        "CURL_HOME",
        "NETRC",
        "PIP_CONFIG_FILE",
        "DOCKER_CONFIG",
        "BUILDX_BUILDER",
        "PSQLRC",
        "PRE_COMMIT_HOME",
        "INPUTRC",
        "PERL5OPT",
        "GREP_COLORS",
    ],
)
def test_nothing_of_our_environment_reaches_a_room(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "ours")

    room = Room()
    room.close()

    if name != "UV_INDEX_URL_FILE_X":
        assert "ours" not in room.environment.values()


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "GIT_SSL_CAINFO", "DOCKER_HOST"])
def test_what_a_machine_needs_to_reach_its_packages_stays(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "theirs")

    room = Room()
    room.close()

    assert room.environment[name] == "theirs"


def test_commands_come_from_the_room_and_never_from_our_environment(room: Room) -> None:
    found = run(room, "bash", "-c", "command -v uv python3")

    assert found.splitlines() == [f"{room.folder}/bin/uv", f"{room.folder}/bin/python3"]
    assert sys.prefix not in room.environment["PATH"].split(os.pathsep)
    assert run(room, "python3", "-c", "import sys; print(sys.prefix == sys.base_prefix)") == "True"


def test_git_knows_the_reader_and_no_other_settings(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(room, "git", "init", "-q")
    run(room, "git", "commit", "-q", "--allow-empty", "-m", "x")

    said = run(room, "git", "log", "--format=%an <%ae>", "main")
    assert said == "Reader <reader@example.com>"


def test_git_writes_the_same_whatever_its_version_has_for_a_default(room: Room) -> None:
    run(room, "git", "init", "-q")
    run(room, "git", "commit", "-q", "--allow-empty", "-m", "x")

    assert run(room, "git", "rev-parse", "--show-object-format") == "sha1"
    assert run(room, "git", "config", "core.abbrev") == "7"
    assert run(room, "git", "config", "maintenance.auto") == "false"
    # Read by later versions than this machine may have.
    assert room.environment["GIT_DEFAULT_HASH"] == "sha1"
    assert room.environment["GIT_DEFAULT_REF_FORMAT"] == "files"
    assert room.environment["GIT_ADVICE"] == "0"


@pytest.fixture
def address() -> Iterator[str]:
    """A server on loopback that has nothing to give."""
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), http.server.BaseHTTPRequestHandler
    ) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("name", ["http_proxy", "ALL_PROXY", "all_proxy"])
def test_no_proxy_is_asked_for_what_the_machine_itself_serves(
    monkeypatch: pytest.MonkeyPatch, address: str, name: str
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:9")

    room = Room()
    try:
        assert run(room, "curl", "-so", os.devnull, "-w", "%{http_code}", address) == "501"
    finally:
        room.close()

    assert room.environment[name] == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("said", "exempt"),
    [
        ("", "127.0.0.1,localhost,::1"),
        ("intranet, localhost", "intranet,localhost,127.0.0.1,::1"),
        ("*", "*"),
    ],
)
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_what_the_user_exempts_from_the_proxy_stays_exempt(
    monkeypatch: pytest.MonkeyPatch, name: str, said: str, exempt: str
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(name, said)

    room = Room()
    room.close()

    assert room.environment["NO_PROXY"] == room.environment["no_proxy"] == exempt


def test_no_dotfile_of_the_person_changes_what_curl_prints(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    (tmp_path / ".curlrc").write_text("include\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    room = Room()
    try:
        assert run(room, "curl", "-s", address).startswith("<!DOCTYPE")
        # Else it would go on to the home that the system names.
        assert (room.home / ".curlrc").is_file()
    finally:
        room.close()


def test_uv_finds_the_packages_and_interpreters_of_the_user_and_no_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = tmp_path / ".config" / "uv" / "uv.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'cache-dir = "{tmp_path}/packages"\nindex-url = "http://127.0.0.1:9"\n')
    for name in ("UV_CACHE_DIR", "UV_PYTHON_INSTALL_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    packages = tmp_path / "packages" / "archive-v0"
    packages.mkdir(parents=True)
    (packages / "../simple-v9").mkdir()

    room = Room()
    try:
        assert not (room.folder / "cache" / "simple-v9").exists()
        assert (room.folder / "cache" / "archive-v0").readlink() == packages
        assert run(room, "uv", "python", "dir") == f"{tmp_path}/.local/share/uv/python"
    finally:
        room.close()


def test_docker_keeps_its_plug_ins_and_context_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for folder in ("cli-plugins", "contexts", "buildx"):
        (tmp_path / ".docker" / folder).mkdir(parents=True)
    settings = {"currentContext": "theirs", "psFormat": "x", "proxies": {}, "auths": {"a": {}}}
    (tmp_path / ".docker" / "config.json").write_text(json.dumps(settings))
    monkeypatch.setenv("HOME", str(tmp_path))

    room = Room()
    try:
        mine = Path(room.environment["DOCKER_CONFIG"])
        assert json.loads((mine / "config.json").read_text()) == {"currentContext": "theirs"}
        assert sorted(file.name for file in mine.iterdir()) == [
            "cli-plugins",
            "config.json",
            "contexts",
        ]
    finally:
        room.close()
    assert (tmp_path / ".docker" / "contexts").is_dir()


def test_pyenv_is_found_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".pyenv").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)

    room = Room()
    room.close()

    assert room.environment["PYENV_ROOT"] == f"{tmp_path}/.pyenv"


def test_a_python_that_was_moved_makes_an_environment_that_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    version = f"python3.{sys.version_info.minor}"
    library = Path(os.__file__).parent
    moved = tmp_path / "moved here" / "bin" / version
    moved.parent.mkdir(parents=True)
    shutil.copy2(Path(sys.executable).resolve(), moved)
    ignored = shutil.ignore_patterns("site-packages", "test", "__pycache__", "config-*", "idlelib")
    shutil.copytree(library, tmp_path / "moved here" / "lib" / version, ignore=ignored)
    monkeypatch.setattr(sys, "executable", str(moved))

    room = Room()
    try:
        run(room, "uv", "venv", "--quiet", "--offline", "--python", "python3", "made")
        said = run(room, "made/bin/python", "-c", "import json, sys; print(sys.base_prefix)")
    finally:
        room.close()

    assert said == f"{tmp_path}/moved here"


def test_two_rooms_have_nothing_in_common() -> None:
    rooms = [Room() for _ in range(3)]
    try:
        ports = [port for room in rooms for port in room.ports.values()]
        assert len(set(ports)) == 3 * len(PORTS)
        assert len({room.folder for room in rooms}) == 3
        assert len({room.environment["COMPOSE_PROJECT_NAME"] for room in rooms}) == 3
    finally:
        for room in rooms:
            room.close()


def test_a_room_never_takes_a_port_that_somebody_listens_on(room: Room) -> None:
    port = room.ports[8000]
    with socket.socket() as somebody:
        # Connections of servers before this one may linger in TIME_WAIT.
        somebody.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        somebody.bind(("127.0.0.1", port))  # while the room still holds it against other rooms
        somebody.listen()
        room.close()

        other = Room()
        other.close()

    assert port not in other.ports.values()


def test_a_room_is_gone_after_the_end(room: Room) -> None:
    room.close()

    assert not room.folder.exists()


@pytest.mark.parametrize(
    ("command", "translated"),
    [
        ("curl http://127.0.0.1:8000/", "curl http://127.0.0.1:{0}/"),
        ("docker run -p 8000:8000 x", "docker run -p {0}:8000 x"),
        ("docker run -p 127.0.0.1:8000:8000 x", "docker run -p 127.0.0.1:{0}:8000 x"),
        ("uvicorn --port 8001", "uvicorn --port {1}"),
        ("psql -p 5445 postgres:5432", "psql -p {2} postgres:5432"),
        ("echo 18000 80001", "echo 18000 80001"),
    ],
)
def test_ports_are_translated_in_commands(room: Room, command: str, translated: str) -> None:
    ports = [room.ports[port] for port in PORTS]

    assert room.translate(command) == translated.format(*ports)


def test_outputs_show_the_ports_and_folders_of_a_reader(room: Room) -> None:
    said = f"{room.work}/app on http://127.0.0.1:{room.ports[8000]} by {room.folder}/bin/uv"

    assert room.restore(said) == "~/app on http://127.0.0.1:8000 by /usr/local/bin/uv"
    assert room.restore(f"{room.home}/.cache/x.log") == "~/.cache/x.log"


def test_a_server_without_a_port_takes_the_room_s(room: Room) -> None:
    assert room.environment["UVICORN_PORT"] == str(room.ports[8000])
    assert room.environment["SERVICE_PORT"] == str(room.ports[8000])
    assert room.environment["POSTGRES_PORT"] == str(room.ports[5445])
