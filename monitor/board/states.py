"""The state of a covenant as a person reads it: a word, a sign and a role, in one order from worst to best."""

from __future__ import annotations

from typing import NamedTuple

from monitor.board.figures import left
from monitor.cells import name
from monitor.report.schema import CovenantPart
from rules.severity import ORDER, RANK

SEVERITIES = ORDER

FAULTS = frozenset(SEVERITIES[: RANK["trigger_on"] + 1])
"""What `f` keeps and `n` finds: everything from an acceleration to a trigger that is on."""

_WORDS = {
    "accelerated": "ACCEL",
    "event_of_default": "EOD",
    "liquidation": "LIQUIDATE",
    "call_expired": "CALL LATE",
    "call": "CALL",
    "callable": "CALLABLE",
    "tested_fail": "FAIL",
    "indeterminate": "UNKNOWN",
    "indicative_fail": "FAIL",
    "trigger_on": "TRIGGER",
    "watch": "WATCH",
    "waived": "WAIVED",
    "cured": "CURED",
    "pass": "PASS",
    "not_tested": "UNTESTED",
}
_LEGAL_WORDS = {"enforcement": "ENFORCE", "insolvency": "INSOLVENT", "forbearance": "FORBEAR", "accelerated_call": "CALL ACC"}
_ROLES = dict.fromkeys(SEVERITIES[:7], "legal") | {
    "tested_fail": "fail",
    "callable": "fail",
    "indeterminate": "unknown",
    "indicative_fail": "warn",
    "trigger_on": "warn",
    "watch": "watch",
    "waived": "waived",
    "cured": "waived",
    "pass": "pass",
    "not_tested": "untested",
}
_SIGNS = {"legal": "✖X", "fail": "✖X", "unknown": "??", "warn": "!!", "watch": "▲^", "waived": "○o", "pass": "✓.", "untested": "·-"}
_RESULT_ROLES = {"pass": "pass", "watch": "watch", "fail": "fail", "indeterminate": "unknown", "not_tested": "untested"}
_BASES = {"tested": "T", "indicative": "I", "projected": "P", "stressed": "S"}


class State(NamedTuple):
    """Word, sign and role of one severity; never colour alone."""

    word: str
    sign: str
    role: str


def rank(severity: str) -> int:
    """Place in the order of severity, 0 the worst; a severity we do not know is taken for the worst."""
    return RANK.get(severity, -1)


def bare_state(severity: str, ascii: bool = False) -> State:
    """The state of a severity alone, without the legal state or the clock of a covenant."""
    role = _ROLES.get(severity, "legal")
    return State(_WORDS.get(severity, name(severity).upper()), _SIGNS[role][1 if ascii else 0], role)


def fails_ahead(covenant: CovenantPart) -> bool:
    """Whether it passes today and a test date is known on which it will not; a trigger that will be hit is no failure."""
    return covenant.severity in ("pass", "watch") and covenant.class_ != "trigger" and covenant.first_failing_date is not None


def state_of(covenant: CovenantPart, as_of: str, ascii: bool = False) -> State:
    """Word, sign and role of a covenant: `CALL 41h` carries its clock, `FAIL cure` its legal state, `OVER` its class."""
    state = bare_state(covenant.severity, ascii)
    if covenant.first_failing_date and fails_ahead(covenant):
        return State(f"FAILS {name(covenant.first_failing_date[2:4])}", "!", "warn")
    return state._replace(word=_word(covenant, as_of, state.word))


def _word(covenant: CovenantPart, as_of: str, word: str) -> str:
    if covenant.legal in _LEGAL_WORDS and covenant.severity not in ("pass", "not_tested"):
        word = _LEGAL_WORDS[covenant.legal]
    if covenant.severity == "call":
        remaining = left(covenant.deadline, as_of, short=True)
        return f"CALL {remaining}" if remaining else word
    if covenant.legal == "cure_pending":
        return "FAIL cure"
    if covenant.severity == "tested_fail":
        return "OVER" if covenant.class_ == "borrowing_base" else "DEFAULT" if covenant.legal == "default" else word
    return word


def result_role(result: str) -> str:
    """The role in which a result word is shown."""
    return _RESULT_ROLES.get(result, "fail")


def basis_letter(basis: str) -> str:
    """T tested, I indicative, P projected, S stressed."""
    return _BASES.get(basis, "?")


def legal_words(legal: str) -> str:
    """A legal state in words: `cure pending`, `Event of Default`."""
    return "Event of Default" if legal == "event_of_default" else name(legal).replace("_", " ")
