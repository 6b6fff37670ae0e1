"""Bytes that are no text and text that is no TOML, as problems at the place where reading them ended."""

from __future__ import annotations

import re

from facilities.catalogue import problem
from facilities.locate import line_of
from facilities.problems import Place, Problem


def undecodable(name: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    """The problem of bytes that are not UTF-8, at the first of them."""
    line = data.count(b"\n", 0, error.start) + 1
    start = data.rfind(b"\n", 0, error.start) + 1
    text = data[start:].split(b"\n", 1)[0].decode("utf-8", "replace")
    column = len(data[start : error.start].decode("utf-8", "replace")) + 1
    hint = "the file looks like UTF-16; save it as UTF-8" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else None
    return problem("F003", Place(name, line, column, 1, text), f"byte 0x{data[error.start]:02x} is not UTF-8", hint)


def unparsable(name: str, text: str, error: Exception) -> Problem:
    """The problem of text that is not TOML, where the parser says so; deep nesting and endless numbers have their own."""
    if isinstance(error, RecursionError):
        return problem("F006", Place(name), "its tables and lists nest too deep to be read")
    if isinstance(error, ArithmeticError) or "int_max_str_digits" in str(error):
        return problem("F017", _find(name, text, re.compile(r"\d[eE][-+]?\d{4,}|[\d_]{4300,}")), "a number without measure")
    line, column = getattr(error, "lineno", None), getattr(error, "colno", None)
    message = getattr(error, "msg", str(error))
    if line is None:
        return problem("F005", Place(name), message)
    row = line_of(text, line)
    return problem("F005", Place(name, line, column, 1, row), message, _spelling(row))


_DAY_FIRST = re.compile(r"=\s*(\d{1,2})[-./](\d{1,2})[-./](\d{4})\b")
_GROUPED = re.compile(r"=\s*[-+]?(\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3}){2,})(,\d+)?(?![\d,.])")
_COMMA = re.compile(r"=\s*[-+]?(\d[\d_]*),(\d+)(?![\d,.])")


def _spelling(row: str) -> str | None:
    """How TOML writes a date or a number that a line writes as people do; None where it is neither."""
    if hit := _DAY_FIRST.search(row):
        day, month, year = hit.groups()
        return f"write a date as year-month-day: {year}-{month:0>2}-{day:0>2}" if int(month) <= 12 else "write a date as 2026-08-31"
    if hit := _GROUPED.search(row):
        written = hit[1] + (hit[2] or "")
        return f"write {re.sub('[,.]', '_', hit[1])}{(hit[2] or '').replace(',', '.')}, not {written}"
    if hit := _COMMA.search(row):
        return f"write {hit[1]}.{hit[2]}, not {hit[1]},{hit[2]}: the decimal sign is a point"
    return None


def _find(name: str, text: str, pattern: re.Pattern[str]) -> Place:
    hit = pattern.search(text)
    if hit is None:
        return Place(name)
    start = text.rfind("\n", 0, hit.start()) + 1
    line = text[start:].split("\n", 1)[0]
    return Place(name, text.count("\n", 0, start) + 1, hit.start() - start + 1, min(hit.end(), start + len(line)) - hit.start(), line)
