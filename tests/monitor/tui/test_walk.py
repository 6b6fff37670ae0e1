"""A walk over every screen: every key is pressed, none breaks anything, none is dead; and texts of others stay inert on all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from textual import events

from monitor.board.spans import plain
from monitor.report.schema import Report
from monitor.tui.app import CovenantApp
from monitor.tui.commands import Commands
from monitor.tui.keys import ASIDE, KEYS, LEVELS, ROOTS, Key
from monitor.tui.panes import Bar
from monitor.tui.trail import TITLES, Place
from tests.monitor.tui.sample_reports import HOSTILE, Source, hostile_report, report
from tests.monitor.tui.screen_grid import application, grid, reached, settled

SIZES = [(160, 48), (100, 30), (80, 24), (40, 12)]
FORWARD, BACKWARD = ("down", "bottom", "page_down"), ("up", "top", "page_up")
MOVES = dict.fromkeys(FORWARD, "top") | dict.fromkeys(BACKWARD, "bottom")
"""A move, and from where it is tried: from the other end."""


def drawn(app: CovenantApp) -> list[str]:
    """The text of both panes and of all bars, without the library's own work."""
    bars = [plain(line) for bar in app.screen.query(Bar) for line in bar.lines]
    return [plain(line) for line in app.pane._shown()] + bars


def observed(app: CovenantApp, source: Source) -> tuple[object, ...]:
    """Everything that a key can change."""
    kept = msgspec.structs.replace(app.state)
    followed = (app.follower.asked, app.follower.paused)
    prompt = app.prompt and (app.prompt.text, app.prompt)
    return drawn(app), list(app.trail.places), kept, app.clipboard, len(source.asked), followed, app.note, prompt


def nowhere_to_go(app: CovenantApp) -> bool:
    """Whether a page has one row at most, and nothing beyond the screen: a move cannot show."""
    page, pane = app.pane.page, app.pane
    return page.stop_count() <= 1 if pane.stands else len(page) <= pane.visible_lines


async def walked(app: CovenantApp, source: Source, levels: Sequence[str] = LEVELS) -> list[tuple[str, str]]:
    """(screen, action) of every key that does nothing on a screen it is bound on."""
    dead = []
    for level in levels:
        for entry in (entry for entry in KEYS if entry.action != "quit" and level in entry.levels):
            await reached(app, level)
            assert app.trail.here.level == level
            if not await pressed(app, source, entry) and entry.action != level:
                dead.append((level, entry.action))
    return dead


async def pressed(app: CovenantApp, source: Source, entry: Key) -> bool:
    """Whether pressing the keys of an action changes anything; of a move, where there is somewhere to go."""
    moves = []
    for key in entry.keys:
        if entry.action in MOVES:
            app.commands.act(MOVES[entry.action])
        before = observed(app, source)
        app.on_key(events.Key(key, None))
        assert app.is_running, entry.action
        assert not any("Error: " in line for line in drawn(app)), (entry.action, drawn(app))
        moves.append(observed(app, source) != before)
        if entry.action not in MOVES:
            return moves[0]
    return all(moves) or nowhere_to_go(app)


@pytest.mark.parametrize("size", SIZES)
async def test_every_key_on_every_screen_does_something_and_none_breaks(size: tuple[int, int], tmp_path: Path) -> None:
    source = Source()
    app = application(source, tmp_path)
    async with app.run_test(size=size):
        assert await walked(app, source) == []
        await settled(app)
        grid(app)


async def test_the_walk_finds_a_dead_key_and_one_that_breaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source()
    app = application(source, tmp_path)
    async with app.run_test(size=(80, 24)):
        for dead in ("do_page_down", "do_theme"):
            monkeypatch.setattr(Commands, dead, lambda _: None)
        assert await walked(app, source, ["board"]) == [("board", "page_down"), ("board", "theme")]
        monkeypatch.setattr(Commands, "do_faults", lambda self: self.app.pane.page.key(10**9))
        with pytest.raises(IndexError):
            await walked(app, source, ["board"])


def test_the_walk_leaves_no_screen_out() -> None:
    assert set(TITLES) - set(LEVELS) == {"palette"}, "the palette is typed in: it has a walk of its own"


@pytest.mark.parametrize("size", SIZES)
async def test_no_key_is_dead_or_breaks_while_something_is_typed(size: tuple[int, int], tmp_path: Path) -> None:
    source = Source()
    app = application(source, tmp_path)
    async with app.run_test(size=size):
        for opens in ("palette", "filter", "go"):
            for entry in (entry for entry in KEYS if entry.action != "quit"):
                await reached(app, "board")
                app.commands.act(opens)
                app.on_key(events.Key("a", "a"))
                before = observed(app, source)
                key = entry.keys[0]
                app.on_key(events.Key(key, key if len(key) == 1 else None))
                assert app.is_running, (opens, entry.action)
                assert len(key) > 1 or observed(app, source) != before, (opens, entry.action)
        app.prompt = None
        grid(app)


@pytest.mark.parametrize("made", [report([]), hostile_report()], ids=["empty", "hostile"])
async def test_every_key_leaves_an_empty_and_a_hostile_desk_running(made: Report, tmp_path: Path) -> None:
    app = application(Source(made, HOSTILE[1]), tmp_path)
    async with app.run_test(size=(80, 24)):
        for level in (*ROOTS, *ASIDE):
            await reached(app, level)
            for entry in (entry for entry in KEYS if level in entry.levels and entry.action != "quit"):
                app.prompt = None
                app.trail.go(Place(level))
                app.on_key(events.Key(entry.keys[-1], None))
                assert app.is_running, (level, entry.action)
        await settled(app)
        grid(app)


@pytest.mark.parametrize("size", [(160, 48), (80, 24), (40, 12)])
async def test_hostile_texts_are_inert_on_every_screen(size: tuple[int, int], tmp_path: Path) -> None:
    for text in HOSTILE:
        app = application(Source(hostile_report(), text), tmp_path)
        async with app.run_test(size=size):
            for level in LEVELS:
                await reached(app, level)
                assert all(char.isprintable() for line in grid(app) for char in line), level
                app.commands.act("copy_view")
                assert all(char.isprintable() or char == "\n" for char in app.clipboard), level
