"""What differs from the files: given parts of formulas, and a change on top of a state."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.assess import assess
from monitor.report.explain import explain_covenant, explain_quantity
from rules.kernel import value
from rules.scope import facility_rows, open_scope
from rules.state import State, first_path, on_top
from tests.rules.shipped import CLOCK, session


def given(**values: float) -> State:
    """The shipped desk with some parts given for Rowan Alder and Rowan Compute alone."""
    ids = list(session("shipped").desk.facilities)
    mine = np.isin(ids, ["rowan-alder", "rowan-compute"])
    return State(given={text: np.where(mine, amount, np.nan) for text, amount in values.items()})


def picture(state: State):
    at = session("shipped").moment(None, CLOCK)
    return assess(session("shipped"), at, at, state)


def actual_of(seen, name: str) -> float:
    one = next(one for one in seen.standings if f"{seen.book.ids[one.test.facility]}/{one.test.covenant.id}" == name)
    return float(one.tested.assessment.actual[one.tested.row, 0])


def test_a_given_part_moves_the_ratio_of_its_own_facility_alone() -> None:
    seen = picture(given(outstanding=40e6))
    assert actual_of(seen, "rowan-alder/ltv") == pytest.approx(40e6 / (965 * 83_275.93))
    assert actual_of(seen, "birch-btc/ltv") == actual_of(picture(State()), "birch-btc/ltv")


def test_a_given_window_and_a_given_ratio_take_the_place_of_what_they_are_computed_from() -> None:
    assert actual_of(picture(given(**{"last12m(cfads)": 30e6, "last12m(debt_service)": 20e6})), "rowan-compute/dscr") == 1.5
    assert actual_of(picture(given(dscr_hist=1.21)), "rowan-compute/dscr") == 1.21


def test_the_explanation_says_given_and_agrees_with_the_kernel() -> None:
    seen = picture(given(**{"last12m(cfads)": 30e6}))
    tree = explain_covenant(seen, "rowan-compute", "dscr")
    assert tree.value == pytest.approx(actual_of(seen, "rowan-compute/dscr"), rel=1e-12)
    part = next(child for child in tree.children if child.label == "last12m(cfads)")
    assert (part.value, part.unit, part.origin, part.children) == (30e6, "USD", "given, not computed", ())
    assert explain_quantity(picture(given(ltv=0.5)), "rowan-alder", "ltv").value == 0.5


def test_a_change_on_top_of_a_state_adds_up() -> None:
    one, none = np.ones((2, 1)), State()
    state = State(repaid=one, utilisation=2 * one, given={"a": np.ones(2)})
    both = on_top(State(repaid=2 * one, posted=one, utilisation=3 * one), state)
    assert (both.repaid[0, 0], both.posted[0, 0], both.utilisation[0, 0], both.cash) == (3, 1, 6, None)
    assert "a" in both.given and "a" in first_path(both).given
    assert on_top(none, state).repaid is one and on_top(State(utilisation=one), none).utilisation is one


def test_a_given_part_decides_in_every_column_of_a_scope() -> None:
    seen = picture(given(outstanding=7.0))
    place = np.array([seen.book.facility("rowan-alder"), seen.book.facility("birch-btc")])
    scope = open_scope(seen.book, seen.now, facility_rows(seen.book, seen.now, place), seen.state, 3, place)
    found = value(seen.book.definitions[place[0]].quantity("exposure"), scope)
    assert found.shape == (2, 3) and (found[0] == 7.0).all() and (found[1] == 40e6).all()
