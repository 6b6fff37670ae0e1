"""The one registry of keys: what is bound, the footer and the help all come from here."""

from __future__ import annotations

from typing import NamedTuple

from monitor.board.spans import Line, Span, line_width
from monitor.cells import wrap

LEVELS = ("board", "facility", "covenant", "explain", "help")


class Key(NamedTuple):
    """One action: the keys that start it (names of the terminal library), how they are written, label, help, screens."""

    action: str
    keys: tuple[str, ...]
    shown: str
    label: str
    says: str
    levels: tuple[str, ...] = LEVELS
    footer: int = 0


_INNER = LEVELS[:3]
KEYS = (
    Key("open", ("enter", "l", "right"), "enter", "open", "open the row: Board, Facility, Covenant, Explain (also l, right)", _INNER, 9),
    Key("back", ("escape", "h", "left", "backspace"), "esc", "back", "back one screen (also h, left)", LEVELS, 8),
    Key("filter", ("slash",), "/", "filter", "filter the board: words, !word, state:fail, group:x, kind:abl, owner:x", ("board",), 7),
    Key("faults", ("f",), "f", "faults", "faults only, and back", ("board",), 6),
    Key("every", ("a",), "a", "all", "every covenant of every facility, and back", ("board",), 0),
    Key("next_fault", ("n",), "n", "next fault", "next fault; on a covenant, the next one that fails", LEVELS[:4], 1),
    Key("previous_fault", ("N", "upper_n"), "N", "previous fault", "previous fault", LEVELS[:4]),
    Key("earlier", ("left_square_bracket",), "[", "day back", "the same one day earlier", LEVELS[:4]),
    Key("later", ("right_square_bracket",), "]", "day on", "the same one day later", LEVELS[:4]),
    Key("reload", ("r",), "r", "reload", "read the desk and the marks again", LEVELS[:4], 2),
    Key("copy_row", ("y",), "y", "copy", "copy the row to your clipboard (over SSH and tmux too, where the terminal allows)", LEVELS, 4),
    Key("copy_view", ("Y", "upper_y"), "Y", "copy view", "copy the whole view"),
    Key("export", ("e",), "e", "export", "write the view to a text file in the working directory", LEVELS, 3),
    Key("down", ("j", "down"), "j", "down", "down (also the arrow)"),
    Key("up", ("k", "up"), "k", "up", "up (also the arrow)"),
    Key("top", ("g", "home"), "g", "top", "first row"),
    Key("bottom", ("G", "upper_g", "end"), "G", "bottom", "last row"),
    Key("page_down", ("pagedown", "space", "ctrl+d"), "space", "page down", "one page down (also page down, ctrl+d)"),
    Key("page_up", ("pageup", "ctrl+u"), "ctrl+u", "page up", "one page up (also page up)"),
    Key("wide", ("w",), "w", "wide", "one pane or two, where the terminal is 120 columns or wider"),
    Key("theme", ("t",), "t", "theme", "next theme: dark, light, high contrast"),
    Key("board", ("1",), "1", "board", "straight back to the board"),
    Key("help", ("question_mark",), "?", "help", "this list", LEVELS, 5),
    Key("quit", ("q", "ctrl+c"), "q", "quit", "leave", LEVELS, 5),
)
_BY_KEY = {key: entry for entry in KEYS for key in entry.keys}


def action_of(key: str, level: str) -> str | None:
    """The action of a pressed key on a screen; None when it has none there."""
    entry = _BY_KEY.get(key)
    return entry.action if entry and level in entry.levels else None


def footer_line(level: str, width: int, day: bool = True) -> Line:
    """The keys worth a reminder on this screen, as many as fit, in the registry's order."""
    wanted = [entry for entry in KEYS if level in entry.levels and entry.footer and not (level == "board" and entry.action == "back")]
    taken: set[str] = set()
    for entry in sorted(wanted, key=lambda entry: -entry.footer):
        if line_width(_hints(wanted, taken | {entry.action}, False)) <= width:
            taken.add(entry.action)
    dated = _hints(wanted, taken, day and level != "help")
    return dated if line_width(dated) <= width else _hints(wanted, taken, False)


def _hints(wanted: list[Key], taken: set[str], day: bool) -> Line:
    spans: list[Span] = []
    for entry in wanted:
        if entry.action in taken:
            spans += [Span(f" {entry.shown}", "key"), Span(f" {entry.label} ", "dim")]
    if day:
        spans[-4:-4] = [Span(" [ ]", "key"), Span(" day ", "dim")]
    return tuple(spans)


def help_lines(width: int) -> list[Line]:
    """Every key with what it does, one a line (wrapped when narrow)."""
    lines: list[Line] = []
    for entry in KEYS:
        where = "" if entry.levels == LEVELS or len(entry.levels) > 2 else f" ({', '.join(entry.levels)})"
        for place, part in enumerate(wrap(entry.says + where, max(12, width - 11))):
            lines.append((Span(f" {entry.shown if not place else '':<9}", "key"), Span(part)))
    return lines
