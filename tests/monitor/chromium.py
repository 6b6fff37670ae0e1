"""A real Chromium without a window, driven over its own protocol: a page is opened, read as text, and typed into."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

PROGRAM = next(
    (found for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
_AS_TEXT = "HTMLCanvasElement.prototype.getContext = () => null"
"""Without a canvas the terminal of the page draws its rows as text, which can be read."""
_SHOWN = "(document.querySelector('.xterm-rows') || document.body).innerText.replaceAll('\\u00a0', ' ')"


class Page:
    """One page, asked over a socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket, self.asked = socket, 0

    async def call(self, method: str, **words: Any) -> Any:
        """Call a method of the protocol; what it answers."""
        self.asked += 1
        await self.socket.send_json({"id": self.asked, "method": method, "params": words})
        while True:
            heard = await self.socket.receive_json(timeout=60)
            if heard.get("id") == self.asked:
                assert "error" not in heard, heard
                return heard["result"]

    async def opened(self, address: str) -> None:
        """Go to an address, with the terminal drawn as text."""
        await self.call("Page.enable")
        await self.call("Page.addScriptToEvaluateOnNewDocument", source=_AS_TEXT)
        await self.call("Page.navigate", url=address)

    async def text(self) -> str:
        """What is shown, as text."""
        found = await self.call("Runtime.evaluate", expression=_SHOWN)
        return str(found["result"].get("value", ""))

    async def until(self, *wanted: str) -> str:
        """The text once it has every word wanted. AssertionError with what is shown when it never does."""
        for _ in range(300):
            shown = await self.text()
            if all(word in shown for word in wanted):
                return shown
            await asyncio.sleep(0.1)
        raise AssertionError(f"{wanted} did not come:\n{shown}")

    async def press(self, key: str, code: int) -> None:
        """Press a key by its name and its number, in the terminal of the page."""
        await self.call("Runtime.evaluate", expression="document.querySelector('.xterm-helper-textarea').focus()")
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if kind == "keyDown" and key == "Enter" else {}
            await self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text)


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Page]:
    """A browser with its profile in a folder; gone at the end."""
    assert PROGRAM is not None
    words = [PROGRAM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}", "--remote-debugging-port=0"]
    words += ["--window-size=1000,700", "about:blank"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, start_new_session=True) as browser:
        try:
            assert browser.stderr is not None
            found = next((found for line in browser.stderr if (found := re.search(r"ws://([^/]+)/", line))), None)
            assert found is not None, "the browser told no address"
            async with aiohttp.ClientSession() as client:
                async with client.get(f"http://{found[1]}/json/list") as answer:
                    pages = await answer.json()
                async with client.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                    yield Page(socket)
        finally:
            os.killpg(browser.pid, signal.SIGKILL)  # with all that it started: the program may be a script around the browser
