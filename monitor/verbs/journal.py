"""`covenant journal list | verify | export | import`: what was recorded, and the proof that it still is."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.journal.store import reading
from monitor.places import UsageError
from monitor.verbs.asking import put, root_of
from monitor.verbs.recording import moment, own_desk, there

if TYPE_CHECKING:
    from monitor.journal.entries import Record

_SHORTEST = 16
"""Characters of a hash that a report's text shows: enough to know a link by."""


def run(arguments: argparse.Namespace) -> int:
    """One action on the journal."""
    return {"list": _list, "verify": _verify, "export": _export, "import": _import}[arguments.action](arguments)


def _records(root: Path) -> list[Record]:
    """Every record; none where there is no journal."""
    with reading(root) as store:
        return [] if store is None else list(store.records())


def _list(arguments: argparse.Namespace) -> int:
    from monitor.journal.chain import followed
    from monitor.journal.ledger import Ledger
    from monitor.journal.words import COLUMNS, entry_row, entry_text, kind_of_entry, rows_csv

    records = _records(there(root_of(arguments)))
    entries, head = followed(records)
    ledger, kept = Ledger(entries, head), {one.id: one for one in records}
    if arguments.known_at is not None:
        at = _known_at(arguments)
        entries = [one for one in entries if one.known is None or one.known <= at]
        entries = [one for one in entries if (back := ledger.withdrawn.get(one.id)) is None or back.known > at]
    if arguments.facility:
        entries = [one for one in entries if getattr(one, "facility", None) in arguments.facility]
    if arguments.kind:
        kinds = {kind.replace("-", "_") for kind in arguments.kind}
        entries = [one for one in entries if kind_of_entry(one) in kinds]
    if arguments.format == "text":
        put(arguments, "\n".join(entry_text(one, ledger) for one in entries))
        sys.stderr.write(f"{len(entries)} of {len(records)} entries\n")
        return 0
    rows = [entry_row(one, kept[one.id], ledger) for one in entries]
    if arguments.format == "csv":
        put(arguments, rows_csv(rows, COLUMNS))
        return 0
    import msgspec

    if arguments.format == "jsonl":
        put(arguments, "\n".join(msgspec.json.encode(row).decode() for row in rows))
    else:
        shape = {"schema": "covenant-monitor/journal/1", "entries": rows}
        put(arguments, msgspec.json.format(msgspec.json.encode(shape), indent=2).decode())
    return 0


def _known_at(arguments: argparse.Namespace) -> dt.datetime:
    from monitor.session import now, open_desk

    return moment(open_desk(root_of(arguments)), arguments.known_at, now(), today=False)


def _verify(arguments: argparse.Namespace) -> int:
    """The chain link by link, then what the database says of its own file, then whether a head of old is among the links."""
    from monitor.journal.chain import GENESIS, followed
    from monitor.journal.problems import damaged

    links, head = [GENESIS], GENESIS
    with reading(there(root_of(arguments))) as store:
        if store is not None:
            _, head = followed(_remembered(store.records(), links))
            flaws = store.flaws()
            if flaws:
                raise damaged("J001", f"all {len(links) - 1} entries follow, but the file is not sound: {'; '.join(flaws)}")
    wanted = arguments.head
    if wanted is not None and len(wanted) < _SHORTEST:
        raise UsageError(f"--head needs at least {_SHORTEST} characters of the hash")
    if wanted is not None and not any(one.startswith(wanted) for one in links):
        raise damaged("J005", f"none of the {len(links) - 1} entries is the link {wanted[:64]}")
    if arguments.format == "json":
        import msgspec

        put(arguments, msgspec.json.encode({"schema": "covenant-monitor/verify/1", "entries": len(links) - 1, "head": head}).decode())
    else:
        said = f"{len(links) - 1} entries, every link holds, the last is {head}" if links[1:] else "nothing is recorded"
        put(arguments, said)
    return 0


def _remembered(records: Iterator[Record], links: list[str]) -> Iterator[Record]:
    for one in records:
        yield one
        links.append(one.hash)


def _export(arguments: argparse.Namespace) -> int:
    from monitor.journal.chain import followed
    from monitor.journal.transfer import exported

    records = _records(there(root_of(arguments)))
    followed(records)
    put(arguments, "\n".join(exported(records)))
    sys.stderr.write(f"{len(records)} entries\n")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from monitor.journal.record import adopt
    from monitor.journal.transfer import parsed
    from monitor.session import now

    root = there(own_desk(arguments))
    given = parsed(sys.stdin.buffer.read() if arguments.file == "-" else Path(arguments.file).read_bytes(), arguments.file)
    more = adopt(root, given, arguments.file, now(), arguments.dry_run)
    said = "would be added" if arguments.dry_run else "added"
    put(arguments, f"{len(more)} entries {said}, {len(given) - len(more)} were there")
    return 0
