"""Commands are said once, loaded when they are called, and end as the reference says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from workbook.cli import main
from workbook.commands.table import COMMANDS, DEV_COMMANDS, full_parser

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs/reference/command-line.md").read_text()


def loaded_by(*argv: str) -> set[str]:
    """The modules that a run of the command has imported at its end."""
    code = (
        "import sys\nfrom workbook.cli import main\n"
        f"try: main({list(argv)!r})\nexcept SystemExit: pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines())


@pytest.mark.parametrize("argv", [(), ("--help",), ("dev", "--help")])
def test_what_is_said_without_a_command_loads_none_of_the_large_libraries(
    argv: tuple[str, ...],
) -> None:
    large = {"mkdocs", "uvicorn", "pytest", "rich", "starlette", "markdown_it", "shtab", "psutil"}

    assert loaded_by(*argv) & large == set()


def test_a_command_loads_its_own_module_alone() -> None:
    loaded = {name for name in loaded_by("tags", "--help") if name.startswith("workbook.commands.")}

    assert loaded == {f"workbook.commands.{name}" for name in ("table", "status", "tags")}


@pytest.mark.parametrize("name", [*COMMANDS, *(f"dev {name}" for name in DEV_COMMANDS)])
def test_the_reference_has_a_section_for_every_command(name: str) -> None:
    assert f"\n## `workbook {name}`\n" in REFERENCE


def test_the_reference_knows_every_status() -> None:
    source = (ROOT / "src/workbook/cli.py").read_text()

    returned = set(re.findall(r"return (\d+)\n", source)) | {"0", "2"}

    assert set(re.findall(r"^\| (\d+) \|", REFERENCE, flags=re.MULTILINE)) == returned


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["stauts"], "there is no command 'stauts'; did you mean 'status'?"),
        (["dev", "exprot", "x"], "there is no command 'exprot'; did you mean 'export'?"),
        (["zzz"], "there is no command 'zzz'; there are: status, tags,"),
    ],
)
def test_a_misspelt_command_is_told_which_was_meant(
    argv: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(argv)

    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_an_interrupted_command_ends_with_130(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("workbook.commands.status.load_phases", interrupt)

    assert main([]) == 130


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_completes_every_command(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)

    assert main(["completion", shell]) == 0

    said = capsys.readouterr().out
    for name in (*COMMANDS, *DEV_COMMANDS, "--allow-dirty", "--durations"):
        assert name in said


def test_bash_can_read_its_completion(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    main(["completion", "bash"])

    script = capsys.readouterr().out
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_every_command_has_a_summary_and_a_way_to_run() -> None:
    parser = full_parser()

    assert parser.parse_args(["dev", "fill", "2"]).numbers == [2]
    assert callable(parser.parse_args(["up"]).run)
