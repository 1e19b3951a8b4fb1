"""The reference convention and its example requests, shipped with the package."""

import json
from importlib import resources
from typing import Any


def reference(name: str) -> Any:
    """A fresh copy of `convention` or `requests`."""
    return json.loads(resources.files("schemas").joinpath(f"reference/{name}.json").read_text(encoding="utf-8"))
