"""A form that records: what the reader fills in becomes one call of the command line, judged before it is made."""

from __future__ import annotations

import shlex
import subprocess
import sys
from difflib import get_close_matches

from facilities.inert import inert
from monitor.board.spans import Span
from monitor.cells import cut, name, pad
from monitor.journal.kinds import KINDS
from monitor.tui.page import Page, Writer

OVERRIDE, APPROVAL = "mark_override", "approval"
PATIENCE = 120
"""Seconds that a call may take."""
_HINTS = {
    "kind": "what happened: " + ", ".join(KINDS),
    "facility": "whose loan",
    "covenant": "which covenant; empty is the facility as a whole",
    "amount": "in the facility's currency, digits only",
    "units": "how many",
    "collateral": "the parcel; empty where there is one",
    "period_end": "the last day of the period, 2026-09-30",
    "until": "its last instant, a date or a time",
    "conditions": "what is asked for in return",
    "refers": "the entry it is about",
    "effective": "when it counts in law; empty is now",
    "note": "free text",
    "reason": "why",
    "source": "who gave the value",
    "value": "the value in the series' unit",
    "unit": "empty: the unit of the series",
    "by": "who says so; empty is your login name",
    "evidence": "a file: its hash and name are kept",
}


class Form:
    """One record in the making. `fields` are as typed; `answer` is what the command said, `judged` whether it would record."""

    def __init__(self, kind: str, desk: str, **fields: str) -> None:
        self.kind, self.desk = kind, desk
        self.fields = {field: text for field, text in fields.items() if text}
        self.answer, self.judged, self.recorded, self.running = "", False, False, False

    def names(self) -> list[str]:
        """The fields of this kind, in the order asked for."""
        if self.kind == OVERRIDE:
            return ["series", "value", "source", "unit", "reason", "by"]
        if self.kind == APPROVAL:
            return ["refers", "note", "by"]
        wants = KINDS[self.kind]
        return ["kind", *dict.fromkeys((*wants.needs, *wants.takes)), "effective", "note", "evidence", "by"]

    def set(self, field: str, text: str) -> None:
        """Fill in a field; what was judged before is judged no more."""
        if field == "kind":
            wanted = text.strip().replace("-", "_").replace(" ", "_")
            near = [kind for kind in KINDS if kind.startswith(wanted)] or get_close_matches(wanted, KINDS, 1)
            self.kind = near[0] if near else self.kind
        elif text.strip():
            self.fields[field] = text.strip()
        else:
            self.fields.pop(field, None)
        self.answer, self.judged = "", False

    def words(self, dry_run: bool) -> list[str]:
        """The call: every option joined to its value, so that no text can pass for another option."""
        if self.kind == OVERRIDE:
            head, skipped = ["marks", "set", self.fields.get("series", ""), self.fields.get("value", ""), "--override"], {"series", "value"}
        elif self.kind == APPROVAL:
            head, skipped = ["marks", "approve", self.fields.get("refers", "")], {"refers"}
        else:
            about = "/".join(part for part in (self.fields.get("facility"), self.fields.get("covenant")) if part)
            head, skipped = ["event", self.kind.replace("_", "-"), *([about] if about else [])], {"facility", "covenant", "kind"}
        more = [f"--{at.replace('_', '-')}={self.fields[at]}" for at in self.names() if at not in skipped and at in self.fields]
        where = [f"--desk={self.desk}"] if self.desk else []
        return [*head, *more, *where, *(["--dry-run"] if dry_run else [])]

    def twin(self) -> str:
        """The call as one would type it."""
        return "covenant " + " ".join(shlex.quote(inert(word)) for word in self.words(False))

    def call(self, dry_run: bool) -> tuple[bool, str]:
        """Make the call in a process of its own: whether it went through, and what it said. For a worker thread."""
        command = [sys.executable, "-m", "monitor", *self.words(dry_run)]
        try:
            made = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=PATIENCE, stdin=subprocess.DEVNULL)
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            return False, str(error)
        return made.returncode == 0, (made.stdout + made.stderr).strip()


def form_page(form: Form, width: int, ascii: bool = False) -> Page:
    """The form in `width` cells; the cursor stops on each field and on what can be done next (key: its name)."""
    writer = Writer(width, ascii)
    says = KINDS[form.kind].says if form.kind in KINDS else "an override counts once a second person approves it"
    writer.says(f"{form.kind.replace('_', ' ')}: {says}", "strong")
    needed = KINDS[form.kind].needs if form.kind in KINDS else ("series", "value", "source", "reason", "refers")
    for field in form.names():
        text = form.kind.replace("_", " ") if field == "kind" else form.fields.get(field, "")
        shown = Span(cut(name(text), width - 17, ascii), "strong") if text else Span(cut(_HINTS.get(field, ""), width - 17, ascii), "dim")
        writer.row((Span(f" {pad(field.replace('_', ' '), 12)}{'*' if field in needed else ' '} ", "dim"), shown), field)
    writer.row(())
    if not form.recorded:
        writer.row((Span(" Judge it ", "key"), Span("  nothing is recorded yet", "dim")), "judge")
    if form.judged:
        writer.row((Span(" Record it ", "key"), Span("  for good: only a withdrawal takes it back", "dim")), "record")
    if form.running:
        writer.says("asking", "dim")
    for line in form.answer.split("\n") if form.answer else []:
        writer.says(line, "" if form.judged or form.recorded else "fail")
    return Page([], writer.lines, form.twin(), ascii)
