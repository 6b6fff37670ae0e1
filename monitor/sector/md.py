"""The sector page as GitHub-flavoured Markdown: one table a section, all markup in names harmless."""

from __future__ import annotations

from monitor.report.md import safe
from monitor.report.words import stamp
from monitor.sector.build import Page
from monitor.sector.sources import Sources
from monitor.sector.tables import Table, said_of, tables_of
from monitor.sector.verdicts import Judged
from monitor.sector.words import VERDICTS, count


def page_md(page: Page) -> str:
    """The whole page."""
    sources = Sources()
    blocks = [f"# Sector as of {stamp(page.as_of)}"]
    if page.claims:
        blocks.append("\n".join(["## What is said, and what the figures say", "", *(_claim(one, sources) for one in page.claims)]))
    blocks += [_table(one) for one in tables_of(page, sources)]
    listed = [f"{one.number}. {one.quality}: {safe(one.source)}" for one in sources.listed()]
    if listed:
        blocks.append("\n".join(["## Sources", "", *listed]))
    return "\n\n".join(blocks)


def _claim(one: Judged, sources: Sources) -> str:
    lines = [f"- **{VERDICTS[one.verdict]}** {safe(one.text + count(one))}"]
    lines += [f"  - {safe(said)}" for said in said_of(one, sources)]
    return "\n".join([*lines, *([f"  - {safe(one.note)}"] if one.note else [])])


def _table(one: Table) -> str:
    rule = ["---:" if head.startswith(">") else "---" for head in one.heads]
    rows = [[safe(head.lstrip(">")) for head in one.heads], rule, *([safe(cell) for cell in row] for row in one.rows)]
    return "\n".join([f"## {one.title}", "", *(f"| {' | '.join(row)} |" for row in rows), *(f"\n{safe(text)}" for text in one.below)])
