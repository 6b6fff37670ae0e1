"""Worked examples: every entry of the library has one that comes out, and one that does not is told with its place."""

from __future__ import annotations

from decimal import Decimal

import pytest

from facilities.model import Example, QuantityTerms
from rules.definitions import Definitions
from rules.examples import agrees, verify, worked
from rules.formula import FormulaError
from tests.rules.small import LIBRARY, library


@pytest.mark.parametrize("name", sorted(LIBRARY.quantity))
def test_every_quantity_of_the_library_is_told_whole_and_comes_out(name: str) -> None:
    terms = LIBRARY.quantity[name]
    assert terms.title and terms.formula and terms.unit and terms.source and terms.example, f"{name} lacks a part"
    verify(library().quantity(name), terms.example)


@pytest.mark.parametrize("name", sorted(LIBRARY.rule))
def test_every_rule_of_the_library_is_told_whole(name: str) -> None:
    rule = LIBRARY.rule[name]
    assert rule.title and rule.source and rule.operator, f"{name} lacks a part"
    assert rule.quantity in LIBRARY.quantity


def example(value: str, **given: str) -> Example:
    parts = {name: [Decimal(one) for one in amount.split()] for name, amount in given.items()}
    return Example(given={name: many if len(many) > 1 else many[0] for name, many in parts.items()}, value=Decimal(value))


def quantity(formula: str, inner: str = "outstanding") -> Definitions:
    parts = {"q": QuantityTerms(formula=formula), "part": QuantityTerms(formula=inner)}
    return Definitions(LIBRARY.quantity | parts, LIBRARY.rule, LIBRARY.line)


def work(formula: str, inner: str = "outstanding", **given: str) -> float:
    return worked(quantity(formula, inner).quantity("q"), example("0", **given))


def test_parts_are_opened_down_to_what_is_given() -> None:
    assert work("part - commitment", "outstanding + pik", outstanding="6", pik="1", commitment="3") == 4
    assert work("part - commitment", "outstanding + pik", part="6", commitment="3") == 3
    assert work("(outstanding + pik) * 2", **{"outstanding+pik": "5"}) == 10
    assert work("max(-abs(pik), min(outstanding, commitment))", pik="-2", outstanding="4", commitment="3") == 3
    assert work('outstanding / line("equity")', outstanding="3", **{"line( 'equity' )": "2"}) == 1.5
    assert work("last12m(interest)", **{"last12m(interest)": "7"}) == 7


def test_a_flow_given_by_periods_is_added_up_by_a_window() -> None:
    assert work("last12m(interest)", interest="3 4") == 7
    assert work("last12m(interest - cure_cash) / loan_life(interest)", interest="3 4", cure_cash="0 3.5") == 0.5
    assert work("mean_ratio(cure_cash, interest)", cure_cash="3 4 9", interest="2 1 0") == 2.75
    assert work("min_ratio(cure_cash, interest)", cure_cash="3 4 9", interest="2 1 0") == 1.5


@pytest.mark.parametrize("formula", ["last12m(interest)", "pv_loan_life(interest)", "avg3m(interest)", "outstanding * interest"])
def test_a_window_needs_periods_or_a_value_of_its_own(formula: str) -> None:
    amount = "3" if formula == "last12m(interest)" else "3 4"
    given = {"interest": amount} | ({"outstanding": "1"} if "outstanding" in formula else {})
    if formula == "outstanding * interest":
        assert work(formula, **given) == 7
        return
    with pytest.raises(FormulaError, match="no value for"):
        work(formula, **given)


def test_an_argument_of_known_without_a_value_is_not_known() -> None:
    assert work('known(line("equity"), outstanding - pik, commitment)', outstanding="4", pik="1") == 3
    with pytest.raises(FormulaError, match="no value for"):
        work('known(line("equity"), outstanding)', **{'line("net_assets")': "1"})


@pytest.mark.parametrize(
    ("given", "says"),
    [({"outstanding": "1"}, "no value for 'pik'"), ({"outstanding": "1", "pik": "2", "commitment": "3"}, "does not read"),
     ({"outstanding": "1", "pik +": "2"}, "no part of a formula")],
)  # fmt: skip
def test_a_part_without_a_value_and_a_value_without_a_part_are_told(given: dict[str, str], says: str) -> None:
    with pytest.raises(FormulaError, match=says) as found:
        work("outstanding / pik", **given)
    assert found.value.code == "R013"


@pytest.mark.parametrize(
    ("value", "found", "holds"),
    [("0.67", 2 / 3, True), ("0.66", 2 / 3, False), ("1.50", 1.5, True), ("1.50", 1.506, False), ("2", 1.6, True), ("1e3", 1400, True),
     ("-1.4", -1.35, True), ("1", float("nan"), False), ("0", float("inf"), False)],
)  # fmt: skip
def test_a_value_holds_to_the_digits_written(value: str, found: float, holds: bool) -> None:
    assert agrees(found, example(value)) is holds


def test_a_value_that_does_not_come_out_is_told() -> None:
    with pytest.raises(FormulaError, match=r"comes to 0\.5, not 0\.6"):
        verify(quantity("outstanding / pik").quantity("q"), example("0.6", outstanding="1", pik="2"))
