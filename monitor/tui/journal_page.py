"""The page of the journal: whether it is whole, and every entry, the latest first."""

from __future__ import annotations

from monitor.board.figures import stamp
from monitor.board.spans import Span
from monitor.cells import cut, name, pad
from monitor.journal.entries import Entry, Mark
from monitor.journal.ledger import Ledger
from monitor.journal.words import about, entry_text, kind_of_entry
from monitor.report.words import iso
from monitor.tui.page import Page, Writer


def journal_page(ledger: Ledger, state: str, width: int, twin: str, ascii: bool = False) -> Page:
    """One entry after another in `width` cells (key: its facility, covenant and id); `state` says whether the chain holds."""
    writer = Writer(width, ascii)
    writer.says(state, "strong" if ledger.entries else "dim")
    for entry in reversed(ledger.entries):
        _entry(writer, ledger, entry)
    if not ledger.entries:
        writer.says("x records what happened: a delivery, a waiver, a reservation of rights", "dim")
    return Page([], writer.lines, twin, ascii)


def _entry(writer: Writer, ledger: Ledger, entry: Entry) -> None:
    back = entry.id in ledger.withdrawn
    observed = entry.as_of if isinstance(entry, Mark) else entry.effective
    head = f"{stamp(iso(observed))} {pad(kind_of_entry(entry).replace('_', ' '), 22, ascii=writer.ascii)}"
    room = writer.width - 43
    text = cut(name(about(entry)), room, writer.ascii) if room > 8 else ""
    writer.row((Span(f" {head}", "dim" if back else ""), Span(f" {text}", "dim" if back else "strong")), key_of(entry))
    for line in entry_text(entry, ledger).split("\n")[1:]:
        writer.says(line.strip(), "dim", " " * 6)
    if back:
        writer.says(f"withdrawn by entry {ledger.withdrawn[entry.id].id}", "warn", " " * 6)


def key_of(entry: Entry) -> tuple[str, str | None, str]:
    """What the cursor holds on to; of an observation the series stands in place of a facility."""
    if isinstance(entry, Mark):
        return ("", entry.series, entry.id)
    return (entry.facility or "", entry.covenant, entry.id)
