"""The model of a miner's cash where no report covers: what the pool pays for the hashrate, what its power costs.

A fleet's hashrate is in PH/s; one PH/s of machines that need one J/TH draws one kW. Days are of 24 hours in months of 730.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np

from rules.columns import Floats, Ints
from rules.primitives.leaf import Factor, Find, Leaf, Reader, Terms, Where, column, own_currency, per_row, series_where
from rules.primitives.revenue import days_within, hours_of, modelled_days, modelled_leaf, rent_marks, terms_day
from rules.scope import Scope
from rules.tables import Rig


class Halving(NamedTuple):
    """The block from which on a subsidy is paid, the day (UTC) it was found, and the subsidy in coins."""

    height: int
    day: dt.date
    subsidy: float


HALVINGS = (
    Halving(0, dt.date(2009, 1, 3), 50.0),
    Halving(210_000, dt.date(2012, 11, 28), 25.0),
    Halving(420_000, dt.date(2016, 7, 9), 12.5),
    Halving(630_000, dt.date(2020, 5, 11), 6.25),
    Halving(840_000, dt.date(2024, 4, 20), 3.125),
)
"""Bitcoin Core, GetBlockSubsidy: halved every 210,000 blocks; days from the time stamps of the blocks of these heights."""

EXPECTED = 210_000 * 10 / (60 * 24)
"""Days between halvings at the network's target of ten minutes a block: how those to come are dated."""


def subsidy_on(day: dt.date) -> tuple[float, str]:
    """Coins a block creates at the end of a day, and where that is from. Raises ValueError before the first block."""
    past = [halving for halving in HALVINGS if halving.day <= day]
    if not past:
        raise ValueError(f"no block was mined by {day}")
    last = past[-1]
    more = int((day - last.day).days / EXPECTED) if last is HALVINGS[-1] else 0
    if more:
        return last.subsidy / 2**more, f"expected from block {last.height + more * 210_000:,}, at ten minutes a block"
    return last.subsidy, f"from block {last.height:,}, found on {last.day}"


def _scheduled_subsidy(scope: Scope, text: str | None) -> Leaf:
    days = [dt.date.fromordinal(int(day)) for day in scope.day]
    first = HALVINGS[0].day
    coins = np.array([subsidy_on(day)[0] if day >= first else np.nan for day in days])
    leaf = per_row(scope, "coins a block", coins, "unit/block", why=f"the first block was found on {first}")
    (terms,) = leaf.listed()
    named = Terms(terms.asker, terms.factors, lambda n: f"coins a block, {subsidy_on(days[n])[1]}")
    return Leaf((named,), leaf.unknown, leaf.why)


def _fleets(scope: Scope, certified: bool) -> tuple[Ints, Ints, Floats]:
    """(asker[R], fleet[R], days[R]) of the fleets that run in the window; without its certified part unless `certified`."""
    asker, item = scope.book.tables["fleet"].join(scope.facility)
    days = (days_within if certified else modelled_days)(scope, asker, *_runs(scope, item))
    return asker[days > 0], item[days > 0], days[days > 0]


def _runs(scope: Scope, item: Ints) -> tuple[Ints, Ints]:
    """Days (low, high] on which each fleet runs."""
    return scope.book.ints["fleet.start"][item] - 1, scope.book.ints["fleet.end"][item]


def _where(scope: Scope, item: Ints, key: str) -> Find:
    def find(r: int) -> Where:
        rig: Rig = scope.book.tables["fleet"].rows[int(item[r])]
        return Where(rig.owner, ("fleet", rig.place, key))

    return find


def _dated(scope: Scope, asker: Ints, item: Ints, key: str) -> Floats:
    return column(scope.book.dated[f"fleet.{key}"].at(item, terms_day(scope, asker)))


def _hashrate(scope: Scope, asker: Ints, item: Ints) -> Factor:
    """PH/s of each fleet: as stated, or machines x TH/s each."""
    stated, units, each = (_dated(scope, asker, item, key) for key in ("hashrate_ph", "units", "th_per_unit"))
    rows = scope.book.tables["fleet"].rows
    counted = np.array([row.fleet.hashrate_ph is None for row in rows], dtype=bool)
    counts = column(counted[item]) if len(item) else np.zeros((0, 1), bool)

    def parts(r: int) -> list[tuple[str, float, str, Where | None]]:
        if not counts[r, 0]:
            return []
        machines, terahash = _where(scope, item, "units")(r), _where(scope, item, "th_per_unit")(r)
        return [("machines", float(units[r, 0]), "unit", machines), ("each", float(each[r, 0]), "TH/s", terahash)]

    def where(r: int) -> Where | None:
        return None if counts[r, 0] else _where(scope, item, "hashrate_ph")(r)

    return Factor("hashrate", np.where(counts, units * each / 1000, stated), "PH/s", where, parts)


def _uptime(scope: Scope, asker: Ints, item: Ints) -> Factor:
    return Factor("uptime", _dated(scope, asker, item, "uptime"), "", _where(scope, item, "uptime"))


def _paid(scope: Scope, asker: Ints, item: Ints, days: Floats) -> tuple[Factor, ...]:
    """What the pool pays for: hashrate x uptime x what its fee leaves x days."""
    left = Factor("after the pool's fee", 1 - _dated(scope, asker, item, "pool_fee"), "", _where(scope, item, "pool_fee"))
    length = Factor("days", column(hours_of(scope, asker, days)) / 24, "day")
    return _hashrate(scope, asker, item), _uptime(scope, asker, item), left, length


def _terms(scope: Scope, asker: Ints, item: Ints, factors: tuple[Factor, ...]) -> Terms:
    rows = scope.book.tables["fleet"].rows
    return Terms(asker, factors, lambda r: rows[int(item[r])].fleet.id)


def _mining_revenue(scope: Scope, text: str | None) -> Leaf:
    if not len(scope.book.tables["fleet"]):
        return Leaf(())
    asker, item, days = _fleets(scope, certified=False)
    series = scope.book.ints["fleet.hashprice"][item]
    mark = rent_marks(scope, series, asker, *_runs(scope, item))
    price = Factor("hashprice", own_currency(scope, asker, mark), "money/PH/day", series_where(scope, series, asker))
    terms = _terms(scope, asker, item, (*_paid(scope, asker, item, days), price))
    return modelled_leaf(scope, (terms,), np.zeros(len(scope), bool), "hashrate, hashprice, uptime or pool fee of a fleet is not known")


def _power_cost(scope: Scope, text: str | None) -> Leaf:
    if not len(scope.book.tables["fleet"]):
        return Leaf(())
    asker, item, days = _fleets(scope, certified=False)
    factors = (
        _hashrate(scope, asker, item),
        Factor("efficiency (kW a PH/s)", _dated(scope, asker, item, "efficiency_j_th"), "J/TH", _where(scope, item, "efficiency_j_th")),
        _uptime(scope, asker, item),
        Factor("hours", column(hours_of(scope, asker, days)), "hour"),
        Factor("power price", _dated(scope, asker, item, "power_price"), "money/kWh", _where(scope, item, "power_price")),
    )
    terms = _terms(scope, asker, item, factors)
    return modelled_leaf(scope, (terms,), np.zeros(len(scope), bool), "hashrate, efficiency or power price of a fleet is not known")


def _hash_days(scope: Scope, text: str | None) -> Leaf:
    asker, item, days = _fleets(scope, certified=True)
    terms = _terms(scope, asker, item, _paid(scope, asker, item, days))
    unknown = scope.book.tables["fleet"].count[scope.facility] == 0
    unknown[asker[np.isnan(terms.product).all(axis=1)]] = True
    return Leaf((terms,), unknown, lambda _: "no fleet is described, or its hashrate, uptime or pool fee is not known")


READERS: dict[str, Reader] = {
    "mining_revenue": _mining_revenue,
    "power_cost": _power_cost,
    "hash_days": _hash_days,
    "scheduled_subsidy": _scheduled_subsidy,
}
