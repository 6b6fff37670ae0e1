"""Reading marks files: bytes to header and records, every problem of every file at once."""

from __future__ import annotations

import csv
import datetime as dt
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from facilities.problems import Place, Problem
from monitor.marks.duplicates import without_repeats
from monitor.marks.header import header_problems
from monitor.marks.instants import zone
from monitor.marks.prints import Print
from monitor.marks.problems import MAX_BYTES, MAX_ERRORS, MAX_LINE, problem
from monitor.marks.rows import RowReader
from monitor.marks.scan import CsvText

_BOM = b"\xef\xbb\xbf"
_BOM16 = (b"\xff\xfe", b"\xfe\xff")


def read_marks(paths: Iterable[Path], root: Path, timezone: str = "UTC") -> tuple[list[Print], list[Problem]]:
    """All prints of the files, and all problems in them, files by name and lines in order.

    Files are named relative to `root`; a date is the end of that day in `timezone`. An `error` among the problems
    means that nothing may be evaluated; a row with an error gives no print. Raises ZoneInfoNotFoundError or
    ValueError on an unknown timezone, nothing on any content.
    """
    reader = RowReader(zone(timezone))
    problems: list[Problem] = []
    for path in sorted(paths):
        problems += _read_file(path, _named(path, root), reader)
    prints, repeated = without_repeats(reader.rows)
    return prints, sorted(problems + reader.problems + repeated, key=_place)


def read_rows(raw: bytes, name: str, timezone: dt.tzinfo) -> tuple[list[Print], list[Problem]]:
    """The prints in the bytes of one marks file called `name`, and all problems in it."""
    reader = RowReader(timezone)
    problems = _read_bytes(raw, name, reader)
    prints, repeated = without_repeats(reader.rows)
    return prints, sorted(problems + reader.problems + repeated, key=_place)


def _place(found: Problem) -> tuple[str, int, int, str]:
    place = found.place
    return (place.file, place.line or 0, place.column or 0, found.code)


def _named(path: Path, root: Path) -> str:
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()


def _read_file(path: Path, name: str, reader: RowReader) -> list[Problem]:
    """The problems of the file as a whole; its rows go to `reader`."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return [problem("M001", Place(name), "not a plain file")]
        if found.st_size > MAX_BYTES:
            return [problem("M002", Place(name), f"{found.st_size:,} bytes")]
        raw = path.read_bytes()
    except OSError as error:
        return [problem("M001", Place(name), error.strerror or type(error).__name__)]
    return _read_bytes(raw, name, reader)


def _read_bytes(raw: bytes, name: str, reader: RowReader) -> list[Problem]:
    problems: list[Problem] = []
    if raw.startswith(_BOM):
        problems.append(problem("M004", Place(name, 1, 1), "the file starts with a byte order mark"))
        raw = raw[len(_BOM) :]
    refused = _not_text(raw, name)
    if refused is not None:
        return [*problems, refused]
    text = CsvText(name, raw.decode())
    too_long = [_too_long(text, number) for number, line in enumerate(text.lines, 1) if len(line) > MAX_LINE]
    if too_long:
        return problems + too_long
    return problems + _read_records(text, reader)


def _not_text(raw: bytes, name: str) -> Problem | None:
    """Why the bytes are no text, at the first byte that shows it."""
    if raw.startswith(_BOM16):
        return problem("M003", Place(name, 1), "the file is UTF-16")
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return problem("M003", Place(name, line), f"byte {raw[error.start]:#04x} at offset {error.start} is not UTF-8")
    if b"\0" in raw:
        return problem("M005", Place(name, raw.count(b"\n", 0, raw.index(b"\0")) + 1), f"a NUL byte at offset {raw.index(0)}")
    return None


def _too_long(text: CsvText, number: int) -> Problem:
    return problem("M006", Place(text.name, number), f"{len(text.lines[number - 1]):,} characters")


def _read_records(text: CsvText, reader: RowReader) -> list[Problem]:
    problems: list[Problem] = []
    records = _records(text, problems)
    first, header = next(records, (1, []))
    if not problems:
        problems += header_problems(text, first, header)
    if problems:
        return problems
    reader.start(text, header)
    before = reader.errors
    for line, fields in records:
        if len(problems) + reader.errors - before >= MAX_ERRORS:
            problems.append(problem("M029", text.place(line), f"{MAX_ERRORS:,} errors up to here; the rest of the file was not read"))
            break
        if len(fields) == len(header):
            reader.read(line, fields)
        else:
            message = f"{len(fields)} fields, but the header names {len(header)} columns"
            problems.append(problem("M012", text.place(line), message))
    return problems


def _records(text: CsvText, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """First line and stripped fields of each record that is not blank; broken quoting ends the file."""
    rows = csv.reader(text.lines, strict=True)
    first = 1
    try:
        for row in rows:
            fields = [field.strip() for field in row]
            if any(fields):
                yield first, fields
            first = rows.line_num + 1
    except csv.Error as error:
        problems.append(problem("M011", text.place(first), str(error)))
