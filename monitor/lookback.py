"""How far back a test is looked at: the test dates and prints before the as-of that still count in law, and what was read there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from facilities.model import Covenant
from monitor.marks.instants import end_of_day
from monitor.reading import Reading, is_open
from monitor.viewpoint import At, Viewpoint, rows_of
from rules.covenants import Test
from rules.evaluate import Assessment
from rules.headroom import slots_of
from rules.scope import Rows
from rules.springs import holds
from rules.testdates import TestDate
from rules.worlds import Worlds

MOST_TESTS = 12
"""Past tests that a default is derived from which a later pass ends: three years of quarters."""
ALL_TESTS = 520
"""Past tests where what happened once still counts (an Event of Default, a cure, a recorded event): ten years of weeks."""
MOST_PRINTS = 250
"""Past prints looked at first for the beginning of a failure: a year of closes. More are read while the oldest still fails."""
RUNNING = ("margin_ladder", "borrowing_base", "maintenance", "trigger")
"""Classes whose continuous tests have a past: of the others only the last period counts."""
_MOVES = ("prepayment", "collateral_posted", "collateral_released")
Judge = Callable[[Sequence[At], Rows, Worlds], list[tuple[Assessment, int]]]
"""Instants, rows over them and the world of the as-of to each row under the terms of its day, as a row of an assessment."""


def most_tests(view: Viewpoint, test: Test) -> int:
    """How many past tests still count."""
    lasting = any(one.on_fail == "event_of_default" or one.cure is not None for one in _ever(view, test)) or view.recorded(test)
    return ALL_TESTS if lasting else MOST_TESTS


def _ever(view: Viewpoint, test: Test) -> list[Covenant]:
    """A covenant as it stands, and its former terms, under which what is past was judged."""
    return [test.covenant, *(one.covenant for one in view.terms.former(test))]


def past_readings(view: Viewpoint, judge: Judge, readings: Sequence[Sequence[Reading]], now: Worlds) -> dict[int, list[Reading]]:
    """Readings at past prints of continuous tests that stand on something older: since when it is so, what a stale mark cannot close.

    While the oldest print read is not quiet, older ones are read.
    """
    tests = view.book.tests
    prints = prints_of(view, {t: _moves_with(found[0]) for t, found in enumerate(readings) if found and tests[t].class_ in RUNNING})
    depth = {t: _depth(view, tests[t], readings[t][0], found) for t, found in prints.items() if tests[t].continuous}
    past: dict[int, list[Reading]] = {t: [] for t in depth}
    while depth := {t: most for t, most in depth.items() if len(past[t]) < min(most, len(prints[t]))}:
        found = _read(view, judge, {t: prints[t][-most : len(prints[t]) - len(past[t])] for t, most in depth.items()}, now)
        past |= {t: found[t] + past[t] for t in depth}
        depth = {t: max(MOST_PRINTS, 4 * most) if _unsettled(view, tests[t], past[t]) else 0 for t, most in depth.items()}
    return past


def _unsettled(view: Viewpoint, test: Test, found: list[Reading]) -> bool:
    """Whether what came before the oldest readings may still count: a trigger is off for sure only after `off.tests` at its level."""
    off = max((one.off.tests for one in _ever(view, test) if one.off), default=1)
    return any(is_open(one) for one in found[: max(1, off)])


def _depth(view: Viewpoint, test: Test, one: Reading, prints: list[dt.datetime]) -> int:
    """How many past prints may still count in law: all where a fail lasts, some where it is open now, none where it ended for good."""
    if _lasts(view, test):
        return len(prints)
    if view.recorded(test):
        first = min(event.effective for event in view.events if event.facility == view.book.ids[test.facility])
        return sum(at >= first for at in prints) + 2
    return MOST_PRINTS if is_open(one) else _counted(view, test)


def counts(view: Viewpoint, test: Test) -> bool:
    """Whether past prints count in law on a day on which a continuous test rests, whatever its figures."""
    return _lasts(view, test) or view.recorded(test) or _counted(view, test) > 0


def _lasts(view: Viewpoint, test: Test) -> bool:
    """Whether a failure at any past print stands, whatever came after."""
    return any(one.on_fail == "event_of_default" and (not one.rung or one.starts == "trigger") for one in _ever(view, test))


def _counted(view: Viewpoint, test: Test) -> int:
    """How many past prints a machine counts that has nothing open."""
    ever = _ever(view, test)
    counted = max(level.tests if level else 0 for one in ever for level in (one.on, one.off))
    return counted + 1 if test.class_ == "trigger" else 2 if any(one.rung and one.starts == "trigger" for one in ever) else 0


def _read(view: Viewpoint, judge: Judge, chosen: Mapping[int, list[dt.datetime]], now: Worlds) -> dict[int, list[Reading]]:
    """Readings of some tests at some instants, each test's in order of time."""
    instants = sorted({at for found in chosen.values() for at in found})
    place = {at: number for number, at in enumerate(instants)}
    dates = {at: TestDate(view.date(at), None) for at in instants}
    wanted = [(t, at) for t, found in chosen.items() for at in found]
    rows = rows_of([(t, place[at], dates[at]) for t, at in wanted])
    past: dict[int, list[Reading]] = {t: [] for t in chosen}
    for (t, at), (made, n) in zip(wanted, judge([At(at) for at in instants], rows, now), strict=True):
        past[t].append(Reading(made, n, dates[at].period_end, None))
    return past


def prints_of(view: Viewpoint, moving: Mapping[int, Sequence[int]]) -> dict[int, list[dt.datetime]]:
    """Per test, every instant before the as-of at which what it reads may have moved: its marks (the series it is `moving` with),
    the balance, the collateral.
    """
    history, names = view.session.history, view.book.series.names
    printed = {k: history.instants(names[k], view.as_of, view.known_at) for k in {k for series in moving.values() for k in series}}
    alike: dict[tuple[int, frozenset[int]], list[dt.datetime]] = {}
    found = {}
    for t, series in moving.items():
        one = view.book.tests[t].facility, frozenset(series)
        if one not in alike:
            alike[one] = _prints(view, one[0], [printed[k] for k in one[1]])
        found[t] = alike[one]
    return found


def _prints(view: Viewpoint, f: int, printed: Sequence[Sequence[dt.datetime]]) -> list[dt.datetime]:
    zone = view.session.timezone
    found = {at for one in printed for at in one}
    found |= {event.effective for event in view.events if event.facility == view.book.ids[f] and event.kind in _MOVES}
    found |= {end_of_day(day, zone) for day in _moved(view, f) if day < view.day}
    closing = view.book.terms[f].facility.closing
    first = end_of_day(closing.date, zone) - dt.timedelta(days=1) if closing is not None else None
    return sorted(at for at in found if at < view.as_of and (first is None or at > first))


def _moves_with(one: Reading) -> list[int]:
    """The series a continuous test moves with at the as-of."""
    found: list[int] = one.assessment.drivers.series[one.row][one.assessment.drivers.direct[one.row]].tolist()
    return found


def _moved(view: Viewpoint, f: int) -> set[dt.date]:
    """The days on which a facility's balance or collateral changed by its own terms: payments, observed balances, dated units."""
    terms = view.book.terms[f]
    steps = [row.units for row in terms.collateral] + [row.value for row in terms.collateral]
    dated = {step.from_ for table in steps if isinstance(table, list) for step in table}
    table = view.book.tables["leg"]
    legs = range(int(table.start[f]), int(table.start[f] + table.count[f]))
    seen = [leg.terms.facility for leg in (table.rows[n] for n in legs)]
    days = {row.date for own in (terms.facility, *seen) for rows in (own.balance, own.draw) for row in rows}
    return dated | days | {period.pay for n in legs for period in view.book.schedules[n].periods}


def runs_on(view: Viewpoint, t: int, now: Worlds) -> bool:
    """Whether a trigger period that began before still runs: the condition held within the last `ends_after_days` days.

    Looked at on each of those days and at each print in them, from the state they began with; a day it is not known on is
    no day with it.
    """
    test = view.book.tests[t]
    days = test.covenant.springs.ends_after_days if test.covenant.springs else None
    if not days or holds(view.book, test, now, rows_of([(t, 0, TestDate(view.day, None))]), view.state)[0].any():
        return False
    since = view.as_of - dt.timedelta(days=days)
    only = slots_of(view.book, test)
    prints = {at for k in only for at in view.session.history.instants(view.book.series.names[k], view.as_of, view.known_at)}
    instants = sorted({since + dt.timedelta(days=k) for k in range(days)} | {at for at in prints if since <= at < view.as_of})
    dates = [TestDate(view.date(at), None) for at in instants]
    rows = rows_of([(t, n, when) for n, when in enumerate(dates) if not view.before_closing(test, when.period_end)])
    on, unknown = holds(view.book, test, view.worlds([At(at) for at in instants], only), rows, view.state)
    return bool((on & ~unknown).any())


__all__ = ["ALL_TESTS", "MOST_TESTS", "RUNNING", "counts", "most_tests", "past_readings", "prints_of", "runs_on"]
