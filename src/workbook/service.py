"""The service, reached by import strings as uvicorn does: this package never imports it."""

import hashlib
import importlib.util
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workbook.atomic import write_text

__all__ = ["describe_problems", "describe_settings", "load", "problems_list", "settings_table"]


def load(name: str) -> Any:  # what an import string names can have any type
    """Import ``module:attribute`` of the service."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(f"fastapi_single_process.{module}"), attribute)


def describe_settings(state: Path) -> str:
    """Write the service's settings as a Markdown table; it is kept in the folder `state`."""

    def write() -> str:
        settings = load("config:Settings")
        return settings_table(settings.model_json_schema(), settings.model_config["env_prefix"])

    return _kept(state, "settings", "config", write)


def describe_problems(state: Path) -> str:
    """Write the problems that the service answers with; kept in the folder `state`."""
    return _kept(
        state,
        "problems",
        "api.problems",
        lambda: problems_list(load("api.problems.catalogue:PROBLEMS")),
    )


def _kept(state: Path, name: str, module: str, write: Callable[[], str]) -> str:
    # To import the service takes as long as to build the rest of the site. What was written stays
    # as long as its module, and this one, are the same.
    source = importlib.util.find_spec(f"fastapi_single_process.{module}")
    sources = [Path(one.origin) for one in (source, __spec__) if one and one.origin]
    key = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    kept = state / f"{name}-{key[:16]}.md"
    mark, _, found = (kept.read_bytes() if kept.exists() else b"").partition(b"\n")
    if mark == _mark(found):
        return found.decode()
    text = write()
    for old in state.glob(f"{name}-*.md"):
        old.unlink(missing_ok=True)
    write_text(kept, f"{_mark(text.encode()).decode()}\n{text}")
    return text


def _mark(content: bytes) -> bytes:
    """Tell a file that is whole from one that isn't, in a comment of Markdown."""
    return f"<!-- {hashlib.sha256(content).hexdigest()} -->".encode()


def problems_list(problems: Mapping[str, Any]) -> str:
    """Turn the service's table of problems into sections, one for each ``type``."""
    return "\n\n".join(
        f"## {problem.title} {{ #{problem.slug} }}\n\n"
        f"`{problem.uri}`, status {int(problem.status)} {problem.status.phrase}\n\n"
        f"{problem.meaning}\n\n"
        f"**What to do.** {problem.remedy}"
        for problem in problems.values()
    )


def settings_table(schema: Mapping[str, Any], prefix: str) -> str:
    """Turn a settings class' JSON schema into a table of environment variables."""
    rows = ["| Variable | Value | Default | Meaning |", "| --- | --- | --- | --- |"]
    for name, field in schema["properties"].items():
        default = field.get("default")
        shown = "" if default is None else f"`{json.dumps(default).strip(chr(34))}`"
        meaning = " ".join(field.get("description", "").split())
        rows.append(
            f"| `{prefix}{name.upper()}` | {_describe_value(field)} | {shown} | {meaning} |"
        )
    return "\n".join(rows)


def _describe_value(field: Mapping[str, Any]) -> str:
    if "anyOf" in field:
        kinds = (kind for kind in field["anyOf"] if kind.get("type") != "null")
        return " or ".join(_describe_value(kind) for kind in kinds)
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    names = {"exclusiveMinimum": ">", "minimum": "≥", "exclusiveMaximum": "<", "maximum": "≤"}
    limits = [f"{sign} {field[name]:g}" for name, sign in names.items() if name in field]
    words = {"string": "text", "boolean": "`true`, `false`"}
    kind = "URL" if field.get("format") == "uri" else words.get(field["type"], field["type"])
    return ", ".join([kind, *limits])
