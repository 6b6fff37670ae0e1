"""Many rows, paths and instants at once are what each alone would be."""

from __future__ import annotations

import numpy as np
import pytest

from rules.compare import RESULTS
from rules.evaluate import Assessment, all_rows, evaluate
from rules.scope import Rows
from rules.state import State
from rules.worlds import Worlds
from tests.rules.curved import CURVED, MARKS, curved_book
from tests.rules.shipped import picture
from tests.rules.small import LOAN, book_of, covenant, judge, rows_of, worlds_of

FIELDS = ("numerator", "denominator", "actual", "headroom_abs", "headroom_pct", "cushion_pct")
PATHS = 50
EVERY = slice(None)


def wild(seed: int = 1) -> dict[str, float | list[float]]:
    dice = np.random.default_rng(seed)
    return {name: (value * dice.lognormal(0, 1, PATHS)).tolist() for name, value in MARKS.items()}


def equal(one: Assessment, n: int | slice, p: int, other: Assessment, m: int | slice) -> None:
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(one, name)[n, p], getattr(other, name)[m, 0], err_msg=name)
    assert np.array_equal(judged(one.result[n, p]), judged(other.result[m, 0]))


def judged(results: np.ndarray) -> np.ndarray:
    """Results with a watch as the pass it is: many paths are not looked at for one."""
    return np.where(results == RESULTS.index("watch"), RESULTS.index("pass"), results)


@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_many_paths_are_many_single_ones(currency: str) -> None:
    book, marks = curved_book(currency), wild()
    many = evaluate(book, worlds_of(book, marks), rows=rows_of(book))
    assert len(many) > 5 and many.result.shape[1] == PATHS
    for p in range(PATHS):
        alone = {name: float(np.asarray(values)[p]) for name, values in marks.items()}
        single = evaluate(book, worlds_of(book, {**alone}), rows=rows_of(book), drivers=False)
        equal(many, EVERY, p, single, EVERY)


def test_a_path_without_a_mark_is_unknown_alone() -> None:
    book, marks = curved_book(), {name: [value, value] for name, value in MARKS.items()}
    worlds = worlds_of(book, {**marks})
    worlds.marks[list(worlds.series).index("BTC.price"), 1] = np.nan
    made = evaluate(book, worlds, rows=rows_of(book))
    at = [test.covenant.id for test in book.tests].index("ltv")
    assert RESULTS[int(made.result[at, 1])] == "indeterminate"
    assert RESULTS[int(made.result[at, 0])] != "indeterminate"


def test_a_missing_mark_is_missing_on_every_path() -> None:
    book, marks = curved_book(), wild()
    del marks["BTC.price"]
    made = evaluate(book, worlds_of(book, marks), rows=rows_of(book))
    at = [test.covenant.id for test in book.tests].index("ltv")
    assert {RESULTS[int(one)] for one in made.result[at]} == {"indeterminate"}
    assert np.isnan(made.numerator[at] / made.denominator[at]).all()


def test_a_stale_mark_makes_every_path_unknown() -> None:
    book = curved_book()
    worlds = worlds_of(book, wild())
    worlds.data[list(worlds.series).index("BTC.price")] = 3
    made = evaluate(book, worlds, rows=rows_of(book))
    at = [test.covenant.id for test in book.tests].index("ltv")
    assert {RESULTS[int(one)] for one in made.result[at]} == {"indeterminate"}


def test_many_instants_are_many_single_ones() -> None:
    book, days = curved_book(), ("2026-01-31", "2026-06-30", "2027-03-31", "2029-12-31", "2031-01-01")
    many = evaluate(book, worlds_of(book, {**MARKS}, days))
    for t, day in enumerate(days):
        single = evaluate(book, worlds_of(book, {**MARKS}, (day,)))
        equal(many, slice(t, None, len(days)), 0, single, EVERY)
        np.testing.assert_array_equal(many.drivers.breach[t :: len(days)], single.drivers.breach)


def test_the_rows_of_a_desk_at_once_are_each_alone() -> None:
    seen = picture()
    rows = all_rows(seen.book, seen.now)
    many = evaluate(seen.book, seen.now, rows=rows)
    for n in range(len(rows)):
        single = evaluate(seen.book, seen.now, rows=rows.pick(np.array([n])))
        equal(many, n, 0, single, 0)
        assert many.reason[n] == single.reason[0]
        assert many.data[n] == single.data[0]


def test_a_state_by_path() -> None:
    book = book_of(LOAN + covenant("total_debt", "<=", 900))
    repaid = np.array([[0.0, 50.0, 100.0, 2000.0]])
    worlds = worlds_of(book, {})
    wide = Worlds(worlds.series, worlds.instants, worlds.known_at, np.zeros((0, 4, 1)), worlds.data)
    made = evaluate(book, wide, State(repaid=repaid), rows_of(book))
    assert made.numerator[0].tolist() == [1000, 950, 900, 0]
    assert [RESULTS[int(one)] for one in made.result[0]] == ["fail", "fail", "pass", "pass"]


def test_many_facilities_are_each_alone() -> None:
    texts = [CURVED.replace('id = "x"', f'id = "x{at}"', 1).replace("units = 300", f"units = {200 + at}") for at in range(5)]
    together = judge(book_of(*texts), {**MARKS})
    for at, text in enumerate(texts):
        alone = judge(book_of(text), {**MARKS})
        assert len(together) == 5 * len(alone) > 0
        equal(together, slice(at * len(alone), (at + 1) * len(alone)), 0, alone, EVERY)


def test_nothing_to_judge() -> None:
    empty = book_of()
    assert len(judge(empty)) == 0
    assert len(judge(book_of(LOAN))) == 0
    none = np.zeros(0, dtype=np.int64)
    book = curved_book()
    assert len(evaluate(book, worlds_of(book, {**MARKS}), rows=Rows(none, none, none, none))) == 0


def test_thousands_of_paths() -> None:
    book = curved_book()
    marks: dict[str, float | list[float]] = {name: np.linspace(value / 2, value * 2, 5_000).tolist() for name, value in MARKS.items()}
    made = evaluate(book, worlds_of(book, marks), rows=rows_of(book))
    assert made.result.shape == (len(book.tests), 5_000)
    at = [test.covenant.id for test in book.tests].index("ltv")
    assert (np.diff(made.actual[at]) < 0).all()
