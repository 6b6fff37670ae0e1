"""What the history answers: by known time, by policy, by age, and never from the future."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from facilities.calendars import Calendar
from facilities.model import MarkPolicy, SeriesPolicy
from monitor.marks.history import History, Observation, series_known
from monitor.marks.prints import Print

BTC = "BTC.price"
START = dt.datetime(2026, 11, 16, tzinfo=dt.UTC)  # the end of a Sunday
LONG = START + dt.timedelta(days=3650)


def day(count: float) -> dt.datetime:
    return START + dt.timedelta(days=count)


def price(at: float, value: float, source: str = "a", known: float | None = None, **more: str) -> Print:
    return Print(BTC, day(at), value, "USD/unit", source, None if known is None else day(known), **more)


def seen(prints: list[Print], at: float, known: float | None = None, own: MarkPolicy | None = None, **desk: object) -> Observation:
    policies = [SeriesPolicy(match="BTC.*", **desk)] if desk else []  # type: ignore[arg-type]
    return History(prints, policies).observe(BTC, day(at), day(at if known is None else known), own)


def test_the_last_print_up_to_the_instant_counts() -> None:
    prints = [price(0, 1), price(1, 2), price(2, 3)]
    assert [seen(prints, at).value for at in (-0.1, 0, 0.9, 1, 5)] == [None, 1, 1, 2, 3]


def test_a_revision_counts_from_when_it_was_known() -> None:
    prints = [price(0, 1, known=0), price(0, 1.5, known=2), price(1, 2, known=1)]
    assert seen(prints, 0, known=1).value == 1
    assert seen(prints, 0, known=2).value == 1.5
    assert seen(prints, 1, known=3).value == 2  # a late revision of an older day does not replace the newer day
    assert seen(prints, 0, known=2).known_at == day(2)


def test_the_publication_lag_delays_what_gives_no_known_time() -> None:
    lagged = {"publication_lag": "36h"}
    assert seen([price(0, 1)], 1.4, **lagged).data == "missing"
    assert seen([price(0, 1)], 1.5, **lagged).value == 1
    assert seen([price(0, 1, known=0)], 0, **lagged).value == 1


def test_a_lag_of_a_business_day_starts_from_the_day_that_ended() -> None:
    friday_end = 5
    history = History([price(friday_end, 1)], [SeriesPolicy(match=BTC, publication_lag="1BD")])
    monday_end = day(8)
    assert history.observe(BTC, monday_end - dt.timedelta(seconds=1), monday_end - dt.timedelta(seconds=1)).value is None
    assert history.observe(BTC, monday_end, monday_end).value == 1


@pytest.mark.parametrize(("max_age", "days"), [("48h", 2), ("2d", 2), ("2D", 2), ("3BD", 3)])
def test_exactly_the_age_allowed_is_not_stale(max_age: str, days: int) -> None:
    at = seen([price(0, 1)], days, max_age=max_age)
    assert (at.data, at.value, at.age_days) == ("good", 1, days)
    later = seen([price(0, 1)], days + 1e-6, max_age=max_age)
    assert (later.data, later.value) == ("stale", 1)
    assert later.reason is not None and max_age.upper()[:2] in later.reason.upper()


def test_business_days_of_age_pass_over_weekends_and_holidays() -> None:
    history = History([price(5, 1)], [SeriesPolicy(match=BTC, max_age="1BD")])  # observed at the end of a Friday
    tuesday = Calendar("holiday on Monday", frozenset({dt.date(2026, 11, 23)}))
    assert history.observe(BTC, day(8), LONG).data == "good"
    assert history.observe(BTC, day(8.1), LONG).data == "stale"
    assert history.observe(BTC, day(9), LONG, calendar=tuesday).data == "good"


@pytest.mark.parametrize(("midnight", "hours"), [("2026-03-08T00:00-05:00", 23), ("2026-11-01T00:00-04:00", 25)])
def test_a_day_of_age_is_a_day_of_the_desks_clock(midnight: str, hours: int) -> None:
    as_of = dt.datetime.fromisoformat(midnight).astimezone(dt.UTC)
    print_ = Print(BTC, as_of, 1.0, "USD/unit", "a")
    history = History([print_], [SeriesPolicy(match=BTC, max_age="1D")], "America/New_York")
    limit = as_of + dt.timedelta(hours=hours)
    assert history.observe(BTC, limit, limit).data == "good"
    assert history.observe(BTC, limit + dt.timedelta(seconds=1), LONG).data == "stale"


def test_first_takes_the_first_listed_source_that_is_fresh() -> None:
    prints = [price(3, 1, "first"), price(4, 2, "second"), price(4.5, 9, "unlisted")]
    policy = {"sources": ["first", "second"], "max_age": "24h"}
    assert (seen(prints, 4, **policy).value, seen(prints, 4, **policy).source) == (1, "first")
    assert (seen(prints, 4.5, **policy).value, seen(prints, 4.5, **policy).source) == (2, "second")
    stale = seen(prints, 9, **policy)
    assert (stale.value, stale.source, stale.data) == (2, "second", "stale")


def test_without_listed_sources_the_most_recent_counts() -> None:
    assert seen([price(0, 1, "a"), price(1, 2, "b")], 5).source == "b"


@pytest.mark.parametrize(
    ("aggregate", "value", "source"),
    [("first", 10, "a"), ("median", 20, "a + b + c"), ("mean", 30, "a + b + c"), ("min", 10, "a + b + c"), ("max", 60, "a + b + c")],
)
def test_sources_are_combined_and_all_are_named(aggregate: str, value: float, source: str) -> None:
    prints = [price(2, 60, "c"), price(1, 20, "b", known=3), price(2, 10, "a")]
    found = seen(prints, 3, sources=["a", "b", "c"], aggregate=aggregate, max_age="9D")
    assert (found.value, found.source, found.data) == (value, source, "good")
    if aggregate != "first":
        assert (found.as_of, found.known_at, found.age_days) == (day(1), day(3), 2)


def test_a_median_of_two_is_their_mean_and_stale_sources_stay_out() -> None:
    prints = [price(0, 1, "old"), price(5, 10, "a"), price(5, 20, "b")]
    found = seen(prints, 5, aggregate="median", max_age="1D")
    assert (found.value, {made.source for made in found.prints}) == (15, {"a", "b"})


def test_a_quorum_not_met_is_said_and_the_value_still_shown() -> None:
    prints = [price(0, 1, "a"), price(2, 2, "b")]
    policy = {"sources": ["a", "b"], "min_sources": 2, "max_age": "1D", "aggregate": "mean"}
    found = seen(prints, 2, **policy)
    assert (found.data, found.value, found.reason) == ("single_source", 2, "1 fresh source(s), 2 needed")
    assert seen([*prints, price(2, 4, "a")], 2, **policy).data == "good"
    assert seen(prints, 9, **policy).data == "stale"


def test_an_agreement_names_its_own_source_age_quorum_and_aggregate() -> None:
    prints = [price(2, 1, "a"), price(2, 3, "b")]
    desk = {"sources": ["a"], "max_age": "9D"}
    assert seen(prints, 4, own=MarkPolicy(sources=["b"]), **desk).value == 3
    assert seen(prints, 4, own=MarkPolicy(max_age="1D"), **desk).data == "stale"
    assert seen(prints, 4, own=MarkPolicy(min_sources=2), **desk).data == "single_source"
    assert seen(prints, 4, own=MarkPolicy(sources=["a", "b"], aggregate="mean"), **desk).value == 2
    assert seen(prints, 4, own=MarkPolicy(sources=["c"]), **desk).reason == "no print of c by then"


def test_the_first_policy_that_matches_counts() -> None:
    policies = [SeriesPolicy(match=BTC, max_age="1D"), SeriesPolicy(match="*.price", max_age="9D")]
    assert History([price(0, 1)], policies).observe(BTC, day(5), LONG).data == "stale"
    assert History([price(0, 1)], policies[::-1]).observe(BTC, day(5), LONG).data == "good"


def test_a_value_outside_the_band_silences_its_source() -> None:
    band = {"min": Decimal(1000), "max": Decimal(500_000)}
    refused = seen([price(0, 60_000), price(1, 0.5)], 1, **band)
    assert (refused.value, refused.data) == (None, "missing")
    assert refused.reason == "a refused: 0.5 lies outside 1000 to 500000; no print in force"
    assert seen([price(1, 60_000, "b"), price(1, 0.5)], 1, **band).source == "b"
    assert seen([price(0, 1000), price(1, 500_000, "b")], 1, **band, aggregate="min").value == 1000


def test_an_override_stands_until_a_source_prints_again() -> None:
    override = price(1, 50, "desk", known=1, kind="override", by="one", approved_by="two")
    prints = [price(0, 10), override, price(2, 20)]
    policy = {"sources": ["a"], "max_age": "1D"}
    assert seen(prints, 0.5, **policy).value == 10
    assert (seen(prints, 1.5, **policy).value, seen(prints, 1.5, **policy).data) == (50, "overridden")
    assert (seen(prints, 2, **policy).value, seen(prints, 2, **policy).data) == (20, "good")
    assert seen(prints[:2], 3, **policy).data == "stale"


def test_an_override_of_the_same_instant_takes_the_place_of_the_print() -> None:
    override = price(1, 50, "a", kind="override", by="one", approved_by="two")
    for prints in ([price(1, 10), override], [override, price(1, 10)]):
        assert (seen(prints, 1).value, seen(prints, 1).data) == (50, "overridden")


@pytest.mark.parametrize(("by", "approved_by"), [("one", "one"), ("one", " ONE "), ("one", ""), ("", "two")])
def test_an_override_by_one_person_is_refused(by: str, approved_by: str) -> None:
    alone = price(1, 50, "desk", kind="override", by=by, approved_by=approved_by)
    found = seen([price(0, 10), alone], 2)
    assert (found.value, found.data) == (10, "good")
    assert found.reason is not None and "second person" in found.reason
    assert seen([alone], 2).data == "missing"


def test_a_series_nobody_printed_is_missing() -> None:
    history = History([price(0, 1)])
    assert history.observe("ETH.price", LONG, LONG).data == "missing"
    assert series_known(history) == {BTC}


def test_previous_is_what_was_answered_a_day_before() -> None:
    history = History([price(0, 1), price(1, 2), price(2, 3)], [SeriesPolicy(match=BTC, publication_lag="24h")])
    assert (history.observe(BTC, day(2), day(2)).value, history.previous(BTC, day(2), day(2))) == (2, 1)
    assert history.previous(BTC, day(0.5), day(0.5)) is None


def test_a_malformed_duration_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="soon"):
        seen([price(0, 1)], 1, max_age="soon")


HOURS = st.integers(0, 40)
PRINTS = st.lists(
    st.builds(
        lambda at, late, value, source, override, approved_by: Print(
            BTC,
            START + dt.timedelta(hours=at),
            float(value),
            "USD/unit",
            source,
            None if late is None else START + dt.timedelta(hours=at + late),
            "override" if override else None,
            by="one",
            approved_by=approved_by,
        ),
        HOURS,
        st.none() | st.integers(-2, 20),
        st.integers(1, 99),
        st.sampled_from("abc"),
        st.integers(0, 5).map(lambda roll: roll == 0),
        st.sampled_from(["two", "two", "one"]),
    ),
    max_size=25,
)
POLICIES = st.builds(
    lambda sources, quorum, aggregate, age, lag: SeriesPolicy(
        match=BTC, sources=sources, min_sources=quorum, aggregate=aggregate, max_age=age, publication_lag=lag
    ),
    st.lists(st.sampled_from("abc"), unique=True),
    st.integers(1, 3),
    st.sampled_from(["first", "median", "mean", "min", "max"]),
    st.sampled_from([None, "6h", "1D"]),
    st.sampled_from(["0h", "3h"]),
)


def _by_definition(prints: list[Print], policy: SeriesPolicy, at: dt.datetime, known_at: dt.datetime) -> set[Print]:
    """Everything that could lawfully have been seen: the slow definition."""
    lag = dt.timedelta(hours=int(policy.publication_lag[:-1]))
    return {made for made in prints if made.as_of <= at and (made.known_at or made.as_of + lag) <= known_at}


@given(PRINTS, POLICIES, HOURS, HOURS)
def test_nothing_from_the_future_is_seen(prints: list[Print], policy: SeriesPolicy, at: int, known: int) -> None:
    instant, known_at = START + dt.timedelta(hours=at), START + dt.timedelta(hours=known)
    found = History(prints, [policy]).observe(BTC, instant, known_at)
    lawful = _by_definition(prints, policy, instant, known_at)
    assert set(found.prints) <= lawful
    lawful -= {made for made in lawful if made.kind == "override" and made.approved_by == made.by}
    assert (found.value is None) == (found.data == "missing") == (not found.prints)
    if not policy.sources and lawful:
        assert max(made.as_of for made in found.prints) == max(made.as_of for made in lawful)


@given(PRINTS, PRINTS, POLICIES, HOURS, HOURS)
def test_what_is_known_later_changes_no_earlier_answer(
    prints: list[Print], more: list[Print], policy: SeriesPolicy, at: int, known: int
) -> None:
    instant, known_at = START + dt.timedelta(hours=at), START + dt.timedelta(hours=known)
    later = [made for made in more if made not in _by_definition(more, policy, LONG, known_at)]
    before = History(prints, [policy]).observe(BTC, instant, known_at)
    after = History([*prints, *later], [policy]).observe(BTC, instant, known_at)
    if before.data == "missing":  # whether the series has any print at all may be told, and nothing else
        before, after = replace(before, unit=None, reason=None), replace(after, unit=None, reason=None)
    assert after == before


@given(PRINTS, POLICIES, HOURS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(prints: list[Print], policy: SeriesPolicy, at: int, rng: random.Random) -> None:
    instant = START + dt.timedelta(hours=at)
    shuffled = rng.sample(prints, len(prints))
    assert History(prints, [policy]).observe(BTC, instant, LONG) == History(shuffled, [policy]).observe(BTC, instant, LONG)


def test_two_values_known_from_one_instant_are_ordered_by_content() -> None:
    prints = [price(1, 10), price(1, 20)]
    assert seen(prints, 1).value == seen(prints[::-1], 1).value
    explicit = [price(1, 20), price(1, 10, known=1)]  # a known_at that was written outranks one that was assumed
    assert seen(explicit, 1).value == seen(explicit[::-1], 1).value == 10
