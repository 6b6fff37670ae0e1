"""The one registry of keys: what is bound, the footer, the help and the palette all come from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from monitor.board.spans import Line, Span, line_width
from monitor.cells import wrap

ROOTS = ("board", "breaches", "calendar", "stress", "liquidation", "marks", "journal")
"""The screens with a number key, each the beginning of a drill-down."""
INNER = ("facility", "covenant", "explain", "source", "series", "sale", "fall", "scenario", "cure", "margin")
ASIDE = ("changes", "spread", "columns", "help")
FORMS = ("form",)
LEVELS = (*ROOTS, *INNER, *ASIDE, *FORMS)
FORBIDDEN = frozenset({"ctrl+s", "ctrl+q", "ctrl+b", "ctrl+a", "ctrl+z", "ctrl+c"})
"""Keys that terminals and multiplexers keep for themselves; ctrl+c always leaves."""


class Key(NamedTuple):
    """One action: the keys that start it (names of the terminal library), how they are written, label, help, screens.

    `footer` ranks the reminder in the last line (0: none); `writes` marks what a read-only session refuses.
    """

    action: str
    keys: tuple[str, ...]
    shown: str
    label: str
    says: str
    levels: tuple[str, ...] = LEVELS
    footer: int = 0
    writes: bool = False


_LISTS = (*ROOTS, "changes", "spread")
_FAULTY = (*_LISTS, *INNER[:3], "fall", "scenario", "cure")
_CURED = ("board", "breaches", "facility", "covenant", "explain", "sale", "fall", "margin", "liquidation")
_SORTED = ("board", "liquidation", "marks")
KEYS = (
    Key("open", ("enter", "l", "right"), "enter", "open", "open the row: Board, Facility, Covenant, Explain, Source (also l, right)",
        (*_LISTS, "facility", "covenant", "explain", "sale", "fall", "scenario", "cure", "margin", "columns", "form"), 10),
    Key("back", ("escape", "h", "left", "backspace"), "esc", "back", "back one screen; on the first, drop the filter (also h)", LEVELS, 9),
    Key("board", ("1",), "1", "board", "Board: every covenant worth showing, worst first"),
    Key("breaches", ("2",), "2", "breaches", "Breaches and clocks: deadlines, tested fails with their dates, calls with what clears them"),
    Key("calendar", ("3",), "3", "calendar", "Calendar: what is due in the year ahead, and the rollover wall"),
    Key("stress", ("4",), "4", "stress", "Stress: bitcoin against rents as a breach map; of one covenant when opened from it"),
    Key("liquidation", ("5",), "5", "liquidation", "Liquidation and chain: paper against forced sale, who falls after whom"),
    Key("marks", ("6",), "6", "marks", "Marks and data: every series with its age, its policy and what stands against it"),
    Key("journal", ("7",), "7", "journal", "Journal: what was recorded, and whether the chain holds"),
    Key("filter", ("slash",), "/", "filter", "filter the rows: words, !word, state:fail, group:x, kind:abl, owner:x", _LISTS, 7),
    Key("go", ("colon",), ":", "go", "go to a facility, a covenant, a series, a screen or a date", LEVELS, 4),
    Key("palette", ("semicolon", "ctrl+p"), ";", "palette", "find any of these by its words (also ctrl+p)"),
    Key("faults", ("f",), "f", "faults", "faults only, and back", _LISTS, 6),
    Key("every", ("a",), "a", "all", "every covenant of every facility, and back", ("board",)),
    Key("sort", ("s",), "s", "sort", "sort by the next column", _SORTED),
    Key("reverse", ("S", "upper_s"), "S", "reverse", "the other way round", _SORTED),
    Key("next_fault", ("n",), "n", "next fault", "next fault; on a covenant, the next one that fails", _FAULTY, 1),
    Key("previous_fault", ("N", "upper_n"), "N", "previous fault", "previous fault", _FAULTY),
    Key("changes", ("c",), "c", "changes", "what changed since yesterday, and since these screens were opened"),
    Key("spread", ("m",), "m", "margins", "margins: what each loan pays, what it must earn, what the market pays; and back"),
    Key("cure", ("u",), "u", "cure", "the least that restores what is under the cursor: cash, coins, machines, prepayment", _CURED),
    Key("earlier", ("left_square_bracket",), "[", "day back", "the same one day earlier"),
    Key("later", ("right_square_bracket",), "]", "day on", "the same one day later"),
    Key("reload", ("r",), "r", "reload", "read the desk and the marks again, as of now", LEVELS, 2),
    Key("redraw", ("R", "upper_r", "ctrl+l"), "R", "redraw", "draw all of it anew, when something else has written on it (also ctrl+l)"),
    Key("pause", ("p",), "p", "pause", "stop following files and clock, and go on"),
    Key("copy_row", ("y",), "y", "copy", "copy the row to your clipboard (over SSH and tmux too, where the terminal allows)", LEVELS, 3),
    Key("copy_view", ("Y", "upper_y"), "Y", "copy view", "copy the whole view"),
    Key("export", ("e",), "e", "export", "write the view to a text file in the working directory", LEVELS, 3, True),
    Key("record", ("x",), "x", "record", "record what happened: a delivery, a waiver, a cure; on marks an override, on one an approval",
        (*ROOTS, *INNER), 0, True),
    Key("last", ("minus",), "-", "last", "the view before this one, and back"),
    Key("down", ("j", "down"), "j", "down", "down (also the arrow)"),
    Key("up", ("k", "up"), "k", "up", "up (also the arrow)"),
    Key("top", ("g", "home"), "g", "top", "first row"),
    Key("bottom", ("G", "upper_g", "end"), "G", "bottom", "last row"),
    Key("page_down", ("pagedown", "space", "ctrl+d"), "space", "page down", "one page down (also page down, ctrl+d)"),
    Key("page_up", ("pageup", "ctrl+u"), "ctrl+u", "page up", "one page up (also page up)"),
    Key("wide", ("w",), "w", "wide", "one pane or two, where the terminal is 120 columns or wider"),
    Key("columns", ("o",), "o", "columns", "which columns the board has"),
    Key("theme", ("t",), "t", "theme", "next theme: dark, light, high contrast; with 16 colours those of the terminal"),
    Key("help", ("question_mark",), "?", "help", "this list", LEVELS, 5),
    Key("quit", ("q", "ctrl+c"), "q", "quit", "leave", LEVELS, 5),
)  # fmt: skip
ACTIONS = {entry.action: entry for entry in KEYS}


class Keymap:
    """The registry with the reader's own keys in place of the shipped ones, where given and possible."""

    def __init__(self, own: Mapping[str, tuple[str, ...]] | None = None) -> None:
        """`own` maps an action to keys; `complaints` says what of it could not be used."""
        self.complaints: list[str] = []
        chosen = self._usable(own or {})
        taken = {key for keys in chosen.values() for key in keys}
        self.entries = tuple(self._entry(entry, chosen.get(entry.action), taken) for entry in KEYS)
        self.by_key = {key: entry for entry in self.entries for key in entry.keys}

    def _usable(self, own: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        seen: dict[str, str] = {}
        for action, keys in own.items():
            good = []
            for key in keys:
                complaint = _complaint(action, key, seen)
                if complaint:
                    self.complaints.append(complaint)
                else:
                    seen[key] = action
                    good.append(key)
            if good:
                found[action] = tuple(good)
        return found

    def _entry(self, entry: Key, own: tuple[str, ...] | None, taken: set[str]) -> Key:
        if own is not None:
            always = ("ctrl+c",) if entry.action == "quit" else ()
            return entry._replace(keys=(*own, *always), shown=written(own[0]))
        kept = tuple(key for key in entry.keys if key not in taken)
        if not kept:
            self.complaints.append(f"{entry.action} has no key left: another action took it")
        return entry._replace(keys=kept, shown=entry.shown if kept == entry.keys or not kept else written(kept[0]))

    def action_of(self, key: str, level: str) -> str | None:
        """The action of a pressed key on a screen; None when it has none there."""
        entry = self.by_key.get(key)
        return entry.action if entry and level in entry.levels else None

    def footer_line(self, level: str, width: int, first: bool = True, read_only: bool = False) -> Line:
        """The keys worth a reminder on this screen, as many as fit, in the registry's order; `first`: nothing lies behind it."""
        wanted = [entry for entry in self.entries if level in entry.levels and entry.footer and entry.keys]
        wanted = [entry for entry in wanted if not (first and entry.action == "back") and not (read_only and entry.writes)]
        taken: set[str] = set()
        for entry in sorted(wanted, key=lambda entry: -entry.footer):
            if line_width(_hints(wanted, taken | {entry.action}, False)) <= width:
                taken.add(entry.action)
        dated = _hints(wanted, taken, True)
        return dated if line_width(dated) <= width else _hints(wanted, taken, False)

    def help_lines(self, width: int) -> list[Line]:
        """Every key with what it does, one a line (wrapped when narrow)."""
        lines: list[Line] = []
        for entry in self.entries:
            where = "" if len(entry.levels) > 2 else f" ({', '.join(entry.levels)})"
            for place, part in enumerate(wrap(entry.says + where, max(12, width - 11))):
                lines.append((Span(f" {(entry.shown if entry.keys else '') if not place else '':<9}", "key"), Span(part)))
        return lines


_WRITTEN = {
    "escape": "esc", "slash": "/", "colon": ":", "semicolon": ";", "minus": "-", "question_mark": "?", "comma": ",", "full_stop": ".",
    "left_square_bracket": "[", "right_square_bracket": "]",
}  # fmt: skip
NAMED = frozenset((*_WRITTEN, "enter", "space", "tab", "backspace", "left", "right", "up", "down", "home", "end", "pageup", "pagedown"))


def written(key: str) -> str:
    """How a key is written on the screens."""
    return _WRITTEN.get(key, key)


def _complaint(action: str, key: str, seen: Mapping[str, str]) -> str | None:
    if action not in ACTIONS:
        return f"no action is called {action}"
    if key in FORBIDDEN:
        return f"{key} is kept by terminals and cannot be given to {action}"
    plain = len(key) == 1 and key.isprintable() and key != " "
    if not (plain or key in NAMED or (key.startswith("ctrl+") and len(key) == 6 and key[5:].isalpha())):
        return f"{key} is no key; write a letter, ctrl+letter, or one of {', '.join(sorted(NAMED))}"
    return f"{key} is given to {seen[key]} and to {action}" if key in seen else None


def _hints(wanted: list[Key], taken: set[str], day: bool) -> Line:
    spans: list[Span] = []
    for entry in wanted:
        if entry.action in taken:
            spans += [Span(f" {entry.shown}", "key"), Span(f" {entry.label} ", "dim")]
    if day:
        spans[-4:-4] = [Span(" [ ]", "key"), Span(" day ", "dim")]
    return (*spans[:-1], *(Span(last.text.rstrip(), last.role) for last in spans[-1:]))
