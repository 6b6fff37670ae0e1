"""Every error and warning a marks file can cause: code, name, level and what to do about it."""

from __future__ import annotations

from facilities.catalogue import Kind
from facilities.problems import Place, Problem

MAX_BYTES = 50_000_000
MAX_LINE = 10_000
MAX_ERRORS = 1_000
_SHOWN = 160

_ROWS = (
    # the file
    Kind("M001", "unreadable", "error", "a marks file is a plain file that the monitor may read"),
    Kind("M002", "too-big", "error", "split the file by year or by series; 50 MB is the limit"),
    Kind("M003", "not-utf8", "error", "save the file as UTF-8"),
    Kind("M004", "byte-order-mark", "warning", "read all the same; save the file as UTF-8 without a byte order mark"),
    Kind("M005", "nul-byte", "error", "the file is damaged or is no text; write it again"),
    Kind("M006", "line-too-long", "error", "10,000 characters is the limit of a line"),
    Kind("M007", "no-header", "error", "the first line names the columns: series,date,value,unit,source"),
    # the header
    Kind("M008", "unknown-column", "error", "remove the column"),
    Kind("M009", "missing-column", "error", "series, date, value, unit and source are needed, in any order"),
    Kind("M010", "repeated-column", "error", "name each column once"),
    # the rows
    Kind("M011", "bad-quoting", "error", 'a field with a comma or a quote stands in quotes, and a quote in it is doubled: "a ""b"", c"'),
    Kind("M012", "wrong-number-of-fields", "error", "one field per column; a field that holds a comma stands in quotes"),
    Kind("M013", "bad-series", "error", "write ASSET.kind or ASSET.kind.basis, such as BTC.price or H100-SXM.rent.ondemand"),
    Kind("M014", "bad-date", "error", "write a date as 2026-11-22 or a time as 2026-11-22T16:00:00Z"),
    Kind("M015", "time-without-offset", "error", "end the time with Z or an offset such as -05:00"),
    Kind("M016", "placeholder", "warning", "the row is skipped; leave it out"),
    Kind("M017", "not-a-number", "error", "write digits and a point only: 83275.93"),
    Kind("M018", "not-finite", "error", "leave a value that is not known out"),
    Kind("M019", "not-positive", "error", "0 is a placeholder, not a price; leave a value that is not known out"),
    Kind("M020", "unknown-unit", "error", "write a unit of the kind of mark"),
    Kind("M021", "mixed-units", "error", "a series has one unit; give the other measure a series of its own"),
    Kind("M022", "no-source", "error", "say who gave the value"),
    Kind("M023", "conflicting-prints", "error", "give the revision its own known_at, or remove one of the two"),
    Kind("M024", "repeated-print", "warning", "counted once; remove one of the two"),
    Kind("M025", "known-before-observed", "warning", "check both; a date alone is the end of its day"),
    Kind("M026", "override-by-one", "error", "an override needs by and approved_by, two different people"),
    Kind("M027", "bad-count", "error", "n_obs is a whole number from 1"),
    Kind("M028", "implausible", "warning", "check the value against its unit"),
    Kind("M029", "too-many-errors", "error", "correct these first"),
)

CATALOGUE: dict[str, Kind] = {row.code: row for row in _ROWS}
"""Code to entry, in the order they are documented."""


def problem(code: str, place: Place, message: str, hint: str | None = None) -> Problem:
    """The finding `code` at `place`, with the catalogue's hint where none is given; KeyError on an unknown code."""
    return CATALOGUE[code].problem(place, message, hint, _SHOWN)
