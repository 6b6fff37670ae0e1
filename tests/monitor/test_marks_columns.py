"""A series over many instants at once says, instant by instant, what one question at a time says."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities.model import MarkPolicy, SeriesPolicy
from monitor.marks.columns import column
from monitor.marks.history import History
from monitor.marks.prints import OVERRIDE, Print
from rules.worlds import DATA, MISSING

START = dt.datetime(2026, 3, 27, tzinfo=dt.UTC)  # the clocks of London change two nights later
HOUR = dt.timedelta(hours=1)

hours = st.integers(0, 240)
prints = st.builds(
    lambda at, late, value, source, kind, by, approved: Print(
        series="A.price", as_of=START + at * HOUR, value=value, unit="USD/unit", source=source,
        known_at=None if late is None else START + (at + late) * HOUR, kind=OVERRIDE if kind else None, by=by, approved_by=approved,
    ),
    hours, st.none() | st.integers(0, 60), st.sampled_from([0.5, 10.0, 11.0, 12.5, 900.0]), st.sampled_from(["a", "b", "c"]),
    st.booleans(), st.sampled_from(["one", "two"]), st.sampled_from([None, "two", "three"]),
)  # fmt: skip
policies = st.builds(
    lambda sources, least, how, age, lag: {
        "sources": sources, "min_sources": least, "aggregate": how, "max_age": age, "publication_lag": lag,
    },
    st.sampled_from([[], ["b", "a"], ["z"]]), st.integers(1, 3), st.sampled_from(["first", "median", "mean", "min", "max"]),
    st.sampled_from([None, "12h", "2d", "1BD"]), st.sampled_from(["0h", "6h", "1BD"]),
)  # fmt: skip


@given(st.lists(prints, max_size=14), policies, st.lists(st.tuples(hours, st.integers(-24, 48)), min_size=1, max_size=12), st.booleans())
def test_a_column_is_the_same_as_asking_each_instant(
    made: list[Print], terms: dict[str, object], asked: list[tuple[int, int]], own: bool
) -> None:
    desk = SeriesPolicy(match="A.*", min=1, max=100, **terms)  # type: ignore[arg-type]
    history = History(made, [desk], "Europe/London")
    policy = MarkPolicy(max_age="30h", sources=["c", "a"]) if own else None
    instants = [START + at * HOUR for at, _ in asked]
    known = [at + later * HOUR for at, (_, later) in zip(instants, asked, strict=True)]
    values, data = column(history, "A.price", instants, known, policy)
    for t, (at, seen) in enumerate(zip(instants, known, strict=True)):
        one = history.observe("A.price", at, seen, policy)
        assert DATA[data[t]] == one.data
        assert np.isnan(values[t]) if one.value is None else values[t] == one.value


def test_a_series_nobody_prints_is_missing_throughout() -> None:
    values, data = column(History(()), "A.price", [START, START], [START, START])
    assert np.isnan(values).all() and (data == MISSING).all()


def test_instants_and_knowledge_run_in_parallel() -> None:
    with pytest.raises(ValueError, match="2 instants, 1"):
        column(History(()), "A.price", [START, START], [START])
