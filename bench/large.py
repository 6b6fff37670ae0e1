"""`covenant check` of a large desk: read for the first time against tomli alone on the same bytes, asked again against the shipped desk."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench.desks import write_desk
from bench.paired import Side, clean_environment, measure, report

_READ = "import pathlib, sys, tomli\nfor path in pathlib.Path(sys.argv[1]).rglob('*.toml'): tomli.loads(path.read_text())"


def main() -> None:
    """Measure, print, and append the rows to bench/RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.large", description=__doc__)
    parser.add_argument("--facilities", type=int, default=10_000, help="facilities of the desk (default 10,000)")
    parser.add_argument("--pairs", type=int, default=5, help="measured runs of each side (default 5)")
    arguments = parser.parse_args()
    command, done = str(Path(sys.executable).with_name("covenant")), frozenset(range(4))
    with tempfile.TemporaryDirectory() as folder:
        desk = Path(folder) / "desk"
        write_desk(desk, arguments.facilities)
        words, name = ("check", "--desk", str(desk)), f"covenant check, {arguments.facilities:,} facilities"
        first = Side(f"{name}, read anew", ("sh", "-c", 'XDG_CACHE_HOME=$(mktemp -d) exec "$@"', "sh", command, *words), done)
        tomli = Side("tomli alone on the same bytes", (sys.executable, "-c", _READ, str(desk)))
        again, shipped = Side(f"{name}, asked again", (command, *words), done), Side("of the shipped desk", (command, "check"), done)
        for a, b, aim in ((first, tomli, "at most 1.8"), (again, shipped, "at most 2")):
            with tempfile.TemporaryDirectory(dir=folder) as cache:
                report(a, b, measure(a, b, arguments.pairs, clean_environment(Path(cache))), aim)


if __name__ == "__main__":
    main()
