"""What the borrower certified: lines of delivered periods, which part of a window they cover, and when they came."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np

from rules.columns import Bools, Floats, Ints, latest
from rules.formula import Call, Node, children
from rules.months import shift
from rules.primitives.leaf import Factor, Find, Leaf, Reader, Terms, Where, column, per_row
from rules.scope import Scope, Window
from rules.vocabulary import WINDOWS


def valid(scope: Scope, asker: Ints, item: Ints) -> Bools:
    """Which reports were delivered, and not yet replaced, as known to the asking row."""
    reports, known = scope.book.reports, scope.known[asker]
    return (reports.known[item] <= known) & (known < reports.replaced[item])


def covered(scope: Scope, window: Window, asker: Ints, low: Ints, high: Ints) -> Floats:
    """float64[R]: days of (low, high] within row asker's window that delivered reports cover."""
    if window.way != "past" or scope.modelled:
        return np.zeros(len(asker))
    group, first, last = _spans(scope, window, asker)
    low, high = np.maximum(low, first), np.minimum(high, last)
    days = scope.book.coverage.covered(group, low, high)
    messy = scope.book.coverage.messy[group]
    if messy.any():
        days[messy] = _one_by_one(scope, window, asker[messy], low[messy], high[messy])
    return days


def covered_whole(scope: Scope, window: Window) -> Floats:
    """float64[N]: days of each row's whole window that delivered reports cover."""

    def find() -> Floats:
        return covered(scope, window, np.arange(len(scope), dtype=np.int64), window.start, window.end)

    return scope.once("covered", find) if window is scope.window else find()


def _spans(scope: Scope, window: Window, asker: Ints) -> tuple[Ints, Ints, Ints]:
    """(group, start, end) of each asking row: the reports in force, and the part of the window that they may fill."""
    coverage = scope.book.coverage
    group = scope.outermost.once("reports", lambda: coverage.group(scope.facility, scope.known))[asker]
    start, end = window.start[asker], window.end[asker]
    if scope.basis != "tested":
        return group, start, end
    first, last = coverage.whole(group, start, end)
    messy = coverage.messy[group]  # of reports that overlap, one by one, the inner may count where the outer does not
    return group, np.where(messy, start, first), np.where(messy, end, last)


class _Parts(NamedTuple):
    """Parts of reports that count in windows: whose window (a place among the rows asked for), the report, its days (start, end]."""

    place: Ints
    item: Ints
    start: Ints
    end: Ints


def _parts(scope: Scope, window: Window, asker: Ints) -> _Parts:
    """Which reports count in the window of each asking row, and for which of its days: none for a day twice.

    A test takes whole periods, the longest first: a year certified as such is that year. An indication also takes parts, of the
    shortest periods first, which say best when; of equally long ones the last first.
    """
    reports, tested = scope.book.reports, scope.basis == "tested"
    place, item = reports.table.join(scope.facility[asker])
    used = valid(scope, asker[place], item) & _inside(scope, window, asker[place], item)
    place, item = place[used], item[used]
    start, end = reports.start[item], reports.end[item]
    length = end - start
    order = np.lexsort((-end, -length if tested else length, place))
    free = [[span] for span in zip(window.start[asker].tolist(), window.end[asker].tolist(), strict=True)]
    found = []
    for p, one, low, high in zip(*(values[order].tolist() for values in (place, item, start, end)), strict=True):
        parts = [(max(low, first), min(high, last)) for first, last in free[p] if first < high and low < last]
        if parts and (not tested or parts == [(low, high)]):
            found += [(p, one, *part) for part in parts]
            free[p] = [span for first, last in free[p] for span in ((first, min(last, low)), (max(first, high), last)) if span[0] < span[1]]
    return _Parts(*np.array(found, dtype=np.int64).reshape(-1, 4).T)


def _summed(parts: _Parts, amounts: Floats, rows: int) -> Floats:
    return np.asarray(np.bincount(parts.place, amounts, rows), dtype=float)


def _one_by_one(scope: Scope, window: Window, asker: Ints, low: Ints, high: Ints) -> Floats:
    """The days of (low, high] that reports cover, where some overlap."""
    parts = _parts(scope, window, asker)
    days = np.minimum(high[parts.place], parts.end) - np.maximum(low[parts.place], parts.start)
    return _summed(parts, np.maximum(0, days).astype(float), len(asker))


def _inside(scope: Scope, window: Window, asker: Ints, item: Ints) -> Bools:
    """Which reports a window may use: a test takes whole periods only, an indication also a part of one."""
    reports = scope.book.reports
    if scope.basis == "tested":
        return (reports.start[item] >= window.start[asker]) & (reports.end[item] <= window.end[asker])
    return (reports.end[item] > window.start[asker]) & (reports.start[item] < window.end[asker])


def uncovered_rows(scope: Scope, window: Window) -> Bools:
    """Which rows have days of the window that no delivered report covers."""
    return covered_whole(scope, window) + 0.5 < (window.end - window.start)


def undelivered(scope: Scope) -> Bools:
    """Which rows cannot be tested yet: a tested backward window that is not wholly certified."""
    if scope.basis != "tested" or scope.modelled or scope.window is None or scope.window.way != "past":
        return np.zeros(len(scope), dtype=bool)
    return uncovered_rows(scope, scope.window)


def not_delivered(scope: Scope, n: int) -> str:
    """Why a row cannot be tested, in words."""
    if scope.window is None:
        return "not reported"
    end = dt.date.fromordinal(int(scope.window.end[n])).isoformat()
    start = dt.date.fromordinal(int(scope.window.start[n]) + 1).isoformat()
    return f"no certified report covers {start} to {end} whole"


def _line(scope: Scope, name: str | None) -> Leaf:
    """A line that stands alone: the window moves back to the last certified period, and must be whole."""
    if scope.window is None:
        return _stock(scope, name or "")
    window = scope.window
    if scope.basis != "tested" and window.way == "past":
        window = _certified(scope, window)
    if window.way != "past":
        return per_row(scope, name or "", np.full(len(scope), np.nan), "money", why="a report tells of the past only")
    return _sum(scope, window, name or "", strict=True)


def _certified(scope: Scope, window: Window) -> Window:
    """The window moved back so that it ends with the last delivered period."""
    end = scope.certified(window.end)
    start = shift(end, -window.months.astype(np.int64))
    return Window(window.way, window.months, start, end, window.scale)


def _reported(scope: Scope, name: str | None) -> Leaf:
    """The certified part of a window; nothing for a window ahead."""
    if scope.window is None or scope.window.way != "past" or scope.modelled:
        return Leaf(())
    return _sum(scope, scope.window, name or "", strict=scope.basis == "tested")


def _sum(scope: Scope, window: Window, name: str, strict: bool) -> Leaf:
    total, unknown = _total(scope, window, name)
    if strict:
        unknown |= uncovered_rows(scope, window)
    return Leaf(lambda: (_listed(scope, window, name),), unknown, lambda n: _why(scope, window, n, name), total)


def _total(scope: Scope, window: Window, name: str) -> tuple[Floats, Bools]:
    """(float64[N, 1], bool[N]): what a line adds up to over the window, and the rows whose reports lack it."""
    group, start, end = _spans(scope, window, np.arange(len(scope), dtype=np.int64))
    place = scope.book.reports.names.get(name)
    if place is None:
        total, lacking = np.zeros(len(scope)), scope.book.coverage.covered(group, start, end) > 0
    else:
        total, lacking = scope.book.coverage.amount(group, start, end, place)
    messy = np.flatnonzero(scope.book.coverage.messy[group])
    if len(messy):
        total[messy], lacking[messy] = _total_of_parts(scope, window, name, messy)
    return column(total * window.scale), lacking & (not _absent_is_zero(scope, name))


def _total_of_parts(scope: Scope, window: Window, name: str, asker: Ints) -> tuple[Floats, Bools]:
    """The same of some rows whose reports overlap, added up one by one."""
    reports, parts = scope.book.reports, _parts(scope, window, asker)
    amounts = _amounts(scope, name, parts.item) * (parts.end - parts.start) / (reports.end[parts.item] - reports.start[parts.item])
    return _summed(parts, np.nan_to_num(amounts), len(asker)), _summed(parts, np.isnan(amounts).astype(float), len(asker)) > 0


def _listed(scope: Scope, window: Window, name: str) -> Terms:
    """The same report by report, for people."""
    reports = scope.book.reports
    asker, item, start, end = _parts(scope, window, np.arange(len(scope), dtype=np.int64))
    order = np.lexsort((start, asker))
    asker, item, days = asker[order], item[order], (end - start)[order]
    share = days / (reports.end[item] - reports.start[item]) * window.scale[asker]
    factors = [Factor(name, column(_amounts(scope, name, item)), _unit(scope, name), _where(scope, item, name))]
    if bool((share != 1).any()):
        factors.append(Factor("share of the period", column(share), ""))
    return Terms(asker, tuple(factors), lambda r: _period(scope, int(item[r])))


def _why(scope: Scope, window: Window, n: int, name: str) -> str:
    seen = scope.seen(window)
    if bool(uncovered_rows(seen, window)[n]):
        return not_delivered(seen, n)
    return f"a report in the window carries no {name}"


def _amounts(scope: Scope, name: str, item: Ints) -> Floats:
    reports, place = scope.book.reports, scope.book.reports.names.get(name)
    amounts = reports.lines[item, place] if place is not None else np.full(len(item), np.nan)
    return np.nan_to_num(amounts) if _absent_is_zero(scope, name) else amounts


def _absent_is_zero(scope: Scope, name: str) -> bool:
    """Whether a delivered report that does not carry the line counts as nothing."""
    return bool(scope.book.definitions) and scope.book.definitions[0].lines[name].absent == "zero"


def _unit(scope: Scope, name: str) -> str:
    return scope.book.definitions[0].lines[name].unit


def _period(scope: Scope, item: int) -> str:
    row = scope.book.reports.table.rows[item]
    return f"{row.months} months to {row.period_end.isoformat()}"


def _where(scope: Scope, item: Ints, name: str) -> Find:
    reports = scope.book.reports

    def find(r: int) -> Where:
        f, row = int(reports.table.owner[item[r]]), reports.table.rows[int(item[r])]
        terms = scope.book.terms[f]
        rows = terms.reported or scope.book.desk.obligors[terms.facility.borrower].reported
        place = next(at for at, one in enumerate(rows) if one is row)
        owner = f"facility:{scope.book.ids[f]}" if terms.reported else f"obligor:{terms.facility.borrower}"
        return Where(owner, ("reported", place, "lines", name))

    return find


def _stock(scope: Scope, name: str) -> Leaf:
    """The latest delivered report that carries the line."""
    reports = scope.book.reports
    asker, item = reports.table.join(scope.facility)
    amount = _amounts(scope, name, item)
    allowed = valid(scope, asker, item) & ~np.isnan(amount) & (reports.end[item] <= scope.day[asker])
    won = latest(asker, reports.end[item], allowed, len(scope))
    held = np.flatnonzero(won >= 0)
    chosen = won[held]
    factor = Factor(name, column(amount[chosen]), _unit(scope, name), _where(scope, item[chosen], name))
    terms = Terms(held, (factor,), lambda r: _period(scope, int(item[chosen[r]])))
    return Leaf((terms,), won < 0, lambda _: f"no delivered report carries {name}")


def _days_late(scope: Scope, text: str | None) -> Leaf:
    """Days from the due date to delivery, or to the row's day while the certificate of the period is out; negative: early."""
    reports = scope.book.reports
    asker, item = reports.table.join(scope.facility)
    ours = (reports.end[item] == scope.rows.period_end[asker]) & valid(scope, asker, item)
    first = np.full(len(scope), np.iinfo(np.int64).max)
    np.minimum.at(first, asker[ours], reports.delivered[item[ours]])
    came = np.minimum(first, np.maximum(scope.day, scope.rows.due))
    late = np.where(scope.rows.due > 0, (came - scope.rows.due).astype(float), np.nan)
    return per_row(scope, "days late", late, "day", why="no certificate is due yet")


READERS: dict[str, Reader] = {"line": _line, "reported": _reported, "days_late": _days_late}


def reads_reports(node: Node | None) -> bool:
    """Whether a formula reads what the borrower certified: a line of it, or a window of the past. One that is not known may."""
    if node is None:
        return True
    if isinstance(node, Call) and (node.function in READERS or WINDOWS.get(node.function, ("",))[0] in ("past", "since_closing")):
        return True
    return any(reads_reports(child) for child in children(node))
