"""The text grid of a running application, as a terminal would show it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.cells import cell_len
from textual.pilot import Pilot

from monitor.tui.app import CovenantApp
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
    return CovenantApp(source, source.report(), folder=tmp_path, **more)


async def settled(pilot: Pilot[None]) -> None:
    """Wait until the worker threads have answered and the screen is drawn."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
