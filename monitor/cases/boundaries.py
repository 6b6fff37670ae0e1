"""Worlds exactly at a threshold, a hair above it and a hair below: what the operator and the rounding say must come out.

The lead mark is moved where a mark drives the test, else the tested quantity itself is given. What must come out is
computed here from the ratio of that world in decimal arithmetic, apart from the comparison that is being tried.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import msgspec
import numpy as np

from monitor.assess import Picture, Standing
from monitor.cases.outcome import Check
from monitor.reading import Reading, rung_on
from rules.compare import RESULTS, effective, thresholds_on
from rules.covenants import Test
from rules.evaluate import evaluate
from rules.levels import Level
from rules.scope import Rows
from rules.state import State, on_top
from rules.worlds import GOOD, Worlds

TIE = Decimal("1e-9")
CENT = Decimal("1e-4")
_HAIRS = (1e-6, 1e-5, 1e-4, 1e-3)


class Tried(NamedTuple):
    """The checks of one covenant, or why its thresholds cannot be reached."""

    name: str
    checks: list[Check]
    reason: str | None


def tried(picture: Picture, standing: Standing) -> Tried:
    """Every level of one covenant, tried at the world of its last test, else at the as-of."""
    name = f"{picture.book.ids[standing.test.facility]}/{standing.test.covenant.id}"
    reading = next((one for one in (standing.tested, standing.indicative) if one is not None and one.waits is None), None)
    if reading is None or standing.test.quantity is None:
        return Tried(name, [], "it is not computed")
    brink = _Brink(picture, reading, standing.test)
    checks = [check for place in _places(standing.test) for check in brink.level(name, place)]
    return Tried(name, checks, None if checks else brink.reason)


def _places(test: Test) -> list[int]:
    """The levels that switch something: each rung of a ladder, else the covenant's own."""
    return list(range(1, len(test.levels))) if test.covenant.rung else [0]


class _Brink:
    """One test in one world, to be pushed to its levels."""

    def __init__(self, picture: Picture, reading: Reading, test: Test) -> None:
        made, n = reading.assessment, reading.row
        self.picture, self.reading, self.test = picture, reading, test
        self.reason: str | None = None
        at = int(made.rows.instant[n])
        data = np.full((len(made.worlds.series), 1), GOOD, dtype=np.int8)
        self.worlds = Worlds(
            made.worlds.series, made.worlds.instants[at : at + 1], made.worlds.known_at[at : at + 1], made.worlds.marks[:, :, at : at + 1],
            data, made.worlds.basis,
        )  # fmt: skip
        row = made.rows.pick(np.array([n]))
        self.row = Rows(row.test, np.zeros_like(row.instant), row.period_end, row.due)
        self.state = made.state

    def level(self, name: str, place: int) -> list[Check]:
        """At one level, above and below; nothing where it cannot be reached."""
        level = self.test.levels[place]
        threshold = float(thresholds_on(level.threshold, self.row.period_end)[0])
        if math.isnan(threshold):
            self.reason = "its level is not known"
            return []
        mark = self._mark(place)
        brink = mark[1] if mark else float(effective(level, np.array([threshold]), self.test.covenant.round)[0])
        series = mark[0] if mark else None
        here = self._at(series, brink)
        sides = next((found for hair in _HAIRS if (found := self._sides(series, brink, hair)) and self._clear(found, here)), None)
        if sides is None or any(self._result(one) not in ("pass", "watch", "fail") for one in (here, *sides)):
            self.reason = "nothing moves it across its level"
            return []
        moved = f"{name} at {self._driver(series)} {{}}"
        label = f"{level.label or 'result'} {level.operator} {threshold:g}"
        checks = [
            self._check(moved.format(where), label, one, level, place, threshold)
            for where, one in zip((f"{brink:.10g}", "a hair above", "a hair below"), (here, *sides), strict=True)
        ]
        return [*checks, self._apart(name, label, sides, level, place)]

    def _mark(self, place: int) -> tuple[int, float] | None:
        """(series number, level) of the mark that moves the test itself and breaks this level nearest to where it stands."""
        drivers, n = self.reading.assessment.drivers, self.reading.row
        found = [
            (abs(float(drivers.shock[n, slot, place])), int(k), float(drivers.breach[n, slot, place]))
            for slot, k in enumerate(drivers.series[n])
            if k >= 0 and drivers.direct[n, slot] and not math.isnan(drivers.shock[n, slot, place])
        ]
        return min(found)[1:] if found else None

    def _driver(self, series: int | None) -> str:
        assert self.test.quantity is not None
        return self.test.quantity.name if series is None else self.worlds.series[series]

    def _at(self, series: int | None, value: float) -> Reading:
        worlds, state = self.worlds, self.state
        if series is not None:
            marks = worlds.marks.copy()
            marks[series] = value
            worlds = msgspec.structs.replace(worlds, marks=marks)
        else:
            given = np.full(len(self.picture.book.ids), np.nan)
            given[self.test.facility] = value
            state = on_top(State(given={self._driver(None): given}), state)
        made = evaluate(self.picture.book, worlds, state, self.row)
        return Reading(made, 0, self.reading.period_end, self.reading.due)

    def _sides(self, series: int | None, brink: float, hair: float) -> tuple[Reading, Reading]:
        step = abs(brink) * hair or hair
        return self._at(series, brink + step), self._at(series, brink - step)

    def _clear(self, sides: tuple[Reading, Reading], here: Reading) -> bool:
        """Whether both sides lie further from the brink than a tie."""
        middle = _ratio(here)
        ratios = [_ratio(one) for one in sides]
        if middle is None or None in ratios:
            return False
        return all(not self._near(one, middle) for one in ratios if one is not None)

    def _near(self, one: Decimal, other: Decimal) -> bool:
        return abs(one - other) <= (10 * CENT if self.test.unit == "money" else 10 * TIE * max(abs(one), abs(other)))

    def _result(self, one: Reading) -> str:
        return RESULTS[int(one.assessment.result[0, 0])]

    def _passes(self, one: Reading, place: int) -> bool:
        """What the engine says of a level: the result of the covenant's own, whether a rung is off."""
        if place == 0:
            return self._result(one) != "fail"
        labels = [level.label for level in self.test.levels]
        on = rung_on(one)
        return on is None or max(at for at, label in enumerate(labels) if at and label == on) < place

    def _check(self, about: str, field: str, one: Reading, level: Level, place: int, threshold: float) -> Check:
        ratio = _ratio(one)
        assert ratio is not None
        wanted, got = must_pass(ratio, level.operator, threshold, self.test.covenant.round, self.test.unit), self._passes(one, place)
        words = ("fail", "pass") if place == 0 else ("on", "off")
        return Check(about=about, field=field, expected=words[wanted], got=words[got], good=wanted == got)

    def _apart(self, name: str, label: str, sides: tuple[Reading, Reading], level: Level, place: int) -> Check:
        """The two sides differ, or else the level is not where it was said to be."""
        above, below = (self._passes(one, place) for one in sides)
        good = above != below if level.operator != "==" else not (above or below)
        shown = "one passes" if above != below else "both pass" if above else "neither passes"
        wanted = "one passes" if level.operator != "==" else "neither passes"
        return Check(about=f"{name} on either side", field=label, expected=wanted, got=shown, good=good)


def _ratio(one: Reading) -> Decimal | None:
    top, under = float(one.assessment.numerator[0, 0]), float(one.assessment.denominator[0, 0])
    return Decimal(top) / Decimal(under) if math.isfinite(top) and math.isfinite(under) and under > 0 else None


def must_pass(ratio: Decimal, operator: str, threshold: float, places: int | None, unit: str) -> bool:
    """Whether a ratio passes: a tie (1e-9, of money a hundredth of a cent) counts as equal, rounding is half up."""
    level = Decimal(repr(threshold))
    if places is not None:
        ratio = (ratio + TIE * Decimal(10) ** -places).quantize(Decimal(10) ** -places, ROUND_HALF_UP)
    tie = max(CENT if unit == "money" else Decimal(0), TIE * max(abs(ratio), abs(level)))
    if abs(ratio - level) <= tie:
        return operator in (">=", "<=", "==")
    return {">": ratio > level, ">=": ratio > level, "<": ratio < level, "<=": ratio < level, "==": False}[operator]
