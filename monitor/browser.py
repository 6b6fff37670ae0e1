"""The screens in a browser: textual-serve, held to this machine's own pages, without anything loaded from elsewhere."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from textual_serve.server import Server

MOST_SESSIONS = 32
"""Browsers at once: each has a process of its own."""

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self' ws://{host}; frame-ancestors 'none'"
)


class Browser(Server):
    """A server of one command. A page of another site can neither read nor drive it: Host and Origin must be its own.

    `names` are the host names it answers to; empty: any, for a server that is reached over a network.
    """

    def __init__(self, command: str, listening: socket.socket, names: frozenset[str]) -> None:
        host, port = listening.getsockname()[:2]
        super().__init__(command, host=host, port=port, title="covenant")
        self.listening, self.names, self.sessions = listening, names, 0

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()

        @web.middleware
        async def guarded(request: web.Request, handler: _Handler) -> web.StreamResponse:
            return await self.guard(request, handler)

        app.middlewares.append(guarded)
        return app

    async def guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Refuse other hosts (a name that was made to point here) and other origins (a page of another site)."""
        name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
        if self.names and name.strip("[]").lower() not in self.names:
            raise web.HTTPForbidden(text="covenant: not the host this server answers to\n")
        if request.headers.get("Origin", f"{request.scheme}://{request.host}") != f"{request.scheme}://{request.host}":
            raise web.HTTPForbidden(text="covenant: a page of another site may not open the screens\n")
        response = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = _POLICY.format(host=request.host)
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    async def handle_index(self, request: web.Request) -> Any:
        """The page, with addresses as the browser knows this server."""
        self.public_url = f"{request.scheme}://{request.host}"  # nothing is awaited between here and the finished page
        return await super().handle_index(request)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """One session of the screens."""
        if self.sessions >= MOST_SESSIONS:
            raise web.HTTPServiceUnavailable(text=f"covenant: {MOST_SESSIONS} browsers are connected\n")
        self.sessions += 1
        try:
            return await super().handle_websocket(request)
        finally:
            self.sessions -= 1

    async def on_startup(self, app: web.Application) -> None:
        """Say where."""
        del app
        host = f"[{self.host}]" if ":" in self.host else self.host
        sys.stderr.write(f"covenant: the screens are at http://{host}:{self.port}/ (ctrl+c ends)\n")
        sys.stderr.flush()

    def serve(self, debug: bool = False) -> None:
        """Serve until ctrl+c or a termination signal."""
        logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, format="covenant: %(message)s")
        loop = asyncio.new_event_loop()
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(one, self.request_exit)
        web.run_app(self._make_app(), sock=self.listening, handle_signals=False, loop=loop, print=_silent)


def _silent(*words: object) -> None:
    """The library's own greeting."""
    del words
