"""Expected-loss spreads by hand, and the published firms of Merton's model."""

from __future__ import annotations

import numpy as np
import pytest

from rules.spread import merton, merton_of, step_changes, step_spreads
from tests.published import published
from tests.rules.plainly import expected_loss_spread


def test_the_published_firms() -> None:
    case = published("ST-01")
    given, wanted, within = case["inputs"], case["expected"], case["tolerance"]["abs"] * 1.01
    for n, equity in enumerate(given["equity_1e7"]):
        made = merton(equity, given["equity_vol"][n], given["liability_1e7"][n], given["rate"], given["drift"][n], given["horizon_years"])
        assert made.pd == pytest.approx(wanted["pd"][n], abs=within)
        assert made.distance == pytest.approx(wanted["dd"][n], abs=within)
        assert made.asset == pytest.approx(wanted["asset_1e7"][n], abs=within)


def test_assets_that_decay_default_more_often() -> None:
    assert merton(3.0, 0.4, 3.5, 0.05, -0.30).pd > merton(3.0, 0.4, 3.5, 0.05, 0.03).pd


@pytest.mark.parametrize("bad", [(0, 0.4, 3.5), (3.0, 0, 3.5), (3.0, 0.4, 0), (3.0, float("nan"), 3.5)])
def test_a_firm_of_nothing(bad: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        merton(*bad, 0.05, 0.03)


def test_a_spread_by_hand() -> None:
    """Two paths of two years: one defaults in the second owing 100 and bringing 40."""
    defaults = np.array([[False, True], [False, False]])
    exposure, recovery = np.full((2, 2), 100.0), np.array([[40.0, 40.0], [200.0, 200.0]])
    made = expected_loss_spread(defaults, exposure, recovery, np.array([0.95, 0.90]), np.array([1.0, 1.0]))
    assert made == pytest.approx((0.5 * 60 * 0.90) / (100 * 0.95 + 50 * 0.90))


def test_a_loan_is_lost_once_and_never_more_than_whole() -> None:
    always = np.array([[True, True]])
    assert expected_loss_spread(always, np.full((1, 2), 100.0), np.full((1, 2), -5.0), np.ones(2), np.ones(2)) is None
    none = np.zeros((1, 2), dtype=bool)
    assert expected_loss_spread(none, np.full((1, 2), 100.0), np.zeros((1, 2)), np.ones(2), np.ones(2)) == 0.0


def test_the_spread_of_paths_and_its_error_are_those_of_their_ratio() -> None:
    """Loss and annuity of 400 paths in two stages: means by hand, errors against those of 2,000 samples drawn again from them."""
    chance = np.random.default_rng(3)
    fell = chance.random(400) < 0.3
    columns = np.array([fell * 40.0, 100.0 - 50 * fell, fell, fell * chance.uniform(40, 90, 400), 100.0 - 60 * fell, fell])
    sums, moments = columns.sum(axis=1), columns @ columns.T
    spreads, changes = step_spreads(sums, moments, 400), step_changes(sums, moments, 400)
    assert spreads is not None and changes is not None
    assert spreads[1].value == pytest.approx(columns[3].mean() / columns[4].mean())
    assert changes[0].value == pytest.approx(spreads[1].value - spreads[0].value)
    again = [columns[:, chance.integers(0, 400, 400)].mean(axis=1) for _ in range(2000)]
    ratios = np.array([(one[0] / one[1], one[3] / one[4]) for one in again])
    assert spreads[1].error == pytest.approx(ratios[:, 1].std(), rel=0.1)
    assert changes[0].error == pytest.approx((ratios[:, 1] - ratios[:, 0]).std(), rel=0.1)


def test_no_annuity_no_spread() -> None:
    assert step_spreads(np.array([5.0, 0.0, 1.0]), np.eye(3), 10) is None


def test_assets_that_are_seen_need_no_equity() -> None:
    firm = merton(3.0, 0.4, 3.5, 0.05, -0.3)
    seen = merton_of(firm.asset, firm.volatility, 3.5, -0.3, 1.0)
    assert seen.pd == pytest.approx(firm.pd) and seen.distance == pytest.approx(firm.distance)
    with pytest.raises(ValueError, match="above 0"):
        merton_of(1.0, 0.0, 1.0, 0.0, 1.0)
