"""What is let: contracts of a kind or by customer, units under contract, and how much of what is in service earns."""

from __future__ import annotations

import numpy as np

from facilities.model import Collateral, Contract
from facilities.ratings import is_investment_grade
from rules.columns import Bools, Floats, Ints
from rules.primitives.collateral import parcel_units, parcel_where
from rules.primitives.groups import grouped, largest
from rules.primitives.leaf import Factor, Leaf, Reader, Terms, Where, column
from rules.primitives.revenue import contract_factors, contract_name, contract_where, days_within
from rules.scope import Scope
from rules.selection import Condition, select

_KEYS = {"investment_grade": "rating"}
"""The key of a contract behind a condition, where its name is another."""


def _in_force(scope: Scope) -> tuple[Ints, Ints]:
    """(asker[R], contract[R]): contracts that run on the asker's day."""
    book = scope.book
    asker, item = book.tables["contract"].join(scope.facility)
    runs = (book.ints["contract.start"][item] <= scope.day[asker]) & (scope.day[asker] <= book.ints["contract.end"][item])
    return asker[runs], item[runs]


def _rows(scope: Scope, measure: str) -> tuple[Ints, Ints, tuple[Factor, ...]]:
    """(asker[R], contract[R], factors): units of the contracts in force, or what those in the window pay, certified or not."""
    book = scope.book
    if measure == "units":
        asker, item = _in_force(scope)
        units = column(book.dated["contract.units"].at(item, scope.day[asker]))
        return asker, item, (Factor("units", units, "unit", contract_where(scope, item, "units")),)
    asker, item = book.tables["contract"].join(scope.facility)
    days = days_within(scope, asker, book.ints["contract.start"][item] - 1, book.ints["contract.end"][item])
    asker, item, days = asker[days > 0], item[days > 0], days[days > 0]
    return asker, item, contract_factors(scope, asker, item, days)


def _holds(row: Contract, condition: Condition) -> float:
    """1 or 0 as the condition holds of a contract, NaN where its rating cannot be read."""
    if condition.word == "investment_grade":
        grade = is_investment_grade(row.rating)
        found = np.nan if grade is None else float(grade)
    elif condition.word == "take_or_pay":
        found = float(row.take_or_pay)
    else:
        found = float((getattr(row, condition.word) or "").casefold() == (condition.value or "").casefold())
    return 1.0 - found if condition.negated else found


def _contracted(scope: Scope, text: str | None) -> Leaf:
    chosen = select("contracted", text or "")
    asker, item, factors = _rows(scope, chosen.measure)
    rows: tuple[Contract, ...] = scope.book.tables["contract"].rows
    for condition in chosen.conditions:
        held = np.array([_holds(rows[int(at)], condition) for at in item], dtype=float)
        where = contract_where(scope, item, _KEYS.get(condition.word, condition.word))
        factors = (*factors, Factor(str(condition), column(held), "", where))
    terms = Terms(asker, factors, contract_name(scope, item))
    unknown = _undescribed(scope)
    unknown[asker[np.isnan(terms.product).all(axis=1)]] = True
    return Leaf((terms,), unknown, lambda n: _why(scope, n))


def _undescribed(scope: Scope) -> Bools:
    return np.asarray(scope.book.tables["contract"].count[scope.facility] == 0)


def _why(scope: Scope, n: int) -> str:
    return "no contract is described" if _undescribed(scope)[n] else "units, rate or rating of a contract is not known"


def _largest_contracted(scope: Scope, text: str | None) -> Leaf:
    chosen = select("largest_contracted", text or "")
    asker, item, factors = _rows(scope, chosen.measure)
    values = Terms(asker, factors, str).product
    rows: tuple[Contract, ...] = scope.book.tables["contract"].rows
    labels = [getattr(rows[int(at)], chosen.group) or "unrated" for at in item]
    unknown = _undescribed(scope)
    unknown[asker[np.isnan(values).all(axis=1)]] = True
    unit = "unit" if chosen.measure == "units" else "money"
    where = contract_where(scope, item, chosen.group)
    return largest(scope, grouped(asker, labels, values), unit, where, unknown, lambda n: _why(scope, n))


def units_let(scope: Scope, asker: Ints, item: Ints) -> Floats:
    """float64[R, Q]: units of each parcel under contract on its row's day; contracts are spread over the parcels of their asset."""
    book = scope.book
    who, contract = _in_force(scope)
    amounts = book.dated["contract.units"].at(contract, scope.day[who])
    let: dict[tuple[int, str], float] = {}
    for n, at, amount in zip(who.tolist(), contract.tolist(), amounts.tolist(), strict=True):
        key = (n, book.tables["contract"].rows[at].asset)
        let[key] = let.get(key, 0.0) + amount
    units = np.where(column(_serves(scope, asker, item)), parcel_units(scope, asker, item), 0.0)
    assets = [(int(n), book.tables["collateral"].rows[int(at)].asset) for n, at in zip(asker, item, strict=True)]
    held: dict[tuple[int, str], Floats] = {}
    for r, key in enumerate(assets):
        held[key] = held.get(key, np.zeros(scope.columns)) + units[r]
    taken = np.zeros((len(item), scope.columns))
    for r, key in enumerate(assets):
        if key in let:
            share = np.minimum(1.0, np.divide(let[key], held[key], out=np.zeros(scope.columns), where=held[key] != 0))
            taken[r] = units[r] * share
    return taken


def _serves(scope: Scope, asker: Ints, item: Ints) -> Bools:
    """bool[R]: which parcels are in service and not worn out on their row's day."""
    book, day = scope.book, scope.day[asker]
    return np.asarray((book.ints["collateral.in_service"][item] <= day) & (day < book.ints["collateral.end"][item]))


def _earners(scope: Scope) -> tuple[Ints, Ints, Floats]:
    """(asker[R], parcel[R], units[R, Q]) of what can earn: in service, and let, lettable or dated as put in service."""
    book = scope.book
    asker, item = book.tables["collateral"].join(scope.facility)
    able = np.array([_can_earn(row) for row in book.tables["collateral"].rows], dtype=bool)
    able |= book.tables["let"].count > 0
    kept = able[item] & _serves(scope, asker, item) if len(item) else np.zeros(0, bool)
    asker, item = asker[kept], item[kept]
    return asker, item, parcel_units(scope, asker, item)


def _can_earn(row: Collateral) -> bool:
    return row.rent is not None or row.utilisation is not None or row.in_service is not None


def _in_service(scope: Scope, text: str | None) -> Leaf:
    asker, item, units = _earners(scope)
    rows = scope.book.tables["collateral"].rows
    factor = Factor("units", units, "unit", parcel_where(scope, item, "units"))
    terms = Terms(asker, (factor,), lambda r: f"{rows[int(item[r])].id} ({rows[int(item[r])].asset})")
    return Leaf((terms,), _unknown(scope, terms), _no_earner)


def _earning(scope: Scope, text: str | None) -> Leaf:
    asker, item, units = _earners(scope)
    rows = scope.book.tables["collateral"].rows
    let = units_let(scope, asker, item)

    def where(r: int) -> Where | None:
        asset = rows[int(item[r])].asset
        f = int(scope.facility[asker[r]])
        contracts = scope.book.terms[f].contract
        place = next((at for at, one in enumerate(contracts) if one.asset == asset), None)
        return None if place is None else Where(f"facility:{scope.book.ids[f]}", ("contract", place, "units"))

    under = Terms(asker, (Factor("under contract", let, "unit", where),), lambda r: f"{rows[int(item[r])].id}, under contract")
    free = units - let
    left = ~np.isclose(free, 0.0, atol=1e-9).all(axis=1)  # all let: no utilisation is needed
    who, at = asker[left], item[left]
    used = column(scope.book.dated["collateral.utilisation"].at(at, scope.day[who])) * scope.moved(scope.state.utilisation, 1.0)[who]
    factors = (
        Factor("not under contract", free[left], "unit", parcel_where(scope, at, "units")),
        Factor("utilisation", used, "", parcel_where(scope, at, "utilisation")),
    )
    others = Terms(who, factors, lambda r: f"{rows[int(at[r])].id}, not under contract")
    return Leaf((under, others), _unknown(scope, under, others), _no_earner)


def _unknown(scope: Scope, *terms: Terms) -> Bools:
    unknown = np.ones(len(scope), dtype=bool)
    unknown[terms[0].asker] = False
    for one in terms:
        unknown[one.asker[np.isnan(one.product).all(axis=1)]] = True
    return unknown


def _no_earner(_: int) -> str:
    return "no parcel that can earn is in service, or its units, contracts or utilisation are not known"


READERS: dict[str, Reader] = {
    "contracted": _contracted,
    "largest_contracted": _largest_contracted,
    "units_in_service": _in_service,
    "units_earning": _earning,
}
