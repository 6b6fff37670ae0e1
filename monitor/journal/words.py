"""Entries and what they changed, as people read them and as other programs do; hostile text is inert in each."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import msgspec

from facilities.inert import inert
from monitor.journal.check import shown
from monitor.journal.entries import Entry, Mark, Record
from monitor.journal.ledger import Ledger

COLUMNS = (
    "id", "recorded", "kind", "facility", "covenant", "effective", "known", "by", "amount", "units", "collateral", "period_end", "until",
    "conditions", "series", "value", "unit", "source", "refers", "note", "evidence", "document", "withdrawn_by", "hash",
)  # fmt: skip
"""The columns of a listing, and the keys of its JSON."""

_OBEYED = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def kind_of_entry(entry: Entry) -> str:
    """The kind of an event; `mark` for an observation."""
    return "mark" if isinstance(entry, Mark) else entry.kind


def about(entry: Entry) -> str:
    """What an entry is about: facility and covenant, or the series."""
    if isinstance(entry, Mark):
        return entry.series
    named = "/".join(part for part in (entry.facility, entry.covenant) if part)
    return named or entry.series or (f"entry {entry.refers}" if entry.refers else "the desk")


def entry_text(entry: Entry, ledger: Ledger | None = None) -> str:
    """An entry in at most three lines: what, when and who; its figures; its words."""
    back = ledger.withdrawn.get(entry.id) if ledger else None
    head = f"{entry.id:>4}  {kind_of_entry(entry).replace('_', ' ')}  {about(entry)}" + (f"  (withdrawn by {back.id})" if back else "")
    observed = entry.as_of if isinstance(entry, Mark) else entry.effective
    known = "after the publication lag" if entry.known is None else shown(entry.known)
    when = f"{'as of' if isinstance(entry, Mark) else 'effective'} {shown(observed)}, known {known}, by {entry.by}"
    figures = figures_of(entry)
    words = [part for part in (getattr(entry, "conditions", None), entry.note) if part]
    lines = [head, f"      {when}"] + ([f"      {figures}"] if figures else []) + [f"      {part}" for part in words]
    return "\n".join(inert(line) for line in lines)


def figures_of(entry: Entry) -> str:
    """The figures of an entry on one line."""
    if isinstance(entry, Mark):
        return f"{entry.value:,.10g} {entry.unit} of {entry.source}"
    made = [
        entry.amount is not None and f"amount {entry.amount:,}",
        entry.units is not None and f"{entry.units:,} units",
        entry.collateral and f"of {entry.collateral}",
        entry.value is not None and f"{entry.value:,} {entry.unit} of {entry.source}",
        entry.period_end and f"period to {entry.period_end}",
        entry.until and f"until {shown(entry.until)}",
        entry.refers and f"refers to {entry.refers}",
        entry.document and f"evidence {entry.document} {(entry.evidence or '')[:12]}",
    ]
    return ", ".join(part for part in made if part)


def entry_row(entry: Entry, record: Record | None, ledger: Ledger) -> dict[str, object]:
    """An entry under the keys of `COLUMNS`, unset ones None; dates and numbers as JSON writes them."""
    raw: dict[str, object] = msgspec.to_builtins(entry)
    if isinstance(entry, Mark):
        raw |= {"kind": "mark", "effective": raw.pop("as_of")}
    back = ledger.withdrawn.get(entry.id)
    raw |= {"withdrawn_by": back.id if back else None}
    if record is not None:
        raw |= {"recorded": record.recorded, "hash": record.hash}
    return {name: raw.get(name) for name in COLUMNS}


def rows_csv(rows: Sequence[dict[str, object]], columns: Sequence[str]) -> str:
    """Rows as CSV with a header; no cell is a formula to a spreadsheet, none moves a terminal."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return out.getvalue().rstrip("\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = inert(str(value))
    return f"'{text}" if isinstance(value, str) and text.startswith(_OBEYED) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def verified(entries: Sequence[Entry], head: str | None) -> str:
    """What an unbroken chain amounts to; a broken one does not open at all."""
    if not entries:
        return "nothing is recorded"
    return f"{len(entries)} entries, every link holds, the last is {(head or '')[:16]}"
