"""A mark that a person enters, read as a row of a marks file is: every problem of such a row is one here."""

from __future__ import annotations

import csv
import datetime as dt
import io

import msgspec

from facilities.problems import Place, Problem
from monitor.marks.csvfile import read_rows
from monitor.marks.history import History
from monitor.marks.prints import Print
from monitor.marks.problems import problem
from monitor.places import DeskError

_NAME = "marks set"
"""What is named in a problem in the place of a file."""


def entered(
    series: str, at: dt.datetime, value: str, unit: str, source: str, history: History, timezone: dt.tzinfo
) -> tuple[Print, list[Problem]]:
    """The print in its canonical unit, with what is odd of it. Raises DeskError for what no row may say, or another unit than before."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("series", "date", "value", "unit", "source"))
    writer.writerow((series, at.isoformat(), value, unit, source))
    prints, found = read_rows(out.getvalue().encode("utf-8", "surrogateescape"), _NAME, timezone)
    found = [msgspec.structs.replace(one, place=Place(_NAME)) for one in found]  # nobody sees the row that was made of it
    if any(one.level == "error" for one in found) or not prints:
        raise DeskError(found)
    held = history.unit(series)
    if held is not None and prints[0].unit != held:
        raise DeskError([problem("M021", Place(_NAME), f"{prints[0].unit!r} here, {held!r} in every print of {series}")])
    return prints[0], found
