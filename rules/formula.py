"""The formula language: text to a small typed graph. Nothing in it can run code, recurse or take long.

Flat names, numbers, `+ - * /`, unary minus and calls of listed functions; everything else is refused with its
column. Size, depth and length are bounded before anything is evaluated.
"""

from __future__ import annotations

import math
import warnings
from typing import Union

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


Node = Union[Number, Name, Call, Binary, Negate, Defined]


class FormulaError(Exception):
    """A formula that cannot be used: `code` of the catalogue, `message`, `hint`, and the column (from 1) and width in the text."""

    def __init__(self, code: str, message: str, hint: str | None = None, column: int = 1, width: int = 1) -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.column, self.width = code, message, hint, column, width


def parse(text: str) -> Node:
    """The graph of a formula. Raises FormulaError R001 (syntax), R002 (not allowed), R008 (too large)."""
    import ast

    if len(text) > MAX_LENGTH:
        raise FormulaError("R008", f"the formula is {len(text)} characters long, at most {MAX_LENGTH} are read", "name its parts as quantities")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            tree = ast.parse(text.replace("\n", " ").strip(), mode="eval")
    except SyntaxError as error:
        raise FormulaError("R001", f"not a formula: {error.msg}", None, error.offset or 1) from None
    except (ValueError, RecursionError, MemoryError):
        raise FormulaError("R008", "the formula is nested too deeply or holds a character that cannot be read", "name its parts as quantities") from None
    return _Reader(ast).read(tree.body, 0)


class _Reader:
    """Walks Python's syntax tree, taking the whitelisted nodes only."""

    def __init__(self, ast: object) -> None:
        self.ast = ast
        self.seen = 0
        self.ops = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/"}

    def read(self, node: object, depth: int) -> Node:
        self.seen += 1
        if self.seen > MAX_NODES or depth > MAX_DEPTH:
            raise FormulaError("R008", f"the formula has more than {MAX_NODES} parts or {MAX_DEPTH} levels", "name its parts as quantities")
        reader = getattr(self, "_" + type(node).__name__.lower(), None)
        if reader is None:
            raise self._refused(node, type(node).__name__)
        read: Node = reader(node, depth + 1)
        return read

    def _constant(self, node: object, depth: int) -> Node:
        value = node.value  # type: ignore[attr-defined]
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._refused(node, f"a {type(value).__name__}")
        if isinstance(value, int) and abs(value) > 10**18 or not math.isfinite(value):
            raise self._refused(node, "a number this large")
        return Number(float(value))

    def _name(self, node: object, depth: int) -> Node:
        return Name(node.id)  # type: ignore[attr-defined]

    def _unaryop(self, node: object, depth: int) -> Node:
        if type(node.op).__name__ != "USub":  # type: ignore[attr-defined]
            raise self._refused(node, "this sign")
        return Negate(self.read(node.operand, depth))  # type: ignore[attr-defined]

    def _binop(self, node: object, depth: int) -> Node:
        op = self.ops.get(type(node.op).__name__)  # type: ignore[attr-defined]
        if op is None:
            raise self._refused(node, f"the operator {type(node.op).__name__}")  # type: ignore[attr-defined]
        return Binary(op, self.read(node.left, depth), self.read(node.right, depth))  # type: ignore[attr-defined]

    def _call(self, node: object, depth: int) -> Node:
        function, args = node.func, node.args  # type: ignore[attr-defined]
        if type(function).__name__ != "Name" or node.keywords:  # type: ignore[attr-defined]
            raise self._refused(node, "this call")
        if len(args) == 1 and type(args[0]).__name__ == "Constant" and isinstance(args[0].value, str):
            return Call(function.id, (), args[0].value)
        return Call(function.id, tuple(self.read(arg, depth) for arg in args))

    def _refused(self, node: object, what: str) -> FormulaError:
        start = getattr(node, "col_offset", 0)
        end = getattr(node, "end_col_offset", None) or start + 1
        hint = "a formula holds names, numbers, + - * /, and calls of the listed functions"
        return FormulaError("R002", f"{what} is not allowed in a formula", hint, start + 1, end - start)


def names_in(node: Node) -> set[str]:
    """Every flat name a graph reads, definitions already in place not entered."""
    if isinstance(node, Name):
        return {node.name}
    return set().union(*(names_in(child) for child in children(node))) if children(node) else set()


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
        return f"{node.value:g}"
    if isinstance(node, (Name, Defined)):
        return node.name
    if isinstance(node, Negate):
        return "-" + _within(node.operand, 3)
    if isinstance(node, Call):
        inside = f'"{node.text}"' if node.text is not None else ", ".join(text_of(arg) for arg in node.args)
        return f"{node.function}({inside})"
    level = _LEVEL[node.op]
    return f"{_within(node.left, level)} {node.op} {_within(node.right, level + 1)}"


_LEVEL = {"+": 1, "-": 1, "*": 2, "/": 2}


def _within(node: Node, level: int) -> str:
    text = text_of(node)
    return f"({text})" if isinstance(node, Binary) and _LEVEL[node.op] < level else text
