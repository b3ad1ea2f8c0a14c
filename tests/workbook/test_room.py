"""A room gives a reader what a reader has, and nothing of ours."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from workbook.room import PORTS, Room


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


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "GIT_SSL_CAINFO", "HOME"])
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


def test_a_server_without_a_port_takes_the_room_s(room: Room) -> None:
    assert room.environment["UVICORN_PORT"] == str(room.ports[8000])
    assert room.environment["SERVICE_PORT"] == str(room.ports[8000])
    assert room.environment["POSTGRES_PORT"] == str(room.ports[5445])
