"""Ten years of quarterly projection: how its cost grows with facilities and with worlds. `python -m bench.projection`."""

from __future__ import annotations

import argparse
import resource
import time
from itertools import pairwise

import numpy as np

from bench.paired import record
from rules.curves import Curve
from rules.projection import in_blocks
from tests.rules.small import HEAD, book_of, covenant, worlds_of

FACILITIES = (30, 100, 300, 1_000)
WORLDS = (1, 10, 100)
AIM = "under 60 s for 1,000 x 100; growth at most linear"


def loan(number: int) -> str:
    """A loan of ten years on units let partly under contract, with a reserve, a lock-up, and in one of ten a sweep."""
    sweep = "sweep_pct = 50\n" if number % 10 == 0 else ""
    tested = 'test = { frequency = "quarterly", first = 2026-03-31 }'
    return (
        HEAD.format(f"f{number}")
        + "closing = 2025-12-31\nmaturity = 2035-12-31\n[[facility.balance]]\ndate = 2025-12-31\noutstanding = 20_000_000\n"
        + '[interest]\nbenchmark = "SOFR"\nspread_bp = 400\n[amortisation]\nstyle = "level"\nlevel_rate_pct = 8\nfrequency = "quarterly"\n'
        + f"start = 2025-12-31\npayments = 40\noriginal = 20_000_000\n{sweep}"
        + '[[collateral]]\nid = "gpu"\nasset = "A"\nunits = 500\nprice = "A.price"\nrent = "A.rent.x"\nutilisation = 0.8\n'
        + "opex_per_unit_hour = 0.4\nin_service = 2025-12-31\neconomic_life_months = 120\n"
        + '[[contract]]\ncustomer = "c"\nasset = "A"\nunits = 300\nrate = 2.0\nstart = 2025-12-31\nend = 2028-12-31\n'
        + '[[account]]\nkind = "dsra"\nbalance = 700_000\ntarget_months = 3\n'
        + covenant("dscr_hist", ">=", 1.2, tested, name="dscr")
        + covenant("ltv", "<=", 0.9, tested, name="ltv")
        + '[[covenant]]\nid = "lock"\nrule = "dscr_hist"\nclass = "trigger"\non = { operator = "<", value = 1.35, tests = 1 }\n'
        + f'off = {{ operator = ">=", value = 1.35, tests = 2 }}\neffects = ["lock_up"]\n{tested}\n'
    )


def seconds(facilities: int, paths: int) -> tuple[float, int]:
    """(seconds, results) of projecting some facilities in some worlds, block by block."""
    spread = np.linspace(0.5, 1.5, paths)
    book = book_of(*(loan(number) for number in range(facilities)))
    marks: dict[str, float | list[float]] = {"A.price": list(20_000 * spread), "A.rent.x": list(2.4 * spread), "SOFR.rate": 0.04}
    now = worlds_of(book, marks, ("2025-12-31",))
    curves = [Curve(0.3) if name.startswith("A.") else None for name in now.series]
    began = time.perf_counter()
    results = sum(made.tests.result.size for made in in_blocks(book, now, curves))
    return time.perf_counter() - began, results


def main() -> None:
    """A table of seconds, and what ten times the facilities cost; with --record the largest as a row of bench/RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.projection", description=__doc__)
    parser.add_argument("--facilities", type=int, nargs="+", default=FACILITIES)
    parser.add_argument("--worlds", type=int, nargs="+", default=WORLDS)
    parser.add_argument("--record", action="store_true", help="append a row to bench/RESULTS.md")
    asked = parser.parse_args()
    seconds(3, 1)  # what is made at the first asking
    spent: dict[tuple[int, int], float] = {}
    for facilities in asked.facilities:
        for paths in asked.worlds:
            took, results = seconds(facilities, paths)
            spent[facilities, paths] = took
            size = f"{facilities:6,} facilities x {paths:4,} worlds"
            print(f"{size} x 40 quarters: {took:7.2f} s, {results / took / 1e6:6.2f} m results a second", flush=True)
    _grown(spent, max(asked.worlds))
    most = max(spent)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"largest: {held:,.0f} MB")
    if asked.record:
        what = f"10 years of quarters of {most[0]:,} facilities in {most[1]:,} worlds, 1 in 10 with a sweep"
        record(what, f"{spent[most]:.1f} s, {held:,.0f} MB", AIM, 1)


def _grown(spent: dict[tuple[int, int], float], paths: int) -> None:
    """How the cost grows from each number of facilities to the next."""
    sizes = sorted(facilities for facilities, worlds in spent if worlds == paths)
    for less, more in pairwise(sizes):
        print(f"{more / less:.1f} times the facilities at {paths} worlds: {spent[more, paths] / spent[less, paths]:.1f} times the time")


if __name__ == "__main__":
    main()
