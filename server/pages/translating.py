"""Templates compiled for one language, and so that a long page is cheap: a sentence is translated when its template is
compiled, and what needs no escaping is passed as it is.

Looking sentences up each time a page is shown took a third of the CPU of a long page; marking every value as escaped, a
quarter of what was left.
"""

import re
from collections.abc import Callable, Iterator, MutableMapping
from typing import TypeVar

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import escape

T = TypeVar("T", bound=nodes.Node)
_PLAIN = re.compile(r"[^&<>\"']*").fullmatch
_VALUE = re.compile(r"%\((\w+)\)s")


class _Together(CodeGenerator):
    """Writes what a loop, a condition or a run of text and values gives as one fragment, not as one for each piece."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: object) -> None:
        """Every template is escaped."""
        self.write("environment.escaped(")

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802 - Jinja's name for it
        self._joined(super().visit_For, node, frame)

    def visit_If(self, node: nodes.If, frame: Frame) -> None:  # noqa: N802 - Jinja's name for it
        self._joined(super().visit_If, node, frame)

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:  # noqa: N802 - Jinja's name for it
        if len(node.nodes) > 1:
            self._joined(super().visit_Output, node, frame)
        else:
            super().visit_Output(node, frame)

    def _joined(self, visit: Callable[[T, Frame], None], node: T, frame: Frame) -> None:
        if frame.buffer is not None:
            visit(node, frame)
            return
        frame.buffer = self.temporary_identifier()
        self.writeline(f"{frame.buffer} = []")
        visit(node, frame)
        self.writeline(f"yield ''.join({frame.buffer})")
        frame.buffer = None


class Translated(Environment):
    """An environment whose `_("…")` and `{% trans %}` become the sentences of its language; `spoken` translates one."""

    code_generator_class = _Together
    spoken: Callable[[str], str]

    @staticmethod
    def escaped(value: object) -> str:
        """A value as HTML; a text without special characters is itself, which saves marking it as escaped."""
        return value if type(value) is str and _PLAIN(value) else escape(value)

    def make_globals(self, d: MutableMapping[str, object] | None) -> MutableMapping[str, object]:
        """One dictionary: each part of a page walks them, and nothing is added once a template is loaded."""
        return {**self.globals, **(d or {})}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        found: nodes.Template = _Sentences(self.spoken).visit(super()._parse(source, name, filename))
        return found


class _Sentences(NodeTransformer):
    """Replaces calls that translate a sentence written in the template; numbers of things choose theirs when shown."""

    def __init__(self, spoken: Callable[[str], str]) -> None:
        self._spoken = spoken

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802 - Jinja's name for it
        """A sentence with values becomes its words and its values, each escaped where it stands."""
        node.nodes = [piece for one in node.nodes for piece in self._pieces(one)]
        return self.generic_visit(node)

    def _pieces(self, one: nodes.Expr) -> Iterator[nodes.Expr]:
        sentence = self._sentence(one)
        if sentence is None or not isinstance(one, nodes.Call):
            yield one
            return
        values = {given.key: given.value for given in one.kwargs}
        for place, text in enumerate(_VALUE.split(sentence)):
            if place % 2:
                yield values[text]
            elif text:
                yield nodes.TemplateData(text.replace("%%", "%"), lineno=one.lineno)

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's name for it
        self.generic_visit(node)
        sentence = self._sentence(node)
        if sentence is None:
            return node
        if not node.kwargs:
            return nodes.MarkSafe(nodes.Const(sentence % {}), lineno=node.lineno)
        values = [nodes.Pair(nodes.Const(one.key), one.value, lineno=node.lineno) for one in node.kwargs]
        safe = nodes.MarkSafe(nodes.Const(sentence), lineno=node.lineno)
        return nodes.Mod(safe, nodes.Dict(values, lineno=node.lineno), lineno=node.lineno)

    def _sentence(self, node: nodes.Expr) -> str | None:
        """What a call says in this language; None when it is no call that translates a sentence of the template."""
        if not isinstance(node, nodes.Call) or len(node.args) != 1:
            return None
        called, written = node.node, node.args[0]
        if not isinstance(called, nodes.Name) or called.name not in {"_", "gettext"}:
            return None
        if not isinstance(written, nodes.Const) or not isinstance(written.value, str):
            return None
        return self._spoken(written.value)
