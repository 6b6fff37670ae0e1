"""1,000 facilities x 10,000 paths x 12 quarters x 2 covenants: our folded cells against the same loops in C, and two processes against one.

The C is compiled here, with gcc -O3 -march=native, and handed the very same marks and coefficients; both count the first failing
quarter of every path. Seconds are of the counting alone: what draws the paths is the same for both.
"""

from __future__ import annotations

import argparse
import ctypes
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from bench.paired import Paired, Side, record, report
from monitor.stress.pool import simulate
from rules.fold import Fold
from rules.paths import BLOCK, Process, draw
from rules.scope import Rows
from rules.simulate import Plan, tally
from rules.worlds import Worlds

FACILITIES, COVENANTS, QUARTERS, PATHS, DRIVERS = 1000, 2, 12, 10_000, 8
C = r"""
#include <stdint.h>
#include <string.h>
void count(const double *marks, const double *constant, const double *slope, const int64_t *driver, int64_t tests, int64_t dates,
           int64_t slots, int64_t paths, int64_t *first, uint8_t *alive) {
  for (int64_t n = 0; n < tests; n++) {
    memset(alive, 1, paths);
    for (int64_t t = 0; t < dates; t++) {
      int64_t cell = n * dates + t, hits = 0;
      for (int64_t p = 0; p < paths; p++) {
        double gap = constant[cell];
        for (int64_t s = 0; s < slots; s++) gap += slope[cell * slots + s] * marks[(driver[cell * slots + s] * dates + t) * paths + p];
        uint8_t now = (gap < 0) & alive[p];
        hits += now;
        alive[p] &= !now;
      }
      first[cell] = hits;
    }
  }
}
"""


def plan_of(slots: int, paths: int = PATHS) -> Plan:
    """A book of coefficients alone: each test moved by `slots` marks of eight."""
    tests, stream = FACILITIES * COVENANTS, np.random.default_rng(1)
    cells = tests * QUARTERS
    drivers = np.stack([stream.permutation(DRIVERS)[:slots] for _ in range(tests)]).repeat(QUARTERS, axis=0)
    slope = stream.uniform(1, 2, (cells, slots))
    constant = -slope.sum(axis=1) * stream.uniform(0.3, 0.6, cells)
    at = np.tile(np.arange(QUARTERS), tests)
    rows = Rows(np.repeat(np.arange(tests), QUARTERS), at, at, np.zeros(cells, np.int64))
    yes = np.ones(cells, bool)
    made = Fold(rows, constant, slope, drivers, np.zeros(cells), yes, yes, ~yes)
    process = Process(
        np.ones((DRIVERS, QUARTERS)), np.full(DRIVERS, 0.4), np.zeros(DRIVERS), np.zeros(DRIVERS, bool), np.full(QUARTERS, 0.25),
        np.eye(DRIVERS),
    )  # fmt: skip
    names = tuple(f"M{k}.price" for k in range(DRIVERS))
    worlds = Worlds(names, (), (), np.ones((DRIVERS, 1, QUARTERS)), np.zeros((DRIVERS, QUARTERS), np.int8))
    return Plan(1, paths, QUARTERS, made, worlds, np.arange(DRIVERS), process, np.ones(tests, bool), np.ones(tests), money=False)


def compiled(folder: Path) -> ctypes.CDLL:
    """The loops in C."""
    (folder / "count.c").write_text(C)
    subprocess.run(["gcc", "-O3", "-march=native", "-shared", "-fPIC", "-o", folder / "count.so", folder / "count.c"], check=True)
    return ctypes.CDLL(str(folder / "count.so"))


def against_c(loops: ctypes.CDLL, slots: int, pairs: int, aim: str) -> None:
    """Both on the same marks, in turn; their counts must be equal."""
    plan = plan_of(slots)
    marks = np.concatenate([draw(plan.process, 1, block) for block in range(3)], axis=2)[:, :, :PATHS].copy()
    first, alive = np.zeros(len(plan.fold.constant), np.int64), np.zeros(PATHS, np.uint8)
    arrays = [marks, plan.fold.constant, plan.fold.slope.copy(), plan.fold.drivers.copy()]
    numbers = [len(plan.counts), QUARTERS, slots, PATHS]
    pointers = [ctypes.c_void_p(one.ctypes.data) for one in arrays]
    ours, theirs = [], []
    for _ in range(pairs):
        start = time.perf_counter()
        made = tally(plan, marks)
        middle = time.perf_counter()
        loops.count(*pointers, *(ctypes.c_int64(one) for one in numbers), *(ctypes.c_void_p(one.ctypes.data) for one in (first, alive)))
        ours.append(middle - start)
        theirs.append(time.perf_counter() - middle)
    assert np.array_equal(made.first.ravel(), first), "numpy and C count differently"
    # the ratio counts how fast we are, so C stands first
    names = (f"loops in C, {slots} marks a test", f"folded cells, {slots} marks a test")
    report(Side(names[0], ()), Side(names[1], ()), Paired(tuple(theirs), tuple(ours)), aim)


class Ticks:
    """When each block was done: the seconds to the first ones, and the seconds a block from there on."""

    def __init__(self, processes: int) -> None:
        self.processes, self.at = processes, [time.perf_counter()]

    def __call__(self, done: int, _: int) -> None:
        if done:
            self.at.append(time.perf_counter())

    def steady(self) -> float:
        """Seconds a block once every process is at work: from the first block of each to the last but one."""
        first, last = self.processes, len(self.at) - self.processes
        return (self.at[last] - self.at[first]) / (last - first)

    def start(self) -> float:
        """Seconds until the processes were at work: to the first block, less what that took."""
        return max(0.0, self.at[1] - self.at[0] - self.steady())

    def whole(self) -> float:
        """Seconds of all, start included."""
        return self.at[-1] - self.at[0]


def two_processes(count: int, pairs: int) -> None:
    """One process against two over so many blocks: the steady state, the whole with its start, and the start alone."""
    plan, seen = plan_of(2, count * BLOCK), []
    for _ in range(pairs):
        ticks = Ticks(1), Ticks(2)
        alone = simulate(plan, tell=ticks[0]).tally
        ticks[1].at[0] = time.perf_counter()
        both = simulate(plan, workers=2, tell=ticks[1]).tally
        assert alone is not None and both is not None and np.array_equal(alone.first, both.first), "two processes count differently"
        seen.append(ticks)
    for what, seconds in (("a block, steady", Ticks.steady), (f"{count} blocks, start included", Ticks.whole)):
        times = Paired(tuple(seconds(one) for one, _ in seen), tuple(seconds(two) for _, two in seen))
        report(Side(f"one process, {what}", ()), Side(f"two processes, {what}", ()), times, "at least 1.6")
    start = median(two.start() for _, two in seen)
    record("start of two processes, a plan of 24,000 cells sent to each", f"{start:.2f} s", "none", pairs)


def main() -> None:
    """Measure and append the rows to bench/RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.stress", description=__doc__)
    parser.add_argument("--pairs", type=int, default=5, help="runs of each side against C, in turn")
    parser.add_argument("--blocks", type=int, default=64, help="blocks of 4,096 paths run on one process and on two")
    parser.add_argument("--runs", type=int, default=3, help="runs on one process and on two, in turn")
    parser.add_argument("--only", choices=("c", "processes"), help="one of the two measurements")
    asked = parser.parse_args()
    if asked.only != "processes":
        with tempfile.TemporaryDirectory() as folder:
            loops = compiled(Path(folder))
            against_c(loops, 1, asked.pairs, "at least 0.15 where one mark decides")
            against_c(loops, 4, asked.pairs, "at least 0.03 in general")
    if asked.only != "c":
        two_processes(asked.blocks, asked.runs)


if __name__ == "__main__":
    main()
