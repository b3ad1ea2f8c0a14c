"""What holds this repository together: each promise that no single module can keep."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from uv import find_uv_bin

from workbook.history.build import build
from workbook.history.main_copy import main_copy_differences
from workbook.history.phases import load_phases
from workbook.project import Project

ROOT = Path(__file__).parents[2]
PROJECT = Project(ROOT)


def toml(text: bytes) -> dict[str, Any]:
    return tomllib.loads(text.decode())


def last_phase_file(name: str) -> dict[str, Any]:
    history = build(PROJECT, load_phases(PROJECT))
    text = history.file(history.steps[-1].commit, name)
    assert text is not None
    return toml(text)


def test_main_holds_the_last_phase_byte_for_byte() -> None:
    history = build(PROJECT, load_phases(PROJECT))

    assert main_copy_differences(PROJECT, history) == []


def test_main_runs_the_service_with_the_versions_of_its_last_phase() -> None:
    mains = toml((ROOT / "uv.lock").read_bytes())["package"]

    locked = {(package["name"], package["version"]) for package in mains}
    for package in last_phase_file("uv.lock")["package"]:
        assert (package["name"], package["version"]) in locked


def test_main_keeps_the_configuration_of_its_last_phase() -> None:
    mains = toml((ROOT / "pyproject.toml").read_bytes())
    phases = last_phase_file("pyproject.toml")

    assert mains["project"]["dependencies"] == phases["project"]["dependencies"]
    for group, wanted in phases["dependency-groups"].items():
        assert [each for each in wanted if each not in mains["dependency-groups"][group]] == []
    unisolated = {*phases["tool"]["uv"].pop("no-build-isolation-package")}
    assert unisolated <= {*mains["tool"]["uv"]["no-build-isolation-package"]}
    for tool in ("uv", "mypy", "alembic"):
        assert mains["tool"][tool].items() >= phases["tool"][tool].items()
    for key in ("select", "flake8-tidy-imports"):
        assert mains["tool"]["ruff"]["lint"][key] == phases["tool"]["ruff"]["lint"][key]
    for key in ("anyio_mode", "filterwarnings", "markers"):
        assert mains["tool"]["pytest"][key] == phases["tool"]["pytest"][key]


def test_the_layers_hold() -> None:
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout


def files_of_wheel(project: Path, folder: Path) -> list[str]:
    build = [find_uv_bin(), "build", "--quiet", "--wheel", "--out-dir", str(folder), str(project)]
    subprocess.run(build, cwd=ROOT, check=True)
    (wheel,) = folder.glob("*.whl")
    return zipfile.ZipFile(wheel).namelist()


def test_the_wheel_of_the_service_holds_nothing_of_the_workbook(tmp_path: Path) -> None:
    names = files_of_wheel(ROOT, tmp_path)

    assert "fastapi_single_process/main.py" in names
    assert [name for name in names if "workbook" in name or "entry_points" in name] == []


def test_the_wheel_of_the_workbook_can_be_built(tmp_path: Path) -> None:
    assert "workbook/cli.py" in files_of_wheel(ROOT / "src/workbook", tmp_path)


WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_actions_are_pinned_to_commits(workflow: Path) -> None:
    used = re.findall(r"uses: (\S+)", workflow.read_text())

    assert used
    assert [action for action in used if not re.search(r"@[0-9a-f]{40}$", action)] == []


def test_the_rot_alarm_blocks_nothing() -> None:
    # BaseLoader: in YAML 1.1, the key `on` is a truth value.
    alarm = yaml.load((ROOT / ".github/workflows/rot.yml").read_text(), Loader=yaml.BaseLoader)

    assert alarm["on"].keys() == {"schedule", "workflow_dispatch"}
    assert alarm["permissions"] == {"contents": "read"}


@pytest.mark.parametrize(
    ("name", "command"),
    [
        (".ci/run", "export PYTEST_ADDOPTS=--slow"),
        (".github/workflows/weekly.yml", "uv run workbook replay --slow"),
    ],
)
def test_slow_blocks_are_run_somewhere(name: str, command: str) -> None:
    text = (ROOT / name).read_text()

    assert command in [line.strip().removeprefix("- run: ") for line in text.splitlines()]


@pytest.mark.parametrize(
    "name", ["README.md", "docs", "src", "tests", "Dockerfile", ".ci", ".github"]
)
def test_nothing_names_a_package_registry(name: str) -> None:
    lock = (ROOT / "uv.lock").read_text()
    hosts = set(re.findall(r'"https?://([^/"]+)', lock))

    files = [ROOT / name] if (ROOT / name).is_file() else (ROOT / name).rglob("*")
    texts = {
        file: file.read_text(errors="ignore")
        for file in files
        if file.is_file() and file.suffix != ".patch" and "__pycache__" not in file.parts
    }
    assert [
        str(file) for file, text in texts.items() for host in hosts if f"//{host}" in text
    ] == []


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("false", "\n==> one\n\n==> two\n"),
        ("true", "::group::one\n::endgroup::\n::group::two\n"),
    ],
)
def test_a_workflow_shows_the_steps_of_ci_as_groups(where: str, expected: str) -> None:
    text = (ROOT / ".ci/run").read_text()
    say = text[text.index("group=\n") : text.index("\n}\n", text.index("say()")) + 3]

    script = f"set -euo pipefail\n{say}say one\nsay two\n"
    run = subprocess.run(
        ["bash", "-c", script],
        env={"GITHUB_ACTIONS": where},
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout == expected


def test_the_subject_of_a_step_fits_its_line() -> None:
    subjects = [step.subject for step in build(PROJECT, load_phases(PROJECT)).steps]

    assert [subject for subject in subjects if len(subject) > 72] == []
