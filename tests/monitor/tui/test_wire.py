"""What is sent to the terminal: always enough to show the frame, and never more than the cells that differ."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from bench.emulated import Emulated
from monitor.tui.wire import Pen, Wire, cells_of, change

ROWS, COLUMNS = 4, 12
STYLES = (
    Style(),
    Style(color="#ff7a59", bgcolor="#10151c", bold=True),
    Style(color="#8792a1", bgcolor="#10151c"),
    Style(color="#8792a1", bgcolor="#2a3a50", dim=True),
    Style(color="red", reverse=True, bold=True),
    Style(underline=True, dim=True),
    Style(bgcolor="bright_red", strike=True, italic=True),
)
WORDS = ("a", " ", "  ", "DEFAULT", "65.3%", "≤", "漢", "é", "e\u0301", "✖", "─", "🏭", "x漢y")
texts = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(STYLES)), max_size=6)
systems = st.sampled_from([ColorSystem.STANDARD, ColorSystem.EIGHT_BIT, ColorSystem.TRUECOLOR])


def strip(parts: list[tuple[str, Style]], cells: int) -> Strip:
    return Strip([Segment(text, style) for text, style in parts]).adjust_cell_length(cells, STYLES[2])


def bare(wire: Wire, strips: list[tuple[int, int, Strip]], system: ColorSystem) -> Emulated:
    """A terminal that got everything at once, as from nothing."""
    wire.forget()
    terminal = Emulated(COLUMNS, ROWS)
    terminal.feed(wire.sequence(strips, system).encode())
    return terminal


def seen(terminal: Emulated) -> list[list[tuple[str, frozenset[str]]]]:
    """What an eye can tell: of a blank only its ground and what is drawn on it."""
    drawn = {"4", "5", "7", "9"}
    return [
        [(text, pen if text.strip() or pen & drawn else frozenset(one for one in pen if one.startswith("48"))) for text, pen in row]
        for row in terminal.cells
    ]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.dictionaries(st.integers(0, ROWS - 1), st.tuples(st.integers(0, 6), texts), min_size=1), min_size=1, max_size=6), systems
)
def test_what_is_sent_piece_by_piece_shows_what_all_at_once_would(
    updates: list[dict[int, tuple[int, list[tuple[str, Style]]]]], system: ColorSystem
) -> None:
    wire, terminal = Wire(), Emulated(COLUMNS, ROWS)
    frame = [strip([], COLUMNS) for _ in range(ROWS)]
    terminal.feed(wire.sequence([(0, row, one) for row, one in enumerate(frame)], system).encode())
    for update in updates:
        strips = [(column, row, strip(parts, COLUMNS - column)) for row, (column, parts) in update.items()]
        terminal.feed(wire.sequence(strips, system).encode())
        assert terminal.pen == frozenset()
        for column, row, one in strips:
            frame[row] = Strip.join([frame[row].crop(0, column), one])
        whole = bare(Wire(), [(0, row, one) for row, one in enumerate(frame)], system)
        assert seen(terminal) == seen(whole)
        assert wire.sequence(strips, system) == ""


def test_only_the_figure_that_moved_is_sent() -> None:
    wire = Wire()
    for text in ("Loan 12   LTV  65.3%", "Loan 12   LTV  66.1%"):
        sent = wire.sequence([(0, 7, strip([(text, STYLES[2])], 40))], ColorSystem.EIGHT_BIT)
    assert sent == "\x1b[8;17H\x1b[38;5;246;48;5;16m6.1\x1b[m"


def test_a_gap_that_is_cheaper_written_than_jumped_is_written() -> None:
    wire = Wire()
    for text in ("a1b2..........c", "x1y2..........z"):
        sent = wire.sequence([(0, 0, strip([(text, Style())], 15))], ColorSystem.STANDARD)
    assert sent == "\x1b[1;1Hx1y\x1b[15Gz"


def test_after_a_character_of_doubtful_width_the_place_is_named_again() -> None:
    wire = Wire()
    sent = wire.sequence([(0, 0, strip([("a漢b", Style())], 4))], ColorSystem.STANDARD)
    assert sent == "\x1b[1;1Ha漢\x1b[1;4Hb"


def test_pens_change_by_the_shorter_way() -> None:
    loud = Pen(frozenset({"1"}), "38;5;209", "48;5;16")
    assert change(loud, loud._replace(attributes=frozenset())) == "\x1b[22m"
    assert change(loud, Pen()) == "\x1b[m"
    assert change(Pen(frozenset({"1", "2"})), Pen(frozenset({"1"}))) == "\x1b[0;1m"
    assert change(Pen(), loud) == "\x1b[1;38;5;209;48;5;16m"


def test_a_forgotten_terminal_gets_everything() -> None:
    wire, one = Wire(), [(0, 0, strip([("abc", Style())], 3))]
    assert wire.sequence(one, ColorSystem.STANDARD) != "" and wire.sequence(one, ColorSystem.STANDARD) == ""
    wire.forget()
    assert "abc" in wire.sequence(one, ColorSystem.STANDARD)


def test_a_cell_is_a_character_with_its_marks() -> None:
    found = list(cells_of(strip([("e\u0301漢", Style())], 3), ColorSystem.STANDARD))
    assert [(cell.text, cell.plain) for cell in found] == [("e\u0301", False), ("漢", False), ("", True)]
