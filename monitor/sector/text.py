"""The sector page in words: 80 columns, claims first, sources numbered at the end."""

from __future__ import annotations

from textwrap import wrap

from facilities.inert import inert
from monitor.report.words import stamp
from monitor.sector.build import Page
from monitor.sector.sources import Sources
from monitor.sector.tables import Table, said_of, tables_of
from monitor.sector.verdicts import Judged
from monitor.sector.words import VERDICTS, count

WIDTH = 80
_INDENT = " " * 13


def page_text(page: Page) -> str:
    """The whole page."""
    sources = Sources()
    blocks = [f"Sector as of {stamp(page.as_of)}"]
    if page.claims:
        blocks += [_title("What is said, and what the figures say"), *(_claim(one, sources) for one in page.claims)]
    blocks += [_table(one) for one in tables_of(page, sources)]
    listed = [inert(f"{f'[{one.number}]':>5} {one.quality:9} {one.source}") for one in sources.listed()]
    if listed:
        blocks.append("\n".join([_title("Sources"), *listed]))
    return "\n\n".join(blocks)


def _title(text: str) -> str:
    return f"{text}\n{'-' * len(text)}"


def _claim(one: Judged, sources: Sources) -> str:
    lines = _hung(f"{VERDICTS[one.verdict]:13}", f"{one.text}{count(one)}")
    lines += [line for said in said_of(one, sources) for line in _hung(_INDENT, said)]
    if one.note:
        lines += _hung(_INDENT, one.note)
    return "\n".join(lines)


def _hung(first: str, text: str) -> list[str]:
    return wrap(inert(text), WIDTH, initial_indent=first, subsequent_indent=_INDENT + "  " * (first == _INDENT), break_long_words=False)


def _table(one: Table) -> str:
    """Columns as wide as they need; the widest column of words gives way, and wraps."""
    cells = [[inert(cell) for cell in row] for row in one.rows]
    heads = [head.lstrip(">") for head in one.heads]
    widths = [max(len(row[at]) for row in (heads, *cells)) for at in range(len(heads))]
    words = [at for at, head in enumerate(one.heads) if not head.startswith(">")]
    over = sum(widths) + 2 * (len(widths) - 1) - WIDTH
    if over > 0:
        widest = max(words, key=lambda at: widths[at])
        widths[widest] = max(12, widths[widest] - over)
    lines = [line for row in (heads, *cells) for line in _row(row, widths, one.heads)]
    below = [line for text in one.below for line in wrap(inert(text), WIDTH, subsequent_indent="  ")]
    return "\n".join([_title(one.title), *lines, *below])


def _row(row: list[str], widths: list[int], heads: list[str]) -> list[str]:
    parts = [wrap(cell, width) or [""] for cell, width in zip(row, widths, strict=True)]
    lines = []
    for number in range(max(map(len, parts))):
        cells = [part[number] if number < len(part) else "" for part in parts]
        set_out = [
            cell.rjust(width) if head.startswith(">") else cell.ljust(width) for cell, width, head in zip(cells, widths, heads, strict=True)
        ]
        lines.append("  ".join(set_out).rstrip())
    return lines
