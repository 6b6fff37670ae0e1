"""Tests folded to coefficients: a slack that is affine in marks is a constant and a slope per mark, worked out once per date."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from rules.book import Book
from rules.columns import Bools, Floats, Ints
from rules.compare import INDETERMINATE, MONEY, NOT_TESTED, TIE, size, slack
from rules.evaluate import evaluate
from rules.headroom import empty_drivers, probe
from rules.scope import Rows
from rules.state import AS_AGREED, State
from rules.stressed import levels_of
from rules.worlds import Worlds


class Fold(msgspec.Struct, frozen=True):
    """C cells (a test at a date): `slack = constant + sum(slope x mark)`, failing below `-tie`.

    `drivers` int64[C, S] are series, -1 for none; `folded` bool[C] says which cells this holds for; `due` which are tested,
    `unknown` which cannot be.
    """

    rows: Rows
    constant: Floats
    slope: Floats
    drivers: Ints
    tie: Floats
    folded: Bools
    due: Bools
    unknown: Bools


def fold(book: Book, worlds: Worlds, rows: Rows, state: State = AS_AGREED) -> Fold:
    """The cells of some rows about worlds of one path. What is folded has been held against the kernel in other worlds."""
    base = evaluate(book, worlds, state, rows)
    levels, series = levels_of(book, rows), empty_drivers(book, rows).series
    count = len(rows)
    constant, slope = np.full(count, np.nan), np.zeros(series.shape)
    for places in _groups(book, rows):
        part = rows.pick(places)
        probed = probe(book, worlds, part, state, series[places])
        operators = [book.tests[t].levels[0].operator for t in part.test]
        gaps = _slacks(operators, *probed.doubled, levels[places])
        marks = worlds.marks[np.maximum(series[places], 0), 0, part.instant[:, None]]
        moved = np.where(series[places] >= 0, gaps[:, 1:] - gaps[:, :1], 0.0)
        slope[places] = np.divide(moved, marks, out=np.full_like(moved, np.nan), where=(marks != 0) & (moved != 0))
        slope[places] = np.where(moved == 0, 0.0, slope[places])
        constant[places] = gaps[:, 0] - np.where(moved == 0, 0.0, moved).sum(axis=1)
    operators = [book.tests[t].levels[0].operator for t in rows.test]
    scale = size(base.numerator, base.denominator, levels[:, None])[:, 0]
    strict = np.array([one in (">", "<") for one in operators])
    tie = np.where(strict, -TIE, TIE) * np.maximum(np.nan_to_num(scale), [MONEY if book.tests[t].unit == "money" else 0 for t in rows.test])
    unknown = base.result[:, 0] == INDETERMINATE
    due = (base.result[:, 0] != NOT_TESTED) & ~unknown
    able = due & np.isfinite(constant) & np.isfinite(slope).all(axis=1) & _straight(book, rows)
    made = Fold(rows, constant, slope, series, tie, able, due, unknown)
    return msgspec.structs.replace(made, folded=able & _verified(book, worlds, made, levels, operators, state))


def fold_some(book: Book, worlds: Worlds, rows: Rows, wanted: Bools, state: State = AS_AGREED) -> Fold:
    """The fold of all rows, of which only those `wanted` bool[C] are looked at: the others are not due."""
    places = np.flatnonzero(wanted)
    made = fold(book, worlds, rows.pick(places), state)

    def spread(part: Any, empty: float) -> Any:
        found = np.full((len(rows), *part.shape[1:]), empty, dtype=part.dtype)
        found[places] = part
        return found

    return Fold(
        rows, spread(made.constant, np.nan), spread(made.slope, 0.0), spread(made.drivers, -1), spread(made.tie, 0.0),
        *(spread(one, False) for one in (made.folded, made.due, made.unknown)),
    )  # fmt: skip


def _groups(book: Book, rows: Rows) -> list[Ints]:
    """The places of the rows that share a formula."""
    found: dict[tuple[int, int], list[int]] = {}
    for n, t in enumerate(rows.test.tolist()):
        form = book.tests[t].on(rows.period_end[n])
        if form.numerator is not None:
            found.setdefault((id(form.numerator), id(form.denominator)), []).append(n)
    return [np.array(places, dtype=np.int64) for places in found.values()]


def _straight(book: Book, rows: Rows) -> Bools:
    """bool[C]: no mark bends the formula, no condition switches the test, no rounding hides its denominator."""
    tests = [book.tests[t] for t in rows.test]
    plain = [test.springs is None and test.covenant.round is None for test in tests]
    affine = [test.on(day).affine for test, day in zip(tests, rows.period_end, strict=True)]
    return np.asarray(np.array(plain, dtype=bool) & np.array(affine, dtype=bool) & (book.ints["fx"][book.tested[rows.test]] < 0))


def _verified(book: Book, worlds: Worlds, made: Fold, levels: Floats, operators: list[str], state: State) -> Bools:
    """bool[C]: whether the coefficients say what the kernel says in three other worlds."""
    factors = np.exp(np.random.default_rng(7).normal(0, 0.4, (worlds.marks.shape[0], 3)))
    elsewhere = msgspec.structs.replace(worlds, marks=worlds.marks * factors[:, :, None])
    seen = evaluate(book, elsewhere, state, made.rows)
    wanted = _slacks(operators, seen.numerator, seen.denominator, levels)
    found = slack_in(made, elsewhere.marks)
    near = np.abs(found - wanted) <= 1e-9 * np.maximum(size(seen.numerator, seen.denominator, levels[:, None]), 1e-12)
    return np.asarray(near.all(axis=1))


def slack_in(made: Fold, marks: Floats) -> Floats:
    """float64[C, P]: the slack of every cell, from marks [K, P, T]; missing marks count where their slope is nothing."""
    found = np.repeat(made.constant[:, None], marks.shape[1], axis=1)
    for s in range(made.drivers.shape[1]):
        values = marks[np.maximum(made.drivers[:, s], 0), :, made.rows.instant]
        found += np.where(made.slope[:, s : s + 1] != 0, made.slope[:, s : s + 1] * values, 0.0)
    return found


def _slacks(operators: list[str], top: Floats, under: Floats, levels: Floats) -> Floats:
    found = np.full_like(top, np.nan)
    for operator in dict.fromkeys(operators):
        mine = np.array([one == operator for one in operators])
        found[mine] = slack(operator, top[mine], under[mine], levels[mine][:, None])
    return found
