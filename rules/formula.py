"""The formula language: text to a small typed graph. Nothing in it can run code, recurse or take long.

Flat names, numbers, `+ - * /`, unary minus and calls of listed functions; everything else is refused with its
column. Size, depth and length are bounded before anything is evaluated.
"""

from __future__ import annotations

import json
import math
import re
import warnings
from typing import Any, ClassVar, TypeAlias

import msgspec

MAX_LENGTH = 2_000
MAX_NODES = 400
MAX_DEPTH = 40


class Number(msgspec.Struct, frozen=True, tag="n"):
    """A literal."""

    value: float


class Name(msgspec.Struct, frozen=True, tag="i"):
    """A quantity or a primitive without arguments."""

    name: str


class Call(msgspec.Struct, frozen=True, tag="c"):
    """A function, window or primitive with arguments; `text` holds a quoted argument."""

    function: str
    args: tuple[Node, ...] = ()
    text: str | None = None


class Binary(msgspec.Struct, frozen=True, tag="b"):
    """`left op right` with op one of `+ - * /`."""

    op: str
    left: Node
    right: Node


class Negate(msgspec.Struct, frozen=True, tag="m"):
    """`-operand`."""

    operand: Node


class Defined(msgspec.Struct, frozen=True, tag="d"):
    """A named quantity with its definition in place: what `resolve` puts where a name stood."""

    name: str
    body: Node
    unit: str
    title: str
    source: str | None = None
    clause: str | None = None


Node: TypeAlias = Number | Name | Call | Binary | Negate | Defined


class FormulaError(Exception):
    """A formula that cannot be used: `code` of the catalogue, `message`, `hint`, and column (from 1) and width in the text."""

    def __init__(self, code: str, message: str, hint: str | None = None, column: int = 1, width: int = 1) -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.column, self.width = code, message, hint, column, width


def parse(text: str) -> Node:
    """The graph of a formula. Raises FormulaError R001 (syntax), R002 (not allowed), R008 (too large)."""
    import ast

    if len(text) > MAX_LENGTH:
        raise FormulaError("R008", f"the formula is {len(text)} characters long, at most {MAX_LENGTH} are read", _NAME_PARTS)
    flat = text.replace("\r", " ").replace("\n", " ").strip()
    comment = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), flat).find("#")
    if comment >= 0:  # on one line it would swallow the rest of the formula
        raise FormulaError("R002", "a comment is not allowed in a formula", "put it above the formula in the file", comment + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(flat, mode="eval")
    except SyntaxError as error:
        raise FormulaError("R001", f"not a formula: {error.msg}", None, error.offset or 1) from None
    except (ValueError, RecursionError, MemoryError):
        raise FormulaError("R008", "the formula is nested too deeply or holds a character that cannot be read", _NAME_PARTS) from None
    return _Reader().read(tree.body, 0)


_NAME_PARTS = "name its parts as quantities"
_QUOTED = re.compile(r"""\"[^\"]*\"|'[^']*'""")


class _Reader:
    """Walks Python's syntax tree, taking the whitelisted nodes only."""

    ops: ClassVar = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/"}

    def __init__(self) -> None:
        self.seen = 0

    def read(self, node: Any, depth: int) -> Node:
        """One node of Python's tree, found at `depth`."""
        self.seen += 1
        if self.seen > MAX_NODES or depth > MAX_DEPTH:
            raise FormulaError("R008", f"the formula has more than {MAX_NODES} parts or {MAX_DEPTH} levels", _NAME_PARTS)
        kind = type(node).__name__
        if kind == "Constant":
            return self._constant(node)
        if kind == "Name":
            return Name(node.id)
        if kind == "UnaryOp":
            return self._unary(node, depth + 1)
        if kind == "BinOp":
            return self._binary(node, depth + 1)
        if kind == "Call":
            return self._call(node, depth + 1)
        raise _refused(node, kind)

    def _constant(self, node: Any) -> Node:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _refused(node, f"a {type(value).__name__}")
        if (isinstance(value, int) and abs(value) > 10**18) or not math.isfinite(value):
            raise _refused(node, "a number this large")
        return Number(float(value))

    def _unary(self, node: Any, depth: int) -> Node:
        if type(node.op).__name__ != "USub":
            raise _refused(node, "this sign")
        return Negate(self.read(node.operand, depth))

    def _binary(self, node: Any, depth: int) -> Node:
        op = self.ops.get(type(node.op).__name__)
        if op is None:
            raise _refused(node, f"the operator {type(node.op).__name__}")
        return Binary(op, self.read(node.left, depth), self.read(node.right, depth))

    def _call(self, node: Any, depth: int) -> Node:
        function, args = node.func, node.args
        if type(function).__name__ != "Name" or node.keywords:
            raise _refused(node, "this call")
        if len(args) == 1 and type(args[0]).__name__ == "Constant" and isinstance(args[0].value, str):
            if not args[0].value.isprintable():
                raise _refused(args[0], "a name with a character that does not print")
            return Call(function.id, (), args[0].value)
        return Call(function.id, tuple(self.read(arg, depth) for arg in args))


def _refused(node: object, what: str) -> FormulaError:
    start = getattr(node, "col_offset", 0)
    end = getattr(node, "end_col_offset", None) or start + 1
    hint = "a formula holds names, numbers, + - * /, and calls of the listed functions"
    return FormulaError("R002", f"{what} is not allowed in a formula", hint, start + 1, end - start)


def names_in(node: Node) -> set[str]:
    """Every flat name a graph reads, definitions already in place not entered."""
    if isinstance(node, Name):
        return {node.name}
    return set().union(*(names_in(child) for child in children(node))) if children(node) else set()


def mentioned(node: Node) -> set[str]:
    """Every name in a resolved graph, at any depth: quantities, leaves, windows, functions, and what stands in quotes."""
    own: tuple[str | None, ...] = (node.name,) if isinstance(node, (Name, Defined)) else ()
    if isinstance(node, Call):
        own = (node.function, node.text)
    return {name for name in own if name is not None}.union(*(mentioned(child) for child in children(node)))


def children(node: Node) -> tuple[Node, ...]:
    """The operands of a node, in order."""
    if isinstance(node, Binary):
        return (node.left, node.right)
    if isinstance(node, Negate):
        return (node.operand,)
    if isinstance(node, Call):
        return node.args
    if isinstance(node, Defined):
        return (node.body,)
    return ()


def text_of(node: Node) -> str:
    """A graph as formula text, definitions shown by name; parentheses only where they are needed."""
    if isinstance(node, Number):
        return _digits(node.value)
    if isinstance(node, (Name, Defined)):
        return node.name
    if isinstance(node, Negate):
        return "-" + _within(node.operand, 3)
    if isinstance(node, Call):
        inside = json.dumps(node.text, ensure_ascii=False) if node.text is not None else ", ".join(text_of(arg) for arg in node.args)
        return f"{node.function}({inside})"
    level = _LEVEL[node.op]
    return f"{_within(node.left, level)} {node.op} {_within(node.right, level + 1)}"


def _digits(value: float) -> str:
    """The shortest text that reads as the same number: whole ones without a point."""
    return str(int(value)) if value.is_integer() and abs(value) <= 1e15 else repr(value)


_LEVEL = {"+": 1, "-": 1, "*": 2, "/": 2}


def _within(node: Node, level: int) -> str:
    text = text_of(node)
    return f"({text})" if isinstance(node, Binary) and _LEVEL[node.op] < level else text
