"""A real server: the page, a session of the screens over its socket, and what it refuses."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor import cli
from tests.monitor.chromium import PROGRAM, chromium

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environ = os.environ | {"XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache")), "PYTHONUNBUFFERED": "1"}
    words = [sys.executable, "-m", "monitor", "serve", "--port", "0"]
    with subprocess.Popen(words, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            said = ""
            for line in server.stderr:
                said += line
                found = re.search(r"http://127\.0\.0\.1:\d+", line)
                if found:
                    break
            else:
                raise AssertionError(f"no address was told: {said}")
            yield found[0]
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(30) == 0


def fetched(url: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), dict(error.headers)


@pytest.mark.slow
def test_the_page_loads_nothing_from_elsewhere(address: str) -> None:
    status, text, headers = fetched(address + "/")
    assert status == 200 and "covenant" in text and f"ws://{address.split('//')[1]}/ws" in text
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "googleapis" not in policy
    assert fetched(address + "/static/js/textual.js")[0] == 200


@pytest.mark.slow
def test_another_host_and_another_origin_are_refused(address: str) -> None:
    assert fetched(address + "/", Host="desk.example.com")[0] == 403
    assert fetched(address + "/", Host=address.split("//")[1].replace("127.0.0.1", "localhost"))[0] == 200
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "A" * 22 + "=="}
    assert fetched(address + "/ws", Origin="http://evil.example", **upgrade)[0] == 403


async def _session(address: str) -> tuple[bytes, bytes]:
    """What the screens show first, and after going into the first row."""
    import aiohttp

    async def read(socket: aiohttp.ClientWebSocketResponse, until: bytes) -> bytes:
        held = b""
        while until not in held:
            message = await socket.receive(timeout=60)
            assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), message
            held += message.data if isinstance(message.data, bytes) else message.data.encode()
        return held

    async with aiohttp.ClientSession() as client, client.ws_connect(f"{address}/ws?width=80&height=24", origin=address) as socket:
        board = await read(socket, b"CALL")
        await socket.send_json(["stdin", "\r"])
        return board, await read(socket, b"Rowan Alder")


@pytest.mark.slow
def test_a_browser_session_shows_the_board_and_follows_keys(address: str) -> None:
    board, facility = asyncio.run(_session(address))
    assert b"covenant" in board and b"Rowan" in board
    assert facility


@pytest.mark.slow
@pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine")
async def test_a_real_browser_shows_the_board_and_goes_into_a_loan(address: str, tmp_path: Path) -> None:
    async with chromium(tmp_path) as page:
        await page.opened(address + "/")
        board = await page.until("covenant", "CALLABLE", "Rowan Alder", "FAIL cure", "UNKNOWN", "PASS", "read-only")
        assert "Board" in board
        await page.press("Enter", 13)
        await page.until("Board › Rowan Alder", "52.5m")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "desk.example.com"])
def test_a_host_beyond_this_machine_needs_to_be_meant(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serve", "--host", host, "--port", "0"]) == cli.USAGE
    assert "--expose-to-network" in capsys.readouterr().err


def test_without_the_extra_the_command_to_install_it_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "monitor.browser", raising=False)
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    assert cli.main(["serve", "--port", "0"]) == cli.USAGE
    assert 'pip install "covenant-monitor[browser]"' in capsys.readouterr().err


def test_a_port_in_use_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert cli.main(["serve", "--port", str(port)]) == cli.IO
    assert f"127.0.0.1:{port}" in capsys.readouterr().err


def test_each_browser_is_read_only_unless_told(tmp_path: Path) -> None:
    from monitor.verbs.serve import command

    words = ["serve", "--desk", str(tmp_path / "a desk"), "--as-of", "2026-10-08", "--facility", "a b"]
    told = command(cli.parser(words).parse_args(words))
    assert told.endswith(f"watch --desk '{tmp_path}/a desk' --as-of 2026-10-08 --facility 'a b' --read-only")
    assert "--read-only" not in command(cli.parser(["serve"]).parse_args(["serve", "--allow-recording"]))
