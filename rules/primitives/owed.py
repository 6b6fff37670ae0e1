"""What is owed: the balances of a loan less what the state says was repaid, and the figures that are read from its balance rows."""

from __future__ import annotations

import numpy as np

from rules.columns import Floats, Ints, add_up
from rules.primitives.balances import (
    NO_BALANCE,
    after_payment,
    balance_where,
    capitalised,
    leg_name,
    leg_outstanding,
    leg_where,
    legs,
    moves,
    no_schedule,
    observed,
    outstanding_on,
    paid_times,
    without,
)
from rules.primitives.leaf import Factor, Leaf, Reader, Terms, column, facility_where, own_currency, per_row
from rules.scope import Scope

_ROUNDING = 1e-12


def owed_by(scope: Scope, asker: Ints, other: Ints) -> Floats:
    """float64[R, Q]: what other facilities owe, in the currency of the asking row's facility."""
    debt = column(outstanding_on(scope, other, scope.day[asker], scope.known[asker]))
    fx = scope.book.ints["fx"][other]
    if (fx != scope.book.ints["fx"][scope.facility[asker]]).any():
        debt = own_currency(scope, asker, np.where(column(fx) >= 0, debt * scope.marks(fx, asker), debt))
    return debt


def owed(scope: Scope) -> Floats:
    """float64[N, Q]: principal owed in each world, what the state says was repaid taken off."""
    asker, _, left = owed_legs(scope)
    return np.broadcast_to(add_up(left, asker, len(scope)), (len(scope), scope.columns))


def owed_legs(scope: Scope) -> tuple[Ints, Ints, Floats]:
    """(asker, leg, float64[R, Q] owed): `owed` leg by leg; float64[R, 1] where nothing was repaid that differs by column."""
    asker, leg = legs(scope, scope.facility)
    left = column(leg_outstanding(scope, leg, scope.day[asker], scope.known[asker]))
    today = scope.day[asker]
    return asker, leg, still_owed(left, lowered(scope, asker, leg, today, paid_times(scope.book, leg, today)))


def still_owed(left: Floats, less: Floats) -> Floats:
    """What is left of a debt of which some was repaid, never below nothing: what rounding leaves of it is not owed."""
    return np.where(left - less <= _ROUNDING * left, 0.0, left - less)


def lowered(scope: Scope, asker: Ints, leg: Ints, by: Ints, times: Ints) -> Floats:
    """float64[R, Q]: what a leg owes less by a day, after so many payments, for money that the state says was repaid.

    Its part is in proportion to what the legs owe; interest in kind that would have come on top is saved with it. Money swept
    counts from its day on, and only as seen from a day not before it. float64[R, 1] of nothing where none was repaid.
    """
    state, today, total = scope.state, scope.day[asker], np.zeros((len(leg), 1))
    if state.repaid is not None:
        total = scope.moved(state.repaid, 0.0)[asker] * column(_part(scope, asker, leg, by, times))
    if state.swept is not None:
        at, worth = state.swept.by(leg, np.minimum(today, by))
        growth = after_payment(scope.book, leg[at], times[at], scope.book.periods.growth, 1.0)
        total = _added(total, at, worth * column(growth), scope.columns)
    return np.asarray(total)


def _added(total: Floats, at: Ints, values: Floats, columns: int) -> Floats:
    """The same with values added at some places, which are all different; as wide as the columns where there are any."""
    if len(at):
        total = np.broadcast_to(total, (len(total), columns)).copy()
        total[at] += values
    return total


def _part(scope: Scope, asker: Ints, leg: Ints, by: Ints, times: Ints) -> Floats:
    """float64[R]: the leg's part of 1 repaid on the day of the row, with interest in kind since; nothing before that day."""
    book, since = scope.book, scope.day[asker]
    then, now = (after_payment(book, leg, one, book.periods.growth, 1.0) for one in (paid_times(book, leg, since), times))
    return np.where(by >= since, leg_shares(scope, asker, leg) * now / then, 0.0)


def leg_shares(scope: Scope, asker: Ints, leg: Ints) -> Floats:
    """float64[R]: the share of each leg in what its facility owes on the day of the row, as scheduled."""
    share, facility = np.ones(len(leg)), scope.facility[asker]
    split = np.flatnonzero(scope.book.tables["leg"].count[facility] > 1)
    if len(split):
        since, known = scope.day[asker[split]], scope.known[asker[split]]
        mine, whole = leg_outstanding(scope, leg[split], since, known), outstanding_on(scope, facility[split], since, known)
        share[split] = np.divide(mine, whole, out=np.ones_like(mine), where=whole != 0)
    return share


def swept_within(scope: Scope, asker: Ints, leg: Ints, start: Ints, end: Ints) -> Floats:
    """float64[R, Q]: money repaid or swept in the course of a period, by the part of its days that it saves interest for.

    float64[R, 1] of nothing where none was.
    """
    total, today = np.zeros((len(leg), 1)), scope.day[asker]
    running = np.flatnonzero((start < today) & (today < end)) if scope.state.repaid is not None else np.zeros(0, np.int64)
    if len(running):
        since, who = today[running], asker[running]
        saved = (end[running] - since) / (end - start)[running]
        repaid = scope.moved(scope.state.repaid, 0.0)[who] * column(leg_shares(scope, who, leg[running]) * saved)
        total = _added(total, running, repaid, scope.columns)
    if scope.state.swept is not None:
        total = _added(total, *scope.state.swept.within(leg, start, end, today), scope.columns)
    return np.asarray(total)


def _outstanding(scope: Scope, text: str | None) -> Leaf:
    asker, leg, left = owed_legs(scope)
    row = observed(scope, leg, scope.day[asker], scope.known[asker])
    where = balance_where(scope, leg, row, "outstanding")
    factor = Factor("outstanding", left, "money", where, lambda r: moves(scope, asker, leg, row, r))
    terms = Terms(asker, (factor,), lambda r: leg_name(scope.book, int(leg[r]), "outstanding"))
    missing, (_, gaps) = without(scope, asker, row), no_schedule(scope)

    def why(n: int) -> str:
        gap = gaps.get(int(scope.facility[n]))
        return NO_BALANCE + (f"; {gap}" if gap else "")

    return Leaf((terms,), missing, why)


def _pik(scope: Scope, text: str | None) -> Leaf:
    asker, leg = legs(scope, scope.facility)
    row = observed(scope, leg, scope.day[asker], scope.known[asker])
    added = capitalised(scope, leg, row, scope.day[asker], scope.known[asker])
    return _of_rows(scope, "pik", asker, leg, row, added)


def _letters(scope: Scope, text: str | None) -> Leaf:
    asker, leg = legs(scope, scope.facility)
    row = observed(scope, leg, scope.day[asker], scope.known[asker])
    return _of_rows(scope, "letters_of_credit", asker, leg, row, np.zeros(len(leg)))


def _of_rows(scope: Scope, name: str, asker: Ints, leg: Ints, row: Ints, added: Floats) -> Leaf:
    """A figure of the balance rows in force, and what was added since."""
    rows = scope.book.floats[f"balance.{name}"]
    values = np.where(row >= 0, rows[np.maximum(row, 0)], np.nan) if len(rows) else np.full(len(leg), np.nan)
    label = name.replace("_", " ")
    factor = Factor(label, column(values + added), "money", balance_where(scope, leg, row, name))
    terms = Terms(asker, (factor,), lambda r: leg_name(scope.book, int(leg[r]), label))
    return Leaf((terms,), without(scope, asker, row), lambda _: "no balance is known on that day")


def _commitment(scope: Scope, text: str | None) -> Leaf:
    values = scope.book.dated["commitment"].at(scope.facility, scope.day)
    return per_row(scope, "commitment", values, "money", facility_where(scope, "facility", "commitment"), "the commitment is not public")


def _original(scope: Scope, text: str | None) -> Leaf:
    asker, leg = legs(scope, scope.facility)
    values = scope.book.floats["leg.original"][leg]
    factor = Factor("original principal", column(values), "money", lambda r: leg_where(scope.book, int(leg[r]), "amortisation", "original"))
    terms = Terms(asker, (factor,), lambda r: leg_name(scope.book, int(leg[r]), "original principal"))
    unknown = np.zeros(len(scope), dtype=bool)
    unknown[asker[np.isnan(values)]] = True
    return Leaf((terms,), unknown, lambda _: "no original principal is known")


def _undrawn(scope: Scope, text: str | None) -> Leaf:
    revolving = scope.book.floats["revolving"][scope.facility]
    commitment = scope.book.dated["commitment"].at(scope.facility, scope.day)
    letters = _letters(scope, None).total(scope)
    free = np.maximum(0.0, column(commitment) - owed(scope) - letters)
    return per_row(scope, "undrawn revolver", np.where(column(revolving) > 0, free, 0.0), "money", why="commitment or balance is not known")


READERS: dict[str, Reader] = {
    "outstanding": _outstanding,
    "pik": _pik,
    "letters_of_credit": _letters,
    "commitment": _commitment,
    "original_principal": _original,
    "undrawn_revolver": _undrawn,
}
