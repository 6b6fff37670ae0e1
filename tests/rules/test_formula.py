"""The formula language: what is read, what is refused, and that nothing else can happen."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.formula import MAX_DEPTH, MAX_NODES, Binary, Call, FormulaError, Name, Negate, Node, Number, names_in, parse, text_of

NAMES = st.sampled_from(["cfads", "debt_service", "a", "ltv_2"])
LEAVES = (
    st.builds(Number, st.floats(0, 1e300, allow_nan=False)) | st.builds(Number, st.integers(0, 10**15).map(float)) | st.builds(Name, NAMES)
    | st.builds(lambda name, text: Call(name, (), text), NAMES, st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=8))
)  # fmt: skip
GRAPHS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner)
        | st.builds(Negate, inner)
        | st.builds(lambda name, args: Call(name, tuple(args)), NAMES, st.lists(inner, max_size=3))
    ),
    max_leaves=25,
)


def refused(text: str) -> FormulaError:
    with pytest.raises(FormulaError) as error:
        parse(text)
    return error.value


def depth(node: Node) -> int:
    inner = {Binary: lambda: (node.left, node.right), Negate: lambda: (node.operand,), Call: lambda: node.args}  # type: ignore[union-attr]
    return 1 + max((depth(child) for child in inner.get(type(node), tuple)()), default=0)


def test_reads_what_the_language_holds() -> None:
    assert parse("a + 2 * -b / max(c, 1.5)") == Binary(
        "+", Name("a"), Binary("/", Binary("*", Number(2.0), Negate(Name("b"))), Call("max", (Name("c"), Number(1.5))))
    )
    assert parse('line("revenue_cash")') == Call("line", (), "revenue_cash")
    assert parse("a\n + b") == Binary("+", Name("a"), Name("b"))
    assert names_in(parse("a + max(b, 1) - -c")) == {"a", "b", "c"}


@pytest.mark.parametrize(
    "text",
    [
        "a.b", "a[0]", "a ** b", "a % b", "a // b", "a @ b", "a & b", "~a", "not a", "+a", "a < b", "a == b", "a and b", "a if b else c",
        "lambda: 1", "(a, b)", "[a]", "{a}", "{}", "{a: 1}", "[x for x in a]", "(x for x in a)", "f'{a}'", "'text'", "b'a'", "True", "None",
        "...", "1j", "a := 1" and "(a := 1)", "max(a, key=b)", "max(*a)", "a.b()", "a()()", "max('a', 1)", "__import__('os').system('x')",
        "9**9**9", "1e999", "10000000000000000000", "await_(a) if a else b", "a # b", "a\n# half\n+ b", 'mark("A\\x1b[31m")',
    ],
)  # fmt: skip
def test_refuses_everything_else_with_its_column(text: str) -> None:
    error = refused(text)
    assert error.code == "R002"
    assert error.column >= 1
    assert error.width >= 1


@pytest.mark.parametrize("text", ["", " ", "a +", "a b", "max(", ")", "a = 1", "import os", "a;b", '"', "é é", "yield", "(((a"])
def test_what_does_not_parse_is_a_syntax_error(text: str) -> None:
    assert refused(text).code == "R001"


@pytest.mark.parametrize(
    "text",
    ["(" * 10_000 + "1" + ")" * 10_000, "a" * 2_001, "+".join("a" * 500), "-" * (MAX_DEPTH + 1) + "a", "-" * 1_990 + "a", "a\x00b",
     "+".join(["abs(" * 45 + "a" + ")" * 45] * 3), "\ud800"],
)  # fmt: skip
def test_refuses_what_is_too_large_or_cannot_be_read(text: str) -> None:
    assert refused(text).code in ("R008", "R001")


def test_nine_hundred_brackets_end() -> None:
    assert refused("(" * 900 + "1" + ")" * 900).code in ("R001", "R008")


def test_bounds_are_reached_and_not_crossed() -> None:
    assert parse("-" * (MAX_DEPTH - 1) + "a")
    assert parse("+".join("a" * 20))
    many = "max(" + ",".join(["a"] * (MAX_NODES - 1)) + ")"
    assert parse(many)
    assert refused("max(" + ",".join(["a"] * MAX_NODES) + ")").code == "R008"


def test_a_name_in_other_letters_is_only_a_name() -> None:
    assert parse("долг") == Name("долг")
    assert parse("ﬁ") == Name("fi")  # as Python folds it


def test_a_quoted_hash_is_no_comment() -> None:
    assert parse('mark("A#1.rent")') == Call("mark", (), "A#1.rent")


def test_numbers_keep_their_digits() -> None:
    assert text_of(Number(1234567.0)) == "1234567"
    assert text_of(parse("0.1234567890123")) == "0.1234567890123"


@given(GRAPHS)
def test_text_of_a_graph_reads_back_as_the_graph(node: Node) -> None:
    text = text_of(node)
    if len(text) <= 2_000 and depth(node) <= MAX_DEPTH:
        assert parse(text) == node


@settings(max_examples=300)
@given(st.text(max_size=200) | st.text("ab0.9()+-*/,'\"# \n=[]{}:\\", max_size=200))
def test_any_text_is_a_formula_or_a_formula_error(text: str) -> None:
    try:
        parse(text)
    except FormulaError as error:
        assert error.code in ("R001", "R002", "R008")
