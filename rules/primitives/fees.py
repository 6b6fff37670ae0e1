"""Fees of a loan: on what is not drawn while it may be, and once at closing."""

from __future__ import annotations

import datetime as dt

import numpy as np

from rules.columns import FAR, Bools, Floats, Ints, add_up, ordinal
from rules.primitives.accrual import fractions
from rules.primitives.balances import draw_where, draws_between, legs, no_schedule, observed, paid_by, paid_times
from rules.primitives.flows import balance_at
from rules.primitives.leaf import Factor, Find, Leaf, Reader, Terms, column, facility_where
from rules.primitives.loan import in_window
from rules.scope import Scope


def _fees(scope: Scope, text: str | None) -> Leaf:
    """Undrawn fees are paid with the interest of the period they are for; nothing where no fee is written."""
    terms = (*_undrawn(scope), _upfront(scope))
    unknown, gaps = no_schedule(scope)
    unknown &= _written(scope, "undrawn_fee_pct")[scope.facility]
    for one in terms:
        unknown[one.asker[np.isnan(one.product).all(axis=1)]] = True
    return Leaf(terms, unknown, lambda n: gaps.get(int(scope.facility[n]), "the commitment, the balance or the fee is not known"))


def _written(scope: Scope, key: str) -> Bools:
    """bool[F]: which facilities write a fee."""
    return np.array([getattr(one.facility, key) is not None for one in scope.book.terms], dtype=bool)


def _undrawn(scope: Scope) -> tuple[Terms, Terms]:
    """Per interest period of the facility's first scheduled leg, on what is not drawn at its start, less its draws from their day."""
    book, flows = scope.book, in_window(scope)
    facility = scope.facility[flows.asker]
    on = _written(scope, "undrawn_fee_pct")[facility] & (flows.leg == _lead(scope)[facility])
    asker, leg, start, pay = (column[on] for column in (flows.asker, flows.leg, flows.start, flows.pay))
    facility = facility[on]
    end = np.minimum(flows.end[on], _last_day(scope)[facility])
    fee = column(book.dated["undrawn_fee_pct"].at(facility, start) / 100)
    scale = column(scope.window.scale[asker] if scope.window else np.zeros(len(asker)))
    fee_of = facility_where(scope, "facility", "undrawn_fee_pct")
    full = Terms(asker, (
        Factor("undrawn", _free(scope, asker, start), "money"),
        Factor("year fraction", column(fractions(scope, leg, start, np.maximum(start, end))), "year"),
        Factor("fee", fee * scale, "1/year", lambda r: fee_of(int(asker[r]))),
    ), lambda r: f"undrawn, paid {dt.date.fromordinal(int(pay[r]))}")  # fmt: skip
    pair, item, day = _draws(scope, asker, start, end)
    less = Terms(asker[pair], (
        Factor("drawn", column(book.floats["draw.amount"][item]), "money", draw_where(book, item)),
        Factor("year fraction", column(fractions(scope, leg[pair], day, end[pair])), "year"),
        Factor("fee", (fee * scale)[pair], "1/year"),
    ), lambda r: f"drawn from {dt.date.fromordinal(int(day[r]))}", -1.0)  # fmt: skip
    return full, less


def _lead(scope: Scope) -> Ints:
    """int64[F]: the first leg of each facility that has a schedule, -1 without one."""
    lead = np.full(len(scope.book.ids), -1, dtype=np.int64)
    owner = scope.book.tables["leg"].owner.tolist()
    for leg in reversed(range(len(owner))):
        if scope.book.schedules[leg].periods:
            lead[owner[leg]] = leg
    return lead


def _last_day(scope: Scope) -> Ints:
    """int64[F]: the last day of drawing, else the maturity."""
    days = [one.facility.availability_end or one.facility.maturity for one in scope.book.terms]
    return np.array([ordinal(day.date if day else None, FAR) for day in days], dtype=np.int64)


def _free(scope: Scope, asker: Ints, day: Ints) -> Floats:
    """float64[R, Q]: commitment less loans and letters of credit on a day; what a loan that does not revolve has repaid is gone."""
    book, facility = scope.book, scope.facility[asker]
    pair, leg = legs(scope, facility)
    on, who = day[pair], asker[pair]
    used, _ = balance_at(scope, who, leg, paid_times(book, leg, on), on, on)
    seen = observed(scope, leg, np.minimum(on, scope.day[who]), scope.known[who])
    letters = book.floats["balance.letters_of_credit"]
    held = letters[np.maximum(seen, 0)] if len(letters) else np.zeros(len(leg))
    gone = np.where(book.floats["revolving"][facility[pair]] > 0, 0.0, paid_by(book, leg, on))
    spent = used + column(np.where(seen >= 0, held, 0.0) + gone)
    commitment = column(book.dated["commitment"].at(facility, day))
    return np.asarray(np.maximum(0.0, commitment - add_up(spent, pair, len(asker))))


def _draws(scope: Scope, asker: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
    """(place, draw, its day): the draws of all legs in the course of each period."""
    pair, leg = legs(scope, scope.facility[asker])
    at, item = draws_between(scope, leg, start[pair], end[pair] - 1, scope.known[asker[pair]], scope.day[asker[pair]])
    return pair[at], item, scope.book.ints["draw.date"][item]


def _upfront(scope: Scope) -> Terms:
    """The fee of the closing, where the closing lies in the window."""
    book, window = scope.book, scope.window
    closed = [one.facility.closing if one.facility.upfront_fee_pct is not None else None for one in book.terms]
    day = np.array([ordinal(one.date if one else None) for one in closed], dtype=np.int64)[scope.facility]
    inside = (day > window.start) & (day <= window.end) if window else np.zeros(len(scope), dtype=bool)
    asker = np.flatnonzero(inside)
    facility = scope.facility[asker]
    percent = np.array([float(one.facility.upfront_fee_pct or 0) / 100 for one in book.terms])[facility]
    scale = window.scale[asker] if window else np.zeros(len(asker))

    def where(key: str) -> Find:
        find = facility_where(scope, "facility", key)
        return lambda r: find(int(asker[r]))

    amount = Factor("commitment", column(book.dated["commitment"].at(facility, day[asker])), "money", where("commitment"))
    return Terms(asker, (amount, Factor("fee", column(percent * scale), "", where("upfront_fee_pct"))), lambda _: "at closing")


READERS: dict[str, Reader] = {"fees": _fees}
