"""Five years of daily results of 1,000 covenants put into law, against one pass of numpy over the same codes."""

from __future__ import annotations

import datetime as dt
import statistics
import time

import numpy as np

from facilities.calendars import Calendar
from facilities.model import Covenant, TestTerms
from rules.life import Tested, history, turns

DAYS, COVENANTS, ROUNDS = 1826, 1000, 5
START = dt.datetime(2021, 10, 1, tzinfo=dt.UTC)


def codes() -> np.ndarray:
    """int8[COVENANTS, DAYS]: random walks about their level, so that states turn now and then, with some days unknown."""
    dice = np.random.default_rng(0)
    walk = np.cumsum(dice.normal(size=(COVENANTS, DAYS)), axis=1) + dice.normal(scale=40, size=(COVENANTS, 1))
    found = np.where(walk < -30, 2, np.where(walk < -20, 1, 0)).astype(np.int8)
    found[dice.random(found.shape) < 0.01] = 3
    return found


def main() -> None:
    """Measure and print both sides and their ratio."""
    held, names = codes(), ("pass", "watch", "fail", "indeterminate")
    terms = TestTerms(frequency="daily")
    covenant = Covenant(id="c", test=terms, on_fail="event_of_default", continuing_until="remedied")
    instants = [START + dt.timedelta(days=day) for day in range(DAYS)]
    calendar, now = Calendar("weekends"), instants[-1]

    def law() -> int:
        found = 0
        for row in held:
            results = [Tested(instants[t], names[row[t]]) for t in turns(covenant, "maintenance", row).tolist()]
            found += len(history(covenant, "maintenance", results, now=now, calendar=calendar).transitions)
        return found

    def floor() -> int:
        return sum(int(np.count_nonzero(np.diff(row == 2))) for row in held)

    times = {}
    for name, work in (("numpy", floor), ("law", law)):
        found = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            work()
            found.append(time.perf_counter() - begun)
        times[name] = statistics.median(found)
    print(f"{COVENANTS} covenants x {DAYS} days, {law()} transitions: {times['law'] * 1e3:.0f} ms, {times['law'] / times['numpy']:.1f} x")


if __name__ == "__main__":
    main()
