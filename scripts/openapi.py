"""Write the OpenAPI document to ``openapi.json``, where a change of it is seen and reviewed.

uv run python scripts/openapi.py
"""

import json
from pathlib import Path

from fastapi_single_process.config import Settings
from fastapi_single_process.main import create_app

__all__ = ["FILE", "render"]

FILE = Path(__file__).parents[1] / "openapi.json"


def render() -> str:
    """Give the document as the file holds it."""
    document = create_app(Settings.model_construct()).openapi()
    return json.dumps(document, indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(render())
