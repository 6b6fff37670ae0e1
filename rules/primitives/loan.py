"""What is owed: balances rolled forward by the schedule, scheduled principal, interest with floors and hedges, life."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec
import numpy as np

from rules.book import Book
from rules.columns import FAR, Bools, Floats, Ints, latest
from rules.primitives.leaf import Factor, Find, Leaf, Reader, Terms, Where, column, facility_where, nowhere, own_currency, per_row, recorded
from rules.scope import Scope

YEAR = 365.25


def paid_by(book: Book, facility: Ints, day: Ints) -> Floats:
    """float64[R]: principal the schedule has paid by each day (that day included) since it started."""
    periods = book.periods
    if not len(periods.pay):
        return np.zeros(len(facility))
    key = periods.table.owner * FAR + periods.pay
    at = np.searchsorted(key, facility * FAR + day, side="right") - 1
    inside = (at >= 0) & (periods.table.owner[np.maximum(at, 0)] == facility)
    return np.where(inside, periods.paid[np.maximum(at, 0)], 0.0)


def observed(scope: Scope, facility: Ints, day: Ints, known: Ints) -> Ints:
    """int64[R]: the balance row of each facility in force on a day as known then, -1 where there is none."""
    balance = scope.book.tables["balance"]
    asker, item = balance.join(facility)
    date = scope.book.ints["balance.date"][item]
    allowed = (date <= day[asker]) & (scope.book.ints["balance.known"][item] <= known[asker])
    won = latest(asker, date, allowed, len(facility))
    return np.where(won >= 0, item[won] if len(item) else -1, -1)


def outstanding_on(scope: Scope, facility: Ints, day: Ints, known: Ints) -> Floats:
    """float64[R]: the latest known balance less scheduled principal and recorded prepayments since; NaN before the first known row."""
    book = scope.book
    row = observed(scope, facility, day, known)
    at = np.maximum(row, 0)
    if not len(book.floats["balance.outstanding"]):
        return np.full(len(facility), np.nan)
    date, cleared = book.ints["balance.date"][at], book.periods.cleared[facility]
    since = paid_by(book, facility, day) - paid_by(book, facility, date) + book.movements.repaid(facility, date, day, known)
    left = np.where((day >= cleared) & (date < cleared), 0.0, np.maximum(0.0, book.floats["balance.outstanding"][at] - since))
    return np.where(row >= 0, left, np.nan)


def owed_by(scope: Scope, asker: Ints, other: Ints) -> Floats:
    """float64[R, Q]: what other facilities owe, in the currency of the asking row's facility."""
    debt = column(outstanding_on(scope, other, scope.day[asker], scope.known[asker]))
    fx = scope.book.ints["fx"][other]
    if (fx != scope.book.ints["fx"][scope.facility[asker]]).any():
        debt = own_currency(scope, asker, np.where(column(fx) >= 0, debt * scope.marks(fx, asker), debt))
    return debt


def owed(scope: Scope) -> Floats:
    """float64[N, Q]: principal owed in each world, what the state says was repaid taken off."""
    base = outstanding_on(scope, scope.facility, scope.day, scope.known)
    return np.maximum(0.0, base[:, None] - scope.moved(scope.state.repaid, 0.0))


def _balance_where(scope: Scope, key: str) -> Find:
    row = observed(scope, scope.facility, scope.day, scope.known)
    start = scope.book.tables["balance"].start

    def find(n: int) -> Where | None:
        if row[n] < 0:
            return None
        f = int(scope.facility[n])
        terms = scope.book.terms[f].facility.balance
        held = scope.book.tables["balance"].rows[int(row[n])]
        place = next((at for at, one in enumerate(terms) if one == held), int(row[n] - start[f]))
        owner = f"facility:{scope.book.ids[f]}"
        return Where(owner, ("facility", "balance", place, key)) if terms else Where(owner, ("tranche",))

    return find


def _outstanding(scope: Scope, text: str | None) -> Leaf:
    values = owed(scope)
    leaf = per_row(scope, "outstanding", values, "money", _balance_where(scope, "outstanding"), "no balance is known")
    if len(scope.book.movements.prepaid):
        leaf = _with_parts(leaf, lambda n: _owed_parts(scope, n))

    def why(n: int) -> str:
        gap = scope.book.schedules[scope.facility[n]].gap
        return "no balance is public or known on that day" + (f"; {gap}" if gap else "")

    return Leaf(leaf.terms, leaf.unknown, why)


def _with_parts(leaf: Leaf, parts: Callable[[int], list[tuple[str, float, str, Where | None]]]) -> Leaf:
    """A leaf of one figure a row, with what it is made of."""
    one = leaf.listed()[0]
    factor = msgspec.structs.replace(one.factors[0], parts=parts)
    made = msgspec.structs.replace(one, factors=(factor,), name=lambda _: "observed, less what was repaid")
    return msgspec.structs.replace(leaf, terms=(made,))


def _owed_parts(scope: Scope, n: int) -> list[tuple[str, float, str, Where | None]]:
    """The balance observed, what the schedule repaid since, and each prepayment recorded since; nothing where none was."""
    book, mine = scope.book, np.array([n])
    facility, day, known = scope.facility[mine], scope.day[mine], scope.known[mine]
    row = observed(scope, facility, day, known)
    moves, f = book.movements, int(facility[0])
    date = book.ints["balance.date"][row]
    if row[0] < 0 or not moves.repaid(facility, date, day, known)[0]:
        return []
    parts: list[tuple[str, float, str, Where | None]] = [
        ("balance", float(book.floats["balance.outstanding"][row[0]]), "money", _balance_where(scope, "outstanding")(n)),
        ("less scheduled", float((paid_by(book, facility, day) - paid_by(book, facility, date))[0]), "money", None),
    ]
    for at in range(int(moves.prepaid.start[f]), int(moves.prepaid.start[f] + moves.prepaid.count[f])):
        if date[0] < moves.day[at] <= day[0] and moves.known[at] <= known[0]:
            parts.append(("less prepaid", float(moves.amount[at]), "money", recorded(moves.prepaid.rows[at])))
    return parts


def _of_balance(name: str) -> Reader:
    def read(scope: Scope, text: str | None) -> Leaf:
        row = observed(scope, scope.facility, scope.day, scope.known)
        rows = scope.book.floats[f"balance.{name}"]
        values = np.where(row >= 0, rows[np.maximum(row, 0)], np.nan) if len(rows) else np.full(len(scope), np.nan)
        return per_row(scope, name.replace("_", " "), values, "money", _balance_where(scope, name), "no balance is known on that day")

    return read


def _commitment(scope: Scope, text: str | None) -> Leaf:
    values = scope.book.dated["commitment"].at(scope.facility, scope.day)
    return per_row(scope, "commitment", values, "money", facility_where(scope, "facility", "commitment"), "the commitment is not public")


def _original(scope: Scope, text: str | None) -> Leaf:
    values = scope.book.floats["original"][scope.facility]
    where = facility_where(scope, "amortisation", "original")
    return per_row(scope, "original principal", values, "money", where, "no original principal is known")


def _undrawn(scope: Scope, text: str | None) -> Leaf:
    revolving = scope.book.floats["revolving"][scope.facility]
    commitment = scope.book.dated["commitment"].at(scope.facility, scope.day)
    letters = _of_balance("letters_of_credit")(scope, None).total(scope)
    free = np.maximum(0.0, column(commitment) - owed(scope) - letters)
    return per_row(scope, "undrawn revolver", np.where(column(revolving) > 0, free, 0.0), "money", why="commitment or balance is not known")


class _Flows:
    """Pairs (row, schedule period paid in its window), with the balance each period opens on."""

    def __init__(self, scope: Scope) -> None:
        window, periods = scope.window, scope.book.periods
        asker, item = periods.table.join(scope.facility)
        if window is None:
            inside = np.zeros(len(asker), dtype=bool)
        else:
            inside = (periods.pay[item] > window.start[asker]) & (periods.pay[item] <= window.end[asker])
        self.asker, self.item = asker[inside], item[inside]
        self.scale = window.scale[self.asker] if window else np.zeros(0)
        facility, start = scope.facility[self.asker], periods.start[self.item]
        seen = observed(scope, facility, np.minimum(start, scope.day[self.asker]), scope.known[self.asker])
        first = observed(scope, facility, np.full(len(start), FAR, dtype=np.int64), scope.known[self.asker])
        row = np.where(seen >= 0, seen, _earliest(scope, facility, first))
        at = np.maximum(row, 0)
        book = scope.book
        before = (periods.paid - periods.principal)[self.item]
        if len(book.floats["balance.outstanding"]):
            since = before - paid_by(book, facility, book.ints["balance.date"][at])
            opening = np.where(row >= 0, np.maximum(0.0, book.floats["balance.outstanding"][at] - since), np.nan)
        else:
            opening = np.full(len(self.item), np.nan)
        stated = book.floats["stated"][facility]  # before the first observed balance the schedule runs from the stated original
        opening = np.where((seen < 0) & ~np.isnan(stated), np.maximum(0.0, stated - before), opening)
        coming = (periods.pay[self.item] > scope.day[self.asker]).astype(float)
        repaid = scope.moved(scope.state.repaid, 0.0)[self.asker] * column(coming)
        self.opening = np.maximum(0.0, column(opening - self._prepaid(scope, facility, start, seen, at, stated)) - repaid)
        pay, seen_by = periods.pay[self.item], (scope.day[self.asker], scope.known[self.asker])
        self.average = np.maximum(0.0, self.opening - column(book.movements.saved(facility, start, pay, *seen_by)))
        within = book.movements.repaid(facility, start, np.maximum(start, np.minimum(pay, seen_by[0])), seen_by[1])
        self.principal = np.minimum(column(periods.service[self.item]), np.maximum(0.0, self.opening - column(within)))

    def _prepaid(self, scope: Scope, facility: Ints, start: Ints, seen: Ints, at: Ints, stated: Floats) -> Floats:
        """float64[R]: what was prepaid between the balance a period's opening is counted from and its start, as known."""
        dates = scope.book.ints["balance.date"]
        base = dates[at] if len(dates) else np.zeros(len(at), dtype=np.int64)
        base = np.where((seen < 0) & ~np.isnan(stated), 0, base)
        until = np.minimum(start, scope.day[self.asker])
        return scope.book.movements.repaid(facility, base, until, scope.known[self.asker])

    def name(self, scope: Scope) -> Callable[[int], str]:
        """The label of row r: the day it is paid."""
        return lambda r: f"paid {dt.date.fromordinal(int(scope.book.periods.pay[self.item[r]])).isoformat()}"


def _earliest(scope: Scope, facility: Ints, row: Ints) -> Ints:
    """The first balance row of each facility that has any known row."""
    return np.where(row >= 0, scope.book.tables["balance"].start[facility], -1)


def _no_schedule(scope: Scope) -> tuple[Bools, Callable[[int], str]]:
    gaps = [schedule.gap for schedule in scope.book.schedules]
    missing = np.array([bool(gap) for gap in gaps], dtype=bool)[scope.facility]
    return missing, lambda n: gaps[scope.facility[n]] or "no rate is known"


def _scheduled_principal(scope: Scope, text: str | None) -> Leaf:
    flows = _Flows(scope)
    unknown, why = _no_schedule(scope)
    where = _schedule_where(scope, flows, "amortisation")
    factors = (Factor("principal", flows.principal, "money", where), Factor("scale", column(flows.scale), ""))
    return Leaf((Terms(flows.asker, _needed(factors), flows.name(scope)),), _with_nan(scope, flows.asker, flows.principal, unknown), why)


def _needed(factors: tuple[Factor, ...]) -> tuple[Factor, ...]:
    """Without a last factor that is 1 everywhere."""
    return factors[:-1] if bool((factors[-1].values == 1).all()) else factors


def _with_nan(scope: Scope, asker: Ints, values: Floats, unknown: Bools) -> Bools:
    found = unknown.copy()
    found[asker[np.isnan(values).all(axis=1)]] = True
    return found


def _schedule_where(scope: Scope, flows: _Flows, table: str) -> Find:
    def find(r: int) -> Where | None:
        f = int(scope.facility[flows.asker[r]])
        terms = scope.book.terms[f]
        key = table if getattr(terms, table) is not None else "facility"
        return Where(f"facility:{scope.book.ids[f]}", (key,))

    return find


def _interest(scope: Scope, text: str | None) -> Leaf:
    flows = _Flows(scope)
    rate = _rates(scope, flows)
    unknown, why = _no_schedule(scope)
    factors = (
        Factor("average balance" if len(scope.book.movements.prepaid) else "opening balance", flows.average, "money"),
        Factor("year fraction", column(scope.book.periods.fraction[flows.item]), "year"),
        Factor("rate", rate, "1/year", _schedule_where(scope, flows, "interest"), lambda r: _rate_parts(scope, flows, r)),
        Factor("scale", column(flows.scale), ""),
    )
    unknown = _with_nan(scope, flows.asker, flows.average * rate, unknown)
    return Leaf((Terms(flows.asker, _needed(factors), flows.name(scope)),), unknown, why)


def _rates(scope: Scope, flows: _Flows) -> Floats:
    """float64[R, Q]: floor and cap on the unhedged share, each hedge on its own, spread on all; or the fixed rate."""
    book, facility = scope.book, scope.facility[flows.asker]
    day = book.periods.start[flows.item]
    floating = scope.marks(book.ints["rate.benchmark"][facility], flows.asker)
    spread = column(book.dated["rate.spread_bp"].at(facility, day) / 10_000)  # one that is not public is unknown, not nothing
    free = np.clip(floating, column(book.floats["rate.floor"][facility]), column(book.floats["rate.cap"][facility]))
    share, hedged = _hedged(scope, flows, free)
    open_share = column(1.0 - share)
    rate = np.where(open_share == 0, 0.0, open_share * free) + hedged + spread
    fixed = book.dated["rate.fixed_pct"].at(facility, day) / 100
    return np.asarray(np.where(column(book.ints["rate.benchmark"][facility]) >= 0, rate, column(fixed)))


def _hedged(scope: Scope, flows: _Flows, free: Floats) -> tuple[Floats, Floats]:
    """(share of the balance hedged [R], what the hedged share pays [R, Q])."""
    book = scope.book
    asker, item = book.tables["hedge"].join(scope.facility[flows.asker])
    day = book.periods.start[flows.item]
    on = (book.ints["hedge.start"][item] <= day[asker]) & (day[asker] < book.ints["hedge.end"][item])
    asker, item = asker[on], item[on]
    share = book.floats["hedge.share"][item]
    notional = book.dated["hedge.notional"].at(item, day[asker])
    share = np.where(np.isnan(share), np.minimum(1.0, notional / np.maximum(flows.opening[asker, 0], 1e-9)), share)
    fixed, low, high = (column(book.floats[f"hedge.{name}"][item]) for name in ("fixed", "low", "high"))
    pays = np.where(np.isnan(fixed), np.fmin(np.fmax(free[asker], low), high), fixed)
    total, paid = np.zeros(len(flows.asker)), np.zeros_like(free)
    np.add.at(total, asker, share)
    np.add.at(paid, asker, column(share) * pays)
    return total, paid


def _rate_parts(scope: Scope, flows: _Flows, r: int) -> list[tuple[str, float, str, Where | None]]:
    """What a rate is made of: the mark it floats on, the spread, and each hedge's fixed leg."""
    f = int(scope.facility[flows.asker[r]])
    owner, terms = f"facility:{scope.book.ids[f]}", scope.book.terms[f]
    parts: list[tuple[str, float, str, Where | None]] = []
    series = int(scope.book.ints["rate.benchmark"][f])
    if series >= 0 and terms.interest is not None:
        mark = scope.marks(np.array([series]), flows.asker[r : r + 1])[0, 0]
        parts.append((scope.book.series.names[series], float(mark), "1/year", Where(series=series)))
        spread = scope.book.dated["rate.spread_bp"].at(np.array([f]), scope.book.periods.start[flows.item[r : r + 1]])[0]
        parts.append(("spread", float(spread) / 10_000, "1/year", Where(owner, ("interest", "spread_bp"))))
    for place, hedge in enumerate(terms.hedge):
        if hedge.fixed_pct is not None:
            parts.append((f"{hedge.kind} fixed leg", float(hedge.fixed_pct) / 100, "1/year", Where(owner, ("hedge", place, "fixed_pct"))))
    return parts


def _remaining(scope: Scope) -> tuple[Ints, Ints, Floats]:
    """(asker, period, principal[R, Q]) still to come after each row's day; what the schedule leaves is due with the last."""
    periods = scope.book.periods
    asker, item = periods.table.join(scope.facility)
    coming = periods.pay[item] > scope.day[asker]
    asker, item = asker[coming], item[coming]
    left = owed(scope)
    planned = np.repeat(column(periods.principal[item]), scope.columns, axis=1)
    before = column((periods.paid - periods.principal)[item] - paid_by(scope.book, scope.facility, scope.day)[asker])
    due = np.clip(left[asker] - before, 0.0, planned)
    return asker, item, np.where(column(periods.last[item]), np.maximum(0.0, left[asker] - before), due)


def _average_life(scope: Scope, text: str | None) -> Leaf:
    asker, item, due = _remaining(scope)
    years = column((scope.book.periods.pay[item] - scope.day[asker]) / YEAR)
    top, under = np.zeros((len(scope), scope.columns)), np.zeros((len(scope), scope.columns))
    np.add.at(top, asker, due * years)
    np.add.at(under, asker, due)
    unknown, why = _no_schedule(scope)
    life = np.divide(top, under, out=np.zeros_like(top), where=under > 0)
    leaf = per_row(scope, "weighted average life", np.where(column(unknown), np.nan, life), "year")
    return Leaf(leaf.terms, leaf.unknown, why)


def _end_of_life(scope: Scope, text: str | None) -> Leaf:
    parcels = scope.book.tables["collateral"]
    asker, item = parcels.join(scope.facility)
    end = np.full(len(scope), -1, dtype=np.int64)
    np.maximum.at(end, asker, scope.book.ints["collateral.end"][item])
    unknown, gap = _no_schedule(scope)
    lifeless = (end < 0) | (end >= FAR)
    later = np.maximum(end, scope.day)
    since = paid_by(scope.book, scope.facility, np.minimum(later, FAR - 1)) - paid_by(scope.book, scope.facility, scope.day)
    left = np.where(column(unknown | lifeless), np.nan, np.maximum(0.0, owed(scope) - column(since)))
    leaf = per_row(scope, "balance when the collateral is worn out", left, "money", nowhere)
    return Leaf(leaf.terms, leaf.unknown, lambda n: "no economic life is given" if lifeless[n] else gap(n))


READERS: dict[str, Reader] = {
    "outstanding": _outstanding,
    "accrued": _of_balance("accrued"),
    "pik": _of_balance("pik"),
    "letters_of_credit": _of_balance("letters_of_credit"),
    "commitment": _commitment,
    "original_principal": _original,
    "undrawn_revolver": _undrawn,
    "scheduled_principal": _scheduled_principal,
    "interest": _interest,
    "weighted_average_life": _average_life,
    "end_of_life_balance": _end_of_life,
}
