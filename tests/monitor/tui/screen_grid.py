"""The text grid of a running application, as a terminal would show it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from rich.cells import cell_len

from monitor.tui.app import CovenantApp
from monitor.tui.keys import ASIDE, INNER, ROOTS
from monitor.tui.trail import Place
from tests.monitor.tui.sample_reports import Source


def grid(app: CovenantApp) -> list[str]:
    """Every line of the screen; each is checked to fill the terminal's width exactly."""
    lines = ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]
    assert len(lines) == app.size.height
    assert {cell_len(line) for line in lines} == {app.size.width}, [line for line in lines if cell_len(line) != app.size.width]
    return lines


def shown(app: CovenantApp) -> str:
    """The screen as one text."""
    return "\n".join(line.rstrip() for line in grid(app))


def application(source: Source, tmp_path: Path, **more: Any) -> CovenantApp:
    """An application over a source, exporting to a temporary folder."""
    return CovenantApp(source, source.now(), folder=tmp_path, **more)


async def settled(app: CovenantApp) -> None:
    """Wait until the worker threads have answered and the screen is drawn."""
    await app.workers.wait_for_complete()
    await asyncio.sleep(0)
    await asyncio.sleep(0.01)


async def reached(app: CovenantApp, level: str) -> None:
    """Go to a screen as a reader would, whatever the screen before it was left in."""
    app.prompt, app.note = None, None
    app.follower.paused = False
    app.trail.go(Place("board"))
    if level not in (*ROOTS, *ASIDE, "series", "sale", "fall"):  # what is opened from the row under the cursor
        app.draw()
    if level in ROOTS or level in ASIDE:
        app.commands.act(level)
    elif level in ("form", "palette"):
        app.commands.act({"form": "record"}.get(level, level))
    elif level == "series":
        app.commands.act("marks")
        await settled(app)
        app.commands.act("open")
    elif level in ("cure", "margin"):
        app.commands.act("cure" if level == "cure" else "spread")
        await settled(app)
        if level == "margin":
            app.commands.act("open")
    elif level in ("sale", "fall", "scenario"):
        app.commands.act("stress" if level == "scenario" else "liquidation")
        await settled(app)
        found = [line.key for line in app.pane.page.lines if isinstance(line.key, tuple) and line.key[2:3] == (level,)]
        if found:
            app.pane.put(app.pane.page.find(found[0]) or 0)
            app.commands.act("open")
    else:
        for _ in range(INNER.index(level) + 1):
            app.commands.act("open")
    if not all(worker.is_finished for worker in app.workers):
        await settled(app)
