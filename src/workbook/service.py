"""The service, reached by import strings as uvicorn does: this package never imports it."""

import hashlib
import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["describe_settings", "load", "settings_table"]


def load(name: str) -> Any:  # what an import string names can have any type
    """Import ``module:attribute`` of the service."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(f"fastapi_single_process.{module}"), attribute)


def describe_settings(state: Path) -> str:
    """Write the service's settings as a Markdown table.

    Importing them takes as long as building the rest of the site: the table is kept in the folder
    `state` until their module changes.
    """
    source = importlib.util.find_spec("fastapi_single_process.config")
    sources = [Path(module.origin) for module in (source, __spec__) if module and module.origin]
    key = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    kept = state / f"settings-{key[:16]}.md"
    if kept.exists():
        return kept.read_text(encoding="utf-8")
    settings = load("config:Settings")
    table = settings_table(settings.model_json_schema(), settings.model_config["env_prefix"])
    for old in state.glob("settings-*.md"):
        old.unlink(missing_ok=True)
    kept.write_text(table, encoding="utf-8")
    return table


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
