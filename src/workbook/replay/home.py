"""A reader's home: an empty one, so that no dotfile of the person who replays changes an output."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from workbook.errors import WorkbookError

__all__ = ["exempt_loopback", "make_home"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_WHERE = re.compile("HOME|PATH|XDG_.*|UV_(CACHE_DIR|PYTHON_INSTALL_DIR|CONFIG_FILE|NO_CONFIG)")
# How to reach the engine. Not who is logged in, what goes into containers or how lists look.
_DOCKER_SETTINGS = ("currentContext", "cliPluginsExtraDirs", "credsStore", "credHelpers")


def make_home(home: Path, environment: Mapping[str, str], uv: Path) -> dict[str, str]:
    """Make the folder; gives the variables that lead to it, and to what a machine keeps at home.

    That is uv's packages and interpreters, pyenv's interpreters, Docker's plug-ins and contexts.
    """
    home.mkdir()
    # Without one in HOME, curl looks into the home that the system's list of users names.
    (home / ".curlrc").touch()
    before = Path(environment.get("HOME") or Path.home())
    variables = {
        "HOME": str(home),
        "PIP_CONFIG_FILE": os.devnull,
        "PSQLRC": os.devnull,
        "PGPASSFILE": str(home / ".pgpass"),
        "UV_CACHE_DIR": _ask(uv, environment, "cache"),
        "UV_PYTHON_INSTALL_DIR": _ask(uv, environment, "python"),
        **_docker(home, environment, before),
    }
    if "PYENV_ROOT" not in environment and (before / ".pyenv").is_dir():
        variables["PYENV_ROOT"] = str(before / ".pyenv")
    return variables


def exempt_loopback(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables by which a network's proxy isn't asked for what this machine serves."""
    said = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    hosts = [host for part in said.split(",") if (host := part.strip())]
    # An asterisk exempts all hosts, but only where it stands alone.
    if hosts != ["*"]:
        hosts += [host for host in LOOPBACK if host not in hosts]
    return dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(hosts))


def _ask(uv: Path, environment: Mapping[str, str], kind: str) -> str:
    """A folder of uv's, as the user's settings have it."""
    asking = {name: environment[name] for name in environment if _WHERE.fullmatch(name)}
    done = subprocess.run(
        [uv, kind, "dir"], env=asking, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise WorkbookError(
            f"uv can't say where its {kind} folder is: {done.stderr.strip()}",
            remedy=f"Make `uv {kind} dir` work on this machine.",
        )
    return str(Path(done.stdout.strip()).absolute())


def _docker(home: Path, environment: Mapping[str, str], before: Path) -> dict[str, str]:
    theirs = Path(environment.get("DOCKER_CONFIG") or before / ".docker")
    folder = home / ".docker"
    folder.mkdir()
    for name in ("cli-plugins", "contexts"):
        if (theirs / name).is_dir():
            (folder / name).symlink_to((theirs / name).absolute())
    try:
        settings = json.loads((theirs / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        settings = {}
    kept = {name: settings[name] for name in _DOCKER_SETTINGS if name in settings}
    (folder / "config.json").write_text(json.dumps(kept), encoding="utf-8")
    variables = {
        "DOCKER_CONFIG": str(folder),
        # Advertisements behind an output; they go with the version.
        "DOCKER_CLI_HINTS": "false",
        "DOCKER_SCAN_SUGGEST": "false",
    }
    if "DOCKER_TLS_VERIFY" in environment:
        variables["DOCKER_CERT_PATH"] = environment.get("DOCKER_CERT_PATH") or str(theirs)
    return variables
