"""What still works when everything that a phase takes from outside is the newest there is."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from workbook.history.git import Git
from workbook.history.phases import Phase
from workbook.history.steps import History
from workbook.project import Project
from workbook.replay.containers import engine_answers, remove_containers
from workbook.replay.edits import FOLDER
from workbook.replay.follow import Options
from workbook.replay.locks import locked_versions
from workbook.replay.packages import OFFLINE
from workbook.replay.replay import replay
from workbook.replay.sandbox import Sandbox
from workbook.replay.shell import Shell
from workbook.rot.images import image_names
from workbook.rot.trial import BrokenError, Trial

__all__ = ["Finding", "Move", "Walk", "follow", "try_phase"]

_SETTINGS = {
    # pytest cuts the reason off a line that is longer than this.
    "COLUMNS": "240",
    "UV_PYTHON_DOWNLOADS": "never",
}

type Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Move:
    """A package whose locked versions change; none before if it is new, none after if it goes."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """With which tools a phase was tried, what moved, and what broke; None if nothing did."""

    phase: Phase
    uv: str
    python: str
    moves: tuple[Move, ...]
    images: tuple[str, ...]
    broke: str | None


@dataclass(frozen=True, slots=True)
class Walk:
    """A chapter that was followed, and what didn't come true; None if everything did."""

    page: str
    broke: str | None


def try_phase(
    history: History, phase: Phase, *, python: str | None, limit: float, report: Report
) -> Finding:
    """Move all that a phase locks to the newest, in a copy, and run the phase's own suite.

    `python` is a request in uv's words, instead of the newest one here. After `limit` seconds
    the phase counts as broken.
    """
    with ExitStack() as opened:
        sandbox = Sandbox()
        opened.callback(sandbox.close)
        if engine_answers():
            ports = tuple(sandbox.ports.values())
            opened.callback(remove_containers, sandbox.environment, ports)
        tree = _clone(sandbox, history, phase)
        shell = Shell(sandbox.folder / "shell", tree, _environment(sandbox))
        opened.callback(shell.close)
        trial = Trial(shell, limit=limit, report=lambda said: report(f"{phase.tag}: {said}"))
        before = _lock(tree)
        uv = version = "not reached"
        broke = None
        try:
            uv = trial.take_uv(sandbox.folder / "newest")
            version = trial.take_python(python)
            trial.move()
            trial.prove()
        except BrokenError as error:
            broke = str(error)
        moves = _moves(before, _lock(tree))
        return Finding(phase, uv, version, moves, tuple(image_names(tree)), broke)


def follow(project: Project, page: Path, report: Report) -> Walk:
    """Follow a chapter once against the index of the day, by the replay that proves it."""
    name = project.place(page)
    report(f"{name}: replay")
    said: list[str] = []
    (result,) = replay(project, [page], Options(fresh=True), said.append)
    return Walk(name, None if result.good else said[0].splitlines()[0])


def _environment(sandbox: Sandbox) -> Mapping[str, str]:
    """The sandbox's, but with the index that whoever asks can reach."""
    kept = {name: value for name, value in sandbox.environment.items() if name not in OFFLINE}
    theirs = {name: os.environ[name] for name in OFFLINE if name in os.environ}
    return {**kept, **theirs, **_SETTINGS}


def _clone(sandbox: Sandbox, history: History, phase: Phase) -> Path:
    clone = sandbox.work / FOLDER
    origin = str(history.repository.directory)
    Git(sandbox.work).run("clone", "--quiet", "--no-checkout", origin, str(clone))
    Git(clone).run("checkout", "--quiet", "--detach", history.tip(phase))
    return clone


def _lock(tree: Path) -> str:
    file = tree / "uv.lock"
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _moves(before: str, after: str) -> tuple[Move, ...]:
    old, new = locked_versions(before), locked_versions(after)
    moves = [Move(name, old.get(name, ()), new.get(name, ())) for name in sorted({*old, *new})]
    return tuple(move for move in moves if move.before != move.after)
