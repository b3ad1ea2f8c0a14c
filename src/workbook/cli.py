"""The command line: what can be said, and how a run ends."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from workbook.commands import commands, dev_commands, page_commands
from workbook.errors import WorkbookError
from workbook.machine import from_os_error
from workbook.project import Project

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; gives the exit status: 0, 1 for a failure, 2 for a misspelt command."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(Project.find(), arguments))
    except WorkbookError as error:
        print(f"workbook: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Such as `workbook diff 1 2 | head`. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        if (failure := from_os_error(error)) is None:
            raise
        print(f"workbook: {failure}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workbook",
        description="Builds the tags of this repository's phases, proves its chapters by "
        "following them, and serves both. Without a command it says how things stand.",
    )
    parser.set_defaults(command=commands.status)
    parsers = parser.add_subparsers(title="commands", metavar="COMMAND")

    tags = parsers.add_parser("tags", help="build the tags from the patches, offline")
    tags.add_argument("--check", action="store_true", help="hold patches to pins; change nothing")
    tags.add_argument("--force", action="store_true", help="move what points elsewhere")
    tags.add_argument("--branch", metavar="NAME", help="make one branch of all steps as well")
    tags.set_defaults(command=commands.tags)

    save = parsers.add_parser("save", help="write a branch's steps as patches and pins")
    save.add_argument("branch", metavar="BRANCH")
    save.add_argument(
        "--allow-dirty",
        action="store_true",
        help="save over uncommitted changes in this working tree",
    )
    save.set_defaults(command=commands.save)

    refresh = parsers.add_parser("refresh", help="rewrite the listings from the steps")
    refresh.add_argument("numbers", metavar="N", type=int, nargs="*", help="chapters (all pages)")
    refresh.set_defaults(command=page_commands.refresh)

    _add_replay(parsers)

    ledger = parsers.add_parser("ledger", help="count the blocks of all pages by their fates")
    ledger.set_defaults(command=page_commands.ledger)

    diff = parsers.add_parser("diff", help="compare two phases or steps")
    diff.add_argument("old", metavar="A", help="a phase (3), a step (3.2), a tag, or 0: nothing")
    diff.add_argument("new", metavar="B")
    diff.add_argument("paths", metavar="PATH", nargs="*")
    diff.set_defaults(command=commands.diff)

    up = parsers.add_parser("up", help="serve the application and the site, with a database")
    up.add_argument("--port", type=int, default=8000, help="where to listen (8000)")
    up.add_argument("--reload", action="store_true", help="start again when the code changes")
    up.add_argument(
        "--no-site", dest="site", action="store_false", help="serve the application alone"
    )
    up.set_defaults(command=commands.up)

    dev = parsers.add_parser("dev", help="what maintainers of this repository need")
    _add_dev(dev.add_subparsers(title="commands", metavar="COMMAND", required=True))
    return parser


def _add_dev(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    rot = parsers.add_parser(
        "rot",
        help="try the phases with the newest of everything",
        description="Moves each phase's lock, uv and Python to the newest, in a copy, and runs "
        "the phase's own suite there. Prints a table; what broke is no failure of the command.",
    )
    rot.add_argument("--phase", metavar="N", type=int, help="one phase (all phases)")
    rot.add_argument("--python", metavar="VERSION", help="a Python (the newest here)")
    rot.add_argument(
        "--limit", metavar="S", type=float, default=1800, help="seconds for a phase (1800)"
    )
    rot.add_argument("--chapters", action="store_true", help="follow the chapters as well")
    rot.set_defaults(command=dev_commands.rot)

    images = parsers.add_parser(
        "images",
        help="pin the images that a working tree names",
        description="Asks the image registries, through docker's buildx, which digests the tags "
        "in Dockerfile and docker-compose.yaml stand for today, and writes them behind the tags. "
        "A machine that reaches no registry can neither run this nor build what it has pinned.",
    )
    images.add_argument("folder", metavar="FOLDER", type=Path, help="a working tree of the steps")
    images.set_defaults(command=dev_commands.images)

    pictures = parsers.add_parser(
        "pictures",
        help="draw the book's pictures from their descriptions",
        description="Draws each docs/assets/pictures/NAME.toml as NAME.svg beside it.",
    )
    pictures.set_defaults(command=dev_commands.pictures)


def _add_replay(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    replay = parsers.add_parser("replay", help="follow the chapters and hold them to their tags")
    replay.add_argument(
        "pages", metavar="PAGE", nargs="*", help="a chapter's number or a page's path (all pages)"
    )
    replay.add_argument("--accept", action="store_true", help="write the new output into the page")
    replay.add_argument(
        "--fresh", action="store_true", help="follow pages that are unchanged since a green replay"
    )
    replay.add_argument(
        "--slow", action="store_true", help="run slow blocks too (all pages: those that have any)"
    )
    cores = os.process_cpu_count() or 1
    replay.add_argument(
        "--jobs", metavar="N", type=_count, default=cores, help="pages at a time (the cores)"
    )
    replay.add_argument("--durations", action="store_true", help="say where the time went")
    replay.set_defaults(command=page_commands.replay)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return count
