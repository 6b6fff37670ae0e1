"""Inputs of charts for the tests: a ratio that fails in two years, a wall with puts and a secret, a bent frontier."""

from __future__ import annotations

import datetime as dt
from math import sin

from monitor.charts.inputs import Bar, DebtInput, MapAxis, MapInput, MarkInput, Point, RatioInput, WallInput

AS_OF = dt.date(2026, 10, 8)


def day(days: int) -> dt.date:
    return AS_OF + dt.timedelta(days=days)


def ratio() -> RatioInput:
    history = [Point(day(at), 1.9 + at / 1500 + 0.05 * sin(at / 20), "pass") for at in range(-400, 1, 5)]
    history[30:40] = [Point(point.day, None, "indeterminate") for point in history[30:40]]
    ahead = [Point(day(at), 1.9 - at / 1000, "pass" if 1.9 - at / 1000 >= 1.25 else "fail") for at in range(0, 900, 30)]
    tests = [Point(day(at), 1.9 + at / 1500, "pass") for at in (-280, -190, -100, -8)]
    limits = (Point(dt.date(2020, 1, 1), 1.2), Point(dt.date(2027, 10, 31), 1.25))
    return RatioInput(
        title="DSCR", unit="x", operator=">=", as_of=AS_OF, history=tuple(history), tests=tuple(tests), projection=tuple(ahead),
        limits=limits, fails=dt.date(2028, 8, 28),
    )  # fmt: skip


def debt() -> DebtInput:
    owed = tuple(Point(day(at), 60e6 + 15e6 * -at / 400) for at in range(-400, 1, 10))
    worth = tuple(Point(day(at), None if -200 < at < -150 else 110e6 + 1e6 * sin(at / 30)) for at in range(-400, 1, 10))
    ahead = tuple(Point(day(at), 110e6 * 0.7 ** (at / 365)) for at in range(0, 400, 10))
    return DebtInput(title="Larch Compute", currency="USD", as_of=AS_OF, debt=owed, value=worth, value_ahead=ahead)


def wall() -> WallInput:
    bars = (Bar("2026", 0.0), Bar("2027", 4.9e6), Bar("2028", 69.6e6, 12e6), Bar("2029", 150e6), Bar("2030", 0.0, 0.0, 1))
    return WallInput(title="Rowan Holdings", currency="USD", bars=bars, unknown=("Bridge notes",))


def breaches() -> MapInput:
    x = MapAxis("BTC.price", tuple(30_000 + 2_500 * at for at in range(28)), 83_276)
    y = MapAxis("H100-SXM.rent.committed12m", tuple(1.0 + 0.1 * at for at in range(20)), 2.45)
    margin = tuple(tuple(None if b < 1.15 and a < 40_000 else a / 83_000 + b / 2.4 - 1.7 for a in x.levels) for b in y.levels)
    ratios = tuple(tuple(a / 50_000 + b / 2.4 for a in x.levels) for b in y.levels)
    return MapInput(title="Rowan", unit="x", x=x, y=y, margin=margin, ratio=ratios)


def marks() -> list[MarkInput]:
    btc = tuple(Point(day(at), 83_000 + 4_000 * sin(at / 9)) for at in range(-90, 1))
    rent = tuple(Point(day(at), None if -40 < at < -20 else 2.5 + at / 300) for at in range(-90, 1, 7))
    return [
        MarkInput("BTC.price", btc, 83_276.0, -0.027, 0.375, "good"),
        MarkInput("H100-SXM.rent.committed12m", rent, 2.45, 0.0, 1.2, "stale"),
        MarkInput("USD.fx", (), None, None, None, "missing"),
    ]
