"""The nearest joint breach: the closed form where slacks are straight, and several at once."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rules.correlation import root_of
from rules.reverse import nearest, nearest_of

R = np.array([[1.0, 0.4], [0.4, 1.0]])


def straight(*rows: tuple[float, float, float]):  # type: ignore[no-untyped-def]
    lines = np.array(rows)
    return lambda x, wanted: lines[wanted, :1] + lines[wanted, 1:] @ x


def test_a_straight_slack_is_the_closed_form() -> None:
    found = nearest(straight((3.0, 1.0, 2.0)), root_of(R), [0])
    gradient, square = np.array([1.0, 2.0]), 1 + 4 + 2 * 2 * 0.4
    assert found is not None and found.distance == pytest.approx(3 / math.sqrt(square), rel=1e-7)
    assert found.at == pytest.approx(-R @ gradient * 3 / square, rel=1e-6)


def test_two_that_pull_apart_are_a_corner() -> None:
    found = nearest(straight((1.0, 1.0, 0.0), (1.0, 0.0, 1.0)), root_of(R), [0, 1])
    assert found is not None and found.at == pytest.approx([-1.0, -1.0], rel=1e-6)
    assert found.distance == pytest.approx(math.sqrt(np.array([-1, -1]) @ np.linalg.inv(R) @ np.array([-1, -1])), rel=1e-6)


def test_the_nearest_two_of_three_leave_the_far_one_out() -> None:
    slacks = straight((1.0, 1.0, 0.0), (6.0, -1.0, -1.0), (1.5, 1.0, 0.2))
    found = nearest_of(slacks, root_of(R), [0, 1, 2], 2)
    assert found is not None and found.tests == (0, 2)
    assert (slacks(found.at[:, None], np.array([0, 2])) < 0).all()


def test_a_bent_slack_is_followed_to_its_edge() -> None:
    found = nearest(lambda x, wanted: (np.exp(x[:1]) - 0.5)[wanted], root_of(R), [0])
    assert found is not None and found.at[0] == pytest.approx(math.log(0.5), rel=1e-6)


def test_what_no_world_in_reach_breaks_is_none() -> None:
    assert nearest(straight((100.0, 1.0, 0.0)), root_of(R), [0]) is None
    assert nearest(straight((1.0, 0.0, 0.0)), root_of(R), [0]) is None
    assert nearest_of(straight((1.0, 1.0, 0.0)), root_of(R), [0], 2) is None
