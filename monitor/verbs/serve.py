"""`covenant serve`: the screens in a browser, on this machine alone unless told otherwise."""

from __future__ import annotations

import argparse
import ipaddress
import shlex
import socket
import sys

from monitor.places import UsageError
from monitor.verbs.asking import open_session, root_of

NEEDS = 'the browser needs one more package; install it with: python -m pip install "covenant-monitor[browser]"'


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted. Raises UsageError for a host that is not this machine, and without the extra; OSError for a port in use."""
    local = _is_local(arguments.host)
    if not local and not arguments.expose_to_network:
        raise UsageError(
            f"--host {arguments.host} can be reached over the network, and whoever reaches it reads the desk: nobody is asked for a name; "
            "say --expose-to-network if that is meant, best behind a proxy that asks"
        )
    try:
        from monitor.browser import Browser
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("textual_serve", "aiohttp"):
            raise
        raise UsageError(NEEDS) from None
    for problem in open_session(arguments).problems:
        sys.stderr.write(f"{problem}\n")
    names = {arguments.host.lower(), "localhost", "127.0.0.1", "::1"} if local else set()
    with _listening(arguments.host, arguments.port) as bound:
        Browser(command(arguments), bound, frozenset(names)).serve()
    return 0


def command(arguments: argparse.Namespace) -> str:
    """What each browser runs: `covenant watch` with what was asked of the server, read-only unless told otherwise."""
    words = [sys.executable, "-P", "-m", "monitor", "watch", "--desk", str(root_of(arguments).resolve())]
    for option, value in (("--as-of", arguments.as_of), ("--known-at", arguments.known_at)):
        words += [option, value] if value is not None else []
    words += [word for one in arguments.facility or () for word in ("--facility", one)]
    words += ["--ascii"] if arguments.ascii else []
    words += [] if arguments.allow_recording else ["--read-only"]
    return shlex.join(words)


def _is_local(host: str) -> bool:
    """Whether only this machine can reach a host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except socket.gaierror as error:
        raise UsageError(f"--host {host}: {error.strerror}") from None
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
        bound.listen()  # so that a browser is heard from the moment the address is told
    except OSError as error:
        bound.close()
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from None
    return bound
