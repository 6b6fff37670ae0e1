"""Definitions: names resolve to one graph, and what does not fit is refused by its code."""

from __future__ import annotations

import pytest

from facilities.model import QuantityTerms, RuleFile
from rules.book import Book
from rules.definitions import Definitions, is_affine, is_constant, merge, series_in
from rules.formula import FormulaError
from rules.primitives import READERS
from rules.vocabulary import PRIMITIVES
from tests.rules.small import LIBRARY, LOAN, book_of, covenant, figure, formula, library


def with_own(**formulas: str) -> Definitions:
    return library().overridden({name: QuantityTerms(formula=text) for name, text in formulas.items()})


def code_of(own: Definitions, name: str = "q") -> str:
    with pytest.raises(FormulaError) as error:
        own.quantity(name)
    return error.value.code


@pytest.mark.parametrize("name", sorted(LIBRARY.quantity))
def test_every_library_quantity_resolves_and_its_unit_checks(name: str) -> None:
    found = library().quantity(name)
    assert found.title
    assert found.unit


@pytest.mark.parametrize("name", sorted(LIBRARY.rule))
def test_every_library_rule_has_its_quantity_and_side(name: str) -> None:
    rule = LIBRARY.rule[name]
    assert rule.quantity in LIBRARY.quantity
    assert rule.operator


def test_every_primitive_has_a_reader_and_none_is_left_over() -> None:
    assert set(READERS) | {"mark"} == set(PRIMITIVES)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("outstanding + commitment * 2 + last12m(cfads)", ""),
        ("cfads + outstanding", "R005"),
        ("last12m(outstanding)", "R005"),
        ("last12m(last12m(cfads))", "R005"),
        ("max(outstanding, wal)", "R005"),
        ("max(0, outstanding)", ""),
        ('mark("BTC.price") + outstanding', "R005"),
        ("q", "R006"),
        ("dscr_hits", "R003"),
        ("nothing_like_it_at_all", "R003"),
        ("collateral_value", "R003"),
        ("outstanding(1)", "R003"),
        ('line("revenue")', "R012"),
        ('reported("zzz")', "R012"),
        ('collateral_value("market")', "R004"),
        ("line(outstanding)", "R004"),
        ("min(outstanding)", "R004"),
        ("abs(outstanding, outstanding)", "R004"),
        ("last12m(cfads, cfads)", "R004"),
        ("last12m()", "R004"),
        ("system(1)", "R003"),
    ],
)
def test_formulas_are_checked_when_they_are_read(text: str, code: str) -> None:
    own = with_own(q=text)
    if code:
        assert code_of(own) == code
    else:
        assert own.quantity("q").name == "q"


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(FormulaError) as error:
        with_own(q="outstandin").quantity("q")
    assert "'outstanding'" in (error.value.hint or "")


def test_a_cycle_names_its_way_round() -> None:
    with pytest.raises(FormulaError) as error:
        with_own(a="b + 1", b="c", c="a").quantity("a")
    assert error.value.code == "R006"
    assert "a -> b -> c -> a" in error.value.message


def test_a_declared_unit_must_be_what_the_formula_gives() -> None:
    own = library().overridden({"q": QuantityTerms(formula="outstanding", unit="x")})
    assert code_of(own) == "R005"
    assert library().overridden({"q": QuantityTerms(formula="outstanding", unit="USD")}).quantity("q").unit == "USD"


def test_a_word_of_the_language_is_never_redefined() -> None:
    for word in ("max", "last12m", "outstanding"):
        with pytest.raises(FormulaError) as error:
            with_own(**{word: "1"})
        assert error.value.code == "R007"


def test_definitions_that_double_each_other_end() -> None:
    steps = {f"q{at + 1}": f"q{at} + q{at}" for at in range(38)}
    assert code_of(with_own(q0="outstanding", **steps), "q38") == "R008"


def test_definitions_nested_too_deep_end() -> None:
    steps = {f"q{at + 1}": f"q{at} * 1" for at in range(60)}
    assert code_of(with_own(q0="outstanding", **steps), "q60") == "R008"


def test_the_facilitys_own_words_win_and_reach_what_is_built_on_them() -> None:
    loan = LOAN + '[[collateral]]\nid = "a"\nasset = "A"\nvalue = 2000\n' + covenant("ltv", "<=", 0.9)
    own = formula("outstanding * 1.1", "money", "total_debt") + formula("total_debt / 2", "money", "half")
    book = book_of(loan, loan.replace('"x"', '"y"') + own)
    assert figure(book, "total_debt") == 1000
    assert figure(book, "total_debt", facility=1) == pytest.approx(1100)
    assert figure(book, "half", facility=1) == pytest.approx(550)


@pytest.mark.parametrize("formula", ["outstanding / 0", "outstanding / -(0)", "1 + outstanding / nothing_at_all"])
def test_a_division_by_nothing_is_told(formula: str) -> None:
    own = library()
    with pytest.raises(FormulaError) as error:
        quantities = own.quantities | {"nothing_at_all": QuantityTerms(formula="0"), "mine": QuantityTerms(formula=formula)}
        Definitions(quantities, own.rules, own.lines).quantity("mine")
    assert error.value.code in ("R011", "R005") and "by 0" in error.value.message


def test_a_formula_that_cannot_be_used_is_told_and_the_rest_is_judged() -> None:
    book: Book = book_of(LOAN + covenant("nothing", name="bad") + covenant("total_debt", "<=", 2000, name="good"))
    assert [problem.code for problem in book.problems] == ["R003"]
    assert [test.fault is not None for test in book.tests] == [True, False]


def test_merging_lays_the_later_over_the_earlier() -> None:
    over = RuleFile(quantity={"ltv": QuantityTerms(formula="1")})
    assert merge(LIBRARY, over).quantity["ltv"].formula == "1"
    assert merge(LIBRARY, over).quantity["wal"] == LIBRARY.quantity["wal"]


@pytest.mark.parametrize(
    ("name", "affine"),
    [("ltv", True), ("dscr_fwd", False), ("modelled_revenue", True), ("availability", False), ("overadvance", False), ("coin_price", True)],
)
def test_affine_is_told_from_curved(name: str, affine: bool) -> None:
    found = library().quantity(name)
    top = getattr(found.body, "left", found.body)
    under = getattr(found.body, "right", None) if name in ("ltv", "dscr_fwd") else None
    assert (is_affine(top) and (under is None or is_affine(under))) == affine


def test_products_and_quotients_of_marks_are_curved() -> None:
    a, b = 'mark("A.price")', 'mark("B.price")'
    own = with_own(a=f"{a} * {b}", b=f"1 / {a}", c=f"2 * {a} / outstanding", d=f"abs({a})")
    assert [is_affine(own.quantity(name)) for name in "abcd"] == [False, False, True, False]
    assert series_in(own.quantity("a")) == {"A.price", "B.price"}


def test_constants() -> None:
    own = with_own(a="1 + 2 * 3", b="outstanding", c="max(1, 2)", d='mark("A.price")', e="-a")
    assert [is_constant(own.quantity(name)) for name in "abcde"] == [True, False, True, False, True]
