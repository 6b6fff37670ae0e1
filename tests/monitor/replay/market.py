"""Real history from beside the checkout, as marks of a desk for the length of a test; skipped where it is not there."""

from __future__ import annotations

import csv
import functools
import shutil
import tempfile
from pathlib import Path

from monitor.session import Session, open_desk
from tests.published import data_file
from tests.rules.shipped import DESKS

Prints = list[tuple[str, float]]


@functools.cache
def prints(file: str, series: str) -> Prints:
    """(date, value) of a series, in order."""
    with data_file(file).open() as rows:
        return sorted((row["date"], float(row["value"])) for row in csv.DictReader(rows) if row["series"] == series)


def write(root: Path, series: str, unit: str, found: Prints) -> None:
    """A marks file of one series."""
    (root / "marks").mkdir(exist_ok=True)
    with (root / "marks" / f"{series}.csv").open("w") as out:
        out.write("series,date,value,unit,source\n")
        out.writelines(f"{series},{date},{value!r},{unit},history\n" for date, value in found)


def history_desk(first: str, last: str) -> Path:
    """The desk of past loans in a folder of its own, over daily closes of bitcoin."""
    closes = [(date, value) for date, value in prints("crypto.csv", "BTC-USD.close") if first <= date < last]
    root = Path(tempfile.mkdtemp()) / "history"
    shutil.copytree(DESKS / "history", root)
    (root / "marks" / "events.csv").unlink()
    write(root, "BTC.price", "USD/BTC", closes)
    return root


@functools.cache
def on_closes() -> Session:
    """The loans of the past over the closes of 2021 to 2024."""
    return open_desk(history_desk("2021-12-01", "2025-01-01"))
