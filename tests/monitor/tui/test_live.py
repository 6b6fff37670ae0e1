"""The screens over a real desk: files broken and repaired while watching, drill-down to the source line, recording, remembering."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from monitor.live import LiveDesk, Snapshot
from monitor.places import SHIPPED
from monitor.tui.app import CovenantApp
from monitor.tui.keys import Keymap
from monitor.tui.memory import ViewState, keep, remembered
from monitor.tui.settings import Settings, read_settings
from tests.monitor.tui.screen_grid import settled, shown


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A copy of the shipped desk that may be written to."""
    root = tmp_path / "desk"
    shutil.copytree(SHIPPED, root)
    return root


def over(desk: Path, **more: object) -> CovenantApp:
    live = LiveDesk(desk, None, None, None)
    return CovenantApp(live, live.now(), folder=desk.parent, desk=str(desk), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shipped() -> Snapshot:
    """The shipped desk, read once for every test that writes nothing."""
    return LiveDesk(SHIPPED, None, None, None, keeps=False).now()


def over_shipped(shipped: Snapshot, **more: object) -> CovenantApp:
    return CovenantApp(LiveDesk(SHIPPED, None, None, None, keeps=False), shipped, **more)  # type: ignore[arg-type]


def saved(path: Path, text: str) -> None:
    """Write a file with a time of its own, however coarse the clock of the file system is."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 10**9, before + 10**9))


async def looked(app: CovenantApp) -> None:
    """One look at the files, and the answer to what it led to."""
    app.follower.next_look = 0.0
    app.follower.tick()
    await settled(app)
    await settled(app)


async def test_a_broken_file_keeps_the_last_good_desk_and_says_so_until_it_is_repaired(desk: Path) -> None:
    app = over(desk)
    file = desk / "facilities" / "rowan-alder.toml"
    good = file.read_text(encoding="utf-8")
    async with app.run_test(size=(100, 30)) as pilot:
        before = [row.key for row in app.views.rows]
        saved(file, good[: len(good) // 2] + '\n[[covenant\nid = "x')
        await looked(app)
        await pilot.pause()
        screen = shown(app)
        assert "FILES BROKEN" in screen and "facilities/rowan-alder.toml:" in screen and "Rowan Alder" in screen
        assert [row.key for row in app.views.rows] == before
        for key in ("2", "3", "4", "6", "7", "c", "question_mark"):
            await pilot.press(key)
            assert "FILES BROKEN" in shown(app), key
        await pilot.press("left_square_bracket")
        await settled(app)
        assert "2026-10-07" in shown(app) and app.snapshot.trouble
        saved(file, good.replace("Rowan Alder BTC loan", "Rowan Alder new loan"))
        await pilot.press("r")
        await settled(app)
        await pilot.press("1")
        assert "FILES BROKEN" not in shown(app) and "Rowan Alder new" in shown(app)


async def test_a_desk_that_does_not_load_says_what_lint_says_and_opens_once_repaired(desk: Path) -> None:
    file = desk / "desk.toml"
    good = file.read_text(encoding="utf-8")
    saved(file, good.replace('timezone = "UTC"', 'timezone = "Mars/Olympus"'))
    app = CovenantApp(LiveDesk(desk, None, None, None), folder=desk.parent)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(app)
        await pilot.press("x", "4", "e", "j", "slash", "enter")
        screen = shown(app)
        assert "The desk cannot be judged" in screen and "D002" in screen and "hint:" in screen and "Mars/Olympus" in screen
        saved(file, good)
        await looked(app)
        await pilot.pause()
        assert "Rowan Alder" in shown(app)


async def test_six_keys_lead_from_the_board_to_the_source_of_the_call(shipped: Snapshot) -> None:
    app = over_shipped(shipped)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "enter", "enter", "enter")
        screen = shown(app)
        assert "Source" in screen and "facilities/rowan-alder.toml:" in screen and "[[covenant]]" in screen
        await pilot.press("escape", "2", "j", "enter", "escape")
        assert app.trail.here.level == "breaches"


async def test_marks_lead_to_their_series_and_the_map_to_the_covenant(desk: Path) -> None:
    app = over(desk)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("6")
        await settled(app)
        await pilot.press("slash", *"btc.price", "enter", "enter")
        screen = shown(app)
        assert "Prints it was made of" in screen and "marks/illustrative.csv:" in screen and "Rowan Alder" in screen
        await pilot.press("4")
        await settled(app)
        assert "Break somewhere in the map" in shown(app) and "X" not in app.trail.here.covenant
        await pilot.press("enter", "enter")
        assert app.trail.here.level == "covenant"


@pytest.mark.parametrize(
    ("typed", "level", "about"),
    [
        ("kestrel", "facility", "kestrel-abl"),
        ("rowan-alder/l", "covenant", "rowan-alder"),
        ("calend", "calendar", ""),
        ("bitch-btc", "facility", "birch-btc"),
        ("birch btc", "facility", "birch-btc"),
        ("SOFR", "series", ""),
    ],
)
async def test_go_finds_the_nearest(typed: str, level: str, about: str, shipped: Snapshot) -> None:
    app = over_shipped(shipped)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon", *typed.replace(" ", "\0"), "enter") if " " not in typed else None
        if " " in typed:
            await pilot.press("colon")
            assert app.prompt is not None
            app.prompt.type(typed)
            await pilot.press("enter")
        assert (app.trail.here.level, app.trail.here.facility) == (level, about)


async def test_go_to_a_date_and_back_to_now(shipped: Snapshot) -> None:
    app = over_shipped(shipped)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon", *"2026-09-15", "enter")
        await settled(app)
        assert "2026-09-15 24:00Z" in shown(app)
        await pilot.press("colon", *"2026-99-99", "enter")
        await settled(app)
        assert "kept the last report" in shown(app) and "2026-09-15 24:00Z" in shown(app)
        await pilot.press("r")
        await settled(app)
        assert "2026-10-08 09:00Z" in shown(app)


@pytest.mark.parametrize(("name", "kind"), [("rowan-alder/ltv", "notice"), ("rowan-compute/dscr", "certificate_delivered")])
async def test_a_call_without_a_notice_is_offered_one(desk: Path, name: str, kind: str) -> None:
    app = over(desk)
    async with app.run_test(size=(100, 40)) as pilot:
        await settled(app)
        await pilot.press("colon", *name, "enter", "x")
        assert app.views.form.kind == kind and app.views.form.fields["covenant"] == name.partition("/")[2]


async def test_a_waiver_is_judged_refused_and_recorded_from_the_screen(desk: Path) -> None:
    pinned = desk / "desk.toml"
    pinned.write_text(pinned.read_text(encoding="utf-8").replace("as_of = 2026-10-08T09:00:00Z\n", ""), encoding="utf-8")
    app = over(desk)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("colon", *"rowan-compute/dscr", "enter", "x")
        assert app.trail.here.level == "form"
        form = app.views.form
        form.set("kind", "reservation")
        form.set("by", "first person")
        assert form.kind == "reservation_of_rights" and form.fields["covenant"] == "dscr"
        form.set("effective", "2999-01-01")
        app.commands.filled("judge")
        for _ in range(200):
            await settled(app)
            if not form.running:
                break
            await asyncio.sleep(0.05)
        await pilot.pause()
        judged = form.judged
        if not judged:
            assert form.answer and form.answer.split("\n")[0][:20] in shown(app)
        form.set("effective", "")
        assert not form.judged and "Record it" not in shown(app)
        app.commands.filled("judge")
        await settled(app)
        assert form.judged, form.answer
        assert "would record" in form.answer and not (desk / "journal.db").exists()
        app.commands.filled("record")
        await settled(app)
        assert form.recorded and (desk / "journal.db").exists()
        await settled(app)
        await pilot.press("7")
        await settled(app)
        await looked(app)
        assert "reservation of rights" in shown(app) and "1 entries" in shown(app)


async def test_read_only_writes_nothing_at_all(desk: Path) -> None:
    app = over(desk, read_only=True)
    there = {path for path in desk.parent.rglob("*") if "cache" not in path.parts}
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ("e", "x"):
            await pilot.press(key)
            assert "read-only: nothing can be written or recorded" in shown(app)
        await pilot.press("j")
        assert "read-only" in shown(app) and "e export" not in shown(app)
    assert {path for path in desk.parent.rglob("*") if "cache" not in path.parts} == there


async def test_the_palette_finds_an_action_by_its_words(shipped: Snapshot) -> None:
    app = over_shipped(shipped)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p", *"wall", "enter")
        assert app.trail.here.level == "calendar" and app.prompt is None
        await pilot.press("semicolon", *"zzz", "escape")
        assert app.trail.here.level == "calendar"


async def test_sorting_hiding_and_filtering_are_remembered_and_the_settings_are_not_touched(desk: Path, tmp_path: Path) -> None:
    kept = tmp_path / "state" / "screens.json"
    app = over(desk, state=ViewState(desk=str(desk)))
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press("s", "s", "S", "o", "enter", "1", "slash", *"rowan", "enter", "t", "w", "3")
        hidden = app.state.hidden
        assert len(hidden) == 1
    keep(app.commands.memory(), kept)
    state, complaint = remembered(str(desk), kept)
    assert complaint is None and kept.stat().st_mode & 0o077 == 0
    again = over(desk, state=state)
    async with again.run_test(size=(160, 48)) as pilot:
        assert again.trail.here.level == "calendar" and again.look.name == "light" and not again.state.two_panes
        await pilot.press("1")
        assert {row.facility.id for row in again.views.rows} <= {"rowan-alder", "rowan-compute", "rowan-convert"}
        assert again.state.hidden == hidden and "/rowan" in shown(again) and "by drawn, reversed" in shown(again)
    other, _ = remembered("another", kept)
    assert other.filters == {} and other.view == "board" and other.theme == "light"


@pytest.mark.parametrize("junk", [b"", b"\xff\xfe", b"[" * 5000, b'{"view": 3}', b"null", b"x" * 200_000])
def test_a_state_that_cannot_be_read_is_told_and_left(junk: bytes, tmp_path: Path) -> None:
    path = tmp_path / "screens.json"
    path.write_bytes(junk)
    state, complaint = remembered("d", path)
    assert state == ViewState(desk="d") and complaint and path.read_bytes() == junk


def test_settings_are_validated_key_by_key(tmp_path: Path) -> None:
    path = tmp_path / "screens.toml"
    path.write_text('theme = "light"\nascii = 1\ncolours = "16"\n[keys]\nexport = ["w", "ctrl+s"]\nfly = "z"\nquit = "Q"\n')
    made = read_settings(path)
    assert made.theme == "light" and made.ascii is False
    told = "\n".join(made.complaints)
    assert "ascii is not what is wanted" in told and "did you mean 'colors'" in told and "no action is called 'fly'" in told
    keymap = Keymap(made.keys)
    assert keymap.action_of("w", "board") == "export" and keymap.action_of("Q", "board") == "quit"
    assert keymap.action_of("ctrl+c", "board") == "quit" and keymap.action_of("ctrl+s", "board") is None
    assert any("ctrl+s is kept by terminals" in one for one in keymap.complaints)
    assert any("wide has no key left" in one for one in keymap.complaints)


@pytest.mark.parametrize("junk", [b"\xff", b"a = [", b"x" * 200_000, b"[" * 20_000])
def test_settings_that_cannot_be_read_are_told(junk: bytes, tmp_path: Path) -> None:
    path = tmp_path / "screens.toml"
    path.write_bytes(junk)
    made = read_settings(path)
    assert made == Settings(complaints=made.complaints) and len(made.complaints) == 1


@pytest.mark.parametrize("colours", ["none", "16", "256", "true"])
async def test_every_colour_mode_says_every_state_in_words(colours: str, shipped: Snapshot) -> None:
    app = over_shipped(shipped, colours=colours)
    async with app.run_test(size=(160, 48)) as pilot:
        for size in [(160, 48), (100, 30), (80, 24), (40, 12)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            for _ in app.looks:
                screen = shown(app)
                for word in ("CALLABLE", "OVER", "FAIL cure", "UNKNOWN"):
                    assert word in screen, (size, app.look.name)
                await pilot.press("t")


async def test_a_storm_of_resizes_ends_in_the_last_size(shipped: Snapshot) -> None:
    app = over_shipped(shipped)
    async with app.run_test(size=(80, 24)) as pilot:
        for width, height in [(160, 48), (39, 9), (1, 1), (200, 5), (40, 12), (80, 3), (120, 60), (100, 30)]:
            await pilot.resize_terminal(width, height)
        await pilot.pause()
        assert "Rowan Alder" in shown(app) and app.size.width == 100
