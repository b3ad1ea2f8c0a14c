"""One place commits: what writes goes through it, and is run again when others got in its way."""

import ast
from pathlib import Path

import fastapi_single_process

SOURCE = Path(fastapi_single_process.__file__).parent
COMMITS = {"begin", "begin_nested", "commit"}


def places_that_commit() -> set[str]:
    """Name the functions of the service that begin a transaction to be committed, or commit one."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for function in ast.parse(path.read_text()).body:
            calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
            names = {call.attr for call in calls if isinstance(call, ast.Attribute)}
            if names & COMMITS:
                name = getattr(function, "name", "")
                found.add(f"{path.relative_to(SOURCE).as_posix()}: {name}")
    return found


def test_one_function_commits() -> None:
    assert places_that_commit() == {"db/transactions.py: run_transaction"}
