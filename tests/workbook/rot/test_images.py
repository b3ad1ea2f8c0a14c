"""Images are pinned behind their tags, by what a registry says; here a stand-in for docker."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from workbook.cli import main
from workbook.project import Project
from workbook.rot.images import image_names

ROOT = Path(__file__).parents[3]
OLD, NEW = ("sha256:" + digit * 64 for digit in "12")
DOCKERFILE = """\
# FROM a:1 in a remark
FROM registry.example/uv:0.13-slim AS dependencies
COPY . .
FROM dependencies AS wheel
FROM python:3.13-slim
CMD ["image: x:1"]
"""
COMPOSE = """\
services:
  postgres:
    image: postgres:18
    ports:
      - 127.0.0.1:5445:5432
"""

type Output = pytest.CaptureFixture[str]


@pytest.fixture
def tree(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working tree that names three images."""
    monkeypatch.chdir(project.root)
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "Dockerfile").write_text(DOCKERFILE)
    (tree / "docker-compose.yaml").write_text(COMPOSE)
    return tree


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a digest in a file for each tag, which a stand-in for docker gives."""
    folder = tmp_path / "registry"
    commands = tmp_path / "bin"
    folder.mkdir()
    commands.mkdir()
    docker = commands / "docker"
    docker.write_text(
        "#!/bin/sh\n"
        '[ "$*" = "buildx imagetools inspect --format {{.Manifest.Digest}} $6" ] || exit 9\n'
        f'cat "{folder}/$(echo "$6" | tr / _)" || {{ echo "$6: not found" >&2; exit 1; }}\n'
    )
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}{os.pathsep}{os.environ['PATH']}")
    return folder


def publish(registry: Path, digests: Mapping[str, str]) -> None:
    for tag, digest in digests.items():
        (registry / tag.replace("/", "_")).write_text(f"{digest}\n")


THREE = ("registry.example/uv:0.13-slim", "python:3.13-slim", "postgres:18")


def test_each_image_is_pinned_behind_its_tag_and_nothing_else_changes(
    tree: Path, registry: Path, capsys: Output
) -> None:
    publish(registry, dict.fromkeys(THREE, OLD))

    assert main(["dev", "images", str(tree)]) == 0

    pinned = DOCKERFILE.replace("slim AS", f"slim@{OLD} AS").replace(
        "3.13-slim", f"3.13-slim@{OLD}"
    )
    assert (tree / "Dockerfile").read_text() == pinned
    assert (tree / "docker-compose.yaml").read_text() == COMPOSE.replace(":18", f":18@{OLD}")
    assert capsys.readouterr().out.splitlines() == [
        f"Dockerfile           {THREE[0]}@{OLD}  written",
        f"Dockerfile           {THREE[1]}@{OLD}  written",
        f"docker-compose.yaml  {THREE[2]}@{OLD}  written",
    ]


def test_a_pin_follows_its_tag(tree: Path, registry: Path, capsys: Output) -> None:
    publish(registry, dict.fromkeys(THREE, OLD))
    main(["dev", "images", str(tree)])
    publish(registry, {"postgres:18": NEW})
    capsys.readouterr()

    assert main(["dev", "images", str(tree)]) == 0

    assert image_names(tree) == [f"{THREE[0]}@{OLD}", f"{THREE[1]}@{OLD}", f"{THREE[2]}@{NEW}"]
    outcomes = [line.split("  ")[-1] for line in capsys.readouterr().out.splitlines()]
    assert outcomes == ["already there", "already there", "written"]


@pytest.mark.parametrize("answer", [None, "sha256:12", ""])
def test_without_every_digest_nothing_is_written(
    tree: Path, registry: Path, capsys: Output, answer: str | None
) -> None:
    publish(registry, dict.fromkeys(THREE[:2], OLD))
    if answer is not None:
        publish(registry, {THREE[2]: answer})

    assert main(["dev", "images", str(tree)]) == 1

    said = capsys.readouterr().err
    reason = "not found" if answer is None else answer or "it printed nothing"
    assert said.startswith("workbook: postgres:18: the digest can't be had: ")
    assert reason in said
    assert "This asks the image's registry" in said
    assert (tree / "Dockerfile").read_text() == DOCKERFILE


def test_a_machine_without_docker_is_told_what_is_missing(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert main(["dev", "images", str(tree)]) == 1

    assert "docker isn't installed, or isn't on the PATH" in capsys.readouterr().err


def test_a_folder_that_names_no_image_is_told(
    tree: Path, registry: Path, tmp_path: Path, capsys: Output
) -> None:
    assert main(["dev", "images", str(tmp_path)]) == 1

    assert f"{tmp_path}: no image is named here" in capsys.readouterr().err


def test_every_image_of_this_project_is_named_once() -> None:
    names = image_names(ROOT)
    repositories = {name.partition("@")[0].rpartition(":")[0] for name in names}

    scripts = [ROOT / ".ci/run", *(ROOT / ".github/workflows").iterdir()]
    scripts += [file for folder in ("scripts", "tests") for file in (ROOT / folder).glob("*.py")]
    # Not postgres:5432, which is a host with its port.
    again = re.compile(rf"\b({'|'.join(map(re.escape, repositories))}):\d{{1,2}}(?!\d)")
    assert len(names) == len(repositories) == 3
    assert [file for file in scripts if again.search(file.read_text())] == []
