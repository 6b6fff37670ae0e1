"""Themes: a palette and one style per role for dark, light and high contrast screens, one of the terminal's 16 colours, one of none.

The inks start from the Okabe-Ito palette and were moved until the six states stand apart for dichromats as well, in 256 colours too
(`tests/monitor/tui/test_colours.py` measures it); a state is always a word and a sign besides.
"""

from __future__ import annotations

from typing import NamedTuple

from rich.style import Style
from textual.theme import Theme

from monitor.board.spans import ROLES


class Look(NamedTuple):
    """One theme: styles per role, of the cursor's row, of the bars on top and below, and what the terminal library needs."""

    name: str
    roles: dict[str, Style]
    ground: Style
    bar: Style
    cursor: Style
    theme: Theme | None


class _Inks(NamedTuple):
    ground: str
    text: str
    bar: str
    cursor: str
    dim: str
    rule: str
    title: str
    alarm: str
    on_alarm: str
    fail: str
    unknown: str
    warn: str
    watch: str
    waived: str
    good: str


_DARK = _Inks(
    *("#10151c", "#d5dbe3", "#20252b", "#2f353d", "#8792a1", "#3a4756", "#7cc4ff", "#d70000", "#ffffff"),
    *("#ff7a59", "#e39ac4", "#f0b429", "#83c7f0", "#9fb4ff", "#4fbf9a"),
)
_LIGHT = _Inks(
    *("#fbfaf7", "#1f2630", "#e9e6df", "#dfe3e8", "#626b77", "#c2beb4", "#00528f", "#b3280f", "#ffffff"),
    *("#7f0300", "#721658", "#715300", "#005f93", "#242f83", "#006a4e"),
)
_CONTRAST = _Inks(
    *("#000000", "#ffffff", "#000000", "#303438", "#d0d0d0", "#ffffff", "#ffffff", "#ff3000", "#000000"),
    *("#ffb27f", "#ffabd8", "#ffd000", "#6fd0ff", "#edd9ff", "#50ffb0"),
)


def _look(name: str, inks: _Inks, dark: bool) -> Look:
    bold = {"strong": inks.text, "title": inks.title, "key": inks.title, "fail": inks.fail, "unknown": inks.unknown}
    roles = {"": Style(), "dim": Style(color=inks.dim), "rule": Style(color=inks.rule), "untested": Style(color=inks.dim)}
    roles |= {role: Style(color=ink, bold=True) for role, ink in bold.items()}
    roles |= {"warn": Style(color=inks.warn), "watch": Style(color=inks.watch), "waived": Style(color=inks.waived)}
    roles |= {"pass": Style(color=inks.good), "head": Style(color=inks.dim)}
    roles |= {"legal": Style(color=inks.on_alarm, bgcolor=inks.alarm, bold=True)}
    theme = Theme(name=f"covenant-{name}", primary=inks.title, background=inks.ground, foreground=inks.text, surface=inks.ground, dark=dark)
    ground = Style(color=inks.text, bgcolor=inks.ground)
    return Look(name, roles, ground, Style(color=inks.text, bgcolor=inks.bar), Style(bgcolor=inks.cursor), theme)


def _colourless() -> Look:
    bold, faint = Style(bold=True), Style(dim=True)
    roles = dict.fromkeys(ROLES, Style()) | dict.fromkeys(("strong", "title", "key", "fail", "unknown", "warn"), bold)
    roles |= dict.fromkeys(("dim", "rule", "untested"), faint) | {"legal": Style(bold=True, reverse=True), "head": Style(underline=True)}
    return Look("none", roles, Style(), Style(), Style(reverse=True), None)


def _sixteen() -> Look:
    """The terminal's own ground and colours: what is told by hue is told by a word and a sign besides."""
    inks = {
        "title": "cyan",
        "key": "cyan",
        "fail": "red",
        "unknown": "magenta",
        "warn": "yellow",
        "watch": "cyan",
        "waived": "blue",
        "pass": "green",
    }
    bold = ("title", "key", "fail", "unknown")
    roles = dict.fromkeys(ROLES, Style()) | {role: Style(color=ink, bold=role in bold) for role, ink in inks.items()}
    roles |= dict.fromkeys(("dim", "rule", "untested"), Style(dim=True)) | {"strong": Style(bold=True), "head": Style(underline=True)}
    roles |= {"legal": Style(color="bright_white", bgcolor="red", bold=True)}
    return Look("terminal", roles, Style(), Style(reverse=True), Style(reverse=True), None)


LOOKS = (_look("dark", _DARK, True), _look("light", _LIGHT, False), _look("contrast", _CONTRAST, True))
SIXTEEN = _sixteen()
COLOURLESS = _colourless()


def looks_for(colours: str) -> tuple[Look, ...]:
    """The themes to choose from with `none`, `16`, `256` or `true` colours."""
    return {"none": (COLOURLESS,), "16": (SIXTEEN, COLOURLESS)}.get(colours, LOOKS)
