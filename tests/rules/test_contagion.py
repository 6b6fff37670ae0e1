"""Cross-links on many paths: thresholds, grace, circles, missed payments, and loans that are repaid."""

from __future__ import annotations

import numpy as np
import pytest

from rules.contagion import Clause, with_links

T = 4
EVER = np.ones((3, T), dtype=bool)


def clause(hurt: int, *debts: int, least: float | None = None, late: int = 0, owed: float = 100.0, payments: bool = False) -> Clause:
    reach = np.array([*(min(T, t + late) for t in range(T)), T], dtype=np.int64)
    return Clause(hurt, np.array(debts, dtype=np.int64), np.full((len(debts), T), owed), least, reach, payments)


def first(*rows: list[int]) -> np.ndarray:
    return np.array(rows, dtype=np.int64)


def test_a_link_strikes_on_the_date_of_the_first_debt_that_falls() -> None:
    made = with_links([clause(0, 1, 2)], first([4, 4, 0], [2, 4, 3], [3, 4, 4]), first(*[[4] * 3] * 3), EVER)
    assert made.tolist() == [[2, 4, 0], [2, 4, 3], [3, 4, 4]]


def test_the_amount_is_reached_by_all_debts_together_and_never_by_one_not_known() -> None:
    start = first([4, 4], [1, 1], [3, 4])
    assert with_links([clause(0, 1, 2, least=150)], start, start, EVER)[0].tolist() == [3, 4]
    assert with_links([clause(0, 1, 2, least=150, owed=np.nan)], start, start, EVER)[0].tolist() == [4, 4]


def test_a_grace_moves_the_date_and_may_outlast_the_horizon() -> None:
    start = first([4, 4], [1, 3], [4, 4])
    assert with_links([clause(0, 1, late=2)], start, start, EVER)[0].tolist() == [3, 4]


def test_a_circle_ends_and_nobody_falls_earlier_by_his_own_fall() -> None:
    start = first([2, 4], [4, 4], [4, 4])
    made = with_links([clause(1, 0), clause(2, 1), clause(0, 2)], start, start, EVER)
    assert made.tolist() == [[2, 4], [2, 4], [2, 4]]


def test_a_cross_payment_reads_missed_payments_alone() -> None:
    start, missed = first([4], [1], [4]), first([4], [3], [4])
    assert with_links([clause(0, 1, payments=True)], start, missed, EVER)[0].tolist() == [3]


def test_a_loan_that_owes_nothing_is_not_struck() -> None:
    owing = EVER.copy()
    owing[0, 2:] = False
    start = first([4, 4], [1, 3], [4, 4])
    assert with_links([clause(0, 1)], start, start, owing)[0].tolist() == [1, 4]


@pytest.mark.parametrize("seed", range(5))
def test_more_links_never_bring_a_later_date(seed: int) -> None:
    chance = np.random.default_rng(seed)
    start = chance.integers(0, T + 1, (3, 50))
    some = [clause(0, 1, late=1), clause(1, 2, least=150)]
    fewer, more = with_links(some[:1], start, start, EVER), with_links(some, start, start, EVER)
    assert (more <= fewer).all() and (fewer <= start).all()
