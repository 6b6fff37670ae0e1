"""Ten years of quarterly projection: how its cost grows with facilities and with worlds. `python -m bench.projection`."""

from __future__ import annotations

import time

import numpy as np

from rules.curves import Curve
from rules.projection import project
from tests.rules.small import HEAD, book_of, covenant, worlds_of

SIZES = ((100, 10), (300, 10), (1_000, 10), (100, 100), (300, 100), (1_000, 100))
BLOCK = 100
"""Facilities projected together: what a block holds fits the memory of a small machine at 100 worlds."""


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


def run(facilities: int, paths: int) -> float:
    """Seconds to project some facilities in some worlds."""
    spread = np.linspace(0.5, 1.5, paths)
    spent = 0.0
    for start in range(0, facilities, BLOCK):
        book = book_of(*(loan(number) for number in range(start, min(start + BLOCK, facilities))))
        marks: dict[str, float | list[float]] = {"A.price": list(20_000 * spread), "A.rent.x": list(2.4 * spread), "SOFR.rate": 0.04}
        now = worlds_of(book, marks, ("2025-12-31",))
        curves = [Curve(0.3) if name.startswith("A.") else None for name in now.series]
        began = time.perf_counter()
        project(book, now, curves)
        spent += time.perf_counter() - began
    return spent


def main() -> None:
    """One line for each size."""
    for facilities, paths in SIZES:
        took = run(facilities, paths)
        tests = facilities * paths * 40 * 3
        print(f"{facilities:6,} facilities x {paths:4,} worlds x 40 quarters: {took:7.2f} s, {tests / took / 1e6:6.2f} m results a second")


if __name__ == "__main__":
    main()
