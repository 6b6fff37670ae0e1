"""`covenant check` on the shipped desk, warm, against an interpreter that only imports numpy and tomli.

Twice: the question asked before, whose answer is kept, and one that depends on the clock and is computed each time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench.paired import Side, clean_environment, measure, report

AIM = "at most 1.6"


def main() -> None:
    """Measure, print, and append the row to bench/RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.check", description=__doc__)
    parser.add_argument("--pairs", type=int, default=40, help="measured runs of each side (default 40)")
    pairs = parser.parse_args().pairs
    # Exit codes 0 to 3 are results; the rest are failures that would look fast.
    command = str(Path(sys.executable).with_name("covenant"))
    kept = Side("covenant check", (command, "check"), frozenset(range(4)))
    fresh = Side("covenant check --as-of now", (command, "check", "--as-of", "now"), frozenset(range(4)))
    floor = Side("import numpy, tomli", (sys.executable, "-c", "import numpy, tomli"))
    for check, aim in ((kept, AIM), (fresh, "none: nothing is kept")):
        with tempfile.TemporaryDirectory() as cache:
            times = measure(check, floor, pairs, clean_environment(Path(cache)))
        report(check, floor, times, aim)


if __name__ == "__main__":
    main()
