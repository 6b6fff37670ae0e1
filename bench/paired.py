"""Two whole processes timed side by side, A B A B, and the result as one row of bench/RESULTS.md."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

RESULTS = Path(__file__).with_name("RESULTS.md")
COLUMNS = ("date", "measured", "against", "figure", "figure against", "ratio", "quartiles", "aim", "pairs", "machine", "command")
HEAD = (
    "# Measurements\n\n"
    "Whole processes run in turn, A B A B, on one machine. Milliseconds are medians and belong to the machine; the ratio of the\n"
    "medians counts. Quartiles are of the ratios pair by pair. `make bench` appends a row. A figure without a unit is milliseconds.\n\n"
    f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}\n"
)


@dataclass(frozen=True)
class Side:
    """One command: what it is called in the table, its arguments, and the exit codes that mean it did its work."""

    name: str
    argv: Sequence[str]
    exit_codes: frozenset[int] = frozenset({0})


@dataclass(frozen=True)
class Paired:
    """Seconds of each run of A and of B, equally many, run i of A just before run i of B."""

    a: tuple[float, ...]
    b: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Median of A over median of B."""
        return median(self.a) / median(self.b)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Lower and upper quartile of the ratios pair by pair: how far the ratio can be trusted."""
        ratios = sorted(a / b for a, b in zip(self.a, self.b, strict=True))
        return ratios[len(ratios) // 4], ratios[(3 * len(ratios)) // 4]


def run_once(side: Side, env: Mapping[str, str]) -> float:
    """Wall seconds of one whole process, from its start to its end; RuntimeError with its stderr on an exit code not named by the side."""
    start = time.perf_counter()
    done = subprocess.run(side.argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    seconds = time.perf_counter() - start
    if done.returncode not in side.exit_codes:
        raise RuntimeError(f"{side.name}: exit code {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return seconds


def measure(a: Side, b: Side, pairs: int, env: Mapping[str, str], warm_up: int = 3) -> Paired:
    """Run A and B in turn `pairs` times after `warm_up` unmeasured turns; interleaved, so that a busy machine slows both."""
    for _ in range(warm_up):
        run_once(a, env)
        run_once(b, env)
    timed = [(run_once(a, env), run_once(b, env)) for _ in range(pairs)]
    return Paired(tuple(t[0] for t in timed), tuple(t[1] for t in timed))


def clean_environment(cache: Path) -> dict[str, str]:
    """This environment with `cache` as the cache folder, without a desk of the user's, and with bytecode kept as when installed."""
    dropped = {"COVENANT_DESK", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONPROFILEIMPORTTIME"}
    return {k: v for k, v in os.environ.items() if k not in dropped} | {"XDG_CACHE_HOME": str(cache)}


def machine() -> str:
    """Processor, number of processors, system and Python, as far as the system tells; no host name."""
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text(), re.M) if cpuinfo.exists() else None
    processor = found[1].strip() if found else platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def report(a: Side, b: Side, times: Paired, aim: str) -> str:
    """Print the medians and the ratio, append the row to bench/RESULTS.md, and return the row."""
    a_ms, b_ms = (f"{1000 * median(seconds):.1f}" for seconds in (times.a, times.b))
    ratio, spread = f"{times.ratio:.2f}", "{:.2f} to {:.2f}".format(*times.quartiles)
    print(f"{a.name}: {a_ms} ms\n{b.name}: {b_ms} ms\nratio {ratio} (quartiles {spread}), aim {aim}\n{machine()}")
    # orig_argv is what was typed; the interpreter is named by its own name, without its folder.
    command = " ".join(["python", *sys.orig_argv[1:]])
    return _append([a.name, b.name, a_ms, b_ms, ratio, spread, aim, str(len(times.a)), machine(), f"`{command}`"])


def record(measured: str, figure: str, aim: str, runs: int) -> str:
    """Print a figure that has no floor beside it (with its unit), append the row to bench/RESULTS.md, and return the row."""
    print(f"{measured}: {figure}, aim {aim}")
    return _append([measured, "-", figure, "-", "-", "-", aim, str(runs), machine(), f"`{' '.join(['python', *sys.orig_argv[1:]])}`"])


def _append(cells: list[str]) -> str:
    row = f"| {dt.date.today().isoformat()} | " + " | ".join(cells) + " |\n"
    if not RESULTS.exists():
        RESULTS.write_text(HEAD)
    with RESULTS.open("a") as table:
        table.write(row)
    return row
