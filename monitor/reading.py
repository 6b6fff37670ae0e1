"""One reading of one covenant, and what can be asked of it: the rung that is on, whether it is restored, what it lacks."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np

from rules.compare import INDETERMINATE, NOT_TESTED, RESULTS, effective, passes, size, slack, thresholds_on
from rules.covenants import Test
from rules.evaluate import Assessment
from rules.life import shortfall
from rules.worlds import STALE


class Reading(NamedTuple):
    """One assessment of one covenant: the columns and the row in them; `waits` says why a test is not judged yet.

    `cured`: whether the test passes with the cure money recorded for this covenant and period; None where none was.
    """

    assessment: Assessment
    row: int
    period_end: dt.date
    due: dt.date | None
    waits: str | None = None
    cured: bool | None = None

    @property
    def test(self) -> Test:
        """The covenant as it was judged: under the terms of the day tested."""
        return self.assessment.book.tests[int(self.assessment.rows.test[self.row])]

    @property
    def result(self) -> str:
        """The result in words."""
        return "not_tested" if self.waits else RESULTS[int(self.assessment.result[self.row, 0])]


def missing_money(one: Reading) -> float | None:
    """The money that would have restored a failed test under its cure right; None where there is none, or no figure."""
    made, n, test = one.assessment, one.row, one.test
    cure = test.covenant.cure
    if cure is None or one.result != "fail" or test.on(one.period_end.toordinal()).numerator is None:
        return None
    level = effective(test.levels[0], made.threshold[n : n + 1], test.covenant.round)
    return shortfall(cure.kind, test.levels[0].operator, float(made.numerator[n, 0]), float(made.denominator[n, 0]), float(level[0]))


def doubtful(one: Reading) -> list[str]:
    """The series a reading needs and has no usable mark of."""
    made, n = one.assessment, one.row
    return sorted(
        made.worlds.series[k]
        for slot, k in enumerate(made.drivers.series[n])
        if k >= 0 and made.drivers.direct[n, slot] and made.worlds.data[k, made.rows.instant[n]] >= STALE
    )


def instant_of(one: Reading) -> dt.datetime:
    """The instant of its world."""
    return one.assessment.worlds.instants[int(one.assessment.rows.instant[one.row])]


def is_open(one: Reading) -> bool:
    """Whether a continuous reading may stand on something older: it fails, a rung is on or not restored, or its marks no longer tell."""
    test = one.test
    if one.waits is not None:
        return False
    if one.result in ("fail", "indeterminate"):
        return True
    if test.covenant.rung:
        return rung_on(one) is not None or not restored(one)
    return test.class_ == "trigger" and bool(stays_on(one))


def stays_on(one: Reading) -> bool:
    """Whether a trigger that is on stays on: its leaving level is not met."""
    off = next((level for level in one.test.levels if level.label == "off"), None)
    if off is None or one.result in ("indeterminate", "not_tested"):
        return one.result == "fail"
    made, n = one.assessment, one.row
    level = thresholds_on(off.threshold, made.rows.period_end[n : n + 1])
    gap = slack(off.operator, made.numerator[n], made.denominator[n], level)
    return not passes(off.operator, gap, size(made.numerator[n], made.denominator[n], level))[0]


def restored(one: Reading) -> bool:
    """Whether the ratio is back at the restore level of every rung that names one."""
    made, n = one.assessment, one.row
    for level in one.test.levels[1:]:
        if level.rung is not None and level.rung.restore_to is not None:
            target = np.array([float(level.rung.restore_to)])
            operator = "<=" if level.operator in ("<=", "<") else ">="
            gap = slack(operator, made.numerator[n], made.denominator[n], target)
            if not passes(operator, gap, size(made.numerator[n], made.denominator[n], target))[0]:
                return False
    return True


def rung_on(reading: Reading) -> str | None:
    """The worst rung of a ladder that is on, None where none is or the ratio is not known."""
    made, n = reading.assessment, reading.row
    if made.result[n, 0] in (INDETERMINATE, NOT_TESTED):
        return None
    test, found = reading.test, None
    for level in test.levels[1:]:
        threshold = effective(level, thresholds_on(level.threshold, made.rows.period_end[n : n + 1]), test.covenant.round)
        gap = slack(level.operator, made.numerator[n], made.denominator[n], threshold)
        if level.rung is not None and not passes(level.operator, gap, size(made.numerator[n], made.denominator[n], threshold))[0]:
            found = level.label
    return found
