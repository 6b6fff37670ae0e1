"""The scope of an evaluation: which rows (a test at an instant), seen through which columns (paths or shocks), in which window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec
import numpy as np

from rules.book import Book
from rules.certificates import MONTH, months_reported
from rules.columns import FAR, Bools, Floats, Ints, latest, ordinal
from rules.months import shift
from rules.state import AS_AGREED, State
from rules.vocabulary import WINDOWS
from rules.worlds import MISSING, Worlds
from rules.worlds import day_of as day_of

Found = TypeVar("Found")


class Rows(msgspec.Struct, frozen=True):
    """N rows to evaluate: the test, the instant, the last day of the test period, and the day the certificate was due."""

    test: Ints
    instant: Ints
    period_end: Ints
    due: Ints

    def __len__(self) -> int:
        return len(self.test)

    def pick(self, places: Ints | Bools) -> Rows:
        """The rows at some places."""
        return Rows(self.test[places], self.instant[places], self.period_end[places], self.due[places])


class Window(msgspec.Struct, frozen=True):
    """Days (start[n], end[n]] of each row; `scale[n]` multiplies what was summed; `way` past, future or run_rate."""

    way: str
    months: Floats
    start: Ints
    end: Ints
    scale: Floats


class Scope(msgspec.Struct):
    """Everything a primitive reads. Values are float64[N, Q]: Q paths of the worlds, or Q shocks of one mark each.

    `shocked[N, Q]` is the series shocked in a column (-1 none) and `factor[N, Q]` its multiple. `modelled` ignores
    reports, so that a whole window is driven by marks. `assumed` (of all columns, or bool[Q]) puts 1 in place of a
    missing mark, so that its breaking level can be found; nothing computed so is ever shown. `share` collects, per row,
    the part of windows that is modelled. `memo` holds formulas found in this window, `kept` whatever else was found in it.
    `daily` says that many rows differ in their day alone: payments are then looked up in running totals, which differ from adding
    them up one by one in the last digit. `origin` is the day from which each row's
    curves run.
    """

    book: Book
    worlds: Worlds
    rows: Rows
    facility: Ints
    day: Ints
    known: Ints
    columns: int
    basis: str
    origin: Ints
    state: State = AS_AGREED
    shocked: Ints | None = None
    factor: Floats | None = None
    modelled: bool = False
    assumed: bool | Bools = True
    window: Window | None = None
    share: Floats = msgspec.field(default_factory=lambda: np.zeros(0))
    memo: dict[tuple[object, str], Floats] = msgspec.field(default_factory=dict)
    kept: dict[str, Any] = msgspec.field(default_factory=dict)
    outer: Scope | None = None
    daily: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def through(self, window: str) -> Scope:
        """This scope looking through a window; nested windows are refused by units, so the old one is replaced."""
        within = self.outermost
        return within.once(window, lambda: within.seen(within._window(window)))

    def seen(self, window: Window) -> Scope:
        """The same rows looking through a window."""
        return msgspec.structs.replace(self, window=window, memo={}, kept={}, outer=self.outermost)

    def at(self, places: Ints, window: Window | None = None) -> Scope:
        """The rows at some places, in that order and as often as they are named, looking through a window of theirs."""
        shocked, factor = (None if one is None else one[places] for one in (self.shocked, self.factor))
        return msgspec.structs.replace(
            self, rows=self.rows.pick(places), facility=self.facility[places], day=self.day[places], known=self.known[places],
            origin=self.origin[places], shocked=shocked, factor=factor, window=window, share=np.zeros(len(places)),
            memo={}, kept={}, outer=None,
        )  # fmt: skip

    @property
    def outermost(self) -> Scope:
        """This scope looking through no window: it keeps what all its windows share."""
        return self if self.outer is None else self.outer

    def once(self, name: str, make: Callable[[], Found]) -> Found:
        """What `make` gives, made at the first asking."""
        if name not in self.kept:
            self.kept[name] = make()
        return cast("Found", self.kept[name])

    def _window(self, name: str) -> Window:
        way, months = WINDOWS[name]
        anchor = self._last_day() if way in ("past", "since_closing") else self.day
        if way == "run_rate":
            return Window(way, np.full(len(self), 12.0), anchor, anchor + 365, np.ones(len(self)))
        if way == "future":
            return Window(way, np.full(len(self), float(months)), anchor, shift(anchor, months), np.ones(len(self)))
        if way == "since_closing":
            return self._since_closing(anchor)
        scale = 1 / 3 if name == "avg3m" else 1.0
        return Window(way, np.full(len(self), float(months)), shift(anchor, -months), anchor, np.full(len(self), scale))

    def _last_day(self) -> Ints:
        """The last day of a window of the past; an indication that nothing can model ends with the last certified period."""
        end = self.rows.period_end
        lacks = ~self.book.models[self.facility]
        if self.basis == "tested" or not lacks.any():
            return end
        return np.where(lacks, self.certified(end), end)

    def certified(self, day: Ints) -> Ints:
        """The end of the last period up to each day whose report was delivered as known; the day itself without one."""
        reports = self.book.reports
        asker, item = reports.table.join(self.facility)
        known = self.known[asker]
        allowed = (reports.known[item] <= known) & (known < reports.replaced[item]) & (reports.end[item] <= day[asker])
        won = latest(asker, reports.end[item], allowed, len(self))
        return np.where(won >= 0, reports.end[item[np.maximum(won, 0)]], day) if len(item) else day

    def _since_closing(self, anchor: Ints) -> Window:
        """The reported periods since closing, at most a year of them, scaled to a year: one quarter x4, two x2, three x4/3.

        A closing within a period begins with the nearer end of it; the first period counts whole.
        """
        closed = np.array([ordinal(one.facility.closing.date if one.facility.closing else None) for one in self.book.terms], dtype=np.int64)
        closing, period = closed[self.facility], months_reported(self.book.reports)[self.facility]
        since = np.floor((anchor - closing) / (MONTH * period) + 0.5) * period
        months = np.where(closing < FAR, np.clip(since, np.minimum(period, 12), 12), 12).astype(np.int64)
        return Window("past", months.astype(float), shift(anchor, -months), anchor, 12.0 / months)

    def marks(
        self, series: Ints, asker: Ints, low: Ints | None = None, high: Ints | None = None, before: Floats | None = None
    ) -> Floats:  # fmt: skip
        """float64[R, Q]: the mark `series[r]` in the world of row `asker[r]`; NaN where r names none or it has no print.

        With days (low, high] of a window, its average over them along its curve, flat before the curve's origin: a shocked mark
        scales its curve, a shocked rate shifts it in parallel. `before[r]` is the part of the days counted that lies before the
        origin, where not all of (low, high] count.
        """
        wanted = self.remapped(series, asker)
        if not (wanted >= 0).any():
            return np.full((len(series), self.columns), np.nan)
        found = shocked = self._seen(wanted, asker)
        if self.shocked is not None and self.factor is not None:
            shocked = found * np.where(self.shocked[asker] == wanted[:, None], self.factor[asker], 1.0)
        elif found.shape[1] == 1:
            shocked = np.broadcast_to(found, (len(series), self.columns))
        if low is None or high is None or not self.drifts:
            return shocked
        mean, shifts = self._along(wanted, asker, low, high, before)
        return np.where(shifts[:, None], shocked + found * (mean[:, None] - 1.0), shocked * mean[:, None])

    @property
    def looks_ahead(self) -> bool:
        """Whether the window lies ahead of the rows' days, so that curves and coming steps of the terms count."""
        return self.window is not None and self.window.way == "future"

    @property
    def drifts(self) -> bool:
        """Whether marks move along curves in the window: one ahead, or one of the past of a day that lies ahead."""
        if self.window is None or not any(self.worlds.curves):
            return False
        return self.looks_ahead or (self.window.way == "past" and bool((self.origin < self.day).any()))

    def _seen(self, wanted: Ints, asker: Ints) -> Floats:
        """float64[R, P or Q]: marks as the worlds have them, 1 in place of one that is missing where that is assumed."""
        at = np.maximum(wanted, 0)
        instant = self.rows.instant[asker]
        found: Floats = np.where(wanted[:, None] < 0, np.nan, self.worlds.marks[at, :, instant])
        missing = (self.worlds.data[at, instant] == MISSING) & (wanted >= 0)
        if missing.any():
            found = np.where(missing[:, None], np.where(self.assumed, 1.0, np.nan), found)
        return found

    def _along(self, wanted: Ints, asker: Ints, low: Ints, high: Ints, before: Floats | None) -> tuple[Floats, Bools]:
        """(average of each mark's curve over its days (low, high], the world's own day being 1; which marks shift) [R]."""
        mean, shifts = np.ones(len(wanted)), np.zeros(len(wanted), dtype=bool)
        for k in distinct(wanted):
            curve = self.worlds.curves[k] if k >= 0 else None
            if curve is not None:
                mine = wanted == k
                rows, part = asker[mine], None if before is None else before[mine]
                mean[mine] = curve.average(self.day[rows], self.origin[rows], low[mine], high[mine], part)
                shifts[mine] = is_rate(self.book.series.names[k])
        return mean, shifts

    def remapped(self, series: Ints, asker: Ints) -> Ints:
        """int64[R]: each series as row `asker[r]` reads it: under the agreement's own policy where it has one."""
        return self.book.remapped(series, self.rows.test[asker])

    def spread(self, values: Floats) -> Floats:
        """float64[N, Q] from one value a row."""
        return np.broadcast_to(values[:, None], (len(values), self.columns))

    def moved(self, column: Floats | None, neutral: float) -> Floats:
        """float64[N, Q] of a state column for the rows' facilities; `neutral` where the state says nothing."""
        if column is None:
            return np.full((len(self), self.columns), neutral)
        found = column[self.facility]
        return np.broadcast_to(found, (len(self), self.columns)) if found.shape[1] == 1 else found


def is_rate(series: str) -> bool:
    """Whether a series quotes a rate of interest, whose curve shifts rather than scales."""
    return series.split(".")[1:2] == ["rate"]


def distinct(values: Ints) -> list[int]:
    """The different values, in the order they first come."""
    return list(dict.fromkeys(values.tolist()))


def open_scope(
    book: Book, worlds: Worlds, rows: Rows, state: State = AS_AGREED, columns: int | None = None, facility: Ints | None = None
) -> Scope:
    """A scope over some rows of a book in some worlds, looking at no window; `facility` where the rows are of no test."""
    if facility is None:
        facility = book.tested[rows.test]
    day, known = worlds.days(book.zone)
    width = worlds.paths if columns is None else columns
    origin = day if worlds.origin is None else np.minimum(day, day_of(worlds.origin, book.zone))
    return Scope(
        book, worlds, rows, facility, day[rows.instant], known[rows.instant], width, worlds.basis, origin[rows.instant], state,
        share=np.zeros(len(rows)),
    )  # fmt: skip


def facility_rows(book: Book, worlds: Worlds, facility: Ints) -> Rows:
    """Rows of no test, one a facility, at the first instant: for quantities no covenant asks for."""
    day = day_of(worlds.instants[0], book.zone)
    none = np.full(len(facility), -1, dtype=np.int64)
    return Rows(none, np.zeros_like(none), np.full(len(facility), day, dtype=np.int64), np.zeros_like(none))
