"""Templates compiled for one language: a sentence is translated once, when its template is compiled.

Looking sentences up each time a page is shown took a third of the CPU of a long page.
"""

from collections.abc import Callable

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer


class Translated(Environment):
    """An environment whose `_("…")` and `{% trans %}` become the sentences of its language; `spoken` translates one."""

    spoken: Callable[[str], str]

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        found: nodes.Template = _Sentences(self.spoken).visit(super()._parse(source, name, filename))
        return found


class _Sentences(NodeTransformer):
    """Replaces calls that translate a sentence written in the template; numbers of things choose theirs when shown."""

    def __init__(self, spoken: Callable[[str], str]) -> None:
        self._spoken = spoken

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's name for it
        self.generic_visit(node)
        called, arguments = node.node, node.args
        if not isinstance(called, nodes.Name) or called.name not in {"_", "gettext"} or len(arguments) != 1:
            return node
        written = arguments[0]
        if not isinstance(written, nodes.Const) or not isinstance(written.value, str):
            return node
        sentence = self._spoken(written.value)
        if not node.kwargs:
            return nodes.MarkSafe(nodes.Const(sentence % {}), lineno=node.lineno)
        values = [nodes.Pair(nodes.Const(one.key), one.value, lineno=node.lineno) for one in node.kwargs]
        safe = nodes.MarkSafe(nodes.Const(sentence), lineno=node.lineno)
        return nodes.Mod(safe, nodes.Dict(values, lineno=node.lineno), lineno=node.lineno)
