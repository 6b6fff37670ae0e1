"""`covenant check` as whole processes, against stated floors.

Without options the shipped desk, warm, against an interpreter that only imports numpy and tomli; twice: the question asked
before, whose answer is kept, and one that depends on the clock and is computed each time. With --facilities N a desk of that
many loans: cold (no cache) against tomli alone reading the same bytes, and warm against the shipped desk's warm check.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from bench.desks import write_desk
from bench.paired import Paired, Side, clean_environment, measure, report, run_once

AIM = "at most 1.6"
RESULTS = frozenset(range(4))
"""Exit codes 0 to 3 are results; the rest are failures that would look fast."""
_PARSE = "import pathlib, sys, tomli; [tomli.loads(p.read_text()) for p in pathlib.Path(sys.argv[1]).rglob('*.toml')]"


def main() -> None:
    """Measure, print, and append the rows to bench/RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.check", description=__doc__)
    parser.add_argument("--pairs", type=int, help="measured runs of each side (default 40; of a large desk 5)")
    parser.add_argument("--facilities", type=int, help="a generated desk of this many loans instead of the shipped one")
    arguments = parser.parse_args()
    command = str(Path(sys.executable).with_name("covenant"))
    if arguments.facilities:
        large(command, arguments.facilities, arguments.pairs or 5)
    else:
        shipped(command, arguments.pairs or 40)


def shipped(command: str, pairs: int) -> None:
    """The desk inside the package."""
    kept = Side("covenant check", (command, "check"), RESULTS)
    fresh = Side("covenant check --as-of now", (command, "check", "--as-of", "now"), RESULTS)
    floor = Side("import numpy, tomli", (sys.executable, "-c", "import numpy, tomli"))
    for check, aim in ((kept, AIM), (fresh, "none: nothing is kept")):
        with tempfile.TemporaryDirectory() as cache:
            times = measure(check, floor, pairs, clean_environment(Path(cache)))
        report(check, floor, times, aim)


def large(command: str, count: int, pairs: int) -> None:
    """A desk of many loans, without a cache and with one."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        desk = Path(folder) / "desk"
        write_desk(desk, count)
        environment = clean_environment(Path(cache))
        cold = Side(f"covenant check, {count:,} facilities, cold", (command, "check", "--desk", str(desk)), RESULTS)
        floor = Side("tomli alone, the same bytes", (sys.executable, "-c", _PARSE, str(desk)))
        timed = []
        for _ in range(pairs):
            _emptied(Path(cache))
            timed.append((run_once(cold, environment), run_once(floor, environment)))
        report(cold, floor, Paired(tuple(a for a, _ in timed), tuple(b for _, b in timed)), "at most 1.8")
        small = Side("covenant check, shipped desk, warm", (command, "check"), RESULTS)
        for name, words, aim in (("warm", (), "at most 2"), ("warm, new as-of", ("--as-of", "now"), "none: every ratio is computed")):
            side = Side(f"covenant check, {count:,} facilities, {name}", (*cold.argv, *words), RESULTS)
            report(side, small, measure(side, small, pairs, environment, warm_up=1), aim)


def _emptied(cache: Path) -> None:
    for one in cache.iterdir():
        shutil.rmtree(one) if one.is_dir() else one.unlink()


if __name__ == "__main__":
    main()
