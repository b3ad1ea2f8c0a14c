"""A sandbox gives a reader what a reader has, and nothing of ours."""

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

from workbook.replay.sandbox import PORTS, Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


def run(sandbox: Sandbox, *command: str) -> str:
    done = subprocess.run(
        command,
        cwd=sandbox.work,
        env=sandbox.environment,
        capture_output=True,
        text=True,
        check=True,
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
def test_nothing_of_our_environment_reaches_a_sandbox(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "ours")

    sandbox = Sandbox()
    sandbox.close()

    if name != "UV_INDEX_URL_FILE_X":
        assert "ours" not in sandbox.environment.values()


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "GIT_SSL_CAINFO", "DOCKER_HOST"])
def test_what_a_machine_needs_to_reach_its_packages_stays(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "theirs")

    sandbox = Sandbox()
    sandbox.close()

    assert sandbox.environment[name] == "theirs"


def test_commands_come_from_the_sandbox_and_never_from_our_environment(sandbox: Sandbox) -> None:
    found = run(sandbox, "bash", "-c", "command -v uv python3")

    assert found.splitlines() == [f"{sandbox.folder}/bin/uv", f"{sandbox.folder}/bin/python3"]
    assert sys.prefix not in sandbox.environment["PATH"].split(os.pathsep)
    assert (
        run(sandbox, "python3", "-c", "import sys; print(sys.prefix == sys.base_prefix)") == "True"
    )


def test_git_knows_the_reader_and_no_other_settings(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(sandbox, "git", "init", "-q")
    run(sandbox, "git", "commit", "-q", "--allow-empty", "-m", "x")

    said = run(sandbox, "git", "log", "--format=%an <%ae>", "main")
    assert said == "Reader <reader@example.com>"


def test_git_writes_the_same_whatever_its_version_has_for_a_default(sandbox: Sandbox) -> None:
    run(sandbox, "git", "init", "-q")
    run(sandbox, "git", "commit", "-q", "--allow-empty", "-m", "x")

    assert run(sandbox, "git", "rev-parse", "--show-object-format") == "sha1"
    assert run(sandbox, "git", "config", "core.abbrev") == "7"
    assert run(sandbox, "git", "config", "maintenance.auto") == "false"
    # Read by later versions than this machine may have.
    assert sandbox.environment["GIT_DEFAULT_HASH"] == "sha1"
    assert sandbox.environment["GIT_DEFAULT_REF_FORMAT"] == "files"
    assert sandbox.environment["GIT_ADVICE"] == "0"


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

    sandbox = Sandbox()
    try:
        assert run(sandbox, "curl", "-so", os.devnull, "-w", "%{http_code}", address) == "501"
    finally:
        sandbox.close()

    assert sandbox.environment[name] == "http://127.0.0.1:9"


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

    sandbox = Sandbox()
    sandbox.close()

    assert sandbox.environment["NO_PROXY"] == sandbox.environment["no_proxy"] == exempt


def test_no_dotfile_of_the_person_changes_what_curl_prints(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    (tmp_path / ".curlrc").write_text("include\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    sandbox = Sandbox()
    try:
        assert run(sandbox, "curl", "-s", address).startswith("<!DOCTYPE")
        # Else it would go on to the home that the system names.
        assert (sandbox.home / ".curlrc").is_file()
    finally:
        sandbox.close()


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

    sandbox = Sandbox()
    try:
        assert not (sandbox.folder / "cache" / "simple-v9").exists()
        assert (sandbox.folder / "cache" / "archive-v0").readlink() == packages
        assert run(sandbox, "uv", "python", "dir") == f"{tmp_path}/.local/share/uv/python"
    finally:
        sandbox.close()


def test_docker_keeps_its_plug_ins_and_context_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for folder in ("cli-plugins", "contexts", "buildx"):
        (tmp_path / ".docker" / folder).mkdir(parents=True)
    settings = {"currentContext": "theirs", "psFormat": "x", "proxies": {}, "auths": {"a": {}}}
    (tmp_path / ".docker" / "config.json").write_text(json.dumps(settings))
    monkeypatch.setenv("HOME", str(tmp_path))

    sandbox = Sandbox()
    try:
        mine = Path(sandbox.environment["DOCKER_CONFIG"])
        assert json.loads((mine / "config.json").read_text()) == {"currentContext": "theirs"}
        assert sorted(file.name for file in mine.iterdir()) == [
            "cli-plugins",
            "config.json",
            "contexts",
        ]
    finally:
        sandbox.close()
    assert (tmp_path / ".docker" / "contexts").is_dir()


def test_pyenv_is_found_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".pyenv").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)

    sandbox = Sandbox()
    sandbox.close()

    assert sandbox.environment["PYENV_ROOT"] == f"{tmp_path}/.pyenv"


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

    sandbox = Sandbox()
    try:
        run(sandbox, "uv", "venv", "--quiet", "--offline", "--python", "python3", "made")
        said = run(sandbox, "made/bin/python", "-c", "import json, sys; print(sys.base_prefix)")
    finally:
        sandbox.close()

    assert said == f"{tmp_path}/moved here"


def test_two_sandboxes_have_nothing_in_common() -> None:
    sandboxes = [Sandbox() for _ in range(3)]
    try:
        ports = [port for sandbox in sandboxes for port in sandbox.ports.values()]
        assert len(set(ports)) == 3 * len(PORTS)
        assert len({sandbox.folder for sandbox in sandboxes}) == 3
        assert len({sandbox.environment["COMPOSE_PROJECT_NAME"] for sandbox in sandboxes}) == 3
    finally:
        for sandbox in sandboxes:
            sandbox.close()


def test_a_sandbox_never_takes_a_port_that_somebody_listens_on(sandbox: Sandbox) -> None:
    port = sandbox.ports[8000]
    with socket.socket() as somebody:
        # Connections of servers before this one may linger in TIME_WAIT.
        somebody.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # While the sandbox still holds it against other sandboxes.
        somebody.bind(("127.0.0.1", port))
        somebody.listen()
        sandbox.close()

        other = Sandbox()
        other.close()

    assert port not in other.ports.values()


def test_a_sandbox_is_gone_after_the_end(sandbox: Sandbox) -> None:
    sandbox.close()

    assert not sandbox.folder.exists()


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
def test_ports_are_translated_in_commands(sandbox: Sandbox, command: str, translated: str) -> None:
    ports = [sandbox.ports[port] for port in PORTS]

    assert sandbox.translate(command) == translated.format(*ports)


def test_outputs_show_the_ports_and_folders_of_a_reader(sandbox: Sandbox) -> None:
    said = (
        f"{sandbox.work}/app on http://127.0.0.1:{sandbox.ports[8000]} by {sandbox.folder}/bin/uv"
    )

    assert sandbox.restore(said) == "~/app on http://127.0.0.1:8000 by /usr/local/bin/uv"
    assert sandbox.restore(f"{sandbox.home}/.cache/x.log") == "~/.cache/x.log"


def test_a_server_without_a_port_takes_the_sandbox_s(sandbox: Sandbox) -> None:
    assert sandbox.environment["UVICORN_PORT"] == str(sandbox.ports[8000])
    assert sandbox.environment["SERVICE_PORT"] == str(sandbox.ports[8000])
    assert sandbox.environment["POSTGRES_PORT"] == str(sandbox.ports[5445])
