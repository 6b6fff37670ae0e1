"""The latest known balance of each leg, rolled forward by draws, capitalised interest and the schedule; and where it stands."""

from __future__ import annotations

import datetime as dt

import numpy as np

from facilities.legs import Leg
from rules.book import Book
from rules.columns import FAR, Bools, Floats, Ints, latest
from rules.primitives.leaf import Find, Where, recorded
from rules.scope import Scope

NO_BALANCE = "no balance is public or known on that day"


def legs(scope: Scope, facility: Ints) -> tuple[Ints, Ints]:
    """(asker[R], leg[R]): the legs of each row's facility."""
    return scope.book.tables["leg"].join(facility)


def leg_name(book: Book, leg: int, otherwise: str) -> str:
    """The tranche's name; `otherwise` for a loan that is one leg."""
    row: Leg = book.tables["leg"].rows[leg]
    return row.name or otherwise


def leg_where(book: Book, leg: int, table: str, *keys: str | int) -> Where:
    """Where a table of a leg stands: `balance`, or one it may fall back to the facility's for."""
    row: Leg = book.tables["leg"].rows[leg]
    owner = f"facility:{book.ids[int(book.tables['leg'].owner[leg])]}"
    return Where(owner, row.balance(*keys) if table == "balance" else row.at(table, *keys))


def paid_times(book: Book, leg: Ints, day: Ints) -> Ints:
    """int64[R]: how many payments of each leg's schedule fall due by each day, that day included."""
    periods = book.periods
    key = periods.table.owner * FAR + periods.pay
    at = np.searchsorted(key, leg * FAR + day, side="right").astype(np.int64)
    return at - periods.table.start[leg]


def after_payment(book: Book, leg: Ints, times: Ints, column: Floats, start: float) -> Floats:
    """float64[R]: a running column of the schedule after so many payments; `start` before the first."""
    if not len(column):
        return np.full(len(leg), start)
    return np.where(times > 0, column[np.maximum(book.periods.table.start[leg] + times - 1, 0)], start)


def paid_by(book: Book, leg: Ints, day: Ints) -> Floats:
    """float64[R]: principal the schedule of each leg has paid by each day (that day included) since it started."""
    return after_payment(book, leg, paid_times(book, leg, day), book.periods.repaid, 0.0)


def observed(scope: Scope, leg: Ints, day: Ints, known: Ints, first: bool = False) -> Ints:
    """int64[R]: the balance row of each leg in force on a day as known then, or the `first` one known; -1 where there is none."""
    balance = scope.book.tables["balance"]
    asker, item = balance.join(leg)
    date = scope.book.ints["balance.date"][item]
    allowed = (date <= day[asker]) & (scope.book.ints["balance.known"][item] <= known[asker])
    won = latest(asker, FAR - date if first else date, allowed, len(leg))
    return np.where(won >= 0, item[won] if len(item) else -1, -1)


def rolled(scope: Scope, leg: Ints, row: Ints, times: Ints, until: Ints, known: Ints, today: Ints) -> Floats:
    """float64[R]: balance row `row[r]` of a leg after so many payments and the draws by `until`, forward or back; NaN without a row.

    Never below zero. A draw of a day that has a balance row is in that row. `today` is the day that asks: see `draws_between`.
    """
    book, at = scope.book, np.maximum(row, 0)
    if not len(book.floats["balance.outstanding"]):
        return np.full(len(leg), np.nan)
    seen = book.ints["balance.date"][at]
    then = paid_times(book, leg, seen)
    growth, paid = (after_payment(book, leg, times, *start) for start in ((book.periods.growth, 1.0), (book.periods.paid, 0.0)))
    grown, before = (after_payment(book, leg, then, *start) for start in ((book.periods.growth, 1.0), (book.periods.paid, 0.0)))
    opening = book.floats["balance.outstanding"][at] / grown + before
    left = growth * (np.maximum(opening, _least_opening(scope, leg, (seen, until), known, today)) - paid)
    if len(book.tables["draw"]):
        later, back = (seen, until, known, today), (until, seen, known, np.maximum(today, seen))
        left = left + _drawn(scope, leg, times, later, growth) - _drawn(scope, leg, times, back, growth)
    return np.where(row >= 0, np.maximum(0.0, left), np.nan)


def _drawn(scope: Scope, leg: Ints, times: Ints, when: tuple[Ints, Ints, Ints, Ints], growth: Floats) -> Floats:
    """float64[R]: what the draws of a span (as `draws_between` takes it) have become after so many payments."""
    pair, item = draws_between(scope, leg, *when)
    floats = scope.book.floats
    joined = scope.book.ints["draw.joins"][item] < times[pair]
    worth = np.where(joined, growth[pair] * floats["draw.worth"][item], floats["draw.amount"][item])
    total = np.zeros(len(leg))
    np.add.at(total, pair, worth)
    return total


def _least_opening(scope: Scope, leg: Ints, span: tuple[Ints, Ints], known: Ints, today: Ints) -> Floats:
    """float64[R]: the opening with which no payment before a draw takes more than was owed: what it lacked is not owed out of the draw."""
    pair, item = draws_between(scope, leg, *span, known, today)
    least = np.full(len(leg), -np.inf)
    if len(pair):
        worth = scope.book.floats["draw.worth"][item]
        earlier = np.cumsum(worth) - worth
        first = np.concatenate(([True], pair[1:] != pair[:-1]))
        earlier = earlier - earlier[np.maximum.accumulate(np.where(first, np.arange(len(pair)), 0))]
        times = paid_times(scope.book, leg[pair], scope.book.ints["draw.date"][item])
        paid = after_payment(scope.book, leg[pair], times, scope.book.periods.paid, 0.0)
        np.maximum.at(least, pair, paid - earlier)
    return least


def draws_between(scope: Scope, leg: Ints, since: Ints, until: Ints, known: Ints, today: Ints) -> tuple[Ints, Ints]:
    """(place in `leg`, draw): the draws of each leg after `since` and by `until`, as known.

    What was drawn or prepaid after the day that asks (`today`) is no part of what it saw ahead, unless it was known by then
    to come: a test of the past keeps its figure whatever is paid after it.
    """
    if not len(scope.book.tables["draw"]):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    pair, item = scope.book.tables["draw"].join(leg)
    date = scope.book.ints["draw.date"][item]
    seen = scope.book.ints["draw.known"][item]
    allowed = (date > since[pair]) & (date <= until[pair]) & (seen <= known[pair]) & (np.minimum(date, seen) <= today[pair])
    return pair[allowed], item[allowed]


def leg_outstanding(scope: Scope, leg: Ints, day: Ints, known: Ints, today: Ints | None = None) -> Floats:
    """float64[R]: what each leg owes on a day by what was known; the last payment clears; NaN before the first known row.

    `today` is the day that asks, where it is another than the day itself.
    """
    row = observed(scope, leg, day, known)
    if not len(scope.book.ints["balance.date"]):
        return np.full(len(leg), np.nan)
    seen, cleared = scope.book.ints["balance.date"][np.maximum(row, 0)], scope.book.periods.cleared[leg]
    left = rolled(scope, leg, row, paid_times(scope.book, leg, day), day, known, day if today is None else today)
    return np.where((row >= 0) & (day >= cleared) & (seen < cleared), 0.0, left)


def outstanding_on(scope: Scope, facility: Ints, day: Ints, known: Ints) -> Floats:
    """float64[R]: what each facility owes on a day, the sum of its legs; NaN while one of them is not known."""
    asker, leg = legs(scope, facility)
    total = np.zeros(len(facility))
    np.add.at(total, asker, leg_outstanding(scope, leg, day[asker], known[asker]))
    return total


def no_schedule(scope: Scope) -> tuple[Bools, dict[int, str]]:
    """(bool[N]: a leg of the row's facility has no schedule, what it lacks by facility)."""
    return scope.book.unscheduled[scope.facility], scope.book.gaps


def balance_where(scope: Scope, leg: Ints, row: Ints, key: str) -> Find:
    """Where the observed balance stands that each row of a leg was rolled from."""
    book = scope.book

    def find(r: int) -> Where | None:
        if row[r] < 0:
            return None
        held, one = book.tables["balance"].rows[int(row[r])], book.tables["leg"].rows[int(leg[r])]
        place = next(at for at, written in enumerate(one.terms.facility.balance) if written is held)
        return leg_where(book, int(leg[r]), "balance", place, key)

    return find


def draw_where(book: Book, item: Ints) -> Find:
    """Where the amount of each draw stands."""
    draws = book.tables["draw"]

    def find(r: int) -> Where:
        f = int(book.tables["leg"].owner[draws.owner[item[r]]])
        if draws.rows[int(item[r])].event is not None:
            return recorded(draws.rows[int(item[r])].event)
        draw = draws.rows[int(item[r])].draw
        place = next(at for at, written in enumerate(book.terms[f].facility.draw) if written is draw)
        return Where(f"facility:{book.ids[f]}", ("facility", "draw", place, "amount"))

    return find


def without(scope: Scope, asker: Ints, row: Ints) -> Bools:
    """bool[N]: which rows have a leg without a known balance."""
    missing = np.zeros(len(scope), dtype=bool)
    missing[asker[row < 0]] = True
    return missing


def moves(scope: Scope, asker: Ints, leg: Ints, row: Ints, r: int) -> list[tuple[str, float, str, Where | None]]:
    """The observed balance and what draws and capitalised interest have added since; nothing where neither has."""
    if row[r] < 0:
        return []
    one, book = slice(r, r + 1), scope.book
    day, known = scope.day[asker[one]], scope.known[asker[one]]
    seen = book.ints["balance.date"][row[one]]
    _, draws = draws_between(scope, leg[one], seen, day, known, day)
    kind = float(capitalised(scope, leg[one], row[one], day, known)[0])
    if not len(draws) and not kind:
        return []
    balance = float(book.floats["balance.outstanding"][row[r]])
    label = f"balance of {dt.date.fromordinal(int(seen[0])).isoformat()}"
    parts: list[tuple[str, float, str, Where | None]] = [(label, balance, "money", balance_where(scope, leg, row, "outstanding")(r))]
    for at, item in enumerate(draws.tolist()):
        one_draw = book.tables["draw"].rows[item]
        word = "drawn" if one_draw.event is None else "prepaid"
        parts.append((f"{word} {one_draw.draw.date}", float(one_draw.draw.amount), "money", draw_where(book, draws)(at)))
    if kind:
        parts.append(("interest capitalised since", kind, "money", leg_where(book, int(leg[r]), "interest", "pik_pct")))
    paid = paid_by(book, leg[one], day) - paid_by(book, leg[one], seen)
    return [*parts, ("less principal scheduled since", float(paid[0]), "money", None)] if paid[0] else parts


def capitalised(scope: Scope, leg: Ints, row: Ints, day: Ints, known: Ints) -> Floats:
    """float64[R]: interest added to each leg's balance after its observed balance and by a day; nothing once it is cleared."""
    book, at = scope.book, np.maximum(row, 0)
    if not len(book.periods.growth) or (book.periods.growth == 1.0).all() or not len(book.ints["balance.date"]):
        return np.zeros(len(leg))
    seen = book.ints["balance.date"][at]
    pair, draws = draws_between(scope, leg, seen, day, known, day)
    drawn = np.zeros(len(leg))
    np.add.at(drawn, pair, book.floats["draw.amount"][draws])
    scheduled = paid_by(book, leg, day) - paid_by(book, leg, seen)
    now = rolled(scope, leg, row, paid_times(book, leg, day), day, known, day)
    added = now - book.floats["balance.outstanding"][at] - drawn + scheduled
    grows = after_payment(book, leg, paid_times(book, leg, day), book.periods.growth, 1.0) > after_payment(
        book, leg, paid_times(book, leg, seen), book.periods.growth, 1.0
    )
    return np.where(grows & (day < book.periods.cleared[leg]), np.maximum(0.0, added), 0.0)
