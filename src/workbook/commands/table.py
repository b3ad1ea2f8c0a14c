"""Which commands there are, said once; a command's module is loaded when it is called."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Protocol, cast

from workbook.project import Project

__all__ = ["COMMANDS", "DEV_COMMANDS", "full_parser", "parse"]

COMMANDS = {
    "status": "say how things stand, as without a command",
    "tags": "build the tags from the patches, offline",
    "diff": "compare two phases or steps",
    "up": "serve the application and the site, with a database",
    "replay": "follow the chapters and hold them to their tags",
    "completion": "print what completes this command in a shell",
}
"""What a reader needs: a summary by the command's name, which is its module's, too."""

DEV_COMMANDS = {
    "export": "write a branch's steps as patches and pins",
    "fill": "write the listings anew, from the steps",
    "crosscheck": "count the blocks of all pages by their fates",
    "pictures": "draw the book's pictures from their descriptions",
    "limits": "measure what the chapters ask of their readers",
    "images": "pin the images that a working tree names",
    "rot": "try the phases with the newest of everything",
}
"""The same for maintainers, below `dev`."""


class _Command(Protocol):
    """What the module of a command has; its docstring is the command's description."""

    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Project, argparse.Namespace], int]


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read a command line; `run` of the result is what to call.

    Exits with status 2 where it can't be read, and with 0 after `--help`.
    """
    named = set(argv)
    parser, dev = _parsers(named.__contains__)
    words = [word for word in argv if not word.startswith("-")]
    if words and words[0] not in {*COMMANDS, "dev"}:
        _refuse(parser, words[0], (*COMMANDS, "dev"))
    if words[:1] == ["dev"] and words[1:] and words[1] not in DEV_COMMANDS:
        _refuse(dev, words[1], tuple(DEV_COMMANDS))
    return parser.parse_args(argv or ["status"])


def full_parser() -> argparse.ArgumentParser:
    """The parser with the arguments of every command; each command's module is loaded."""
    parser, _ = _parsers(lambda name: True)
    return parser


def _refuse(parser: argparse.ArgumentParser, word: str, names: Sequence[str]) -> None:
    close = get_close_matches(word, names, n=1)
    meant = f"; did you mean {close[0]!r}?" if close else f"; there are: {', '.join(names)}"
    parser.error(f"there is no command {word!r}{meant}")


def _parsers(
    is_wanted: Callable[[str], bool],
) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """The parser, and that of `dev`; they know the arguments of the commands that are wanted."""
    parser = argparse.ArgumentParser(
        prog="workbook",
        description="Builds the tags of this repository's phases, proves its chapters by "
        "following them, and serves both. Without a command it says how things stand.",
    )
    parsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add(parsers, COMMANDS, "workbook.commands", is_wanted)
    dev = parsers.add_parser("dev", help="what maintainers of this repository need")
    below = dev.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add(below, DEV_COMMANDS, "workbook.commands.dev", is_wanted)
    return parser, dev


def _add(
    parsers: argparse._SubParsersAction[argparse.ArgumentParser],
    commands: Mapping[str, str],
    package: str,
    is_wanted: Callable[[str], bool],
) -> None:
    for name, summary in commands.items():
        parser = parsers.add_parser(name, help=summary)
        # `status` is what is meant where nothing is said.
        if name == "status" or is_wanted(name):
            command = cast(_Command, importlib.import_module(f"{package}.{name}"))
            command.add_arguments(parser)
            parser.set_defaults(run=command.run)
