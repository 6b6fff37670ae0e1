"""The page of help: every key of the registry, the words of the filter, what the letters and signs mean."""

from __future__ import annotations

from monitor.board.spans import Span
from monitor.board.states import SEVERITIES, bare_state
from monitor.tui.keys import Keymap
from monitor.tui.page import Page, Writer
from monitor.tui.settings import settings_file

_SAYS = {
    "accelerated": "the debt is due now",
    "event_of_default": "Event of Default",
    "liquidation": "the collateral may be sold now",
    "call_expired": "margin call not met in time",
    "call": "margin call running, with the time left",
    "callable": "call rung hit, no notice recorded",
    "tested_fail": "failed its test (OVER: over-advance)",
    "indeterminate": "an input is missing or stale",
    "indicative_fail": "would fail on today's marks",
    "trigger_on": "a trap, sweep or lock-up is on",
    "watch": "passes, close to its limit",
    "waived": "failed, waived",
    "cured": "failed, cured",
    "pass": "passes",
    "not_tested": "not due, or its level is not public",
}


def help_page(keymap: Keymap, settings: tuple[str, ...], width: int, twin: str, ascii: bool = False) -> Page:
    """Keys, states, the basis letters, and what of the reader's settings is not used, in `width` cells."""
    writer = Writer(width, ascii)
    writer.section("Keys")
    for line in keymap.help_lines(width):
        writer.row(line)
    writer.section("States, worst first")
    for severity in SEVERITIES:
        state = bare_state(severity, ascii)
        writer.row((Span(" "), Span(f" {state.sign} {state.word:<9} ", state.role), Span(f" {_SAYS[severity]}")))
    writer.section("Basis (column B)")
    writer.says("T tested as the agreement says   I indicative, on today's marks   P projected   S stressed")
    writer.says("Breaks at: the level of the mark at which the test just fails, or just clears when it fails now.")
    writer.section("Settings")
    writer.says(f"read from {settings_file()}: theme, colors, charts, ascii, mouse, and [keys] with an action and its keys")
    for complaint in settings:
        writer.says(complaint, "fail", " ! ")
    return Page([], writer.lines, twin, ascii)
