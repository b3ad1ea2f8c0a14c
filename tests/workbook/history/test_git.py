import os
from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.history.git import Git, GitError


@pytest.fixture
def repository(tmp_path: Path, git: Callable[..., str]) -> Git:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    return Git(folder)


def test_output_comes_back_unchanged(repository: Git) -> None:
    text = "a\r\nb\n\ud800".replace("\ud800", "\udcff")  # a byte that is no UTF-8

    blob = repository.run("hash-object", "-w", "--stdin", stdin=text).strip()

    assert repository.run("cat-file", "blob", blob) == text
    assert repository.read("cat-file", "blob", blob) == b"a\r\nb\n\xff"


def test_a_refusal_carries_gits_own_words(repository: Git) -> None:
    with pytest.raises(GitError, match="git rev-parse failed: fatal: ") as caught:
        repository.run("rev-parse", "--verify", "refs/heads/nowhere^{commit}", "--")

    assert caught.value.place == str(repository.directory)


def test_a_repository_above_is_never_found(repository: Git) -> None:
    inner = repository.directory / "inner"
    inner.mkdir()

    with pytest.raises(GitError, match="not a git repository"):
        Git(inner).run("rev-parse", "--git-dir")


def test_a_missing_folder_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="no such folder"):
        Git(tmp_path / "nowhere").run("version")


def test_a_machine_without_git_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(GitError, match="git isn't installed"):
        Git(tmp_path).run("version")


def test_the_users_settings_count_only_where_they_are_asked_for(
    repository: Git, hostile_settings: None
) -> None:
    asking = Git(repository.directory, users_settings=True)

    assert asking.run("config", "user.email").strip() == "else@example.com"
    with pytest.raises(GitError):
        repository.run("config", "user.email")


@pytest.mark.parametrize("users_settings", [False, True])
def test_hooks_and_signing_are_off_in_any_case(
    repository: Git, hostile_settings: None, users_settings: bool
) -> None:
    git = Git(repository.directory, users_settings).having(
        GIT_AUTHOR_NAME="A",
        GIT_AUTHOR_EMAIL="a@example.com",
        GIT_COMMITTER_NAME="A",
        GIT_COMMITTER_EMAIL="a@example.com",
    )

    git.run("commit", "--quiet", "--allow-empty", "--message=an empty one", "--cleanup=strip")

    assert git.run("log", "--format=%s%GS").splitlines()[-1] == "an empty one"


def test_the_repositorys_own_configuration_does_not_win(
    repository: Git, git: Callable[..., str]
) -> None:
    (repository.directory / "a").write_bytes(b"a\n")
    git(repository.directory, "add", "a")
    git(repository.directory, "config", "diff.noprefix", "true")
    git(repository.directory, "config", "core.abbrev", "40")

    diff = repository.run("diff", "--cached")

    assert "+++ b/a" in diff
    assert "index 0000000000..7898192261\n" in diff


def test_variables_are_added_and_the_callers_left_out(
    repository: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", os.devnull)

    email = repository.having(
        GIT_COMMITTER_NAME="A",
        GIT_COMMITTER_EMAIL="a@example.com",
        GIT_COMMITTER_DATE="1000000000 +0000",
    ).run("var", "GIT_COMMITTER_IDENT")

    assert email.strip() == "A <a@example.com> 1000000000 +0000"
