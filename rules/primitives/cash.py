"""Cash and coins at hand: accounts, the treasuries of the borrower and its group, what the group owes, cash put in to cure."""

from __future__ import annotations

import numpy as np

from facilities.model import Debt
from rules.columns import Ints
from rules.primitives.leaf import Factor, Find, Leaf, Reader, Terms, Where, column, own_currency, per_row, series_where
from rules.primitives.owed import owed_by
from rules.scope import Scope
from rules.tables import Holding, Owed

_FREE = ("operating", "cash", "collection")


def _accounts(scope: Scope, allowed: np.ndarray) -> Terms:
    accounts = scope.book.tables["account"]
    asker, item = accounts.join(scope.facility)
    keep = allowed[item] if len(item) else np.zeros(0, bool)
    asker, item = asker[keep], item[keep]
    balance = scope.book.dated["account.balance"].at(item, scope.day[asker])

    def where(r: int) -> Where:
        f = int(accounts.owner[item[r]])
        return Where(f"facility:{scope.book.ids[f]}", ("account", int(item[r] - accounts.start[f]), "balance"))

    return Terms(asker, (Factor("balance", column(balance), "money", where),), lambda r: f"{accounts.rows[int(item[r])].kind} account")


def _account(scope: Scope, kind: str | None) -> Leaf:
    terms = _accounts(scope, np.array([row.kind == kind for row in scope.book.tables["account"].rows], dtype=bool))
    unknown = _without(scope, terms.asker) | _unknown(scope, terms)
    moved = (_reserve_moves(scope),) if kind == "dsra" and scope.state.reserve is not None else ()
    return Leaf((terms, *moved), unknown, lambda _: f"no {kind} account balance is known")


def _reserve_moves(scope: Scope) -> Terms:
    """What the state says was put into the reserve, and drawn from it, by each row's day."""
    total, moved = np.zeros((len(scope), scope.columns)), scope.state.reserve
    if moved is not None:
        at = np.flatnonzero(moved.row[scope.facility] >= 0)
        total[at] = moved.upto(scope.facility[at], moved.places(scope.day[at]))
    return Terms(np.arange(len(scope), dtype=np.int64), (Factor("moved since", total, "money"),), lambda _: "put in and drawn since")


def _without(scope: Scope, *askers: Ints) -> np.ndarray:
    none = np.ones(len(scope), dtype=bool)
    for asker in askers:
        none[asker] = False
    return none


def _unknown(scope: Scope, *terms: Terms) -> np.ndarray:
    unknown = np.zeros(len(scope), dtype=bool)
    for one in terms:
        unknown[one.asker[np.isnan(one.product).all(axis=1)]] = True
    return unknown


def _holdings(scope: Scope, coins: bool, group: bool = False) -> Terms:
    """Free holdings of the borrower, or of its whole group: coins at the mark, or cash at face."""
    table = scope.book.tables["treasury"]
    asker, item = table.join(scope.facility)
    kept = np.array([_free(row, coins) and (group or row.own) for row in table.rows], dtype=bool)
    keep = kept[item] if len(item) else np.zeros(0, bool)
    asker, item = asker[keep], item[keep]
    held = column(scope.book.dated["treasury.units"].at(item, scope.day[asker]))
    units = Factor("units" if coins else "amount", held, "unit" if coins else "money", _where(scope, item))
    series = scope.book.ints["treasury.price" if coins else "treasury.fx"][item]
    if coins:
        price = own_currency(scope, asker, scope.marks(series, asker))
        factors: tuple[Factor, ...] = (units, Factor("price", price, "money/unit", series_where(scope, series, asker)))
    elif scope.book.floats["treasury.foreign"][item].any():
        foreign = column(scope.book.floats["treasury.foreign"][item]) > 0
        dollars = np.where(column(series) >= 0, scope.marks(series, asker), 1.0)
        rate = np.where(foreign, own_currency(scope, asker, dollars), 1.0)
        factors = (units, Factor("exchange rate", rate, "", series_where(scope, series, asker)))
    else:
        factors = (units,)
    return Terms(asker, factors, lambda r: f"{table.rows[int(item[r])].treasury.asset} of {table.rows[int(item[r])].obligor}")


def _free(row: Holding, coins: bool) -> bool:
    return not row.treasury.restricted and (row.treasury.price is not None) == coins


def _where(scope: Scope, item: Ints) -> Find:
    table = scope.book.tables["treasury"]

    def find(r: int) -> Where:
        row: Holding = table.rows[int(item[r])]
        return Where(f"obligor:{row.obligor}", ("treasury", row.place, "units"))

    return find


def _unrestricted(scope: Scope, text: str | None) -> Leaf:
    rows = scope.book.tables["account"].rows
    accounts = _accounts(scope, np.array([row.kind in _FREE and not row.blocked for row in rows], dtype=bool))
    cash = _holdings(scope, coins=False)
    given = Factor("cash put in", scope.moved(scope.state.cash, 0.0), "money")
    put_in = Terms(np.arange(len(scope), dtype=np.int64), (given,), lambda _: "cash put in to cure")
    terms = (accounts, cash) if scope.state.cash is None else (accounts, cash, put_in)
    unknown = _without(scope, accounts.asker, cash.asker) | _unknown(scope, accounts, cash)
    return Leaf(terms, unknown, lambda _: "no unrestricted cash is known")


def _free_coins(scope: Scope, text: str | None) -> Leaf:
    coins = _holdings(scope, coins=True)
    return Leaf((coins,), _unknown(scope, coins), lambda _: "the number of free coins is not known on that day")


def _of_group(coins: bool) -> Reader:
    """What the obligor group holds free: coins at the mark, or cash."""

    def read(scope: Scope, text: str | None) -> Leaf:
        terms = _holdings(scope, coins, group=True)
        return Leaf((terms,), _unknown(scope, terms), lambda _: "a holding of the group is not known on that day")

    return read


def _group_debt(scope: Scope, text: str | None) -> Leaf:
    """Facilities of the desk owed by the group, and its other debt; a debt that is one of ours counts once."""
    book = scope.book
    asker, item = book.tables["group"].join(scope.facility)
    loan = np.array(book.tables["group"].rows, dtype=np.int64)[item] if len(item) else item
    owed = owed_by(scope, asker, loan)
    other = book.tables["other_debt"]
    who, row = other.join(scope.facility)
    amount = book.dated["other_debt.outstanding"].at(row, scope.day[who])

    def where(r: int) -> Where:
        debt: Owed = other.rows[int(row[r])]
        return Where(f"obligor:{debt.obligor}", ("debt", debt.place, "outstanding"))

    def named(r: int) -> str:
        debt: Debt = other.rows[int(row[r])].debt
        return debt.name or debt.id

    def balance(r: int) -> Where:
        return Where(f"facility:{book.ids[int(loan[r])]}", ("facility", "balance"))

    ours = Terms(asker, (Factor("outstanding", owed, "money", balance),), lambda r: book.ids[int(loan[r])])
    others = Terms(who, (Factor("outstanding", column(amount), "money", where),), named)
    return Leaf((ours, others), _unknown(scope, ours, others), lambda _: "a debt of the group is not known on that day")


def _cure_cash(scope: Scope, text: str | None) -> Leaf:
    return per_row(scope, "cash put in to cure", scope.moved(scope.state.cash, 0.0), "money")


READERS: dict[str, Reader] = {
    "account": _account,
    "unrestricted_cash": _unrestricted,
    "free_coins": _free_coins,
    "group_cash": _of_group(coins=False),
    "group_coins": _of_group(coins=True),
    "group_debt": _group_debt,
    "cure_cash": _cure_cash,
}
