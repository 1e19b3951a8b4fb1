"""Every sentence that pages translate: as Babel finds it in templates, and those that refusals give them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.extract import extract_from_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
_RAISED = ("registry/gate/people", "registry/storage/rates.py", "server/auth", "server/pages", "server/problems.py")
_OPTIONS = {"**.html": {"encoding": "utf-8"}}
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def in_templates() -> set[str]:
    folder = ROOT / "server" / "pages" / "templates"
    found = extract_from_dir(folder, [("**.html", "jinja2")], _OPTIONS, keywords=_KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}


def in_refusals() -> set[str]:
    """Whole sentences written in the modules whose refusals pages show, their docstrings aside."""
    found: set[str] = set()
    for place in _RAISED:
        path = ROOT / place
        for file in [path] if path.suffix else sorted(path.rglob("*.py")):
            found.update(_sentences(ast.parse(file.read_text(encoding="utf-8"))))
    return found


def _sentences(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            if isinstance(node, ast.Expr) or not isinstance(child, ast.Constant) or not isinstance(child.value, str):
                continue
            text = child.value
            if text[:1].isupper() and text.endswith(".") and " " in text:
                yield text
