"""What came due and was never recorded as repaid: debt past its last day of which nothing seen since says what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from facilities.legs import Leg
from rules.book import Book
from rules.columns import FAR, Bools, Floats, Ints
from rules.primitives.balances import draws_between, leg_outstanding, legs, observed
from rules.scope import Scope


class Unsettled(NamedTuple):
    """Debt of a facility that fell due on `due`: all of it, or the tranche of that `name`.

    `matured` says that the day is its maturity, and not only the last payment of its schedule. `amount` is what was scheduled to
    be repaid then, in the currency of the facility; None where that is not known.
    """

    facility: int
    name: str
    due: dt.date
    matured: bool
    amount: float | None


class _Due(NamedTuple):
    """The last day of a leg, or of a `part` of one whose balances are kept with those of other tranches; FAR without a maturity."""

    leg: int
    name: str
    maturity: int
    part: bool = False


def unsettled(scope: Scope, day: int, known: int) -> list[Unsettled]:
    """What fell due before a day and is not known to be repaid, as known on another; days are ordinals.

    It is settled by a balance of its last day or later, by an earlier one of nothing, or by prepayments of all that was owed.
    """
    book = scope.book
    dues = [one for one in _dues(book) if one.maturity < day or (one.maturity == FAR and book.periods.cleared[one.leg] < day)]
    leg, maturity = (np.array(column, dtype=np.int64) for column in ([one.leg for one in dues], [one.maturity for one in dues]))
    part, cleared = np.array([one.part for one in dues], dtype=bool), book.periods.cleared[leg]
    paid = np.where(part | (cleared == FAR), maturity, cleared)
    last = np.where(maturity == FAR, paid, np.maximum(paid, maturity))
    left = _left(scope, leg, paid, np.full(len(leg), day), np.full(len(leg), known))
    return [
        Unsettled(
            int(book.tables["leg"].owner[one.leg]), one.name, dt.date.fromordinal(min(one.maturity, int(last[n]))), one.maturity != FAR,
            None if one.part or np.isnan(left[n]) else float(left[n]),
        )
        for n, one in enumerate(dues)
        if last[n] < day and left[n] != 0
    ]  # fmt: skip


def lapsed(scope: Scope) -> Bools:
    """bool[N]: rows of a loan all of which came due before their day, and before what they know, and is not known to be repaid."""
    ends, (asker, leg) = scope.book.ends, legs(scope, scope.facility)
    running = np.zeros(len(scope), dtype=bool)
    running[asker[ends[leg] >= np.minimum(scope.day, scope.known)[asker]]] = True
    found, due = np.zeros(len(scope), dtype=bool), ~running[asker]
    if due.any():
        asker, leg = asker[due], leg[due]
        paid = np.minimum(ends[leg], scope.book.periods.cleared[leg])
        left = _left(scope, leg, paid, scope.day[asker], scope.known[asker])
        found[asker[left != 0]] = True
    return found


def idle(scope: Scope) -> Bools:
    """bool[N]: rows of a loan of which nothing is owed on their day: no principal, no interest in kind, no letter of credit."""
    asker, leg = legs(scope, scope.facility)
    owed = leg_outstanding(scope, leg, scope.day[asker], scope.known[asker])
    row = observed(scope, leg, scope.day[asker], scope.known[asker])
    for name in ("pik", "letters_of_credit"):
        beside = scope.book.floats[f"balance.{name}"]
        if len(beside):
            owed = owed + np.where(row >= 0, np.nan_to_num(beside[np.maximum(row, 0)]), 0.0) * (owed == 0)
    owes = np.ones(len(scope), dtype=bool)
    owes[asker] = False
    owes[asker[owed != 0]] = True
    return ~owes


def _left(scope: Scope, leg: Ints, paid: Ints, day: Ints, known: Ints) -> Floats:
    """float64[R]: what each leg owed before its last payment less what was prepaid since; 0 where a balance tells, NaN if not known."""
    row, dates = observed(scope, leg, day, known), scope.book.ints["balance.date"]
    told = (row >= 0) & (dates[np.maximum(row, 0)] >= paid) if len(dates) else np.zeros(len(leg), dtype=bool)
    owed = leg_outstanding(scope, leg, paid - 1, known, day)
    pair, item = draws_between(scope, leg, paid - 1, day, known, day)
    since = np.zeros(len(leg))
    np.add.at(since, pair, scope.book.floats["draw.amount"][item])
    left = owed + since
    return np.where(told | (left <= _ROUNDING * owed), 0.0, left)


_ROUNDING = 1e-9


def _dues(book: Book) -> Iterator[_Due]:
    rows: tuple[Leg, ...] = book.tables["leg"].rows
    for number, leg in enumerate(rows):
        days = [one.maturity.date.toordinal() if one.maturity else FAR for one in leg.terms.tranche]
        whole = leg.maturity.toordinal() if leg.maturity else FAR
        yield _Due(number, leg.name, whole)
        for tranche, last in zip(leg.terms.tranche, days, strict=True):
            if last < whole:
                yield _Due(number, tranche.name or tranche.id, last, part=True)


__all__ = ["Unsettled", "idle", "lapsed", "unsettled"]
