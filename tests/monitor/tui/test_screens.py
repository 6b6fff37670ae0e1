"""The screens, driven key by key at four sizes and read as text: what they show, how they move, what they survive."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import msgspec
import pytest
from textual import events
from textual.geometry import Region

from monitor.board.spans import line_width, plain
from monitor.cells import name
from monitor.excerpt import Excerpt
from monitor.report.schema import Report
from monitor.tui.keys import KEYS
from monitor.tui.panes import Pane
from monitor.tui.source_page import SourcePage
from rules.explained import Explained
from tests.monitor.tui.sample_reports import AS_OF, HOSTILE, Served, Source, covenant, facility, hostile_report, later, reading, report
from tests.monitor.tui.screen_grid import application, grid, settled, shown

SIZES = [(80, 24), (160, 48), (40, 12), (30, 8)]
WIDE_ENOUGH = SIZES[:3]


@pytest.mark.parametrize("size", WIDE_ENOUGH)
async def test_three_enters_lead_from_the_board_to_the_explanation_and_escape_back(size: tuple[int, int], tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=size) as pilot:
        levels = [app.trail.here.level]
        for _ in range(3):
            await pilot.press("enter")
            levels.append(app.trail.here.level)
        assert levels == ["board", "facility", "covenant", "explain"]
        assert "Formula" in shown(app) and "Explain" in shown(app)
        for level in ("covenant", "facility", "board", "board"):
            await pilot.press("escape")
            assert app.trail.here.level == level
        assert "CALL 41h" in shown(app)


async def test_breadcrumbs_and_the_command_line_twin_follow(tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(100, 24)) as pilot:
        assert f"$ covenant check --as-of {AS_OF}" in shown(app)
        await pilot.press("enter", "enter", "enter")
        screen = shown(app)
        assert "Board › Rowan Alder › LTV › Explain" in screen
        assert "as of 2026-10-08 09:00Z" in screen
        assert f"$ covenant explain rowan-alder ltv-ladder --as-of {AS_OF}" in screen


@pytest.mark.parametrize("size", SIZES)
async def test_the_board_shows_the_state_words_at_every_size(size: tuple[int, int], tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=size):
        screen = shown(app)
    for word in ("FAIL", "CALL", "WATCH", "PASS"):
        assert word in screen
    assert "2026-10-08" in screen


async def test_a_tiny_terminal_shows_the_counts_only_and_grows_back(tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(30, 8)) as pilot:
        assert [line.strip() for line in grid(app)] == [AS_OF, "FAIL 3", "CALL 1", "UNKNOWN 1", "WATCH 2", "PASS 2", "UNTESTED 1", ""]
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "Rowan Alder" in shown(app)
        await pilot.resize_terminal(39, 24)
        await pilot.pause()
        assert "Rowan Alder" not in shown(app)


async def test_facility_page_has_the_facts_and_both_bases(tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "enter")
        screen = shown(app)
    for part in (
        "rowan-compute-spv, group rowan",
        "USD 42.9m of 42.9m",
        "ddtl, matures 2028-08-29",
        "(illustrative)",
        "facilities/rowan-compute.toml:1",
    ):
        assert part in screen
    for part in ("1.14x", "1.15x", "≥1.20x", "rent 2.746", "LTV on mark", "104.7%", "cure with 1.372m"):
        assert part in screen


async def test_covenant_page_has_figures_law_and_remedies_on_one_screen(tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press("enter", "enter")
        screen = shown(app)
    for part in ("65.33%", "≤65.00%", "-0.33%", "-0.5%", "83,276", "83,699", "72,539", "-12.9%", "liquidation", "2026-10-10 02:10Z,"):
        assert part in screen
    for part in ("41h10m left", "2026-10-07", "2026-10-07 24:00Z", "2026-10-08 02:10Z", "draw stop", "4.3(b)", "post 86 BTC"):
        assert part in screen


async def test_an_unknown_says_why_and_what_would_pass(tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "j", "j")
        assert "100 days old" in shown(app)
        await pilot.press("enter", "enter")
        screen = shown(app)
    assert "indeterminate" in screen and "100 days old" in screen and "51,765" in screen


async def test_explain_shows_value_unit_and_origin_of_every_leaf(tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("j", "enter", "enter", "enter")
        screen = shown(app)
    for part in ("1.143x", "≥1.200x", "clause 6.12", "= revenue_cash - opex_cash", "38.030m", "facilities/rowan-compute.toml:52"):
        assert part in screen
    for part in (
        "2.650 USD/GPU-hour",
        "illustrative, 2026-10-07, 1d",
        "unknown",
        "no mark: DSCR",
        "H200 rent at 2.746, +3.6%",
        "1.372m cash",
    ):
        assert part in screen


@pytest.mark.parametrize("cells", [160, 80, 40, 12])
def test_a_long_source_line_is_folded_not_cut(cells: int) -> None:
    long = "amount = [ # " + " ".join(str(n) for n in range(400)) + " 宽" * 30 + "\x1b" + "x" * 300
    page = SourcePage(Excerpt(file="a.toml", line=8, first=7, lines=("short", long, "last\t" + "y" * 9_000)), cells, "")
    shown = [plain(page.line(index)) for index in range(len(page))]
    assert max(line_width(page.line(index)) for index in range(len(page))) <= cells
    text = "".join(row.text for index in range(len(page)) if page.rows[index][0] == 8 for row in page.line(index)[3:])
    assert text == name(long[:500]) + name(long[500:1000]) + name(long[1000:1500]) + name(long[1500:2000]) + name(long[2000:])
    assert page.stops() == [index for index, line in enumerate(shown) if "↪" not in line[: page.digits + 3]] and len(page.stops()) == 3
    assert [page.key(index) for index in page.stops()] == [7, 8, 9] and page.find(9) == page.stops()[2]
    assert "characters more" in "".join(line[4:] for line in shown[-3:]) or cells == 12


async def test_an_explanation_that_cannot_be_made_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Served, facility_id: str, covenant_id: str) -> Explained:
        raise KeyError(f"no\x1b such quantity in {facility_id}/{covenant_id}")

    monkeypatch.setattr(Served, "explain", broken)
    app = application(Source(), tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "enter", "enter")
        assert "cannot explain: KeyError" in shown(app) and "\x1b" not in shown(app)
        await pilot.press("escape")
        assert app.trail.here.level == "covenant"


async def test_list_and_detail_stand_side_by_side_on_a_wide_terminal(tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(160, 48)) as pilot:
        assert "Readings" in shown(app) and "Kestrel GPU ABL" in shown(app)
        await pilot.press("j")
        assert "DSCR  Rowan Compute DDTL" in shown(app)
        await pilot.press("w")
        screen = shown(app)
        assert "Readings" not in screen and "In law" in screen and "Owner" in screen
        await pilot.press("w", "enter", "enter")
        assert "Readings" in shown(app) and "Formula" in shown(app)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("rowan", ["rowan-alder", "rowan-compute"]),
        ("state:fail", ["rowan-alder", "rowan-compute", "kestrel-abl", "linden-b200", "tamar-h100"]),
        ("state:unknown", ["linden-b200"]),
        ("group:rowan !ddtl", ["rowan-alder"]),
        ("kind:abl", ["kestrel-abl", "kestrel-abl"]),
        ("owner:coin", ["rowan-alder", "birch"]),
        ("FCCR", ["kestrel-abl"]),
        ("no such thing", []),
    ],
)
async def test_the_filter_narrows_the_board_as_it_is_typed(typed: str, expected: list[str], tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *(key for key in typed), "enter")
        assert [row.facility.id for row in app.views.rows] == expected
        assert ("nothing matches" in shown(app)) is (not expected)
        assert f"/{typed}" in shown(app)
        await pilot.press("slash", "escape")
        assert len(app.views.rows) == 9


async def test_a_filter_can_be_corrected_pasted_and_does_not_start_actions(tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", "q", "x", "backspace", "backspace", "f", "ctrl+u", "b", "i", "r")
        assert app.prompt is not None and app.prompt.text == "bir" and [row.facility.id for row in app.views.rows] == ["birch"]
        app.prompt.type("c\x1b[2J\n")
        assert app.prompt.text == "birc[2J"
        await pilot.press("ctrl+w")
        assert app.prompt.text == ""
        assert app.is_running


async def test_faults_only_and_next_fault(tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f")
        assert len(app.views.rows) == 6 and "faults only" in shown(app) and "WATCH     " not in "\n".join(grid(app)[4:20])
        await pilot.press("f", "G", "n")
        assert app.pane.key == ("rowan-alder", "ltv-ladder")
        await pilot.press("n")
        assert app.pane.key == ("rowan-compute", "dscr")
        await pilot.press("N", "N")
        assert app.pane.key == ("tamar-h100", "dscr")


async def test_next_fault_turns_the_pages_of_covenants_and_explanations(tmp_path: Path) -> None:
    source = Source()
    app = application(source, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "enter", "n")
        assert app.trail.here[1:3] == ("rowan-compute", "dscr") and "Rowan Compute DDTL" in shown(app)
        await pilot.press("enter", "n")
        assert source.asked[-1] == "kestrel-abl/availability"
        await pilot.press("escape", "escape", "escape")
        assert app.pane.key == ("kestrel-abl", "availability")


async def test_every_covenant_on_demand(tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a")
        assert "UNTESTED" in shown(app) and "all covenants" in shown(app)
        await pilot.press("escape")
        assert len(app.views.rows) == 9


def _reordered(made: Report) -> Report:
    """The same desk after the call was met: what was first is now a pass, and the rows have moved."""
    calm = covenant("ltv-ladder", "LTV", "pass", [reading("tested", "pass", 0.55, "<=", 0.65)])
    return msgspec.structs.replace(made, facilities=[facility("rowan-alder", "Rowan Alder", 52.5e6, [calm]), *made.facilities[:0:-1]])


async def test_the_cursor_stays_on_its_covenant_when_rows_move_over_a_reload(tmp_path: Path) -> None:
    source = Source()
    app = application(source, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "j")
        assert app.pane.key == ("kestrel-abl", "availability") and app.pane.cursor == 2
        source.served = _reordered(source.served)
        await pilot.press("r")
        await settled(app)
        assert app.pane.key == ("kestrel-abl", "availability") and app.pane.cursor != 2
        source.served = msgspec.structs.replace(source.served, facilities=source.served.facilities[:1])
        await pilot.press("r")
        await settled(app)
        assert app.pane.key == ("rowan-alder", "ltv-ladder")


async def test_the_screen_of_what_is_gone_is_left(tmp_path: Path) -> None:
    source = Source()
    app = application(source, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "enter", "enter")
        source.served = report([facility("other", "Other", 1e6, [])])
        await pilot.press("r")
        await settled(app)
        assert app.trail.here.level == "board" and "Other" in shown(app)


async def test_a_reload_that_fails_keeps_the_last_report_and_says_so(tmp_path: Path) -> None:
    source = Source()
    app = application(source, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        source.fails = "facilities/x.toml:3: half \x1bwritten"
        await pilot.press("r")
        await settled(app)
        assert "kept the last report: ValueError: facilities/x.toml:3" in shown(app)
        assert "Rowan Alder" in shown(app)
        await pilot.press("j")
        assert "kept the last report" not in shown(app)


async def test_brackets_step_the_as_of_by_a_day_on_any_screen(tmp_path: Path) -> None:
    source = Source()
    app = application(source, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("left_square_bracket")
        await settled(app)
        assert "2026-10-07 09:00Z" in shown(app)
        await pilot.press("enter", "right_square_bracket")
        await settled(app)
        assert app.trail.here.level == "facility" and "2026-10-08 09:00Z" in shown(app)
    assert [asked for asked in source.asked[1:] if " " not in asked] == [later(-1), AS_OF]


async def test_only_the_latest_question_is_answered(tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(80, 24)):
        app.follower.asked = 2
        app.take(1, Served(report([], as_of=later(5)), "", []))
        assert app.report.as_of == AS_OF
        app.take(2, Served(report([], as_of=later(5)), "", []))
        assert app.report.as_of == later(5) and "nothing matches" in shown(app)


async def test_copy_and_export_hold_what_is_shown(tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("y")
        assert app.clipboard.startswith("✖ CALL 41h") and "BTC 83,699" in app.clipboard
        await pilot.press("Y")
        assert "Birch BTC revol" in app.clipboard and "$ covenant check" in app.clipboard
        await pilot.press("e")
        assert "wrote" in shown(app)
        await pilot.press("e", "enter", "enter", "y", "e")
        assert app.clipboard.startswith("covenant explain rowan-alder")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"covenant-{view}.txt" for view in ("board-20261008T090000Z-2", "board-20261008T090000Z", "covenant-20261008T090000Z")]
    text = (tmp_path / names[2]).read_text(encoding="utf-8")
    assert "Board › Rowan Alder › LTV" in text and "83,699" in text and "covenant explain rowan-alder" in text


async def test_an_export_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    app = application(Source(), tmp_path / "missing")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("e")
        assert "not written: " in shown(app)


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_names_are_inert_on_every_screen(size: tuple[int, int], tmp_path: Path) -> None:
    for place, text in enumerate(HOSTILE):
        app = application(Source(hostile_report(), text), tmp_path)
        async with app.run_test(size=size) as pilot:
            app.trail.cursors[app.trail.here] = (f"f{place}{text}", f"c{place}{text}")
            app.draw()
            await pilot.pause()
            assert size == (30, 8) or app.row_under_cursor().facility.name == text  # type: ignore[union-attr]
            for _ in range(4):
                assert all(char.isprintable() for line in grid(app) for char in line)
                app.on_key(events.Key("Y", "Y"))
                app.on_key(events.Key("e", "e"))
                await pilot.press("enter")
            assert app.trail.here.level == "source" or size == (30, 8)
            assert all(char.isprintable() or char == "\n" for char in app.clipboard)
    assert all(char.isprintable() or char == "\n" for path in tmp_path.iterdir() for char in path.read_text(encoding="utf-8"))


async def test_q_leaves(tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
    assert app.return_code == 0


@pytest.mark.parametrize("size", WIDE_ENOUGH)
async def test_our_own_drawing_is_ascii_when_asked(size: tuple[int, int], tmp_path: Path) -> None:
    app = application(Source(), tmp_path, ascii=True)
    async with app.run_test(size=size) as pilot:
        for key in ("enter", "enter", "enter", "question_mark"):
            assert shown(app).isascii(), [line for line in grid(app) if not line.isascii()]
            await pilot.press(key)
        assert shown(app).isascii()
        await pilot.press("1", "slash", "x")
        assert shown(app).isascii()


async def test_moving_the_cursor_repaints_two_rows_and_a_changed_row_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source()
    app = application(source, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        regions: list[tuple[Region, ...]] = []
        refresh = Pane.refresh

        def recorded(self: Pane, *asked: Region, **more: bool) -> Pane:
            regions.append(asked)
            return refresh(self, *asked, **more)

        monkeypatch.setattr(Pane, "refresh", recorded)
        await pilot.press("j")
        assert sorted(asked[0].y for asked in regions) == [1, 2] and all(asked[0].height == 1 for asked in regions)
        regions.clear()
        changed = msgspec.structs.replace(source.served.facilities[2], outstanding=60e6)
        app.follower.asked = 1
        before = source.served.facilities
        app.take(1, Served(msgspec.structs.replace(source.served, facilities=[*before[:2], changed, *before[3:]]), "", []))
        assert [asked[0].y for asked in regions] == [3, 8]
        regions.clear()
        app.draw()
        assert regions == []


async def test_a_hundred_thousand_rows_draw_only_what_is_seen(tmp_path: Path) -> None:
    many = [facility(f"f{number}", f"Loan {number}", 1e6, []) for number in range(100_000)]
    app = application(Source(report(many)), tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("G")
        assert "100000/100000" in shown(app) and "Loan 99999" in shown(app)
        await pilot.press("g")
        assert " 1/100000" in shown(app)


async def test_themes_cycle_and_help_lists_every_key(tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(100, 70)) as pilot:
        seen = [app.look.name]
        for _ in range(3):
            await pilot.press("t")
            seen.append(app.look.name)
        assert seen == ["dark", "light", "contrast", "dark"]
        await pilot.press("question_mark")
        screen = shown(app)
        assert all(entry.says[:30] in screen for entry in KEYS)
        assert all(word in screen for word in ("ACCEL", "EOD", "CALL LATE", "UNKNOWN", "UNTESTED", "P projected"))


class _Weighed(Source):
    """Serves as ever, and keeps an eye on every answer that it gave."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[weakref.ref[Served]] = []

    def now(self) -> Served:
        made = super().now()
        self.given.append(weakref.ref(made))
        return made


async def test_a_snapshot_is_let_go_once_another_is_shown_and_does_not_wait_for_the_collector(tmp_path: Path) -> None:
    source = _Weighed()
    app = application(source, tmp_path)
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press("enter", "enter")
        await settled(app)
        gc.disable()
        try:
            for _ in range(8):
                app.follower.again()
                await settled(app)
                await settled(app)
            held = [one() for one in source.given if one() is not None]
        finally:
            gc.enable()
    assert len(source.given) >= 8 and len(held) <= 3
