"""A small workbook project, whole and saved: three phases of two steps each, in a clone."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from workbook.history.phases import UNSAVED
from workbook.history.save import save
from workbook.project import Project

# The commands that the tests start are the same ones again and again: let them keep their bytecode.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

type Files = Mapping[str, bytes | None]

CHAPTERS = {"01-start": "2026-11-02", "02-middle": "2026-11-09", "03-end": "2026-11-16"}
# What patches get wrong easily: bits, line ends, blanks, missing line ends, names, deletions.
STEPS: tuple[tuple[str, str, str, Files], ...] = (
    (
        "01-start",
        "feat: greet",
        "A greeting, so that something runs.",
        {
            "src/app.py": b'def greet() -> str:\n    return "hello"\n',
            ".gitignore": b".venv/\n",
            "README.md": b"# Phase 1\n",
            "pyproject.toml": b'[project]\nname = "small"\n',
        },
    ),
    (
        "01-start",
        "feat: add what isn't text",
        "",
        {"run.sh": b"#!/bin/sh\necho hello\n", "logo.bin": bytes(range(256)) * 4},
    ),
    (
        "02-middle",
        "feat: hold dull files",
        "Line ends and blanks are content.",
        {
            "windows.txt": b"one\r\ntwo\r\n",
            "poem.txt": b"a line \n\t\n \nno end of line",
            "naïve file.txt": "hé\n".encode(),
        },
    ),
    (
        "02-middle",
        "feat: greet by name",
        "",
        {
            "src/app.py": b'def greet(name: str) -> str:\n    return f"hello, {name}"\n',
            "logo.bin": None,
        },
    ),
    (
        "03-end",
        "[docs] say über-greeting",
        "Body with ümläuts,\n\nand a second paragraph:\n  - indented",
        {"windows.txt": b"one\r\nTWO\r\nthree\n", "README.md": b"# Phase 3\n"},
    ),
    (
        "03-end",
        "feat: greet louder",
        "",
        {
            "src/app.py": b'def greet(name: str) -> str:\n    return f"HELLO, {name}"\n',
            "src/empty.py": b"",
        },
    ),
)


@pytest.fixture(autouse=True)
def _own_git_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the git settings of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture(scope="session")
def git() -> Callable[..., str]:
    """Runs git as a person at a clean machine would: `git(folder, *arguments)`."""

    def run(folder: Path, *arguments: str) -> str:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A Person",
            "GIT_AUTHOR_EMAIL": "person@example.com",
            "GIT_COMMITTER_NAME": "A Person",
            "GIT_COMMITTER_EMAIL": "person@example.com",
            "GIT_EDITOR": "true",
        }
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    return run


@pytest.fixture(scope="session")
def commit_step(git: Callable[..., str]) -> Callable[..., str]:
    """Commits files in a working tree (None removes one), gives the commit's id."""

    def commit(
        tree: Path, slug: str | None, subject: str, body: str = "", files: Files | None = None
    ) -> str:
        for name, content in (files or {}).items():
            path = tree / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o755 if content.startswith(b"#!") else 0o644)
        paragraphs = [subject, body, f"Phase: {slug}" if slug else ""]
        message = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
        git(tree, "add", "--all")
        git(tree, "commit", "--quiet", "--allow-empty", "--cleanup=whitespace", "-m", message)
        return git(tree, "rev-parse", "HEAD")

    return commit


@pytest.fixture(scope="session")
def write_chapter() -> Callable[..., Path]:
    """Writes a chapter's page, by default with the pin of an unsaved one."""

    def write(root: Path, slug: str, date: str, pin: str = UNSAVED) -> Path:
        page = root / "docs" / "evolution" / slug / "index.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        number, _, word = slug.partition("-")
        front = (
            f"---\nphase: {int(number)}\ntitle: The {word}\ntag: phase-{slug}\n"
            f"commit: {pin}\ndate: {date}\n---\n"
        )
        page.write_text(f"{front}\n# The {word}\n\nText.\n", encoding="utf-8")
        return page

    return write


@pytest.fixture(scope="session")
def _template(
    tmp_path_factory: pytest.TempPathFactory,
    git: Callable[..., str],
    commit_step: Callable[..., str],
    write_chapter: Callable[..., Path],
) -> Path:
    root = tmp_path_factory.mktemp("template") / "project"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=evolution")
    for slug, subject, body, files in STEPS:
        commit_step(root, slug, subject, body, files)
    git(root, "switch", "--quiet", "--orphan", "main")
    (root / "mkdocs.yml").write_text("site_name: Small\n", encoding="utf-8")
    for slug, date in CHAPTERS.items():
        write_chapter(root, slug, date)
    commit_step(root, None, "docs: outline the chapters")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        save(Project(root), "evolution")
    commit_step(root, None, "docs: save the steps")
    shutil.rmtree(root / ".workbook")
    return root


@pytest.fixture
def project(_template: Path, tmp_path: Path) -> Project:
    """A clone on `main` with a branch `evolution`; nothing is built in it, and no tag is there."""
    root = tmp_path / "project"
    shutil.copytree(_template, root, symlinks=True)
    return Project(root)


@pytest.fixture
def evolution(project: Project, git: Callable[..., str], tmp_path: Path) -> Path:
    """A working tree of the project's clone in which the branch `evolution` is checked out."""
    folder = tmp_path / "evolution"
    git(project.root, "worktree", "add", "--quiet", str(folder), "evolution")
    return folder


@pytest.fixture
def hostile_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything in a user's configuration and environment that could change a commit's id."""
    home = tmp_path / "home"
    for folder in ("hooks", "templates/hooks", ".config/git"):
        (home / folder).mkdir(parents=True)
    for name in ("applypatch-msg", "pre-applypatch", "commit-msg", "reference-transaction"):
        for folder in ("hooks", "templates/hooks"):
            hook = home / folder / name
            hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
            hook.chmod(0o755)
    (home / "templates/config").write_text("[core]\n\tautocrlf = true\n", encoding="utf-8")
    (home / ".config/git/attributes").write_text("* text=auto eol=crlf\n", encoding="utf-8")
    (home / ".config/git/ignore").write_text("*.py\n", encoding="utf-8")
    settings = HOSTILE.replace("HOME", str(home))
    (home / ".gitconfig").write_text(settings, encoding="utf-8")
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    for name in ("DIR", "WORK_TREE", "INDEX_FILE", "OBJECT_DIRECTORY", "COMMON_DIR"):
        monkeypatch.setenv(f"GIT_{name}", str(home / "nowhere"))
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Somebody Else")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "else@example.com")
        monkeypatch.setenv(f"GIT_{role}_DATE", "2001-01-01T00:00:00 +0300")
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    monkeypatch.setenv("GIT_DIFF_OPTS", "--unified=9")
    monkeypatch.setenv("GIT_DEFAULT_HASH", "sha256")
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(home / "templates"))


HOSTILE = """\
[user]
\tname = Somebody Else
\temail = else@example.com
\tsigningKey = nobody
[commit]
\tgpgSign = true
\tcleanup = scissors
[tag]
\tgpgSign = true
\tforceSignAnnotated = true
[gpg]
\tprogram = false
[core]
\thooksPath = HOME/hooks
\tautocrlf = true
\teol = crlf
\tsafecrlf = true
\twhitespace = trailing-space,cr-at-eol,tab-in-indent
\tabbrev = 40
\tquotePath = true
\tcommentChar = "["
\tfileMode = false
\teditor = false
\tpager = false
[apply]
\twhitespace = error
\tignoreWhitespace = change
[am]
\tthreeWay = true
\tkeepcr = false
\tmessageid = true
[mailinfo]
\tscissors = true
[init]
\ttemplateDir = HOME/templates
\tdefaultBranch = somewhere
[i18n]
\tcommitEncoding = ISO-8859-1
\tlogOutputEncoding = ISO-8859-1
[diff]
\tnoprefix = true
\tmnemonicPrefix = true
\talgorithm = histogram
\tcontext = 7
\tinterHunkContext = 9
\trenames = copies
\texternal = false
\tsuppressBlankEmpty = true
\tcolorMoved = true
[color]
\tui = always
[format]
\tsubjectPrefix = HOSTILE
\tsignature = hostile
\tattach = true
\tthread = deep
\tcoverLetter = true
\tnumbered = true
\tpretty = raw
\toutputDirectory = HOME/nowhere
\tfrom = Somebody <else@example.com>
\theaders = "X-Hostile: yes\\n"
\tuseAutoBase = true
\tnotes = true
[log]
\tshowSignature = true
\tdate = relative
\tmailmap = true
[trailer]
\tseparators = "%"
[fetch]
\tprune = true
\tpruneTags = true
[transfer]
\tfsckObjects = true
[protocol "file"]
\tallow = never
[safe]
\tbareRepository = explicit
"""
