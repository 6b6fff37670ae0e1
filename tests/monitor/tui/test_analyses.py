"""The screens of analyses over the shipped desk, one run for all sizes: forced sales and the chain, the map, the pictures."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest

from monitor.board.spans import plain
from monitor.cli import main
from monitor.live import LiveDesk
from monitor.places import SHIPPED
from monitor.tui.app import CovenantApp
from monitor.tui.keys import FORMS, LEVELS, ROOTS
from monitor.tui.settings import Settings
from monitor.tui.trail import Place
from tests.monitor.tui.sample_reports import HOSTILE, Source, hostile_report, later
from tests.monitor.tui.screen_grid import application, grid, settled, shown

SIZES = [(160, 48), (100, 30), (80, 24), (40, 12)]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    root = tmp_path / "desk"
    shutil.copytree(SHIPPED, root)
    return root


def over(desk: Path, **more: object) -> CovenantApp:
    live = LiveDesk(desk, None, None, None)
    return CovenantApp(live, live.now(), folder=desk.parent, **more)  # type: ignore[arg-type]


async def complete(app: CovenantApp) -> None:
    """Wait until every part that the page asks for is there, those too that it asks for once others are."""
    for _ in range(20):
        await settled(app)
        app.draw()
        if all(answer is not None for answer in app.views._kept.values()):
            return


async def sized(app: CovenantApp, pilot, size: tuple[int, int]) -> str:  # type: ignore[no-untyped-def]
    """The screen at a size, once the terminal has it and the page is drawn for it."""
    await pilot.resize_terminal(*size)
    for _ in range(50):
        await settled(app)
        await pilot.pause()
        if len(app.screen._compositor.render_strips()) == size[1]:
            break
    return shown(app)


async def test_forced_sales_and_the_chain_at_every_size(desk: Path) -> None:
    app = over(desk)
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press("5")
        await settled(app)
        for size in SIZES:
            screen = await sized(app, pilot, size)
            assert "✖ LOSS    Tamar H100" in screen and "193.8%" in screen and "? UNKNOWN Riot BTC" in screen
            if size[0] >= 80:
                assert "139.7%" in screen and "240 d" in screen and "what is owed is not known" in screen
                assert "Rowan Alder BTC loan  Event of Default: LTV: a margin" in screen and "└─ Rowan Compute DDTL" in screen
            text = app.pane.page.text()
            for words in ("Sold at once into one market", "→", "Overhang", "249.0 days of debt"[: size[0] // 4], "Free coins of a group"):
                assert words in text, (size, words)
            assert "$ covenant chain --as-of 2026-10-08T09:00:00Z" in " ".join(text.split())
        await sized(app, pilot, (80, 24))
        await pilot.press("j", "enter")
        screen = shown(app)
        for words in ("Sale of Linden B200", "151.7%: it pays 65.9% of the debt", "b200: 3,072 GPU B200", "-12.042m  11.2%"):
            assert words in screen
        await pilot.press("G", "enter")
        assert "desk.toml:246" in shown(app) and "Source" in shown(app)
        await pilot.press("escape", "escape", "slash", *"cross-default", "enter")
        assert "Rowan Compute" in shown(app) and "Tamar" not in shown(app)
        await pilot.press("enter")
        screen = shown(app)
        assert "Fall of Rowan Compute" in screen and "Because of" in screen and "Falls by it" in screen and "20,000 to 18,855" in screen
        await pilot.press("G", "enter")
        assert "Fall of Rowan convertible" in shown(app)
        await pilot.press("g", "enter")
        assert app.trail.here.level == "facility" and app.trail.here.facility == "rowan-convert"


@pytest.mark.parametrize("level", ROOTS)
async def test_at_40_columns_no_page_is_wider_than_the_screen_and_ascii_stays_ascii(desk: Path, level: str) -> None:
    app = over(desk, ascii=True)
    async with app.run_test(size=(40, 12)) as pilot:
        app.commands.act(level)
        await complete(app)
        page = app.pane.page
        wide = [line for line in (plain(page.line(index)) for index in range(len(page))) if len(line) > 40]
        assert not wide or level == "calendar", wide
        for _ in range(len(page) // 6):
            assert shown(app).isascii()
            await pilot.press("space")


async def test_what_is_recomputed_stands_until_it_is_there_and_says_so(tmp_path: Path) -> None:
    app = application(Source(), tmp_path)
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press("5")
        await settled(app)
        assert "LOSS" in shown(app) and "recomputing" not in shown(app)
        app.follower.want = lambda *_: None  # type: ignore[method-assign]
        app.views.wanted = lambda *_: None
        await pilot.press("right_square_bracket")
        await settled(app)
        screen = shown(app)
        assert app.report.as_of == later(1) and "LOSS" in screen and "recomputing, of 10-08 09:00Z" in screen
        assert "recomputing: what follows is of 2026-10-08T09:00:00Z" in app.commands.view_text()
        for part in [part for part, answer in app.views._kept.items() if answer is None]:
            app.part_came(app.snapshot, part, getattr(app.snapshot, part[0])(*part[1:]))
        assert "recomputing" not in shown(app) and "LOSS" in shown(app)


async def test_sales_sort_narrow_and_are_ascii(tmp_path: Path) -> None:
    app = application(Source(), tmp_path, ascii=True, colours="none")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await settled(app)
        assert shown(app).isascii() and "X LOSS" in shown(app) and "? UNKNOWN" in shown(app)
        first = app.pane.key
        await pilot.press("s")
        assert "by facility" in shown(app) and app.pane.key == first
        await pilot.press("f")
        assert "PAYS" not in shown(app) and "UNKNOWN" in shown(app)
        await pilot.press("enter")
        assert shown(app).isascii() and "Sale of" in shown(app)


@pytest.mark.parametrize("keys", [("5", "enter"), ("5", "G", "n", "enter"), ("m", "enter"), ("u",)])
async def test_hostile_names_are_inert_on_the_screens_of_analyses(keys: tuple[str, ...], tmp_path: Path) -> None:
    for text in HOSTILE:
        app = application(Source(hostile_report(), text), tmp_path)
        async with app.run_test(size=(160, 48)) as pilot:
            for key in keys:
                await pilot.press(key)
                await settled(app)
            for size in SIZES:
                await sized(app, pilot, size)
                assert all(char.isprintable() for line in grid(app) for char in line)


async def test_the_stress_screen_has_its_frontier_scenarios_dial_and_twin(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = over(desk)
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press("4")
        await settled(app)
        app.drawing.rest()
        await settled(app)
        for size in SIZES:
            await sized(app, pilot, size)
            await pilot.press("g")
            assert "│  ✖  4" in shown(app) or size[0] < 80
            text = app.pane.page.text()
            for words in ("Scenarios", "Correlation dial", "2,000 paths", "Break somewhere in the map"):
                assert words in text, (size, words)
        await sized(app, pilot, (80, 24))
        await pilot.press("G", "space", "space")
        screen = shown(app)
        assert "any fails" in screen and " 1.00 " in screen and "worst 5%" in screen
        await pilot.press("g", "n", "enter")
        screen = await sized(app, pilot, (160, 48))
        assert "Chance of failing" in screen and "on some date" in screen and app.trail.here.covenant
        assert app.pane.page.twin.startswith("covenant stress --grid '*.rent=-60%..+20%:9,BTC.price=-60%..+20%:9' --facility ")
    made = app.snapshot.stress()
    assert main(["stress", "--grid", "*.rent=-60%..+20%:9,BTC.price=-60%..+20%:9", "--format", "json", "--desk", str(desk)]) == 0
    told = json.loads(capsys.readouterr().out)["grid"]
    assert [count for row in made.fails for count in row] == told["failing"]


async def test_charts_stand_on_their_pages_in_every_style(desk: Path) -> None:
    pages = [
        (Place("covenant", "tamar-h100", "dscr"), "✕ fails 2028-12-31", "x fails 2028-12-31"),
        (Place("facility", "tamar-h100"), "collateral at mark", "collateral at mark"),
        (Place("calendar"), " due", " due"),
        (Place("stress", "linden-b200", "dscr-fwd"), "⠒⠒⠒ frontier", "### frontier"),
        (Place("series", item="BTC.price"), "as known each day", "as known each day"),
    ]
    for style, named in (("braille", 1), ("block", None), ("ascii", 2)):
        more = {"ascii": True} if style == "ascii" else {"settings": Settings(charts=style)}
        app = over(desk, **more)
        async with app.run_test(size=(160, 48)) as pilot:
            for page in pages:
                app.trail.go(Place("board"), page[0])
                app.draw()
                await settled(app)
                await pilot.pause()
                text = app.pane.page.text()
                assert named is None or page[named] in text, (style, page[0])
                assert any(0x2800 < ord(char) < 0x2900 for char in text) is (style == "braille"), (style, page[0])
                assert style != "ascii" or text.isascii()
            app.trail.go(Place("marks"))
            app.draw()
            await settled(app)
            assert style != "ascii" or shown(app).isascii()
            line = next(line for line in app.pane.page.text().split("\n") if "BTC.price" in line)
            assert any(char in {"braille": "⠤⢳⢹⠈", "block": "▁▂▃▄▅▆▇█", "ascii": ".:-=+*#"}[style] for char in line[60:])


async def test_the_chart_beside_the_board_waits_for_the_cursor_to_rest(desk: Path) -> None:
    app = over(desk)
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press("j")
        app.drawing.rest()
        await settled(app)
        await pilot.pause()
        assert "Kestrel GPU ABL: Availability" in shown(app) and "failed 2026-10-06" in shown(app)
        await pilot.press("j")
        assert "Kestrel GPU ABL: Availability" in shown(app)
        app.drawing.rest()
        await settled(app)
        await pilot.pause()
        assert "Rowan Compute DDTL: DSCR" in shown(app) and "Kestrel GPU ABL: Availability" not in shown(app)


async def test_lines_without_a_row_are_read_before_the_cursor_passes_them(desk: Path) -> None:
    app = over(desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await settled(app)
        seen: list[str] = []
        for _ in range(len(app.pane.page)):
            seen += grid(app)
            before = (app.pane.scroll_offset.y, app.pane.cursor)
            await pilot.press("space")
            if (app.pane.scroll_offset.y, app.pane.cursor) == before:
                break
        read = {line[1:].strip() for line in seen}
        assert not [line for line in app.pane.page.text().split("\n") if line[1:].strip() not in read]
        for _ in range(len(app.pane.page)):
            await pilot.press("k")
        assert app.pane.scroll_offset.y == 0 and app.pane.cursor == app.pane.page.stops()[0]


VIEWS = [
    (Place("board"), "check", "rowan-compute"),
    (Place("breaches"), "report", "Kestrel GPU ABL"),
    (Place("calendar"), "calendar", "rowan-compute"),
    (Place("stress"), "stress --grid", "4"),
    (Place("stress", "linden-b200", "dscr-fwd"), "stress --grid", "linden-b200/dscr-fwd"),
    (Place("scenario", item="coins-and-rents"), "stress --scenario coins-and-rents", "60.5m"),
    (Place("liquidation"), "liquidate", "193.8%"),
    (Place("sale", "linden-b200"), "liquidate linden-b200", "151.7%"),
    (Place("fall", "rowan-compute"), "chain", "8.1(f)"),
    (Place("spread"), "spread --paths 2000", "birch-btc"),
    (Place("margin", "birch-btc"), "spread birch-btc --paths 2000", "birch-btc"),
    (Place("cure", "rowan-alder"), "cure rowan-alder", "4.283m"),
    (Place("cure", "rowan-compute", "dscr"), "cure rowan-compute/dscr", "1.372m"),
    (Place("marks"), "marks list", "BTC.price"),
    (Place("series", item="BTC.price"), "marks list", "BTC.price"),
    (Place("journal"), "journal list", ""),
    (Place("changes"), "check --since", "rowan-compute"),
    (Place("facility", "tamar-h100"), "report --facility tamar-h100", "Tamar H100"),
    (Place("covenant", "rowan-alder", "ltv"), "explain rowan-alder ltv", "65.3"),
    (Place("explain", "rowan-alder", "ltv"), "explain rowan-alder ltv", "65.3"),
    (Place("source", "rowan-alder", "ltv", "facilities/rowan-alder.toml:3"), "explain rowan-alder ltv", "rowan-alder.toml"),
    (Place("source", "linden-b200", "", "desk.toml:246"), "liquidate linden-b200", "desk.toml:246"),
]
"""Every view, the command that prints the same, and a text that both show or rest on."""


async def test_every_view_is_copied_and_exported_with_its_command(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = over(desk)
    twins = []
    async with app.run_test(size=(100, 30)):
        for place, verb, _ in VIEWS:
            app.trail.go(Place("board"), place)
            app.draw()
            await complete(app)
            twin = app.pane.page.twin
            assert twin.startswith(f"covenant {verb}"), place
            before = set(desk.parent.glob("covenant-*.txt"))
            app.commands.act("copy_view")
            app.commands.act("export")
            (written,) = set(desk.parent.glob("covenant-*.txt")) - before
            text = written.read_text(encoding="utf-8")
            assert "computing" not in text and "cannot show this" not in text, place
            assert text == app.clipboard and text.endswith(f"$ {twin}\n") and "as of 2026-10-08 09:00Z" in text
            twins.append(twin)
    assert {place.level for place, _, _ in VIEWS} >= {level for level in LEVELS if level not in (*FORMS, "columns", "help")}
    for twin in sorted(set(twins)):
        capsys.readouterr()
        assert main([*shlex.split(twin)[1:], "--desk", str(desk)]) in (0, 1, 2, 3), twin
        out = capsys.readouterr().out
        assert all(word in out for (_, _, word), one in zip(VIEWS, twins, strict=True) if one == twin), twin


async def test_margins_mark_who_fails_today_and_cut_no_figure(desk: Path) -> None:
    """Rowan Alder is callable and earns enough: starred, and no pass; at 40 cells columns go, not digits."""
    app = over(desk)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("m")
        await complete(app)
        screen = shown(app)
        alder = next(line for line in screen.split("\n") if "Rowan Alder" in line and "*" in line)
        assert "✓" not in alder and "* fails today" in screen
        narrow = await sized(app, pilot, (40, 12))
        head = next(line for line in narrow.split("\n") if "Facility" in line)
        assert head.split()[-2:] == ["Required", "Gap"] and "…" not in head
        rows = [line for line in narrow.split("\n") if "*" in line]
        assert rows and all(line.rstrip()[-1].isdigit() or line.rstrip()[-1] == "-" for line in rows)


async def test_a_sale_that_may_pay_and_a_covenant_that_fails_already_say_so(desk: Path) -> None:
    app = over(desk)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("5")
        await complete(app)
        assert "▲ MAY PAY Kestrel" in shown(app)
        app.trail.go(Place("board"), Place("covenant", "rowan-compute", "dscr"))
        app.draw()
        await complete(app)
        assert "failing now" in shown(app)
