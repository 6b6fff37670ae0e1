"""Replays: the kernel and the law over 1.8 million results, and the verb as a whole process.

Five years of days of 100 facilities x 10 covenants, judged and put into law, against bare arithmetic on as many columns. With --verb
`covenant replay` over --days days of the shipped desk, and of another with --desk, against an interpreter that only imports numpy and
tomli.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.paired import Paired, Side, clean_environment, measure, report
from rules.book import Book
from rules.compare import RESULTS
from rules.life import Tested, history, turns
from rules.timeline import Timeline, timeline
from rules.worlds import GOOD, Worlds
from tests.rules.small import book_of

FACILITIES, DAYS = 100, 1826
START = dt.datetime(2020, 1, 2, tzinfo=dt.UTC)
AIM = "under 1,000 ms on two cores"
_FACILITY = """
[facility]
id = "loan-{number}"
name = "Loan {number}"
kind = "term"
borrower = "b"
commitment = 5_000_000
closing = 2018-12-31
maturity = 2028-12-31
[[facility.balance]]
date = 2018-12-31
outstanding = 4_000_000
[interest]
benchmark = "SOFR"
spread_bp = 300
floor_pct = 1.0
[amortisation]
style = "level"
frequency = "quarterly"
original = 4_000_000
payments = 40
level_rate_pct = 8
[[collateral]]
id = "gpus"
asset = "A"
units = 300
price = "A.price"
rent = "A.rent.x"
cost = 30000
depreciation = {{ method = "straight_line", months = 72 }}
utilisation = 0.8
opex_per_unit_hour = 0.3
in_service = 2018-12-31
economic_life_months = 120
[[contract]]
customer = "c"
asset = "A"
units = 100
rate = 2.0
start = 2018-12-31
end = 2024-03-31
[[account]]
kind = "dsra"
balance = 400_000
"""
_REPORT = """[[reported]]
period_end = {end}
months = 3
delivered = {delivered}
lines = {{ revenue_cash = 900_000, opex_cash = 150_000, ebitda = 600_000 }}
"""
_QUARTERS = (("03-31", "05-10", 0), ("06-30", "08-10", 0), ("09-30", "11-10", 0), ("12-31", "02-10", 1))
_COVENANTS = (
    ("ltv", "<=", 0.8), ("collateral_coverage", ">=", 1.2), ("ltv_book", "<=", 0.9), ("dscr_hist", ">=", 1.2), ("dscr_fwd", ">=", 1.2),
    ("dscr_run_rate", ">=", 1.2), ("icr", ">=", 2), ("leverage", "<=", 4), ("dsra", ">=", 1), ("wal", "<=", 5),
)  # fmt: skip
_TEST = '[[covenant]]\nid = "{rule}"\nrule = "{rule}"\noperator = "{sign}"\nthreshold = {level}\ntest = {{ frequency = "daily" }}\n'
_MARKS = {"A.price": 10_000.0, "A.rent.x": 2.0, "SOFR.rate": 0.04}


def book(count: int = FACILITIES) -> Book:
    """Amortising loans on GPUs, a floating rate with a floor, reports of every quarter, ten formulas each."""
    quarters = [(f"{year}-{end}", f"{year + later}-{came}") for year in range(2019, 2026) for end, came, later in _QUARTERS]
    reports = "".join(_REPORT.format(end=end, delivered=delivered) for end, delivered in quarters)
    covenants = "".join(_TEST.format(rule=rule, sign=sign, level=level) for rule, sign, level in _COVENANTS)
    return book_of(*(_FACILITY.format(number=number) + reports + covenants for number in range(count)))


def worlds(of: Book, days: int = DAYS) -> Worlds:
    """A random walk of every mark, one print a day."""
    names = tuple(of.series.names)
    steps = np.random.default_rng(0).normal(0, 0.02, (len(names), 1, days))
    marks = np.array([_MARKS[name] for name in names])[:, None, None] * np.exp(np.cumsum(steps, axis=2))
    instants = tuple(START + dt.timedelta(days=day) for day in range(days))
    return Worlds(names, instants, instants, marks, np.full((len(names), days), GOOD, dtype=np.int8))


def replay(of: Book, over: Worlds) -> Timeline:
    """Every covenant on every day, and its legal life from the turns of its results."""
    made = timeline(of, over)
    for test, row in zip(of.tests, made.result.reshape(len(of.tests), -1), strict=True):
        heard = [Tested(over.instants[t], RESULTS[row[t]]) for t in turns(test.covenant, test.class_, row).tolist()]
        history(test.covenant, test.class_, heard, now=over.instants[-1], calendar=test.calendar)
    return made


def bare(made: Timeline) -> np.ndarray:
    """The least that can be done with as many columns: the slack, and on which side of nothing it lies."""
    return np.asarray(made.numerator - made.threshold * made.denominator >= 0)


def _seconds(clock: Callable[[], float], work: Callable[[], object]) -> float:
    begun = clock()
    work()
    return clock() - begun


def main() -> None:
    """Measure, print, and append rows to bench/RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.replay", description=__doc__)
    parser.add_argument("--pairs", type=int, default=10, help="measured runs of each side (default 10)")
    parser.add_argument("--verb", action="store_true", help="the verb as a whole process instead")
    parser.add_argument("--days", type=int, default=168, help="with --verb: how many days up to the desk's as-of (default 168)")
    parser.add_argument("--to", default="2026-10-07", help="with --verb: the last of them (default 2026-10-07)")
    parser.add_argument("--desk", type=Path, help="with --verb: another desk than the shipped one")
    arguments = parser.parse_args()
    if arguments.verb:
        verb(arguments.desk, dt.date.fromisoformat(arguments.to), arguments.days, arguments.pairs)
    else:
        kernel(arguments.pairs)


def verb(desk: Path | None, last: dt.date, days: int, pairs: int) -> None:
    """Whole processes, the desk's cache warm."""
    first = last - dt.timedelta(days=days - 1)
    where = ("--desk", str(desk)) if desk else ()
    argv = (str(Path(sys.executable).with_name("covenant")), "replay", *where, "--from", f"{first}", "--to", f"{last}")
    asked = Side(f"covenant replay, {days:,} days of {desk.name if desk else 'the shipped desk'}", argv)
    floor = Side("import numpy, tomli", (sys.executable, "-c", "import numpy, tomli"))
    with tempfile.TemporaryDirectory() as cache:
        times = measure(asked, floor, pairs, clean_environment(Path(cache)))
    report(asked, floor, times, "168 days within 1.5 s beyond start-up")


def kernel(pairs: int) -> None:
    """A row of wall time and one of processor time."""
    of = book()
    over = worlds(of)
    made = replay(of, over)
    name = f"{len(made.result):,} results judged and put into law"
    for clock, words in ((time.perf_counter, ""), (time.process_time, ", processor time of all threads")):
        times = [(_seconds(clock, lambda: replay(of, over)), _seconds(clock, lambda: bare(made))) for _ in range(pairs)]
        a, b = Side(name + words, ()), Side(f"their slack alone, bare numpy{words}", ())
        report(a, b, Paired(*map(tuple, zip(*times, strict=True))), AIM)


if __name__ == "__main__":
    main()
