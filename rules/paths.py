"""Random paths of marks over future dates: one substream per (seed, block), so that the digits do not depend on who draws them."""

from __future__ import annotations

import hashlib
import math
import pickle
from collections.abc import Sequence
from typing import Protocol, TypeVar

import msgspec
import numpy as np

from rules.columns import Bools, Floats
from rules.normal import student_to_normal

BLOCK = 4096
"""Paths of a block: part of what a seed means, as another size would draw other paths."""

Made = TypeVar("Made")


class Job(Protocol[Made]):
    """Paths that are run block by block, here or elsewhere: `run` is pure, `joined` adds blocks up in their order."""

    @property
    def paths(self) -> int:
        """How many paths there are."""

    def run(self, block: int) -> Made:
        """What one block of them comes to."""

    def joined(self, parts: Sequence[Made]) -> Made:
        """Several blocks as one."""


def packed(job: object) -> tuple[bytes, str]:
    """The bytes of a job, and their sha256: what a worker checks that it holds."""
    raw = pickle.dumps(job, protocol=5)
    return raw, hashlib.sha256(raw).hexdigest()


class Process(msgspec.Struct, frozen=True):
    """D drivers over T dates. `mean` [D, T] is what the marks average along their curves; `deviation` [D] a year's, of the logarithm,
    of a rate (`plain` [D]) in its own unit; `reversion` [D] per year; `steps` [T] years between dates; `root` [D, D] of their
    correlation; `freedom` degrees of a Student copula, 0 for Gaussian.
    """

    mean: Floats
    deviation: Floats
    reversion: Floats
    plain: Bools
    steps: Floats
    root: Floats
    freedom: int = 0


def draw(process: Process, seed: int, block: int) -> Floats:
    """float64[D, T, BLOCK]: the marks of one block of paths."""
    drivers, dates = process.mean.shape
    stream = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(block,))))
    found = np.empty((drivers, dates, BLOCK))
    deviation, spread = np.zeros((drivers, BLOCK)), np.zeros(drivers)
    for t in range(dates):
        moves = _moves(process, stream)
        kept, step = _step(process, float(process.steps[t]))
        spread = spread * kept**2 + step**2
        for d in range(drivers):
            deviation[d] = deviation[d] * kept[d] + step[d] * moves[d]
            if process.plain[d]:
                found[d, t] = process.mean[d, t] + deviation[d]
            else:
                found[d, t] = process.mean[d, t] * np.exp(deviation[d] - spread[d] / 2)
    return found


def _moves(process: Process, stream: np.random.Generator) -> Floats:
    """float64[D, BLOCK]: correlated standard normals, added up driver by driver in fixed order."""
    raw = stream.standard_normal((len(process.root), BLOCK))
    made = np.zeros_like(raw)
    for d, row in enumerate(process.root):
        for j in np.flatnonzero(row).tolist():
            made[d] += row[j] * raw[j]
    if not process.freedom:
        return made
    mixed = np.sqrt(process.freedom / stream.chisquare(process.freedom, BLOCK))
    return student_to_normal(made * mixed, process.freedom)


def _step(process: Process, years: float) -> tuple[Floats, Floats]:
    """(what is left of a deviation after so long, the deviation that comes in meanwhile), each [D]."""
    return np.exp(-process.reversion * years), deviation_over(years, process.deviation, process.reversion)


def deviation_over(years: float, deviation: Floats, reversion: Floats) -> Floats:
    """float64[D]: how far marks scatter in so many years, of deviations a year that die out as fast as `reversion` [D] says."""
    twice = 2 * reversion
    time = np.where(twice > 0, -np.expm1(-twice * years) / np.where(twice > 0, twice, 1.0), years)
    return np.asarray(deviation * np.sqrt(time))


def blocks(paths: int) -> int:
    """How many blocks hold so many paths."""
    return math.ceil(paths / BLOCK)
