"""What came of the tests, for people and as JSON: a line a file, every field that is off, and how it was computed."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from facilities.inert import inert
from monitor.cases.outcome import Check, Outcome
from monitor.cases.run import Summary

SCHEMA = "covenant-monitor/test/1"
_WORDS = {"ok": "ok", "fail": "FAIL", "error": "ERROR"}
_HEAD = ("expected", "got", "difference", "tolerance")


def summary_text(summary: Summary, coverage: bool = False) -> str:
    """A line a file, what is off in it, boundaries that do not hold, uncovered covenants when asked for, and the counts."""
    blocks: list[str] = []
    for name in dict.fromkeys(one.file for one in summary.outcomes):
        blocks += _file(name, [one for one in summary.outcomes if one.file == name])
    off = [check for one in summary.boundaries for check in one.checks if not check.good]
    if off:
        blocks += ["FAIL   boundaries", *_table(off)]
    if coverage:
        blocks += _coverage(summary)
    return "\n".join([*blocks, closing(summary)])


def _file(name: str, outcomes: list[Outcome]) -> list[str]:
    worst = next(status for status in ("error", "fail", "ok") if any(one.status == status for one in outcomes))
    count = sum(bool(one.name) for one in outcomes)
    lines = [f"{_WORDS[worst]:<6} {inert(name)}" + (f"  {count} case{'s' if count != 1 else ''}" if count else "")]
    for one in outcomes:
        if one.status != "ok":
            lines += _case(one)
    return lines


def _case(one: Outcome) -> list[str]:
    lines = [f"  {_WORDS[one.status]}  {inert(one.name)}" + (f"  (line {one.line})" if one.line else "")] if one.name else []
    for problem in one.problems:
        lines += [f"    {line}" for line in str(problem).split("\n")]
    lines += _table([check for check in one.checks if not check.good])
    for tree in one.trees:
        lines += [f"    {line}" for line in tree.split("\n")]
    return lines


def _table(checks: list[Check]) -> list[str]:
    """The fields that are off: as expected, as found, the difference and what would have been allowed."""
    lines: list[str] = []
    for about in dict.fromkeys(check.about for check in checks):
        mine = [check for check in checks if check.about == about]
        rows = [(f"  {check.field}", check.expected, check.got, check.difference, check.tolerance) for check in mine]
        shown = [tuple(inert(cell) for cell in row) for row in [(about, *_HEAD), *rows]]
        widths = [max(len(row[at]) for row in shown) for at in range(5)]
        kept = [at for at in range(5) if at < 3 or any(row[at] for row in shown[1:])]
        lines += ["    " + "  ".join(_cell(row[at], widths[at], at) for at in kept).rstrip() for row in shown]
    return lines


def _cell(text: str, width: int, at: int) -> str:
    return text.ljust(width) if at == 0 else text.rjust(width)


def _coverage(summary: Summary) -> list[str]:
    """The covenants that no test expects anything of, and the boundaries that could not be tried."""
    missed = [name for home, name in summary.known if (home, name) not in set(summary.covered)]
    lines = [f"not covered: {inert(name)}" for name in dict.fromkeys(missed)]
    return lines + [f"boundary not tried: {inert(one.name)}: {one.reason}" for one in summary.boundaries if one.reason]


def closing(summary: Summary) -> str:
    """The counts, last."""
    tried = [one for one in summary.boundaries if one.checks]
    return (
        f"{summary.count('ok')} passed, {summary.failed} failed, {summary.count('error')} errors; "
        f"covenants covered {len(summary.covered)} of {len(summary.known)}; "
        f"boundaries {len(tried)} of {len(summary.boundaries)}, {sum(len(one.checks) for one in tried)} worlds"
    )


def summary_json(summary: Summary) -> str:
    """The same as data: every check of every case."""
    raw = {
        "schema": SCHEMA, "exit_code": summary.exit_code, "passed": summary.count("ok"), "failed": summary.failed,
        "errors": summary.count("error"),
        "cases": [{"status": one.status, **_plain(one)} for one in summary.outcomes],
        "boundaries": [{"covenant": one.name, "checks": one.checks, "reason": one.reason} for one in summary.boundaries],
        "covered": _names(summary.covered), "uncovered": _names(key for key in summary.known if key not in set(summary.covered)),
    }  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(raw), indent=2).decode()


def _plain(one: Outcome) -> dict[str, object]:
    found: dict[str, object] = msgspec.to_builtins(one)
    return found


def _names(keys: Iterable[tuple[str, str]]) -> list[str]:
    return [name for _, name in keys]
