"""A named piece of a Python file, for talking about it."""

from __future__ import annotations

import ast
from collections.abc import Sequence

__all__ = ["find_symbol"]


def find_symbol(source: str, symbol: str) -> str | None:
    """The lines of a function, class, method or assignment, dedented, decorators included.

    `symbol` is a name or `Class.name`; None if the source has no such thing or is no Python. Of
    several of one name it is the last, as for Python: overloads come before what they stand for.
    """
    try:
        body: Sequence[ast.stmt] = ast.parse(source).body
    except SyntaxError:
        return None
    node: ast.stmt | None = None
    for name in symbol.split("."):
        node = next((item for item in reversed(body) if _names(item, name)), None)
        body = getattr(node, "body", ())
    if node is None:
        return None
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
    first = min([node.lineno, *(item.lineno for item in decorators)])
    lines = source.split("\n")[first - 1 : node.end_lineno]
    margin = len(lines[0]) - len(lines[0].lstrip())
    return "".join(f"{line[margin:]}\n" for line in lines)


def _names(node: ast.stmt, name: str) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == name
    targets: Sequence[ast.expr] = ()
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = (node.target,)
    elif isinstance(node, ast.TypeAlias):
        targets = (node.name,)
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)
